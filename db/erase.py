"""Forgets a person: what they said, how they are reached and what was sent to them; counts stay, and what keeps them from coming back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db import conversations
from db.forgotten import HASHED, hashed
from db.models import Address, Ask, Case, Change, Contact, ContactAddress, Inbound, Outgoing, Record
from db.statements import table

CONTACTS = table(Contact)
ADDRESSES = table(Address)
LINKS = table(ContactAddress)
INBOX = table(Inbound)
OUTBOX = table(Outgoing)
RECORDS = table(Record)
CASES = table(Case)
HISTORY = table(Change)
ASKS = table(Ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was forgotten."""

    records: int
    messages: int
    answers: int


def erase(session: Session, contact_id: int, *, key: str) -> Erased:
    """Forget one person.

    Of their messages the ids stay as keyed hashes, so that no repeat brings them back, and of their addresses those that opted out.
    Closed records stay without a word in them, so that counts hold.

    Args:
        session: the transaction.
        contact_id: who.
        key: what the hashes are keyed with; SECRET_KEY.

    """
    alone = _own_addresses(session, contact_id)
    numbers = [*_ids(session, select(RECORDS.c.id).where(RECORDS.c.contact_id == contact_id))]
    cases = [*_ids(session, select(CASES.c.id).where(CASES.c.contact_id == contact_id))]
    # A mail that a coordinator passed on, or a note of theirs, is about the person as well.
    about = select(HISTORY.c.inbox_id).where(HISTORY.c.number.in_([*numbers, *cases]))
    brought = select(CASES.c.inbox_id).where(CASES.c.contact_id == contact_id)
    theirs = or_(INBOX.c.contact_id == contact_id, INBOX.c.address_id.in_(alone), INBOX.c.id.in_(about), INBOX.c.id.in_(brought))
    messages = _ids(session, select(INBOX.c.id).where(theirs))
    answers = _blank_outbox(session, messages, alone, [*numbers, *cases])
    _blank_inbox(session, messages, key=key)
    session.execute(
        update(RECORDS).where(RECORDS.c.id.in_(numbers)).values(details={}, note="", status="closed", snoozed_until=None, paused_until=None)
    )
    session.execute(update(CASES).where(CASES.c.id.in_(cases)).values(note="", status="closed", remind_at=None))
    session.execute(update(HISTORY).where(HISTORY.c.number.in_([*numbers, *cases])).values(before={}, after={}))
    session.execute(delete(ASKS).where(ASKS.c.contact_id == contact_id))
    conversations.end(session, [contact_id])
    _forget_addresses(session, contact_id, alone, key=key)
    blank = {"name": "", "phone": "", "email": "", "prefers": "", "language": ""}
    session.execute(update(CONTACTS).where(or_(CONTACTS.c.id == contact_id, CONTACTS.c.merged_into == contact_id)).values(blank))
    return Erased(records=len(numbers), messages=len(messages), answers=answers)


def people_at(session: Session, address: str) -> list[int]:
    """Who writes from an address, or says to be reached there: a telephone number in E.164, or an e-mail address in any case."""
    value = address.strip().lower()
    links = select(LINKS.c.contact_id).join(ADDRESSES, ADDRESSES.c.id == LINKS.c.address_id).where(func.lower(ADDRESSES.c.value) == value)
    said = select(CONTACTS.c.id).where(or_(func.lower(CONTACTS.c.phone) == value, func.lower(CONTACTS.c.email) == value))
    return sorted({*_ids(session, links), *_ids(session, said)})


def _ids(session: Session, query: Select[Any]) -> list[int]:
    return list(session.execute(query).scalars())


def _own_addresses(session: Session, contact_id: int) -> list[int]:
    """The person's addresses that nobody else writes from."""
    mine = _ids(session, select(LINKS.c.address_id).where(LINKS.c.contact_id == contact_id))
    shared = set(_ids(session, select(LINKS.c.address_id).where(LINKS.c.address_id.in_(mine), LINKS.c.contact_id != contact_id)))
    return [address for address in mine if address not in shared]


def _blank_outbox(session: Session, messages: list[int], addresses: list[int], numbers: list[int]) -> int:
    """Answers to them and alerts about them lose their words; what waits is not sent."""
    about = or_(OUTBOX.c.inbox_id.in_(messages), OUTBOX.c.address_id.in_(addresses), OUTBOX.c.number.in_(numbers))
    rows = _ids(session, select(OUTBOX.c.id).where(about))
    waiting = update(OUTBOX).where(OUTBOX.c.id.in_(rows), OUTBOX.c.status == "queued")
    session.execute(waiting.values(status="suppressed"))
    blank = {"subject": "", "body": "", "html": "", "references": "", "attachment": None}
    session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(rows)).values(blank))
    to_them = update(OUTBOX).where(OUTBOX.c.address_id.in_(addresses))
    session.execute(to_them.values(recipient="", address_id=None))
    return len(rows)


def _blank_inbox(session: Session, messages: list[int], *, key: str) -> None:
    rows = session.execute(select(INBOX.c.id, INBOX.c.channel, INBOX.c.external_id).where(INBOX.c.id.in_(messages))).all()
    for row in rows:
        kept = row.external_id if row.external_id.startswith(HASHED) else hashed(key, row.channel, row.external_id)
        values = {"external_id": kept, "source": None, "message_id": "", "address_id": None, "contact_id": None}
        session.execute(update(INBOX).where(INBOX.c.id == row.id).values(values))


def _forget_addresses(session: Session, contact_id: int, addresses: list[int], *, key: str) -> None:
    session.execute(delete(LINKS).where(LINKS.c.contact_id == contact_id))
    for row in session.execute(select(ADDRESSES).where(ADDRESSES.c.id.in_(addresses))).all():
        gone = ADDRESSES.c.id == row.id
        if row.opted_out_at is None:
            session.execute(delete(ADDRESSES).where(gone))
        else:
            session.execute(update(ADDRESSES).where(gone).values(value=hashed(key, row.channel, row.value)))
