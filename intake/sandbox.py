"""The whole house with nothing configured, on this machine alone: texts by curl, mails from a folder, every answer printed and kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from db import private
from db.outbox import Draft
from intake.arrival import Arrival, NotStored
from intake.doorway import Doorway
from intake.identity import identity
from intake.listening import web_task
from intake.service import House, keep_time
from intake.settings import Settings, settings_from
from intake.threads import Task
from notifier.reconciler import Reconciler
from notifier.senders import nothing
from notifier.senders.content import content

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
LARGEST_MAIL = 25 * 1024 * 1024
FILED = {"handled": "processed", "automatic": "automatic", "quarantined": "quarantine"}
SUFFIXES = (".eml", ".txt")
DATABASE = "peer-intake.db"


def settings(folder: Path, *, port: int) -> Settings:
    """Settings in which every channel is on and leads nowhere; neither the environment nor `.env` has a say."""
    return settings_from(
        {
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "HTTP_PORT": str(port),
            "COORDINATORS": "Sam <coordinator@example.org> +14065550188",
            "MAIL_FROM": "Peer Support <intake@example.org>",
            "SMTP_HOST": "localhost",
            "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
            "TWILIO_AUTH_TOKEN": "sandbox",
            "TWILIO_PHONE_NUMBER": "+14065550100",
            "TWILIO_RATE": "20",
            "SECRET_KEY": "sandbox",
            "TRUSTED_AUTHSERV_ID": "sandbox",  # a mail that is dropped with this name in its Authentication-Results may command
        }
    )


def tasks(house: House, folder: Path, say: Callable[[str], None]) -> dict[str, Task]:
    """The tasks of `serve`, with folders where the outside would be."""
    senders = [FolderSender(channel, folder / "sent", mail_from=house.settings.MAIL_FROM, say=say) for channel in ("email", "sms")]
    return {
        **{f"{sender.channel} out": house.delivery(sender).run for sender in senders},
        "doubts": Reconciler(house.database, {"email": None, "sms": None}, clock=house.given.clock, rung=house.bell.ring).run,
        "clock": partial(keep_time, house),
        "mail folder": MailFolder(folder / "mail", house.doorway, clock=house.given.clock).run,
        "web": web_task(house.webhook(unsigned=True), host=house.settings.HTTP_HOST, port=house.settings.HTTP_PORT),
    }


class FolderSender:
    """Prints what would be sent, and keeps it: a mail as .eml, a text as .txt."""

    deadline = 10.0

    def __init__(self, channel: str, folder: Path, *, mail_from: str, say: Callable[[str], None]) -> None:
        self.channel = channel
        self._folder = folder
        self._mail_from = mail_from
        self._say = say
        private.make_folder(self._folder)

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:
        """Returns the name of the file."""
        leaving()
        name = f"{now:%Y%m%dT%H%M%S}-{draft.key}"
        if self.channel == "email":
            path = self._folder / f"{name}.eml"
            private.write(path, content(draft, self._mail_from, now=now))
            self._say(f"\nMail to {draft.recipient}: {draft.subject}\n\n{draft.body}")
        else:
            path = self._folder / f"{name}.txt"
            private.write(path, f"To: {draft.recipient}\n\n{draft.body}\n".encode())
            self._say(f"\nText to {draft.recipient}: {draft.body}\n")
        return path.name

    def close(self) -> None:
        """Nothing is kept open."""


class MailFolder:
    """Reads mails that are dropped into a folder, as the mailbox reader reads a mailbox, and files them below it."""

    def __init__(self, folder: Path, doorway: Doorway, *, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._doorway = doorway
        self._clock = clock
        self._sizes: dict[Path, int] = {}
        for below in (folder, *(folder / name for name in FILED.values())):
            private.make_folder(below)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.read_once()
            except (OSError, NotStored) as error:
                logger.warning("mail folder: %s", type(error).__name__)
            stop.wait(LOOK_SECONDS)

    def read_once(self) -> None:
        """Take in every mail that has not grown since the last look: one that has is still being copied."""
        found = {path: path.stat().st_size for path in sorted(self._folder.iterdir()) if path.suffix in SUFFIXES and path.is_file()}
        for path, size in found.items():
            if self._sizes.get(path) == size:
                try:
                    self._take(path)
                except OSError as error:  # the next one is not held up
                    logger.warning("mail folder: a file could not be read or filed: %s", type(error).__name__)
        self._sizes = found

    def _take(self, path: Path) -> None:
        with path.open("rb") as file:
            source = file.read(LARGEST_MAIL)
        arrival = Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=self._clock())
        receipt = self._doorway.receive(arrival)
        path.rename(self._folder / FILED[receipt.outcome] / path.name)
