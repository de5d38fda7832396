"""`note 12 …`: a line of the coordinator's own, kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.orders import Order


class Note:
    name = "note"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        if not order.rest:
            yield refused("say_what", nearest="note")
            return
        yield from for_each(job, order, partial(_note, text=order.rest), takes=True)


def _note(job: Job, item: Item, *, text: str) -> Result:
    noted = f"{item.note}\n{text}".strip()
    items.revise(job.session, item, author=job.author, now=job.now, note=noted)
    return done("noted", **state(item), note=text)
