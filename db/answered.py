"""Mails of ours that somebody answers, found by the names they went by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, literal_column, or_, select
from sqlalchemy.orm import Session

from db.models import Outgoing
from db.statements import table

OUTBOX = table(Outgoing)
# To the letter, or the index of those that have one is not used.
HAS_ONE = OUTBOX.c.message_id != literal_column("''")
COLUMNS = ("id", "key", "recipient", "template", "number", "body", "html", "created_at", "spent_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A mail of ours, as it went out."""

    id: int
    key: str
    recipient: str
    template: str
    number: int | None
    body: str
    html: str
    created_at: datetime
    spent_at: datetime | None


def mails(session: Session, *, keys: Sequence[str], message_ids: Sequence[str]) -> list[Answered]:
    """The mails of ours with one of the keys or Message-IDs, the oldest first."""
    named: list[ColumnElement[bool]] = [OUTBOX.c.key.in_(keys)] if keys else []
    named += [and_(OUTBOX.c.message_id.in_(message_ids), HAS_ONE)] if message_ids else []
    if not named:
        return []
    query: Select[tuple[object, ...]] = select(OUTBOX.c.channel, *(OUTBOX.c[name] for name in COLUMNS)).where(or_(*named))
    # Asked for the channel too, SQLite would go through all mails instead of looking the names up.
    return [_answered(row) for row in session.execute(query.order_by(OUTBOX.c.id)) if row.channel == "email"]


def _answered(row: Row[tuple[object, ...]]) -> Answered:
    return Answered(**{name: getattr(row, name) for name in COLUMNS})
