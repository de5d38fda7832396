"""What a digest tells of the messages since the one before: who opted out, what could not be read or delivered, what may be misjudged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.listed import Listed
from db.models import Address, Contact, ContactAddress, Inbound, Outgoing
from db.statements import table

ADDRESSES = table(Address)
LINKS = table(ContactAddress)
CONTACTS = table(Contact)
INBOX = table(Inbound)
OUTBOX = table(Outgoing)
HEAD = 32_768  # bytes, in which a mail's headers have room
PRIVATE = ("crisis", "safeguarding", "urgent")  # templates whose recipient is at risk, or that tell of somebody who is


@dataclass(frozen=True, slots=True, kw_only=True)
class OptedOut:
    """An address that wants no more messages."""

    channel: str
    value: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A message that could not be read."""

    inbox_id: int
    channel: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A message that was refused, may not have arrived, or may have gone twice; to somebody at risk, its number must do."""

    channel: str
    recipient: str
    status: str
    error: str
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resembling:
    """An automatic mail that reads like a person's offer or request."""

    inbox_id: int
    acts: tuple[str, ...]
    head: bytes  # where its headers stand; empty when its retention has ended


@dataclass(frozen=True, slots=True)
class Period:
    """After one moment and up to another: what happens in the moment of a digest is told in one and not in two."""

    since: datetime
    until: datetime

    def holds(self, column: ColumnElement[datetime] | ColumnElement[datetime | None]) -> list[ColumnElement[bool]]:
        return [column > self.since, column <= self.until]


def opted_out(session: Session, period: Period, *, most: int) -> Listed[OptedOut]:
    """Addresses that opted out and have not come back; the name is that of whoever wrote from there last."""
    linked = select(CONTACTS.c.name).join(LINKS, LINKS.c.contact_id == CONTACTS.c.id).where(LINKS.c.address_id == ADDRESSES.c.id)
    name = func.coalesce(linked.order_by(LINKS.c.used_at.desc()).limit(1).correlate(ADDRESSES).scalar_subquery(), "").label("name")
    which = period.holds(ADDRESSES.c.opted_out_at)
    query = select(ADDRESSES.c.channel, ADDRESSES.c.value, name).where(*which).order_by(ADDRESSES.c.opted_out_at, ADDRESSES.c.id)
    rows = session.execute(query.limit(most))
    found = tuple(OptedOut(channel=row.channel, value=row.value, name=row.name) for row in rows)
    return Listed(found, _count(session, which))


def unread(session: Session, period: Period, *, most: int) -> Listed[Unread]:
    which = [INBOX.c.outcome == "quarantined", *period.holds(INBOX.c.received_at)]
    rows = session.execute(select(INBOX.c.id, INBOX.c.channel, INBOX.c.error).where(*which).order_by(INBOX.c.received_at).limit(most))
    found = tuple(Unread(inbox_id=row.id, channel=row.channel, error=row.error or "") for row in rows)
    return Listed(found, _count(session, which))


def undelivered(session: Session, period: Period, *, most: int) -> Listed[Undelivered]:
    told = or_(OUTBOX.c.status != "sent", OUTBOX.c.doubtful)
    which = [OUTBOX.c.status.in_(("failed", "uncertain", "sent")), told, *period.holds(OUTBOX.c.settled_at)]
    columns = (OUTBOX.c.channel, OUTBOX.c.recipient, OUTBOX.c.status, OUTBOX.c.error, OUTBOX.c.number, OUTBOX.c.template)
    rows = session.execute(select(*columns).where(*which).order_by(OUTBOX.c.id).limit(most))
    found = tuple(
        Undelivered(
            channel=row.channel,
            recipient="" if row.template in PRIVATE else row.recipient,
            status=row.status,
            error=row.error or "",
            number=row.number,
        )
        for row in rows
    )
    return Listed(found, _count(session, which))


def resembling(session: Session, period: Period, *, most: int) -> Listed[Resembling]:
    """Each brings its mail with it, out of which the digest takes whose it is; so `most` is to be small."""
    which = [INBOX.c.outcome == "automatic", INBOX.c.resembles != "", *period.holds(INBOX.c.received_at)]
    query = select(INBOX.c.id, INBOX.c.resembles, func.substr(INBOX.c.source, 1, HEAD).label("head")).where(*which)
    rows = session.execute(query.order_by(INBOX.c.received_at).limit(most))
    found = tuple(Resembling(inbox_id=row.id, acts=tuple(row.resembles.split(";")), head=bytes(row.head or b"")) for row in rows)
    return Listed(found, _count(session, which))


def unsent(session: Session, before: datetime) -> int:
    """Messages that should have gone before a moment and are still in line."""
    return _count(session, [OUTBOX.c.status.in_(("queued", "sending", "unknown")), OUTBOX.c.created_at < before])


def _count(session: Session, which: Sequence[ColumnElement[bool]]) -> int:
    return session.execute(select(func.count()).where(*which)).scalar_one()
