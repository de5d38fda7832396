"""People and the addresses they write from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.models import Address, Contact, ContactAddress
from db.statements import insert_new, table

ADDRESSES = table(Address)
CONTACTS = table(Contact)
LINKS = table(ContactAddress)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An address, locked until the transaction ends, and the person who writes from it."""

    address_id: int
    channel: str
    value: str
    opted_out: bool
    greeted: bool
    contact_id: int
    name: str
    language: str
    phone: str
    email: str
    prefers: str


def find_or_make_sender(session: Session, *, channel: str, value: str, now: datetime) -> Sender:
    """The sender of a message. Two first messages of one sender at once make one address and one person."""
    address = insert_new(session, Address, channel=channel, value=value, created_at=now)
    if address is None:
        query = select(ADDRESSES).where(ADDRESSES.c.channel == channel, ADDRESSES.c.value == value)
        address = session.execute(query.with_for_update()).one()
    contact = _contact_at(session, address.id) or _new_contact(session, address, now)
    return Sender(
        address_id=address.id,
        channel=channel,
        value=value,
        opted_out=address.opted_out_at is not None,
        greeted=address.greeted_at is not None,
        contact_id=contact.id,
        name=contact.name,
        language=contact.language,
        phone=contact.phone,
        email=contact.email,
        prefers=contact.prefers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An address by which somebody can be reached."""

    address_id: int
    channel: str
    value: str
    opted_out: bool
    greeted: bool


def ways(session: Session, contact_id: int, prefers: str = "") -> list[Way]:
    """How somebody can be reached: by the channel they prefer first, then by what they used last."""
    query = select(ADDRESSES, LINKS.c.used_at).join(LINKS, LINKS.c.address_id == ADDRESSES.c.id).where(LINKS.c.contact_id == contact_id)
    rows = sorted(session.execute(query), key=lambda row: (row.channel == prefers, row.used_at), reverse=True)
    return [
        Way(
            address_id=row.id,
            channel=row.channel,
            value=row.value,
            opted_out=row.opted_out_at is not None,
            greeted=row.greeted_at is not None,
        )
        for row in rows
    ]


def make_contact(session: Session, *, name: str, now: datetime) -> int:
    """Somebody of whom nothing but a name is known."""
    values = {"name": name, "phone": "", "email": "", "prefers": "", "language": "", "created_at": now}
    return int(session.execute(insert(CONTACTS).values(values).returning(CONTACTS.c.id)).scalar_one())


def _contact_at(session: Session, address_id: int) -> Any:  # noqa: ANN401
    query = select(CONTACTS).join(LINKS, LINKS.c.contact_id == CONTACTS.c.id).where(LINKS.c.address_id == address_id)
    return session.execute(query.order_by(LINKS.c.used_at.desc()).limit(1)).first()


def _new_contact(session: Session, address: Any, now: datetime) -> Any:  # noqa: ANN401
    known = {"phone": address.value} if address.channel == "sms" else {"email": address.value}
    values = {"name": "", "phone": "", "email": "", "prefers": "", "language": "", "created_at": now} | known
    contact = session.execute(insert(CONTACTS).values(values).returning(CONTACTS)).one()
    session.execute(insert(LINKS).values(contact_id=contact.id, address_id=address.id, used_at=now))
    return contact


def language(session: Session, contact_id: int | None) -> str:
    """In which language somebody is answered; "" where nothing was written yet."""
    return session.execute(select(CONTACTS.c.language).where(CONTACTS.c.id == contact_id)).scalar() or ""


def describe(session: Session, contact_id: int, /, **what: str) -> None:
    """Write down what people said of themselves: name, phone, email, prefers, language; what was not said stays."""
    said = {key: value for key, value in what.items() if value}
    if said:
        session.execute(update(CONTACTS).where(CONTACTS.c.id == contact_id).values(said))


def opt_out(session: Session, address_id: int, now: datetime) -> None:
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == address_id, ADDRESSES.c.opted_out_at.is_(None)).values(opted_out_at=now))


def opt_in(session: Session, address_id: int) -> None:
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == address_id).values(opted_out_at=None))


def is_opted_out(session: Session, *, channel: str, value: str) -> bool:
    query = select(ADDRESSES.c.opted_out_at).where(ADDRESSES.c.channel == channel, ADDRESSES.c.value == value)
    return session.execute(query).scalar() is not None


def mark_greeted(session: Session, address_id: int, now: datetime) -> None:
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == address_id, ADDRESSES.c.greeted_at.is_(None)).values(greeted_at=now))
