"""`pause 12`, `pause 12 until June 1`: an offer or a request rests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, moment_of, refused, state
from parsers.orders import Order


class Pause:
    name = "pause"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, partial(_pause, text=order.rest), takes=True)


def _pause(job: Job, item: Item, *, text: str) -> Result:
    until = moment_of(job, text) if text else None
    if text and until is None:
        return refused("until_when", nearest="pause", said=text, **state(item))
    if item.what != "record":
        return refused("records_only", **state(item))
    if not item.is_open:
        return refused("already", **state(item))
    items.revise(job.session, item, author=job.author, now=job.now, status="paused", paused_until=until)
    return done("paused", **state(item), until=until)
