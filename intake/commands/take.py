"""`take 12`: the coordinator who says so sees to it."""

from __future__ import annotations

from collections.abc import Iterator

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Take:
    name = "take"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _take)


def _take(job: Job, item: Item) -> Result:
    mine = job.coordinator.email.lower()
    if item.assigned_to == mine:
        return refused("taken_already", **state(item))
    items.revise(job.session, item, author=job.author, now=job.now, assigned_to=mine)
    return done("taken", **state(item), before=job.named(item.assigned_to))
