"""What coordinators asked people, and whose next message is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from db.asked import Ask
from db.statements import run, table

ASKS = table(Ask)
WAITING = select(ASKS).where(ASKS.c.contact_id == bindparam("contact"), ASKS.c.answered_at.is_(None)).order_by(ASKS.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that a coordinator put to somebody."""

    id: int
    number: int
    coordinator: str
    references: str
    asked_at: datetime


def ask(session: Session, *, number: int, contact_id: int, coordinator: str, references: str, now: datetime) -> None:
    values = {"number": number, "contact_id": contact_id, "coordinator": coordinator, "references": references, "asked_at": now}
    session.execute(insert(ASKS), values)


def waiting(session: Session, contact_id: int) -> list[Asked]:
    """What a person was asked and has not answered, oldest first."""
    return [
        Asked(id=row.id, number=row.number, coordinator=row.coordinator, references=row.references, asked_at=row.asked_at)
        for row in run(session, WAITING, contact=contact_id)
    ]


def mark_answered(session: Session, contact_id: int, now: datetime) -> None:
    session.execute(update(ASKS).where(ASKS.c.contact_id == contact_id, ASKS.c.answered_at.is_(None)).values(answered_at=now))
