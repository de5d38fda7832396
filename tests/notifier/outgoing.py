"""An outbox and what empties it, for the tests of how messages go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from db import outbox
from db.engine import Database
from db.outbox import OUTBOX, Draft
from notifier.bell import Bell
from notifier.delivery import Delivery, Pace
from notifier.given import Given
from notifier.senders import Sender, nothing
from tests.fakes import CountedIds, HeldClock
from tests.notifier.samples import NOW


class FaultySender:
    """Keeps what it is given, but for what `faults` has for its recipient, one send after the other."""

    channel = "sms"
    deadline = 40.0

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.faults: dict[str, list[Exception]] = {}
        self.before: Callable[[Draft], object] = lambda _: None
        self.before_leaving: Callable[[], object] = lambda: None
        self.closed = False

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:  # noqa: ARG002
        self.before_leaving()
        leaving()
        self.before(draft)
        waiting = self.faults.get(draft.recipient)
        if waiting:
            raise waiting.pop(0)
        self.sent.append(draft.key)
        return f"SM{len(self.sent)}"

    def close(self) -> None:
        self.closed = True


class House:
    """An outbox, a clock and one channel's delivery."""

    def __init__(self, database: Database, sender: Sender, *, pace: Pace | None = None, jitter: float = 1.0) -> None:
        self.database = database
        self.clock = HeldClock(NOW)
        self.elapsed = 0.0
        self.bell = Bell()
        given = Given(clock=self.clock, ids=CountedIds("claim"), jitter=lambda: jitter, elapsed=lambda: self.elapsed)
        self.delivery = Delivery(database, sender, pace=pace or Pace(), bell=self.bell, given=given)

    def queue(self, *drafts: Draft) -> None:
        with self.database.write() as session:
            for one in drafts:
                assert outbox.queue(session, one, inbox_id=None, now=self.clock())

    def send_all(self) -> int:
        """Everything that is due; how many sends that took."""
        sends = 0
        while self.delivery.send_next():
            sends += 1
        return sends

    def row(self, key: str = "id-0001") -> Row[Any]:
        with self.database.read() as session:
            return session.execute(select(OUTBOX).where(OUTBOX.c.key == key)).one()
