"""`undo`: takes back what the coordinator's last command mail changed, where nothing has changed it since."""

from __future__ import annotations

from collections.abc import Iterator

from db import history, items
from intake.commands.base import Job, Result, done, refused
from parsers.orders import Order

FINAL = ("asked", "answered", "merged", "erased")


class Undo:
    name = "undo"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """Go back from the newest change to the oldest; what cannot be taken back is told, and the rest is taken back all the same."""
        if order.rest:
            yield refused("not_understood", nearest="undo")
            return
        entries = history.last_by(job.session, job.coordinator.email.lower(), before=job.inbox_id)
        if not entries:
            yield refused("nothing_to_undo")
            return
        for entry in entries:
            if entry.what in FINAL:
                history.mark_undone(job.session, entry.id, job.now)
                yield done("cannot_undo", number=entry.number, what=entry.what)
            elif items.take_back(job.session, entry, author=job.author, now=job.now):
                yield done("undone", number=entry.number, what=entry.what, before=entry.before, after=entry.after)
            else:
                yield done("changed_since", number=entry.number)
