"""Forgets a person: what they said, how they are reached and what was sent to them; counts stay, and what keeps them from coming back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db import conversations, originals
from db.asked import Ask
from db.forgotten import HASHED, hashed
from db.models import Address, Case, Change, Contact, ContactAddress, Inbound, Outgoing, Record
from db.originals import BLANK, Reach
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
    originals: int = 0  # that are to be deleted where providers hold them


def erase(session: Session, contact_id: int, *, key: str, reach: Reach | None = None) -> Erased:
    """Forget one person.

    Of their messages the ids stay as keyed hashes, so that no repeat brings them back, and of their addresses those that opted out.
    Closed records stay without a word in them, so that counts hold.

    Args:
        session: the transaction.
        contact_id: who.
        key: what the hashes are keyed with; SECRET_KEY.
        reach: where the originals are to be deleted too; what is known of them is kept until they are.

    """
    alone = _own_addresses(session, contact_id)
    numbers = [*_ids(session, select(RECORDS.c.id).where(RECORDS.c.contact_id == contact_id))]
    cases = [*_ids(session, select(CASES.c.id).where(CASES.c.contact_id == contact_id))]
    # A mail that a coordinator passed on, or a note of theirs, is about the person as well.
    about = select(HISTORY.c.inbox_id).where(HISTORY.c.number.in_([*numbers, *cases]))
    brought = select(CASES.c.inbox_id).where(CASES.c.contact_id == contact_id)
    theirs = or_(INBOX.c.contact_id == contact_id, INBOX.c.address_id.in_(alone), INBOX.c.id.in_(about), INBOX.c.id.in_(brought))
    messages = _ids(session, select(INBOX.c.id).where(theirs))
    answers = _about(session, messages, alone, [*numbers, *cases])
    known = originals.find(session, messages=messages, answers=answers, addresses=alone)
    kept = originals.note(session, known, reach) if reach else 0
    held = originals.hold(session, answers, reach) if reach else []
    _blank_outbox(session, [row for row in answers if row not in held], alone)
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
    return Erased(records=len(numbers), messages=len(messages), answers=len(answers), originals=kept + len(held))


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


def _about(session: Session, messages: list[int], addresses: list[int], numbers: list[int]) -> list[int]:
    """Answers to them, and alerts about them."""
    about = or_(OUTBOX.c.inbox_id.in_(messages), OUTBOX.c.address_id.in_(addresses), OUTBOX.c.number.in_(numbers))
    return _ids(session, select(OUTBOX.c.id).where(about))


def _blank_outbox(session: Session, rows: list[int], addresses: list[int]) -> None:
    """They lose their words; what waits is not sent, nor what is claimed and has not left, nor is anything repeated."""
    here = or_(OUTBOX.c.status.in_(("queued", "unknown")), and_(OUTBOX.c.status == "sending", OUTBOX.c.started_at.is_(None)))
    waiting = update(OUTBOX).where(OUTBOX.c.id.in_(rows), here)
    session.execute(waiting.values(status="suppressed", claim=None, claimed_until=None))
    session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(rows)).values(BLANK))
    to_them = OUTBOX.c.address_id.in_(addresses)
    session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(rows), to_them).values(recipient=""))
    session.execute(update(OUTBOX).where(to_them).values(address_id=None))


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
