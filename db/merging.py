"""Two contacts become one person, once a coordinator has said so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db import conversations, history, records
from db.asked import Ask
from db.history import Author
from db.models import Case, Contact, ContactAddress, Inbound, Record
from db.statements import table

CONTACTS = table(Contact)
LINKS = table(ContactAddress)
MOVED = (table(Record), table(Case), table(Inbound), table(Ask))
WHO = ("name", "phone", "email", "prefers", "language")


def merge(session: Session, *, kept: int, other: int, author: Author, now: datetime) -> list[int]:
    """Let one contact have all that was another's; of two open records of one kind the newer is closed and its details kept.

    Returns:
        The numbers of the records that were closed.

    """
    closed = _join_records(session, kept, other, author=author, now=now)
    for target in MOVED:
        session.execute(update(target).where(target.c.contact_id == other).values(contact_id=kept))
    _move_addresses(session, kept, other)
    conversations.end(session, [other])
    mine, theirs = (session.execute(select(CONTACTS).where(CONTACTS.c.id == one)).one() for one in (kept, other))
    missing: dict[str, Any] = {name: getattr(theirs, name) for name in WHO if not getattr(mine, name)}
    if missing:
        session.execute(update(CONTACTS).where(CONTACTS.c.id == kept).values(missing))
    session.execute(update(CONTACTS).where(CONTACTS.c.id == other).values(merged_into=kept))
    return closed


def _join_records(session: Session, kept: int, other: int, *, author: Author, now: datetime) -> list[int]:
    mine = {record.kind: record for record in records.active(session, kept)}
    closed: list[int] = []
    for theirs in records.active(session, other):
        same = mine.get(theirs.kind)
        if same is None:
            continue
        older, newer = sorted((same, theirs), key=lambda record: record.number)
        records.change(session, newer, author=author, now=now, status="closed")
        records.change(session, older, author=author, now=now, details={**newer.details, **older.details})
        history.note(session, older.number, author=author, what="merged", after={"with": newer.number}, now=now)
        closed.append(newer.number)
    return closed


def _move_addresses(session: Session, kept: int, other: int) -> None:
    mine = select(LINKS.c.address_id).where(LINKS.c.contact_id == kept)
    session.execute(delete(LINKS).where(LINKS.c.contact_id == other, LINKS.c.address_id.in_(mine)))
    session.execute(update(LINKS).where(LINKS.c.contact_id == other).values(contact_id=kept))
