"""`ask 12 …`: puts a question to the person, on their own channel; what they write next comes back in the coordinator's thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from db import asks, history, items, people
from db.items import Item
from intake.commands.base import Job, Result, done, refused, state, with_words
from notifier.relay import Errand
from parsers.folding import fold
from parsers.orders import Order


class Ask:
    name = "ask"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        order = order if order.numbers else _without_name(job, order)
        yield from with_words(job, order, partial(_ask, text=order.rest), alone=True)


def _without_name(job: Job, order: Order) -> Order:
    """`ask Ana which days`: the name is no part of the question; where it is somebody else's than the alert's, the number is asked for."""
    name, _, behind = order.rest.partition(" ")
    called = fold(name).strip(" ,:")
    item = next((items.find(job.session, number) for number in job.numbers(order)), None)
    if item is None or not behind or not name[:1].isupper() or not people.are_called(job.session, called):
        return order
    if fold(item.name).split()[:1] == [called]:
        return replace(order, numbers=(item.number,), rest=behind.strip())
    return replace(order, is_elsewhere=True)


def _ask(job: Job, item: Item, *, text: str) -> Result:
    if item.contact_id is None:
        return refused("nobody_behind", number=item.number)
    way = next(iter(job.tools.relay.ways_to(job.session, item)), None)
    if way is None:
        return refused("no_way", **state(item))
    errand = Errand(template="ask", way=way, item=item, words=text, coordinator=job.coordinator, inbox_id=job.inbox_id)
    job.tools.relay.send(job.session, errand, now=job.now)
    who = job.coordinator.email.lower()
    asks.ask(job.session, number=item.number, contact_id=item.contact_id, coordinator=who, references=job.thread, now=job.now)
    history.note(job.session, item.number, author=job.author, what="asked", after={"words": text}, now=job.now)
    return done("asked", **state(item), channel=way.channel, words=text)
