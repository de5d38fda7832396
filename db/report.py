"""What a digest tells of records and cases: who is at risk, what waits for a coordinator, and what for somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from db.asked import Ask, Conversation
from db.listed import Listed
from db.models import ACTIVE, URGENT, Case, Contact, Record
from db.statements import table

RECORDS = table(Record)
CASES = table(Case)
CONTACTS = table(Contact)
ASKS = table(Ask)
CONVERSATIONS = table(Conversation)
QUESTION_STANDS = timedelta(hours=72)  # for so long an answer to the question what somebody meant is awaited of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record or a case, as a line of the digest; of an urgent one its number and its kind alone."""

    number: int
    kind: str
    status: str
    name: str
    reach: str
    owner: str  # the address of the coordinator who took it
    since: datetime  # when it was opened, or since when an answer is awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentCase:
    """A case of somebody at risk that is not closed; a digest lies about in mailboxes, so it says no more than this."""

    number: int
    acknowledged_by: str  # a coordinator's address; "" where nobody has


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits for a coordinator, by the address of the one who took it; "" holds what nobody took."""

    piles: Mapping[str, Listed[Item]] = field(default_factory=dict)


def urgent(session: Session, until: datetime) -> list[UrgentCase]:
    """Those at risk whose case is open: first whom nobody sees to, the oldest of them first."""
    found = [CASES.c.status == "open", CASES.c.kind.in_(URGENT), CASES.c.created_at <= until]
    query = select(CASES.c.id, CASES.c.acknowledged_at, CASES.c.acknowledged_by).where(*found)
    query = query.order_by(CASES.c.acknowledged_at.is_not(None), CASES.c.created_at, CASES.c.id)
    return [UrgentCase(number=row.id, acknowledged_by=row.acknowledged_by if row.acknowledged_at else "") for row in session.execute(query)]


def standing(session: Session, until: datetime, *, most: int) -> Standing:
    """What waits for a coordinator: of each owner the count, and no more than `most` of the oldest."""
    counts: Counter[str] = Counter()
    for source, condition in _due(until):
        found = select(source.c.assigned_to, func.count().label("number")).where(condition).group_by(source.c.assigned_to)
        counts.update({row.assigned_to: row.number for row in session.execute(found)})
    return Standing({owner: Listed(_oldest(session, until, owner, most), count) for owner, count in counts.items()})


def awaited(session: Session, until: datetime, *, most: int) -> Listed[Item]:
    """What waits for somebody who was asked, by a coordinator or by our own question what they meant; longest first."""
    asked = [(source, _asked(source, until)) for source in (RECORDS, CASES)]
    doubtful = and_(*_unsnoozed(RECORDS, until), RECORDS.c.status == "unconfirmed", _question_stands(until), ~_asks(RECORDS, until))
    count = session.execute(select(func.count()).select_from(RECORDS).where(doubtful)).scalar_one()
    count += sum(session.execute(select(func.count()).select_from(query.subquery())).scalar_one() for _, query in asked)
    lists = [query.order_by("since").limit(most) for _, query in asked]
    lists.append(_items(RECORDS, RECORDS.c.created_at).where(doubtful).order_by(RECORDS.c.created_at).limit(most))
    return Listed(_first(session, lists, most), count)


def _oldest(session: Session, until: datetime, owner: str, most: int) -> tuple[Item, ...]:
    """One query for each status, so that each takes its first rows from an index and reads no others."""
    lists = [
        _items(source, source.c.created_at)
        .where(source.c.assigned_to == owner, condition)
        .order_by(source.c.created_at, source.c.id)
        .limit(most)
        for source, condition in _due(until)
    ]
    return _first(session, lists, most)


def _first(session: Session, queries: list[Select[Any]], most: int) -> tuple[Item, ...]:
    rows = (row for query in queries for row in session.execute(query))
    return tuple(sorted(map(_item, rows), key=lambda item: (item.since, item.number))[:most])


def _due(until: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """What a coordinator has to see to: not snoozed, and nobody else's turn."""
    records = [*_unsnoozed(RECORDS, until), ~_asks(RECORDS, until)]
    yield RECORDS, and_(RECORDS.c.status == "open", *records)
    yield RECORDS, and_(RECORDS.c.status == "unconfirmed", *records, ~_question_stands(until))
    yield CASES, and_(CASES.c.status == "open", CASES.c.kind.not_in(URGENT), *_unsnoozed(CASES, until), ~_asks(CASES, until))


def _unsnoozed(source: Table, until: datetime) -> list[ColumnElement[bool]]:
    return [source.c.created_at <= until, or_(source.c.snoozed_until.is_(None), source.c.snoozed_until <= until)]


def _asks(source: Table, until: datetime) -> ColumnElement[bool]:
    """Whether a coordinator's question about it is out; there are few of them, so that they are looked up once and not for each row."""
    return source.c.id.in_(select(ASKS.c.number).where(ASKS.c.answered_at.is_(None), ASKS.c.asked_at <= until))


def _question_stands(until: datetime) -> ColumnElement[bool]:
    under_way = [CONVERSATIONS.c.number == RECORDS.c.id, CONVERSATIONS.c.asked != "", CONVERSATIONS.c.expires_at > until]
    return or_(RECORDS.c.updated_at > until - QUESTION_STANDS, exists().where(*under_way))


def _asked(source: Table, until: datetime) -> Select[Any]:
    out = select(ASKS.c.number, func.min(ASKS.c.asked_at).label("asked_at"))
    asks = out.where(ASKS.c.answered_at.is_(None), ASKS.c.asked_at <= until).group_by(ASKS.c.number).subquery()
    query = _items(source, asks.c.asked_at).join(asks, asks.c.number == source.c.id)
    return query.where(source.c.status.in_((*ACTIVE, "open")), *_unsnoozed(source, until))


def _items(source: Table, since: ColumnElement[Any]) -> Select[Any]:
    who = [func.coalesce(column, literal("")).label(column.name) for column in (CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email)]
    columns = [source.c.id, source.c.kind, source.c.status, source.c.assigned_to, since.label("since"), *who]
    return select(*columns).select_from(source).outerjoin(CONTACTS, CONTACTS.c.id == source.c.contact_id)


def _item(row: Row[Any]) -> Item:
    private = row.kind in URGENT
    return Item(
        number=row.id,
        kind=row.kind,
        status=row.status,
        name="" if private else row.name,
        reach="" if private else ", ".join(filter(None, (row.phone, row.email))),
        owner=row.assigned_to,
        since=row.since,
    )
