"""What time brings about: pauses end by themselves, and whoever is at risk is told of again until somebody sees to them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import clocks, heartbeats, inbox, outbox, people, records, retention, steps, urgent
from db.engine import Database
from db.history import CLOCK, Author
from db.urgent import Waiting
from notifier.alerts import Alerts
from notifier.programme import Programme

logger = logging.getLogger(__name__)

OFTEN, OFTEN_FOR = timedelta(minutes=15), timedelta(hours=2)
LATER = timedelta(hours=1)
FORGET_EVERY = timedelta(hours=1)
AT_MOST = timedelta(days=1)
REACHED, MOVED = "retention reached", "retention moved"


class Timekeeper:
    """Does what is due; several of them on one database do it once."""

    def __init__(self, database: Database, alerts: Alerts, programme: Programme, *, retention: timedelta, rung: Callable[[], None]) -> None:
        self._database = database
        self._alerts = alerts
        self._programme = programme
        self._rung = rung
        self._retention = retention  # how long words are kept
        self._forgot_at: datetime | None = None
        self._kept_at: datetime | None = None

    def forget(self, now: datetime) -> None:
        """Once an hour, delete the words that are not needed any more."""
        if self._forgot_at is not None and timedelta() <= now - self._forgot_at < FORGET_EVERY:
            return
        with self._database.write() as session:
            before = _what_counts(session, now) - self._retention
        with self._database.read() as session:
            old = retention.find_old(session, before)
        with self._database.write() as session:
            count = retention.forget_old(session, old, before)
            steps.reached("words deleted")
        steps.reached("deletion committed")
        if count < retention.AT_ONCE:
            self._forgot_at = now
        if count:
            logger.info("%s messages lost their words", count)

    def keep(self, now: datetime) -> None:
        """Do what is due; where nothing is, no lock is taken."""
        self._mind_the_clock(now)
        with self._database.read() as session:
            due = urgent.any_due(session, now), records.any_paused_out(session, now)
        if any(due):
            with self._database.write() as session:
                self._end_pauses(session, now)
                self._remind(session, now)
                steps.reached("reminders queued")
            steps.reached("reminders committed")
            self._rung()

    def _mind_the_clock(self, now: datetime) -> None:
        """A clock that ran ahead and was set right, while this ran or before, leaves times behind that nothing may wait for."""
        was_set_back = self._kept_at is not None and now < self._kept_at - clocks.CLOCKS_DIFFER
        if self._kept_at is None:
            with self._database.read() as session:
                was_set_back = clocks.ran_ahead(session, now)
        if was_set_back:
            with self._database.write() as session:
                clocks.set_back(session, now)
            logger.warning("the clock ran ahead and was set back; what it wrote happened now")
        self._kept_at = now

    def _end_pauses(self, session: Session, now: datetime) -> None:
        for record in records.paused_out(session, now):
            records.change(session, record, author=Author(name=CLOCK), now=now, status="open")
            logger.info("record %s resumed", record.number)

    def _remind(self, session: Session, now: datetime) -> None:
        for waiting in urgent.due(session, now):
            if urgent.told_again(session, waiting, next_at=now + (OFTEN if now < waiting.created_at + OFTEN_FOR else LATER)):
                self._tell(session, waiting, now)
                logger.info("case %s told again", waiting.number)

    def _tell(self, session: Session, waiting: Waiting, now: datetime) -> None:
        """One coordinator after the other, in the order of the settings."""
        coordinators = self._programme.coordinators
        if not coordinators:
            return
        minutes = int((now - waiting.created_at).total_seconds() // 60)
        for draft in self._alerts.again(waiting, coordinators[waiting.rounds % len(coordinators)], minutes=minutes):
            if draft.channel == "email" or not people.is_opted_out(session, channel=draft.channel, value=draft.recipient):
                outbox.queue(session, draft, inbox_id=None, now=now)


def _what_counts(session: Session, now: datetime) -> datetime:
    """The moment from which retention counts back: it follows the clock by a day an hour at the most.

    One that jumps ahead by a year would else take everybody's words at once, before anybody can set it right.
    """
    reached = heartbeats.at(session, REACHED) or inbox.newest(session) or now
    moved = heartbeats.at(session, MOVED)
    if moved is None or not timedelta() <= now - moved < FORGET_EVERY:
        reached = min(now, reached + AT_MOST)
        heartbeats.beat(session, REACHED, reached)
        heartbeats.beat(session, MOVED, now)
    return min(reached, now)
