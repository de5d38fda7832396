"""`erase 12`: forgets the person behind a number, after asking back once."""

from __future__ import annotations

from collections.abc import Iterator

from db import history, items, outbox
from db.erase import erase
from db.originals import Reach
from intake.commands.base import Job, Result, done, refused, state
from parsers.orders import Order

ASKED_BACK = "erase_asked"  # the template of the mail that asks back


class Erase:
    name = "erase"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        numbers = job.numbers(order)
        if order.rest or len(numbers) != 1:
            yield refused("one_number", nearest="erase")
            return
        item = items.find(job.session, numbers[0])
        if item is None or item.contact_id is None:
            yield refused("no_such_number" if item is None else "nobody_behind", number=numbers[0])
            return
        yield done(ASKED_BACK, **state(item))


class Yes:
    name = "yes"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """Answers the mail that asked back, and nothing else."""
        if job.answered is None or job.answered.template != ASKED_BACK or job.answered.number is None or order.rest:
            yield refused("nothing_asked")
            return
        if not outbox.spend(job.session, job.answered.key, job.now):
            yield refused("spent")
            return
        item = items.find(job.session, job.answered.number)
        if item is None or item.contact_id is None:
            yield refused("no_such_number", number=job.answered.number)
            return
        reach = Reach(places=job.tools.places, now=job.now, number=item.number)
        erased = erase(job.session, item.contact_id, key=job.tools.programme.secret_key, reach=reach)
        history.note(job.session, item.number, author=job.author, what="erased", now=job.now)
        yield done("erased", number=item.number, records=erased.records, messages=erased.messages, answers=erased.answers)
