"""`snooze 12 5d`, `snooze 12 until Monday`: out of the digest's way until then."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, moment_of, refused, state
from parsers.orders import Order


class Snooze:
    name = "snooze"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, partial(_snooze, text=order.rest), takes=True)


def _snooze(job: Job, item: Item, *, text: str) -> Result:
    until = moment_of(job, text)
    if until is None:
        return refused("until_when", nearest="snooze", said=text, **state(item))
    if not item.is_open:
        return refused("already", **state(item))
    items.revise(job.session, item, author=job.author, now=job.now, snoozed_until=until)
    return done("snoozed", **state(item), until=until)
