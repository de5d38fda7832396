"""`give 12 to Sam`: another coordinator sees to it, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items, outbox
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from notifier.programme import Coordinator
from parsers.order_words import order_words
from parsers.orders import Order


class Give:
    name = "give"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        words = order.rest.split()
        start = order_words().is_small("to", [word.lower() for word in words]) or 0
        wanted = " ".join(words[start:])
        found = [one for one in job.tools.programme.coordinators if _is(one, wanted)]
        if len(found) != 1:
            yield refused("who_is_that", said=wanted, names=[one.name for one in job.tools.programme.coordinators])
            return
        yield from for_each(job, order, partial(_give, to=found[0]), takes=True)


def _is(coordinator: Coordinator, wanted: str) -> bool:
    names = {coordinator.name.lower(), coordinator.name.lower().split()[0], coordinator.email.lower()}
    return wanted.lower() in names


def _give(job: Job, item: Item, *, to: Coordinator) -> Result:
    items.revise(job.session, item, author=job.author, now=job.now, assigned_to=to.email.lower())
    if to != job.coordinator:
        letter = job.tools.letters.given(to, number=item.number, kind=item.kind, name=item.name, giver=job.coordinator)
        outbox.queue(job.session, letter, inbox_id=job.inbox_id, now=job.now)
    return done("given", **state(item), to=to.name)
