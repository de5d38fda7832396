"""`ack 31`: a coordinator sees to somebody at risk; nobody is reminded any more, and the others are told who does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from db import outbox, urgent
from db.items import Item
from db.models import URGENT
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Ack:
    name = "ack"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """By text the number may be left out, too: it is that of the case of which the phone was told last."""
        told = urgent.last_told(job.session, job.coordinator.phone) if job.by_text and not order.numbers else None
        yield from for_each(job, replace(order, numbers=(told,)) if told else order, _acknowledge)


def _acknowledge(job: Job, item: Item) -> Result:
    if item.kind not in URGENT:
        return refused("nothing_urgent", **state(item))
    if item.acknowledged_at is not None:
        return refused("acknowledged_already", **state(item), by=job.named(item.acknowledged_by))
    numbers = urgent.acknowledge(job.session, item.number, by=job.author.name, author=job.author, now=job.now)
    for letter in job.tools.letters.acknowledged(numbers, job.coordinator):
        outbox.queue(job.session, letter, inbox_id=job.inbox_id, now=job.now)
    return done("acknowledged", **state(item))
