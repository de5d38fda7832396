"""`resume 12`: what rested counts again."""

from __future__ import annotations

from collections.abc import Iterator

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Resume:
    name = "resume"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _resume)


def _resume(job: Job, item: Item) -> Result:
    if item.status != "paused":
        return refused("not_paused", **state(item))
    items.revise(job.session, item, author=job.author, now=job.now, status="open", paused_until=None)
    return done("resumed", **state(item))
