"""`show 12`: all that is known of it, and its history."""

from __future__ import annotations

from collections.abc import Iterator

from db import history, inbox
from db.items import Item
from intake.commands.base import Job, Result, done, for_each, state
from parsers.orders import Order
from parsers.reading import hear


class Show:
    name = "show"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        yield from for_each(job, order, _show)


def _show(job: Job, item: Item) -> Result:
    return done(
        "shown",
        **state(item),
        item=item,
        reach=", ".join(filter(None, (item.phone, item.email))),
        history=history.of(job.session, item.number),
        quoted=_words(job, item),
        who={coordinator.email.lower(): coordinator.name for coordinator in job.tools.programme.coordinators},
    )


def _words(job: Job, item: Item) -> str:
    """What the person wrote, quoted; empty where it was deleted, or nothing was written."""
    message = inbox.message_of(job.session, item.inbox_id, job.tools.parse) if item.inbox_id else None
    words = hear(message, job.tools.vocabulary).words.text if message else ""
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())
