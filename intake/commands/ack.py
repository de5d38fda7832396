"""`ack 31`: a coordinator sees to somebody at risk; nobody is reminded any more, and the others are told who does."""

from __future__ import annotations

from collections.abc import Iterator

from db import items, outbox
from db.items import Item
from intake.commands.base import URGENT, Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Ack:
    name = "ack"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, acknowledge)


def acknowledge(job: Job, item: Item) -> Result:
    if item.kind not in URGENT:
        return refused("nothing_urgent", **state(item))
    if item.acknowledged_at is not None:
        return refused("acknowledged_already", **state(item), by=job.named(item.acknowledged_by))
    who = job.coordinator.email.lower()
    items.revise(job.session, item, author=job.author, now=job.now, acknowledged_at=job.now, acknowledged_by=who, remind_at=None)
    for other in job.tools.programme.coordinators:
        if other != job.coordinator:
            letter = job.tools.letters.acknowledged(other, number=item.number, kind=item.kind, by=job.coordinator)
            outbox.queue(job.session, letter, inbox_id=job.inbox_id, now=job.now)
    return done("acknowledged", **state(item))
