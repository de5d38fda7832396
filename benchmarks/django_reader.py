"""django-mailbox as its guide has it, run by a Python of its own that has it installed: it must need nothing of ours."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module


def main(database: str, settings: dict[str, str]) -> None:
    """Take the mailbox in, and print what it took and cost."""
    import_module("django.conf").settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        INSTALLED_APPS=["django_mailbox"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        MEDIA_ROOT=f"{database}.media",
    )
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0)
    models = import_module("django_mailbox.models")
    server = f"{settings['IMAP_HOST']}:{settings['IMAP_PORT']}"
    mailbox = models.Mailbox.objects.create(name="intake", uri=f"imap://{settings['IMAP_USERNAME']}:{settings['IMAP_PASSWORD']}@{server}")
    began, began_work = time.perf_counter(), time.process_time()
    for _ in mailbox.get_new_mail():
        pass
    seconds, work = time.perf_counter() - began, time.process_time() - began_work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"taken": models.Message.objects.count(), "seconds": seconds, "work": work, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
