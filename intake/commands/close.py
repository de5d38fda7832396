"""`close 12`: it is seen to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from db import items
from db.items import Item
from db.models import URGENT
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Close:
    name = "close"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _close)


def _close(job: Job, item: Item) -> Result:
    if not item.is_open:
        return refused("already", **state(item))
    values: dict[str, Any] = {"status": "closed"}
    if item.kind in URGENT and item.acknowledged_at is None:  # whoever closes it has seen it
        values |= {"acknowledged_at": job.now, "acknowledged_by": job.coordinator.email.lower(), "remind_at": None}
    items.revise(job.session, item, author=job.author, now=job.now, **values)
    return done("closed", **state(item))
