"""Records and cases by what a coordinator asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from db.models import Case, Contact, Record
from db.statements import table

RECORDS = table(Record)
CASES = table(Case)
CONTACTS = table(Contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is asked for; what is empty asks for nothing."""

    kinds: Collection[str] = ()
    statuses: Collection[str] = ("open", "unconfirmed", "paused")
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()  # a field of the record and values of which it must hold one
    words: tuple[str, ...] = ()  # each must stand in the name, the town, the note or how the person is reached
    assigned_to: str | None = None  # a coordinator's address, "" for nobody's
    before: datetime | None = None  # opened before
    snoozed_at: datetime | None = None  # snoozed at that time


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list."""

    number: int
    kind: str
    status: str
    name: str
    reach: str
    assigned_to: str
    created_at: datetime
    details: dict[str, Any] = field(default_factory=dict)


def find(session: Session, wanted: Wanted, *, most: int) -> tuple[list[Listed], int]:
    """What fits, oldest first, no more than `most`; and how many fit in all."""
    found: list[Listed] = []
    count = 0
    for row in _rows(session, wanted):
        if _fits(row, wanted):
            count += 1
            if len(found) < most:
                found.append(row)
    return found, count


def _rows(session: Session, wanted: Wanted) -> Iterator[Listed]:
    for source in (RECORDS, CASES):
        if source is CASES and wanted.details:
            continue
        for row in session.execute(_query(source, wanted).execution_options(yield_per=500)):
            yield _listed(row)


def _query(source: Any, wanted: Wanted) -> Select[Any]:  # noqa: ANN401
    who = [func.coalesce(column, "").label(column.name) for column in (CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email)]
    query = select(source, *who).outerjoin(CONTACTS, CONTACTS.c.id == source.c.contact_id).order_by(source.c.id)
    if wanted.statuses:
        query = query.where(source.c.status.in_(wanted.statuses))
    if wanted.kinds:
        query = query.where(source.c.kind.in_(wanted.kinds))
    if wanted.assigned_to is not None:
        query = query.where(source.c.assigned_to == wanted.assigned_to)
    if wanted.before is not None:
        query = query.where(source.c.created_at < wanted.before)
    if wanted.snoozed_at is not None:
        query = query.where(source.c.snoozed_until > wanted.snoozed_at)
    for word in wanted.words:
        columns = [CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email, source.c.note]
        found = [column.icontains(word, autoescape=True) for column in columns]
        if source is RECORDS:
            found.append(RECORDS.c.details["location"].as_string().icontains(word, autoescape=True))
        query = query.where(or_(*found))
    return query


def _fits(row: Listed, wanted: Wanted) -> bool:
    return all(set(values) & set(_values(row.details.get(name))) for name, values in wanted.details)


def _values(value: Any) -> list[str]:  # noqa: ANN401
    return value if isinstance(value, list) else [str(value)]


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        number=row.id,
        kind=row.kind,
        status=row.status,
        name=row.name,
        reach=", ".join(filter(None, (row.phone, row.email))),
        assigned_to=row.assigned_to,
        created_at=row.created_at,
        details=getattr(row, "details", {}),
    )
