"""Deletes what people wrote, and what was written to them, when it is no longer needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from db.models import Case, Change, Inbound, Outgoing, Record
from db.statements import table

INBOX = table(Inbound)
OUTBOX = table(Outgoing)
RECORDS = table(Record)
CASES = table(Case)
HISTORY = table(Change)
AT_ONCE = 200  # rows; the rest comes the next time, so that nobody waits for long


@dataclass(frozen=True, slots=True)
class Old:
    """Messages that came and went whose words nobody seems to need, by their ids."""

    came: Sequence[int]
    went: Sequence[int]


def find_old(session: Session, before: datetime) -> Old:
    """Those whose record closed before a moment, or that came before it and made none; without a lock, since all are gone through."""
    came = session.execute(select(INBOX.c.id).where(*_came(before)).order_by(INBOX.c.id).limit(AT_ONCE)).scalars()
    went = session.execute(select(OUTBOX.c.id).where(*_went(before)).order_by(OUTBOX.c.id).limit(AT_ONCE)).scalars()
    return Old(list(came), list(went))


def forget_old(session: Session, old: Old, before: datetime) -> int:
    """Delete their sources and bodies, but for what somebody needs since they were found.

    What came of a message stays: who, which acts, when. So do the records.

    Returns:
        How many messages lost their words.

    """
    came = update(INBOX).where(INBOX.c.id.in_(old.came), *_came(before)).values(source=None)
    blank: dict[str, Any] = {"subject": "", "body": "", "html": "", "attachment": None}
    went = update(OUTBOX).where(OUTBOX.c.id.in_(old.went), *_went(before)).values(blank)
    return sum(len(session.execute(one.returning(one.table.c.id)).all()) for one in (came, went))


def _came(before: datetime) -> list[ColumnElement[bool]]:
    return [INBOX.c.received_at < before, INBOX.c.source.is_not(None), ~_needed(INBOX.c.id, before)]


def _went(before: datetime) -> list[ColumnElement[bool]]:
    gone = [OUTBOX.c.created_at < before, OUTBOX.c.body != "", OUTBOX.c.status.not_in(("queued", "sending", "unknown"))]
    return [*gone, ~_needed(OUTBOX.c.inbox_id, before), ~_open(OUTBOX.c.number, before)]


def _needed(inbox_id: Column[Any], before: datetime) -> ColumnElement[bool]:
    """Whether a message opened or changed something that is open, or was until lately."""
    # Two levels down SQLAlchemy no longer knows by itself whose inbox_id it is, and would take anybody's.
    numbers = select(HISTORY.c.number).where(HISTORY.c.inbox_id == inbox_id).correlate(inbox_id.table)
    return or_(
        exists().where(RECORDS.c.inbox_id == inbox_id, _not_long_closed(RECORDS.c.closed_at, before)),
        exists().where(CASES.c.inbox_id == inbox_id, _not_long_closed(CASES.c.closed_at, before)),
        exists().where(RECORDS.c.id.in_(numbers), _not_long_closed(RECORDS.c.closed_at, before)),
        exists().where(CASES.c.id.in_(numbers), _not_long_closed(CASES.c.closed_at, before)),
    )


def _open(number: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return or_(
        exists().where(RECORDS.c.id == number, _not_long_closed(RECORDS.c.closed_at, before)),
        exists().where(CASES.c.id == number, _not_long_closed(CASES.c.closed_at, before)),
    )


def _not_long_closed(closed_at: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return or_(closed_at.is_(None), closed_at >= before)
