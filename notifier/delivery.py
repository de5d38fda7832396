"""Claim, send, settle: what waits in the outbox goes out, each message once, and what fails is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from db import heartbeats, outbox, people, steps
from db.engine import Database
from db.outbox import Claimed
from notifier.bell import Bell
from notifier.senders import Sender, SendError
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
SETTLE_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds; their sum is well within any lease
LOOK_AGAIN = 1.0  # seconds: other processes queue messages too, and they ring no bell here


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast messages may go."""

    a_second: float | None = None  # what the provider takes; None for as fast as can be
    an_hour: int = 500  # what a programme could mean to send; more than that waits, but for what is urgent


class Delivery:
    """Empties the outbox of one channel; run it in a thread of its own."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        pace: Pace,
        bell: Bell,
        clock: Callable[[], datetime],
        ids: Callable[[], str],
        jitter: Callable[[], float],
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._bell = bell
        self._clock = clock
        self._ids = ids
        self._jitter = jitter

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop."""
        heard = 0
        try:
            while not stop.is_set():
                if not self._step():
                    heard = self._bell.wait(heard, LOOK_AGAIN)
                elif self._pace.a_second:
                    stop.wait(1 / self._pace.a_second)
        finally:
            self._sender.close()

    def _step(self) -> bool:
        try:
            return self.send_next()
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the thread
            logger.warning("outbox: %s", kind_and_place(error))
            return False

    def send_next(self) -> bool:
        """Send the next message that is due.

        Returns:
            Whether there was one.

        """
        held = self._claim()
        if held is None:
            return False
        steps.reached("message claimed")
        try:
            provider_id = self._sender.send(held.draft, now=self._clock())
        except SendError as error:
            self._settle_failure(held, error)
        except Exception as error:  # noqa: BLE001 - a message that breaks its sender must not hold up the others
            self._settle_failure(held, SendError(kind_and_place(error), permanent=True))
        else:
            steps.reached("provider answered")
            self._settle(held, status="sent", provider_id=provider_id)
        steps.reached("send settled")
        return True

    def _claim(self) -> Claimed | None:
        now = self._clock()
        until = now + timedelta(seconds=self._sender.deadline) + CLOCKS_DIFFER
        with self._database.read() as session:
            if not outbox.anything_to_do(session, self._sender.channel, now):
                return None
        with self._database.write() as session:
            for row_id in outbox.give_up_expired(session, now):
                logger.warning("outbox %s uncertain: its sender is gone", row_id)
            full = outbox.sent_in_the_last_hour(session, now) >= self._pace.an_hour
            return outbox.claim(session, channel=self._sender.channel, name=self._ids(), now=now, until=until, urgent_only=full)

    def _settle_failure(self, held: Claimed, error: SendError) -> None:
        now = self._clock()
        again = error.unknown and held.draft.priority == outbox.CRISIS and not held.doubtful  # two crisis answers are better than none
        reason = f"{outbox.DOUBTFUL}{error.reason}" if again or held.doubtful else error.reason
        if error.unknown:
            self._settle(held, status="queued" if again else "uncertain", error=reason, due_at=now if again else None)
        elif error.permanent or now - held.created_at > GIVE_UP_AFTER:
            self._settle(held, status="failed", error=reason, opted_out=error.opted_out)
        else:
            if error.login_refused:
                self._note_refusal(now)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(held.attempts - 1, 10))
            self._settle(held, status="queued", error=reason, due_at=now + pause * (0.5 + self._jitter() / 2))

    def _note_refusal(self, now: datetime) -> None:
        with self._database.write() as session:
            heartbeats.beat(session, heartbeats.refusal(self._sender.channel), now)

    def _settle(
        self, held: Claimed, *, status: str, provider_id: str = "", error: str = "", due_at: datetime | None = None, opted_out: bool = False
    ) -> None:
        now = self._clock()

        def settle() -> bool:
            with self._database.write() as session:
                if opted_out and held.draft.address_id is not None:
                    people.opt_out(session, held.draft.address_id, now)
                    outbox.suppress(session, held.draft.address_id, now)
                return outbox.settle(session, held, status=status, now=now, due_at=due_at, provider_id=provider_id, error=error)

        mine = _insist(settle)
        logger.log(
            logging.INFO if status == "sent" else logging.WARNING,
            "outbox %s %s%s",
            held.id,
            status if mine else "lost its claim",
            f": {error}" if error else "",
        )


def _insist(settle: Callable[[], bool]) -> bool:
    """Write an outcome down even where the database is away for a while: unwritten, a message that was not sent counts as doubtful."""
    for pause in SETTLE_PAUSES:
        try:
            return settle()
        except SQLAlchemyError as error:
            logger.warning("outbox: not settled, %s", kind_and_place(error))
            time.sleep(pause)
    return settle()
