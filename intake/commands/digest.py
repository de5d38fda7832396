"""`digest`: an extra copy of today's."""

from __future__ import annotations

from collections.abc import Iterator

from intake.commands.base import Job, Result, done, refused
from parsers.orders import Order


class Digest:
    name = "digest"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        if order.rest or order.numbers:
            yield refused("not_understood", nearest="digest")
            return
        digests = job.tools.digests
        digests.queue_copy(job.session, None, now=job.now, to=job.coordinator)
        yield done("digest_sent")
