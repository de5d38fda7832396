"""What time brings about: pauses end by themselves, and whoever is at risk is told of again until somebody sees to them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import outbox, people, records, retention, steps, urgent
from db.engine import Database
from db.history import CLOCK, Author
from db.urgent import Waiting
from notifier.alerts import Alerts
from notifier.programme import Programme

logger = logging.getLogger(__name__)

OFTEN, OFTEN_FOR = timedelta(minutes=15), timedelta(hours=2)
LATER = timedelta(hours=1)
FORGET_EVERY = timedelta(hours=1)


class Timekeeper:
    """Does what is due; several of them on one database do it once."""

    def __init__(self, database: Database, alerts: Alerts, programme: Programme, *, retention: timedelta, rung: Callable[[], None]) -> None:
        self._database = database
        self._alerts = alerts
        self._programme = programme
        self._rung = rung
        self._retention = retention  # how long words are kept
        self._forgot_at: datetime | None = None

    def forget(self, now: datetime) -> None:
        """Once an hour, delete the words that are not needed any more."""
        if self._forgot_at is not None and timedelta() <= now - self._forgot_at < FORGET_EVERY:
            return
        with self._database.write() as session:
            count = retention.forget_old(session, now - self._retention)
            steps.reached("words deleted")
        steps.reached("deletion committed")
        if count < retention.AT_ONCE:
            self._forgot_at = now
        if count:
            logger.info("%s messages lost their words", count)

    def keep(self, now: datetime) -> None:
        """Do what is due; where nothing is, no lock is taken."""
        with self._database.read() as session:
            due = urgent.any_due(session, now), records.any_paused_out(session, now)
        if any(due):
            with self._database.write() as session:
                self._end_pauses(session, now)
                self._remind(session, now)
                steps.reached("reminders queued")
            steps.reached("reminders committed")
            self._rung()

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
