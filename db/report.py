"""What a digest tells: what is new, what stands open, what could not be read or delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

from db.models import ACTIVE, Case, Contact, Inbound, Outgoing, Record
from db.statements import table

RECORDS = table(Record)
CASES = table(Case)
CONTACTS = table(Contact)
INBOX = table(Inbound)
OUTBOX = table(Outgoing)
PRIVATE = ("crisis", "safeguarding", "urgent")  # kinds of cases, and the templates that tell of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record or case, as a line of the digest."""

    number: int
    kind: str
    status: str
    name: str
    reach: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A message that could not be read."""

    inbox_id: int
    channel: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A message that was refused, or of which nobody knows whether it arrived; to somebody at risk, its number must do."""

    channel: str
    recipient: str
    status: str
    error: str
    number: int | None


def new_items(session: Session, since: datetime, until: datetime, *, most: int) -> list[Item]:
    """What was opened after one moment and up to another, oldest first, no more than `most`."""
    records = _records().where(RECORDS.c.created_at > since, RECORDS.c.created_at <= until).order_by(RECORDS.c.created_at).limit(most)
    cases = _cases().where(CASES.c.created_at > since, CASES.c.created_at <= until).order_by(CASES.c.created_at).limit(most)
    return _items(session, records, cases)[:most]


def count_new(session: Session, since: datetime, until: datetime) -> int:
    records = select(func.count()).where(RECORDS.c.created_at > since, RECORDS.c.created_at <= until)
    cases = select(func.count()).where(CASES.c.created_at > since, CASES.c.created_at <= until)
    return session.execute(records).scalar_one() + session.execute(cases).scalar_one()


def open_items(session: Session, before: datetime, *, most: int) -> list[Item]:
    """What was opened up to a moment and still stands, oldest first, no more than `most`."""
    records = _records().where(RECORDS.c.status.in_(ACTIVE), RECORDS.c.created_at <= before).order_by(RECORDS.c.created_at).limit(most)
    cases = _cases().where(CASES.c.status == "open", CASES.c.created_at <= before).order_by(CASES.c.created_at).limit(most)
    return _items(session, records, cases)[:most]


def count_open(session: Session, before: datetime) -> int:
    records = select(func.count()).where(RECORDS.c.status.in_(ACTIVE), RECORDS.c.created_at <= before)
    cases = select(func.count()).where(CASES.c.status == "open", CASES.c.created_at <= before)
    return session.execute(records).scalar_one() + session.execute(cases).scalar_one()


def unread(session: Session, since: datetime, until: datetime, *, most: int) -> list[Unread]:
    lately = [INBOX.c.outcome == "quarantined", INBOX.c.received_at > since, INBOX.c.received_at <= until]
    query = select(INBOX.c.id, INBOX.c.channel, INBOX.c.error).where(*lately).order_by(INBOX.c.id).limit(most)
    return [Unread(inbox_id=row.id, channel=row.channel, error=row.error or "") for row in session.execute(query)]


def undelivered(session: Session, since: datetime, until: datetime, *, most: int) -> list[Undelivered]:
    lately = [OUTBOX.c.status.in_(("failed", "uncertain")), OUTBOX.c.settled_at > since, OUTBOX.c.settled_at <= until]
    columns = (OUTBOX.c.channel, OUTBOX.c.recipient, OUTBOX.c.status, OUTBOX.c.error, OUTBOX.c.number, OUTBOX.c.template)
    query = select(*columns).where(*lately).order_by(OUTBOX.c.id).limit(most)
    return [
        Undelivered(
            channel=row.channel,
            recipient="" if row.template in PRIVATE else row.recipient,
            status=row.status,
            error=row.error or "",
            number=row.number,
        )
        for row in session.execute(query)
    ]


def waiting(session: Session, before: datetime) -> int:
    """Messages that should have gone before a moment and are still in line."""
    query = select(func.count()).where(OUTBOX.c.status.in_(("queued", "sending")), OUTBOX.c.created_at < before)
    return session.execute(query).scalar_one()


def _records() -> Select[Any]:
    who = [CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email]
    return select(RECORDS.c.id, RECORDS.c.kind, RECORDS.c.status, RECORDS.c.created_at, *who).join(
        CONTACTS, CONTACTS.c.id == RECORDS.c.contact_id
    )


def _cases() -> Select[Any]:
    who = [func.coalesce(column, literal("")).label(column.name) for column in (CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email)]
    return select(CASES.c.id, CASES.c.kind, CASES.c.status, CASES.c.created_at, *who).outerjoin(
        CONTACTS, CONTACTS.c.id == CASES.c.contact_id
    )


def _items(session: Session, records: Select[Any], cases: Select[Any]) -> list[Item]:
    rows = [*session.execute(records), *session.execute(cases)]
    return sorted(map(_item, rows), key=lambda item: (item.created_at, item.number))


def _item(row: Row[Any]) -> Item:
    reach = ", ".join(filter(None, (row.phone, row.email)))
    return Item(number=row.id, kind=row.kind, status=row.status, name=row.name, reach=reach, created_at=row.created_at)
