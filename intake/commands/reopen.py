"""`reopen 12`: what was closed or withdrawn stands open again."""

from __future__ import annotations

from collections.abc import Iterator

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Reopen:
    name = "reopen"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _reopen)


def _reopen(job: Job, item: Item) -> Result:
    if item.is_open:
        return refused("already", **state(item))
    if item.what == "record" and (rival := items.active_rival(job.session, item, item.kind)):
        return refused("one_is_open", **state(item), rival=rival)
    items.revise(job.session, item, author=job.author, now=job.now, status="open")
    return done("reopened", **state(item))
