"""`note 12 …`: a line of the coordinator's own, kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, state, with_words
from parsers.orders import Order


class Note:
    name = "note"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from with_words(job, order, partial(_note, text=order.rest), alone=False)


def _note(job: Job, item: Item, *, text: str) -> Result:
    noted = f"{item.note}\n{text}".strip()
    items.revise(job.session, item, author=job.author, now=job.now, note=noted)
    return done("noted", **state(item), note=text)
