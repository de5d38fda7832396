"""When something last happened, by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.marks import Heartbeat
from db.statements import insert_new, table

HEARTBEATS = table(Heartbeat)


def refusal(what: str) -> str:
    """The name under which it is kept when a server last refused what we asked of it."""
    return f"refused {what}"


def beat(session: Session, name: str, now: datetime) -> None:
    """Write down that it happens now."""
    if insert_new(session, Heartbeat, name=name, at=now) is None:
        session.execute(update(HEARTBEATS).where(HEARTBEATS.c.name == name).values(at=now))


def first(session: Session, name: str, now: datetime) -> datetime:
    """When it first happened, which is now unless it did before."""
    insert_new(session, Heartbeat, name=name, at=now)
    return at(session, name) or now


def at(session: Session, name: str) -> datetime | None:
    return session.execute(select(HEARTBEATS.c.at).where(HEARTBEATS.c.name == name)).scalar()
