"""Who changed what, by which message: what `show` prints and `undo` takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from db.models import Change
from db.statements import run, table

HISTORY = table(Change)
NOTE = insert(HISTORY)
UNDONE = "undone"
CLOCK = "clock"  # the author of what time brings about, such as the end of a pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes something: the person themself (no name), a coordinator (their address) or the clock; and by which message."""

    name: str = ""
    inbox_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change; `before` and `after` hold the columns that changed, times as ISO 8601."""

    id: int
    number: int
    author: str
    inbox_id: int | None
    what: str
    at: datetime
    undone: bool
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def note(
    session: Session,
    number: int,
    *,
    author: Author,
    what: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write a change down."""
    values = {
        "number": number,
        "inbox_id": author.inbox_id,
        "author": author.name,
        "what": what,
        "before": _plain(before or {}),
        "after": _plain(after or {}),
        "at": now,
    }
    run(session, NOTE, **values)


def of(session: Session, number: int) -> list[Entry]:
    """What became of a record or case, oldest first."""
    return [_entry(row) for row in session.execute(select(HISTORY).where(HISTORY.c.number == number).order_by(HISTORY.c.id))]


def last_by(session: Session, author: str, *, before: int) -> list[Entry]:
    """What the author's last message ahead of one did, newest first; what was undone, and the undoing of it, count no more."""
    named = HISTORY.c.author != literal_column("''")  # as the index says it, which holds no others
    theirs = [named, HISTORY.c.author == author, HISTORY.c.undone_at.is_(None), HISTORY.c.what != UNDONE]
    newest = select(func.max(HISTORY.c.inbox_id)).where(*theirs, HISTORY.c.inbox_id < before).scalar_subquery()
    query = select(HISTORY).where(*theirs, HISTORY.c.inbox_id == newest)
    return [_entry(row) for row in session.execute(query.order_by(HISTORY.c.id.desc()))]


def mark_undone(session: Session, entry_id: int, now: datetime) -> None:
    session.execute(update(HISTORY).where(HISTORY.c.id == entry_id).values(undone_at=now))


def plain(value: Any) -> Any:  # noqa: ANN401
    """A value as JSON holds it."""
    if isinstance(value, datetime):  # as it will be read again, so that `undo` knows it
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain(value) for key, value in values.items()}


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        number=row.number,
        author=row.author,
        inbox_id=row.inbox_id,
        what=row.what,
        at=row.at,
        undone=row.undone_at is not None,
        before=row.before or {},
        after=row.after or {},
    )
