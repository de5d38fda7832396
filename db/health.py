"""Whether the database takes writes, and how far behind the readers and senders are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import heartbeats, mailboxes, outbox

NAME = "healthz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Ages in seconds; None where there is nothing to have one."""

    mailbox_read_seconds: float | None
    outbox_depth: int
    outbox_oldest_seconds: float | None


def beat(session: Session, now: datetime) -> None:
    """Write something, to see that it can be done."""
    heartbeats.beat(session, NAME, now)


def look(session: Session, now: datetime, *, mailbox: str) -> Health:
    """How things stand, with the mailbox of that name; "" where none is read."""
    read_at = mailboxes.last_read(session, mailbox) if mailbox else None
    count, oldest = outbox.depth(session)
    return Health(
        mailbox_read_seconds=(now - read_at).total_seconds() if read_at else None,
        outbox_depth=count,
        outbox_oldest_seconds=(now - oldest).total_seconds() if oldest else None,
    )
