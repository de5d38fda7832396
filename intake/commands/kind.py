"""`kind 12 shadow offer`: it is another kind of offer or request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.folding import fold
from parsers.order_words import order_words
from parsers.orders import Order


class Kind:
    name = "kind"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        kind = kind_of(order.rest)
        if kind is None:
            yield refused("which_kind", nearest="kind", said=order.rest)
            return
        yield from for_each(job, order, partial(_kind, kind=kind), takes=True)


def kind_of(text: str) -> str | None:
    """The kind of record that a text names, and nothing besides."""
    words = order_words()
    said = fold(text).replace("-", " ").split()
    start = words.is_small("to", said) or 0
    found = words.at("kind", said, start)
    return found[0] if found and found[1] == len(said) else None


def _kind(job: Job, item: Item, *, kind: str) -> Result:
    if item.what != "record":
        return refused("records_only", **state(item))
    if rival := items.active_rival(job.session, item, kind):
        return refused("one_is_open", **state(item) | {"kind": kind}, rival=rival)
    status = "open" if item.status == "unconfirmed" else item.status
    items.revise(job.session, item, author=job.author, now=job.now, kind=kind, status=status)
    return done("kind_set", **state(item) | {"kind": kind})
