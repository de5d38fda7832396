"""Sends of which nobody knows whether they went: looked for where the provider keeps them, and only then repeated, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.clocks import LONGEST_SEND
from db.outbox import GIVE_UP_AFTER, OUTBOX, suppress_unwanted
from db.reports import note_status

# Three looks over a quarter of an hour: the provider's list lags.
PAUSES = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=10))
LOOKING_FOR = timedelta(minutes=3)  # how long one may look before another takes it for dead
LOOK_AGAIN = timedelta(minutes=1)  # where the provider could not be asked
SENDER_GONE = "sender gone"
AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One send that may have gone."""

    id: int
    key: str
    recipient: str
    body: str
    message_id: str
    since: datetime  # it cannot have gone before
    until: datetime | None  # nor after; None where that was lost
    created_at: datetime
    looks: int
    doubtful: bool  # it was repeated already


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that the provider has."""

    id: str
    status: str = ""  # how far it got, in the provider's terms
    error: str = ""


def first_look(now: datetime) -> datetime:
    """When a send that has just become doubtful is looked for."""
    return now + PAUSES[0]


def due(session: Session, channel: str, now: datetime) -> bool:
    """Whether there is one to look for; asked without a lock."""
    return session.execute(select(OUTBOX.c.id).where(*_due(channel, now)).limit(1)).first() is not None


def take(session: Session, channel: str, now: datetime) -> list[Doubt]:
    """Those that are to be looked for now; nobody else looks meanwhile."""
    oldest = select(OUTBOX.c.id).where(*_due(channel, now)).order_by(OUTBOX.c.id).limit(AT_ONCE)
    mine = update(OUTBOX).where(OUTBOX.c.id.in_(oldest.scalar_subquery()), *_due(channel, now)).values(due_at=now + LOOKING_FOR)
    rows = sorted(session.execute(mine.returning(OUTBOX)), key=lambda row: row.id)
    return [
        Doubt(
            id=row.id,
            key=row.key,
            recipient=row.recipient,
            body=row.body,
            message_id=row.message_id,
            since=row.started_at or row.created_at,
            until=row.started_at + LONGEST_SEND if row.started_at else None,
            created_at=row.created_at,
            looks=row.looks,
            doubtful=row.doubtful,
        )
        for row in rows
    ]


def _due(channel: str, now: datetime) -> list[Any]:
    return [OUTBOX.c.channel == channel, OUTBOX.c.status == "unknown", OUTBOX.c.due_at <= now]


def found(session: Session, doubt: Doubt, taken: Sequence[Taken], now: datetime) -> bool:
    """It went, if one of what the provider has belongs to no other row.

    Returns:
        Whether one does.

    """
    ids = [one.id for one in taken]
    known = set(session.execute(select(OUTBOX.c.provider_id).where(OUTBOX.c.provider_id.in_(ids), OUTBOX.c.id != doubt.id)).scalars())
    own = next((one for one in taken if one.id not in known), None)
    if own is None:
        return False
    _conclude(session, doubt, status="sent", provider_id=own.id, error=None, settled_at=now)
    note_status(session, key=doubt.key, provider_id=own.id, status=own.status, error=own.error, now=now)
    return True


def not_found(session: Session, doubt: Doubt, now: datetime) -> str:
    """It was not there. After the third look it is repeated, once, unless its recipient opted out; then it may have gone twice.

    Returns:
        What becomes of it.

    """
    looks = doubt.looks + 1
    if looks < len(PAUSES):
        _conclude(session, doubt, looks=looks, due_at=now + PAUSES[looks])
        return "unknown"
    if doubt.doubtful:
        return cannot_know(session, doubt, now)
    _conclude(session, doubt, looks=0, status="queued", due_at=now, doubtful=True, started_at=None)
    return "suppressed" if suppress_unwanted(session, [OUTBOX.c.id == doubt.id], now) else "queued"


def cannot_know(session: Session, doubt: Doubt, now: datetime) -> str:
    """Nobody can: it is listed for the coordinator, and not repeated."""
    _conclude(session, doubt, status="uncertain", settled_at=now)
    return "uncertain"


def not_asked(session: Session, doubt: Doubt, now: datetime) -> str:
    """The provider could not be asked: that is no look."""
    if now - doubt.created_at > GIVE_UP_AFTER:
        return cannot_know(session, doubt, now)
    _conclude(session, doubt, due_at=now + LOOK_AGAIN)
    return "unknown"


def _conclude(session: Session, doubt: Doubt, **values: Any) -> None:  # noqa: ANN401
    """A callback may have told meanwhile that it went: then that holds."""
    mine = [OUTBOX.c.id == doubt.id, OUTBOX.c.status == "unknown", OUTBOX.c.looks == doubt.looks]
    session.execute(update(OUTBOX).where(*mine).values(values))
