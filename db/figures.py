"""What a digest counts: how many ask for and offer what, and how a month went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Inbound, Record
from db.statements import table

RECORDS = table(Record)
INBOX = table(Inbound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Open records of one kind that say the same of where, in which language and for how many."""

    kind: str
    settings: tuple[str, ...]
    languages: tuple[str, ...]
    town: str
    places: int  # for how many people each is good; one where none is stated
    count: int


def groups(session: Session, until: datetime) -> Iterator[Group]:
    """The confirmed offers and requests, counted by the database: what they say is never loaded record by record."""
    # As texts and not as JSON or numbers, because PostgreSQL compares no JSON, and a cast would fail on one odd value.
    said = [RECORDS.c.details[name].as_string().label(name) for name in ("setting", "language", "location", "capacity")]
    query = select(RECORDS.c.kind, *said, func.count().label("number")).where(RECORDS.c.status == "open", RECORDS.c.created_at <= until)
    for row in session.execute(query.group_by(RECORDS.c.kind, *said).execution_options(yield_per=1000)):
        yield Group(
            kind=row.kind,
            settings=_values(row.setting),
            languages=_values(row.language),
            town=row.location or "",
            places=_places(row.capacity),
            count=row.number,
        )


def month(session: Session, start: datetime, end: datetime) -> Counter[str]:
    """What happened from a moment on and before another: records by kind, what was withdrawn and closed, messages."""
    counted: Counter[str] = Counter()
    opened = select(RECORDS.c.kind, func.count().label("number")).where(RECORDS.c.created_at >= start, RECORDS.c.created_at < end)
    counted.update({row.kind: row.number for row in session.execute(opened.group_by(RECORDS.c.kind))})
    ended = select(RECORDS.c.status, func.count().label("number")).where(RECORDS.c.closed_at >= start, RECORDS.c.closed_at < end)
    counted.update({row.status: row.number for row in session.execute(ended.group_by(RECORDS.c.status))})
    came = [INBOX.c.outcome.in_(("handled", "quarantined")), INBOX.c.received_at >= start, INBOX.c.received_at < end]
    counted["messages"] = session.execute(select(func.count()).where(*came)).scalar_one()
    return counted


def _values(text: str | int | None) -> tuple[str, ...]:
    if not isinstance(text, str) or not text:
        return ()
    if not text.startswith("["):
        return (text,)
    try:
        return tuple(map(str, json.loads(text)))
    except ValueError:
        return (text,)


def _places(text: str | int | None) -> int:
    try:
        return max(int(text), 0) if text is not None else 1
    except ValueError:
        return 1
