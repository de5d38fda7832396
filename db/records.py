"""Offers, requests and cases: opened, changed and taken back, each under its number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from db import history
from db.history import Author
from db.models import ACTIVE, Case, Number, Record
from db.statements import run, table

RECORDS = table(Record)
CASES = table(Case)
NUMBERS = table(Number)
IS_ACTIVE = or_(*(RECORDS.c.status == status for status in ACTIVE))
THEIR_ACTIVE = select(RECORDS).where(RECORDS.c.contact_id == bindparam("contact"), IS_ACTIVE).order_by(RECORDS.c.id)
OPEN_RECORD = insert(RECORDS)
CHANGE = update(RECORDS).where(RECORDS.c.id == bindparam("number"))
OPEN_CASE = insert(CASES)
CASES_SINCE = (
    select(CASES.c.id)
    .where(CASES.c.contact_id == bindparam("contact"), CASES.c.kind == bindparam("kind"), CASES.c.created_at > bindparam("since"))
    .limit(1)
)
NEXT_NUMBER = insert(NUMBERS).returning(NUMBERS.c.id)

# What a later message says in part completes an earlier one; what it says anew replaces it.
DETAILS = ("availability", "unavailable", "setting", "modality", "language", "population", "location", "capacity")

# A crisis is told anew until somebody sees to it; first after this.
REMINDED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record as it stands."""

    number: int
    kind: str
    status: str
    details: Mapping[str, Any]
    paused_until: datetime | None = None


def active(session: Session, contact_id: int) -> list[Kept]:
    """The person's records that are not withdrawn or closed, in the order of their numbers."""
    return [_kept(row) for row in run(session, THEIR_ACTIVE, contact=contact_id)]


def open_record(
    session: Session,
    *,
    contact_id: int,
    author: Author,
    kind: str,
    status: str,
    channel: str,
    details: Mapping[str, Any],
    now: datetime,
) -> Kept:
    """Write down an offer or a request."""
    number, kept = _next_number(session, "record"), belonging(details)
    values = {
        "id": number,
        "contact_id": contact_id,
        "inbox_id": author.inbox_id,
        "kind": kind,
        "status": status,
        "channel": channel,
        "details": kept,
        "created_at": now,
        "updated_at": now,
    }
    run(session, OPEN_RECORD, **values)
    history.note(session, number, author=author, what="opened", after={"kind": kind, "status": status, "details": kept}, now=now)
    return Kept(number=number, kind=kind, status=status, details=kept)


def change(
    session: Session,
    record: Kept,
    *,
    author: Author,
    now: datetime,
    kind: str = "",
    status: str = "",
    details: Mapping[str, Any] | None = None,
    paused_until: datetime | None = None,
) -> Kept:
    """Put a record right: another kind, another status, more details; `paused_until` goes with the status `paused`."""
    status = status or record.status
    changed = Kept(
        number=record.number,
        kind=kind or record.kind,
        status=status,
        details=_completed(record.details, belonging(details or {})),
        paused_until=(paused_until or record.paused_until) if status == "paused" else None,
    )
    values = {key: getattr(changed, key) for key in ("kind", "status", "details", "paused_until")}
    before = {key: getattr(record, key) for key in values if getattr(record, key) != values[key]}
    if before:
        closed_at = None if changed.status in ACTIVE else now
        run(session, CHANGE, **values, updated_at=now, closed_at=closed_at, number=record.number)
        after = {key: values[key] for key in before}
        history.note(session, record.number, author=author, what="changed", before=before, after=after, now=now)
    return changed


def any_paused_out(session: Session, now: datetime) -> bool:
    return session.execute(select(exists().where(RECORDS.c.paused_until <= now, RECORDS.c.status == "paused"))).scalar_one()


def paused_out(session: Session, now: datetime) -> list[Kept]:
    """Records whose pause is over."""
    query = select(RECORDS).where(RECORDS.c.paused_until <= now, RECORDS.c.status == "paused").order_by(RECORDS.c.id)
    return [_kept(row) for row in session.execute(query.with_for_update())]


def open_case(session: Session, *, kind: str, contact_id: int | None, inbox_id: int, now: datetime, note: str = "") -> int:
    """Put something before the coordinator; returns its number. A crisis is told anew until somebody says that they see to it."""
    number = _next_number(session, "case")
    values = {
        "id": number,
        "kind": kind,
        "status": "open",
        "contact_id": contact_id,
        "inbox_id": inbox_id,
        "note": note,
        "created_at": now,
        "remind_at": now + REMINDED_AFTER if kind == "crisis" else None,
    }
    run(session, OPEN_CASE, **values)
    return number


def has_case_since(session: Session, *, kind: str, contact_id: int, since: datetime) -> bool:
    return bool(run(session, CASES_SINCE, contact=contact_id, kind=kind, since=since))


def has_case_like(session: Session, *, kind: str, contact_id: int, about: int) -> bool:
    """Whether a case of the kind was opened whose note begins with a number."""
    same = [CASES.c.contact_id == contact_id, CASES.c.kind == kind, CASES.c.note.startswith(f"{about} ", autoescape=True)]
    return session.execute(select(CASES.c.id).where(*same).limit(1)).first() is not None


def belonging(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the reading's fields that belong to an offer or a request rather than to the person."""
    return {key: fields[key] for key in DETAILS if key in fields}


def _completed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    details = {**old, **new}
    if "availability" in new and "unavailable" not in new:
        details.pop("unavailable", None)
    gone: Collection[str] = new.get("unavailable", ()) if "availability" not in new else ()
    if gone and "availability" in old:
        details["availability"] = [slot for slot in old["availability"] if slot not in gone]
    return details


def _next_number(session: Session, what: str) -> int:
    return int(run(session, NEXT_NUMBER, what=what)[0].id)


def _kept(row: Row[Any]) -> Kept:
    return Kept(number=row.id, kind=row.kind, status=row.status, details=row.details, paused_until=row.paused_until)
