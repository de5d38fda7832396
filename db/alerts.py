"""Alerts to coordinators that wait in line: how many went lately, which are to wait on, which are told of together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from db.models import Case, Record
from db.outbox import COORDINATOR, OUTBOX
from db.statements import run, table

RECORDS = table(Record)
CASES = table(Case)
PLAIN = ("alert", "case", "withdrawn_alert", "paused_alert")  # templates of those that many together say as well in a line each
AT_ONCE = 1000  # the rest comes with the next look
DUE = (
    select(OUTBOX.c.id, OUTBOX.c.recipient, OUTBOX.c.template, OUTBOX.c.number, OUTBOX.c.created_at)
    .where(
        OUTBOX.c.channel == "email",
        OUTBOX.c.status == "queued",
        OUTBOX.c.priority == COORDINATOR,
        OUTBOX.c.due_at <= bindparam("now"),
    )
    .order_by(OUTBOX.c.due_at, OUTBOX.c.id)
    .limit(AT_ONCE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One that is due."""

    id: int
    recipient: str
    template: str
    number: int
    created_at: datetime


def due(session: Session, now: datetime) -> list[Alert]:
    """Those that say what a line says as well, the oldest first."""
    return [
        Alert(id=row.id, recipient=row.recipient, template=row.template, number=row.number, created_at=row.created_at)
        for row in run(session, DUE, now=now)
        if row.template in PLAIN and row.number is not None
    ]


def sent(session: Session, since: datetime) -> Counter[str]:
    """How many went since a moment, each in a mail of its own, by recipient."""
    went = [OUTBOX.c.status == "sent", OUTBOX.c.settled_at > since, OUTBOX.c.template.in_(PLAIN)]
    query = select(OUTBOX.c.recipient, func.count().label("number")).where(*went).group_by(OUTBOX.c.recipient)
    return Counter({row.recipient: row.number for row in session.execute(query)})


def postpone(session: Session, alerts: Iterable[Alert], until: datetime) -> None:
    session.execute(update(OUTBOX).where(OUTBOX.c.id.in_([one.id for one in alerts])).values(due_at=until))


def gathered(session: Session, alerts: Iterable[Alert], now: datetime) -> None:
    """One mail tells of them all, and none goes by itself."""
    mine = update(OUTBOX).where(OUTBOX.c.id.in_([one.id for one in alerts]))
    session.execute(mine.values(status="gathered", settled_at=now))


def kinds(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """Of what kind the records and cases are that go by these numbers."""
    found = [session.execute(select(each.c.id, each.c.kind).where(each.c.id.in_(numbers))) for each in (RECORDS, CASES)]
    return {row.id: row.kind for rows in found for row in rows}
