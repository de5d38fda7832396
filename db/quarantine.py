"""Messages that were kept aside because they could not be handled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Inbound
from db.statements import table

INBOX = table(Inbound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message that waits for somebody to look at it."""

    inbox_id: int
    channel: str
    external_id: str
    error: str
    received_at: datetime
    source: bytes | None


def waiting(session: Session) -> list[Kept]:
    """All of them, oldest first, without what they say."""
    query = select(INBOX.c.id, INBOX.c.channel, INBOX.c.external_id, INBOX.c.error, INBOX.c.received_at)
    rows = session.execute(query.where(INBOX.c.outcome == "quarantined").order_by(INBOX.c.id))
    return [
        Kept(
            inbox_id=row.id,
            channel=row.channel,
            external_id=row.external_id,
            error=row.error or "",
            received_at=row.received_at,
            source=None,
        )
        for row in rows
    ]


def find(session: Session, inbox_id: int) -> Kept | None:
    """One of them, with what it says; None where it is not there, or not any more."""
    row = session.execute(select(INBOX).where(INBOX.c.id == inbox_id, INBOX.c.outcome == "quarantined").with_for_update()).first()
    if row is None:
        return None
    return Kept(
        inbox_id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        error=row.error or "",
        received_at=row.received_at,
        source=row.source,
    )


def drop(session: Session, inbox_id: int) -> bool:
    """Forget what a message says; that it came stays, so that it does not come again.

    Returns:
        Whether it was there.

    """
    mine = update(INBOX).where(INBOX.c.id == inbox_id, INBOX.c.outcome == "quarantined")
    dropped = mine.values(outcome="handled", acts="dropped", source=None, error=None).returning(INBOX.c.id)
    return session.execute(dropped).first() is not None
