"""Sees what stands still, and tells the coordinators: a mailbox that is not read, messages that do not go, a login that is refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import health, heartbeats, mailboxes, originals, outbox, steps
from db.engine import Database
from notifier.alerts import Alerts
from notifier.programme import Programme

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=1)
SLEPT = timedelta(minutes=5)
REFUSED_LATELY = timedelta(minutes=10)  # a login that is refused is tried again within this time; a crisis answer is told of within it
REFUSED_TEXTS = {"sms_filtered": "Twilio 30007", "sms_unregistered": "Twilio 30034"}  # what is refused to everybody, until it is mended
REFUSALS = ("mailbox", "filing", "email", "sms")  # whose server may refuse our credentials, or to take a mail into a folder


class Watch:
    """Looks once a minute; each trouble is told of once a day, by mail and by text, since one of the two may be the trouble."""

    def __init__(self, database: Database, alerts: Alerts, programme: Programme, *, mailbox: str, an_hour: int) -> None:
        self._database = database
        self._alerts = alerts
        self._programme = programme
        self._mailbox = mailbox  # its name; "" where none is read
        self._an_hour = an_hour  # messages that may go; whatever waits beyond them does not stand still
        self._looked_at: datetime | None = None
        self._began_at: datetime | None = None  # a mailbox that never could be read has been unread since then

    def look(self, now: datetime) -> bool:
        """Returns whether anything was told."""
        if self._looked_at is not None and timedelta() <= now - self._looked_at < LOOK_EVERY:
            return False
        slept = self._looked_at is not None and abs(now - self._looked_at) > SLEPT
        self._looked_at = now
        self._began_at = self._began_at or now
        if slept:  # a clock that jumped, a machine that was suspended: whoever works beside us gets a minute to come round
            return False
        with self._database.read() as session:
            troubles = list(self._troubles(session, now))
            refused = outbox.crises_not_delivered(session, now - REFUSED_LATELY)
        if not troubles and not refused:
            return False
        with self._database.write() as session:
            told = [self._tell(session, trouble, now) for trouble in troubles]
            told += [self._tell_of_crisis(session, row, number, now) for row, number in refused]
            steps.reached("trouble told")
        steps.reached("trouble committed")
        return any(told)

    def _troubles(self, session: Session, now: datetime) -> Iterator[str]:
        if self._mailbox and now - (mailboxes.last_read(session, self._mailbox) or self._began_at or now) > health.UNREAD_FOR:
            yield "mailbox_unread"
        for channel in health.stuck(session, now, an_hour=self._an_hour):
            yield f"{channel}_stuck"
        for name, error in REFUSED_TEXTS.items():
            if outbox.any_failed(session, error, since=now - REFUSED_LATELY):
                yield name
        for place in (originals.TWILIO, originals.MAILBOX):
            if originals.late(session, place, now):
                yield f"{place}_originals"
        for what in REFUSALS:
            at = heartbeats.at(session, heartbeats.refusal(what))
            if at is not None and now - at < REFUSED_LATELY:
                yield f"{what}_refused"

    def _tell_of_crisis(self, session: Session, row: int, number: int | None, now: datetime) -> bool:
        """Somebody at risk was not reached: a person has to call them."""
        alerts = self._alerts.crisis_not_delivered(number, key=f"crisis-{row}")
        told = [outbox.queue(session, alert, inbox_id=None, now=now) for alert in alerts]
        if any(told):
            logger.error("outbox %s: a crisis answer was not delivered", row)
        return any(told)

    def _tell(self, session: Session, trouble: str, now: datetime) -> bool:
        day = now.astimezone(self._programme.timezone).date()
        told = [
            outbox.queue(session, alert, inbox_id=None, now=now) for alert in self._alerts.trouble(trouble, key=f"{trouble}-{day:%Y%m%d}")
        ]
        if any(told):
            logger.error("trouble: %s", trouble)
        return any(told)
