"""`withdraw 12`: the person has taken it back, by telephone for one."""

from __future__ import annotations

from collections.abc import Iterator

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Withdraw:
    name = "withdraw"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _withdraw)


def _withdraw(job: Job, item: Item) -> Result:
    if item.what != "record":
        return refused("records_only", **state(item))
    if not item.is_open:
        return refused("already", **state(item))
    items.revise(job.session, item, author=job.author, now=job.now, status="withdrawn")
    return done("withdrawn", **state(item))
