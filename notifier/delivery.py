"""Claim, send, settle: what waits in the outbox goes out, each message once, and what fails is tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import abandoned, claims, doubts, heartbeats, outbox, pacing, steps
from db.claims import Claimed, Terms
from db.clocks import CLOCKS_DIFFER
from db.engine import Database
from db.outbox import GIVE_UP_AFTER
from notifier.batch import Batch
from notifier.bell import Bell
from notifier.given import Given
from notifier.onlooker import Onlooker
from notifier.senders import Sender, SendError, Withdrawn
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
SETTLE_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds; their sum is well within any lease
LOOK_AGAIN = 1.0  # seconds: other processes queue messages too, and they ring no bell here


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast messages may go."""

    a_second: float | None = None  # what the provider takes of all processes together; None for as fast as can be
    an_hour: int = 500  # what a programme could mean to send; more than that waits, but for what is urgent

    @property
    def gap(self) -> timedelta:
        return timedelta(seconds=1 / self.a_second) if self.a_second else timedelta()


class Delivery:
    """Empties the outbox of one channel; run it in a thread of its own."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        pace: Pace,
        bell: Bell,
        given: Given,
        gather: Callable[[Session, datetime], None] | None = None,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._bell = bell
        self._clock = given.clock
        self._ids = given.ids
        self._jitter = given.jitter
        self._gather = gather  # looks over what is due before it is claimed
        self._batch = Batch()
        # On SQLite nobody else sends on our channel, so that whatever is claimed there has been left by somebody who is gone.
        self._onlooker = None if database.is_sqlite else Onlooker(sender.deadline + sum(SETTLE_PAUSES), given.elapsed)
        self._pause = 0.0  # seconds until the provider's rate lets the next one go

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop."""
        heard = 0
        try:
            while not stop.is_set():
                if self._step():
                    continue
                if self._pause:
                    stop.wait(self._pause)
                else:
                    heard = self._bell.wait(heard, LOOK_AGAIN)
        finally:
            self._sender.close()
            with suppress(SQLAlchemyError):  # then they wait until their claim runs out
                self._put_back()

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
        held = self._next()
        if held is None:
            return False
        steps.reached("message claimed")
        try:
            provider_id = self._sender.send(held.draft, now=self._clock(), leaving=lambda: self._begin(held))
        except Withdrawn:
            self._settle(held, status="suppressed")
        except SendError as error:
            self._settle_failure(held, error)
        except SQLAlchemyError as error:  # it could not be written down that it leaves
            self._settle_failure(held, SendError(kind_and_place(error)))
        except Exception as error:  # noqa: BLE001 - a message that breaks its sender must not hold up the others
            self._settle_failure(held, SendError(kind_and_place(error), permanent=True))
        else:
            steps.reached("provider answered")
            self._settle_sent(held, provider_id)
        steps.reached("send settled")
        return True

    def _next(self) -> Claimed | None:
        held = self._batch.next()
        if held is None:
            self._put_back()
            self._batch.fill(self._claim())
            held = self._batch.next()
        return held

    def _put_back(self) -> None:
        """What was claimed and is not begun, somebody may need sooner."""
        left = self._batch.rest()
        if left:
            with self._database.write() as session:
                claims.put_back(session, left, self._clock())

    def _claim(self) -> list[Claimed]:
        now = self._clock()
        self._pause = 0.0
        channel = self._sender.channel
        with self._database.read() as session:
            left = self._onlooker.look(abandoned.standing(session, channel)) if self._onlooker else None
            if not claims.anything_to_do(session, channel, now) or self._paced(session, now):
                return []
        with self._database.write() as session:
            for row_id, status in abandoned.give_up_expired(session, now, channel=channel, era=self._database.era, among=left):
                logger.warning("outbox %s %s: its sender is gone", row_id, status)
            return self._claim_paced(session, now)

    def _paced(self, session: Session, now: datetime) -> bool:
        """Whether the provider's rate lets none go yet."""
        if self._pace.gap:
            self._pause = pacing.wait(session, self._sender.channel, now, gap=self._pace.gap).total_seconds()
        return bool(self._pause)

    def _claim_paced(self, session: Session, now: datetime) -> list[Claimed]:
        channel, gap = self._sender.channel, self._pace.gap
        claims.alone(session, channel)
        if self._paced(session, now):  # another process was quicker
            return []
        room = self._pace.an_hour - outbox.sent_in_the_last_hour(session, now) - claims.under_way(session, now)
        most = 1 if gap else max(1, min(self._batch.size, room))
        until = self._until(now)
        terms = Terms(channel=channel, name=self._ids(), until=until, era=self._database.era, most=most, urgent_only=room <= 0)
        if self._gather and room > 0:
            self._gather(session, now)
        held = claims.claim(session, terms, now)
        if not held and room <= 0:  # not each bell is for us then, and each look holds up those who bring messages
            self._pause = LOOK_AGAIN
        if held and gap:
            pacing.take(session, channel, now, gap=gap)
        return held

    def _until(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._sender.deadline) + CLOCKS_DIFFER

    def _begin(self, held: Claimed) -> None:
        """The message leaves now: written down before, so that after a crash what was here still is told from what may have gone."""
        now = self._clock()
        with self._database.light() as session:
            mine = claims.begin(session, held, now=now, until=self._until(now))
        if not mine:
            raise Withdrawn
        steps.reached("send begun")

    def _settle_sent(self, held: Claimed, provider_id: str) -> None:
        now = self._clock()

        def settle() -> bool:
            with self._database.light() as session:
                return claims.sent(session, held, now=now, provider_id=provider_id)

        self._log(held, "sent", mine=_insist(settle))

    def _settle_failure(self, held: Claimed, error: SendError) -> None:
        now = self._clock()
        if error.unknown and held.draft.priority == outbox.CRISIS and not held.doubtful:  # two crisis answers are better than none
            self._settle(held, status="queued", error=error.reason, due_at=now, doubtful=True)
        elif error.unknown:
            self._settle(held, status="unknown", error=error.reason, due_at=doubts.first_look(now))
        elif error.permanent or now - held.created_at > GIVE_UP_AFTER:
            self._settle(held, status="failed", error=error.reason, opted_out=error.opted_out)
        else:
            if error.login_refused:
                self._note_refusal(now)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(held.attempts - 1, 10))
            self._settle(held, status="queued", error=error.reason, due_at=now + pause * (0.5 + self._jitter() / 2))

    def _note_refusal(self, now: datetime) -> None:
        with self._database.write() as session:
            heartbeats.beat(session, heartbeats.refusal(self._sender.channel), now)

    def _settle(
        self,
        held: Claimed,
        *,
        status: str,
        error: str = "",
        due_at: datetime | None = None,
        opted_out: bool = False,
        doubtful: bool = False,
    ) -> None:
        now = self._clock()

        def settle() -> bool:
            with self._database.write() as session:
                if opted_out and held.draft.address_id is not None:
                    outbox.stop_for(session, held.draft.address_id, now)
                return claims.settle(session, held, status=status, now=now, due_at=due_at, error=error, doubtful=doubtful)

        self._log(held, status, mine=_insist(settle), error=error)

    def _log(self, held: Claimed, status: str, *, mine: bool, error: str = "") -> None:
        level = logging.INFO if status == "sent" else logging.WARNING
        logger.log(level, "outbox %s %s%s", held.id, status if mine else "lost its claim", f": {error}" if error else "")


def _insist(settle: Callable[[], bool]) -> bool:
    """Write an outcome down even where the database is away for a while: unwritten, a message that was not sent counts as doubtful."""
    for pause in SETTLE_PAUSES:
        try:
            return settle()
        except SQLAlchemyError as error:
            logger.warning("outbox: not settled, %s", kind_and_place(error))
            time.sleep(pause)
    return settle()
