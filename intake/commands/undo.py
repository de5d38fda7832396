"""`undo`: takes back what the coordinator's last command mail changed, where nothing has changed it since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db import history, items
from db.history import Entry
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
        if order.numbers:
            entries = [entry for entry in entries if entry.number in order.numbers]
        if not entries:
            yield refused("nothing_to_undo")
            return
        merged = _merged(entries)
        told: set[tuple[int, str]] = set()
        for entry in entries:
            history.mark_undone(job.session, entry.id, job.now)  # whatever comes of it: the next `undo` goes further back
            if entry.what in FINAL:
                if (entry.number, entry.what) not in told:
                    yield done("cannot_undo", number=entry.number, what=entry.what)
                told.add((entry.number, entry.what))
            elif entry.number in merged:
                continue  # what a merge put together stays together
            elif items.take_back(job.session, entry, author=job.author, now=job.now):
                yield done("undone", number=entry.number, what=entry.what, before=entry.before, after=entry.after)
            else:
                yield done("changed_since", number=entry.number)


def _merged(entries: Sequence[Entry]) -> set[int]:
    numbers: set[int] = set()
    for entry in entries:
        if entry.what == "merged":
            others = entry.after.get("with", ())
            numbers |= {entry.number, *(others if isinstance(others, list) else [others])}
    return numbers
