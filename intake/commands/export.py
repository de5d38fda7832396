"""`export`: all records with their contacts, as a CSV file attached; data leave, so an answer to one mail does it once."""

from __future__ import annotations

import io
from collections.abc import Iterator

from db import outbox
from db.export import write_csv
from intake.commands.base import Job, Result, done, refused
from notifier.letters import Attachment
from parsers.orders import Order


class Export:
    name = "export"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        if order.rest or order.numbers:
            yield refused("not_understood", nearest="export")
            return
        if job.answered is None or not outbox.spend(job.session, job.answered.key, job.now):
            yield refused("spent")
            return
        file = io.StringIO(newline="")
        write_csv(job.session, file)
        day = job.now.astimezone(job.tools.programme.timezone).date()
        name = f"peer-intake-{day.isoformat()}.csv"
        yield done("exported", attachment=Attachment(name=name, content=file.getvalue().encode("utf-8-sig")))
