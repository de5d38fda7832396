"""Cases of somebody at risk that nobody sees to yet: when the coordinators are told again, and who says that they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from db import history
from db.history import Author
from db.models import URGENT, Address, Case, Contact, Inbound, Outgoing
from db.statements import table

CASES = table(Case)
CONTACTS = table(Contact)
INBOX = table(Inbound)
ADDRESSES = table(Address)
OUTBOX = table(Outgoing)
TOLD = ("urgent", "urgent_again")  # the templates that tell a coordinator of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case that nobody sees to yet."""

    number: int
    kind: str
    name: str
    reach: str
    rounds: int  # how often the coordinators were told again
    created_at: datetime


def any_due(session: Session, now: datetime) -> bool:
    return session.execute(select(exists().where(*_due(now)))).scalar_one()


def due(session: Session, now: datetime) -> list[Waiting]:
    """The cases that have to be told again, oldest first."""
    reach = func.coalesce(ADDRESSES.c.value, CONTACTS.c.phone, CONTACTS.c.email, "").label("reach")
    joined = (
        CASES.outerjoin(CONTACTS, CONTACTS.c.id == CASES.c.contact_id)
        .outerjoin(INBOX, INBOX.c.id == CASES.c.inbox_id)
        .outerjoin(ADDRESSES, ADDRESSES.c.id == INBOX.c.address_id)
    )
    columns = (CASES.c.id, CASES.c.kind, CASES.c.rounds, CASES.c.created_at, func.coalesce(CONTACTS.c.name, "").label("name"), reach)
    query = select(*columns).select_from(joined).where(*_due(now)).order_by(CASES.c.id)
    return [
        Waiting(number=row.id, kind=row.kind, name=row.name, reach=row.reach, rounds=row.rounds, created_at=row.created_at)
        for row in session.execute(query)
    ]


def told_again(session: Session, waiting: Waiting, *, next_at: datetime) -> bool:
    """Write down that a round was told, and when the next one is.

    Returns:
        Whether it was ours to tell: of several clocks only one is.

    """
    mine = [CASES.c.id == waiting.number, CASES.c.rounds == waiting.rounds, CASES.c.acknowledged_at.is_(None)]
    found = session.execute(update(CASES).where(*mine).values(rounds=waiting.rounds + 1, remind_at=next_at).returning(CASES.c.id))
    return found.first() is not None


def rest_older(session: Session, number: int, contact_id: int) -> None:
    """The newest crisis of a person stands for those before it, so that the coordinators are told of one, not of ten."""
    older = [CASES.c.contact_id == contact_id, CASES.c.kind == "crisis", CASES.c.id < number, CASES.c.remind_at.is_not(None)]
    session.execute(update(CASES).where(*older).values(remind_at=None))


def last_told(session: Session, phone: str) -> int | None:
    """The number of the case that nobody sees to yet of which a phone was texted last."""
    mine = [OUTBOX.c.recipient == phone, OUTBOX.c.channel == "sms", OUTBOX.c.template.in_(TOLD)]
    query = select(CASES.c.id).join(OUTBOX, OUTBOX.c.number == CASES.c.id).where(*mine, *_open())
    return session.execute(query.order_by(OUTBOX.c.created_at.desc(), OUTBOX.c.id.desc()).limit(1)).scalar()


def acknowledge(session: Session, number: int, *, by: str, author: Author, now: datetime) -> list[int]:
    """Write down that a coordinator sees to a case, and to what else the same person wrote of the same kind.

    Returns:
        The numbers that nobody had seen to; none where somebody was quicker.

    """
    case = session.execute(select(CASES).where(CASES.c.id == number, *_open()).with_for_update()).first()
    if case is None:
        return []
    same = [CASES.c.id == number]
    if case.contact_id is not None:
        same = [CASES.c.contact_id == case.contact_id, CASES.c.kind == case.kind]
    values: dict[str, Any] = {"acknowledged_at": now, "acknowledged_by": by, "remind_at": None}
    numbers = sorted(session.execute(update(CASES).where(*same, *_open()).values(values).returning(CASES.c.id)).scalars())
    for one in numbers:
        after = {"acknowledged_at": now, "acknowledged_by": by}
        before = {"acknowledged_at": None, "acknowledged_by": ""}
        history.note(session, one, author=author, what="changed", before=before, after=after, now=now)
    return numbers


def _open() -> list[ColumnElement[bool]]:
    return [CASES.c.kind.in_(URGENT), CASES.c.status == "open", CASES.c.acknowledged_at.is_(None)]


def _due(now: datetime) -> list[ColumnElement[bool]]:
    return [CASES.c.remind_at <= now, *_open()]
