"""Whether the database takes writes, and how far behind the readers and senders are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from db import heartbeats, mailboxes, outbox
from db.engine import Database
from db.heartbeats import HEARTBEATS

NAME = "healthz"
ROOM = "x" * 80_000  # about half of what a text brings into SQLite's journal
OFTEN_ENOUGH = timedelta(seconds=1)
STUCK_FOR = timedelta(minutes=10)
UNREAD_FOR = timedelta(minutes=15)  # after which it is told that a mailbox cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Ages in seconds; None where there is nothing to have one."""

    mailbox_read_seconds: float | None
    outbox_depth: int
    outbox_oldest_seconds: float | None
    outbox_stuck: bool  # a message is long due and nothing holds it back, and still it does not go


class Pulse:
    """Tries to write and looks around, once a second at the most: anybody may ask, and as often as they like."""

    def __init__(self, database: Database, *, mailbox: str, an_hour: int) -> None:
        self._database = database
        self._mailbox = mailbox  # its name; "" where none is read
        self._an_hour = an_hour
        self._last: tuple[datetime, Health] | None = None

    def feel(self, now: datetime) -> Health:
        """How things stand.

        Raises:
            SQLAlchemyError: the database takes no writes.

        """
        if self._last is not None and timedelta() <= now - self._last[0] < OFTEN_ENOUGH:
            return self._last[1]
        with self._database.write() as session:
            beat(session, now)
        with self._database.read() as session:
            found = look(session, now, mailbox=self._mailbox, an_hour=self._an_hour)
        self._last = now, found
        return found


def beat(session: Session, now: datetime) -> None:
    """Write something, to see that it can be done; where the disk is full, a small thing still finds room when a message does not."""
    heartbeats.beat(session, NAME, now)
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert(HEARTBEATS).values(name=ROOM, at=now))
        session.execute(delete(HEARTBEATS).where(HEARTBEATS.c.name == ROOM))


def stuck(session: Session, now: datetime, *, an_hour: int) -> list[str]:
    """The channels on which a message is long due and does not go, unless so many went in this hour that the others have to wait."""
    if outbox.sent_in_the_last_hour(session, now) >= an_hour:
        return []
    return [channel for channel in ("email", "sms") if outbox.is_stuck(session, channel, since=now - STUCK_FOR, now=now)]


def look(session: Session, now: datetime, *, mailbox: str, an_hour: int) -> Health:
    """How things stand, with the mailbox of that name; "" where none is read."""
    read_at = mailboxes.last_read(session, mailbox) if mailbox else None
    count, oldest = outbox.depth(session)
    return Health(
        outbox_stuck=bool(stuck(session, now, an_hour=an_hour)),
        mailbox_read_seconds=(now - read_at).total_seconds() if read_at else None,
        outbox_depth=count,
        outbox_oldest_seconds=(now - oldest).total_seconds() if oldest else None,
    )
