"""`answer: …`: what follows goes to the writer of a question, in their thread or to their number, and the question is closed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import history, inbox, items
from db.items import Item
from intake.commands.base import Job, Result, done, refused, state, with_words
from notifier.relay import Errand
from parsers.orders import Order


class Answer:
    name = "answer"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from with_words(job, order, partial(_answer, text=order.rest), alone=True)


def _answer(job: Job, item: Item, *, text: str) -> Result:
    if item.contact_id is None:
        return refused("nobody_behind", number=item.number)
    came_by = inbox.address_of(job.session, item.inbox_id)
    reachable = job.tools.relay.ways_to(job.session, item)
    way = next((way for way in reachable if way.address_id == came_by), next(iter(reachable), None))
    if way is None:
        return refused("no_way", **state(item))
    written = inbox.message_of(job.session, item.inbox_id, job.tools.parse) if way.channel == "email" and item.inbox_id else None
    errand = Errand(template="answer", way=way, item=item, words=text, coordinator=job.coordinator, inbox_id=job.inbox_id, written=written)
    job.tools.relay.send(job.session, errand, now=job.now)
    history.note(job.session, item.number, author=job.author, what="answered", after={"words": text}, now=job.now)
    if item.what == "case" and item.is_open:
        items.revise(job.session, item, author=job.author, now=job.now, status="closed")
    return done("answered", **state(item), channel=way.channel, words=text)
