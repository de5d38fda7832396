"""`merge 12 15`: the people behind two numbers are one."""

from __future__ import annotations

from collections.abc import Iterator

from db import history, items, merging
from intake.commands.base import Job, Result, done, refused
from parsers.orders import Order


class Merge:
    name = "merge"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """Merge into the person of the first number those of the others."""
        if len(order.numbers) < 2 or order.rest:
            yield refused("two_numbers", nearest="merge")
            return
        found = [(number, items.find(job.session, number)) for number in order.numbers]
        missing = [number for number, item in found if item is None]
        if missing:
            yield refused("no_such_number", number=missing[0])
            return
        first, *others = [item for _, item in found if item is not None]
        if first.contact_id is None or any(item.contact_id is None for item in others):
            yield refused("nobody_behind", number=next(item.number for item in (first, *others) if item.contact_id is None))
            return
        closed: list[int] = []
        for item in others:
            if item.contact_id is not None and item.contact_id != first.contact_id:
                closed += merging.merge(job.session, kept=first.contact_id, other=item.contact_id, author=job.author, now=job.now)
        history.note(job.session, first.number, author=job.author, what="merged", after={"with": list(order.numbers[1:])}, now=job.now)
        yield done("merged", numbers=list(order.numbers), name=first.name, closed=closed)
