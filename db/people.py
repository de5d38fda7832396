"""People and the addresses they write from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db.models import Address, Contact, ContactAddress, Inbound
from db.statements import first, insert_new, run, table

ADDRESSES = table(Address)
CONTACTS = table(Contact)
LINKS = table(ContactAddress)
INBOX = table(Inbound)
SAID = ("name", "language", "phone", "email", "prefers")  # what is known of a person in their own words
LOCKED_ADDRESS = (
    select(ADDRESSES.c.id, ADDRESSES.c.opted_out_at, ADDRESSES.c.greeted_at)
    .where(ADDRESSES.c.channel == bindparam("channel"), ADDRESSES.c.value == bindparam("value"))
    .with_for_update()
)
PERSON = select(CONTACTS.c.id, CONTACTS.c.merged_into, *(CONTACTS.c[name] for name in SAID))
LAST_AT = (
    PERSON.join(LINKS, LINKS.c.contact_id == CONTACTS.c.id)
    .where(LINKS.c.address_id == bindparam("address"))
    .order_by(LINKS.c.used_at.desc())
    .limit(1)
)
BY_ID = PERSON.where(CONTACTS.c.id == bindparam("contact"))
NEW_CONTACT = insert(CONTACTS).returning(CONTACTS.c.id)
NEW_LINK = insert(LINKS)
ALL_AT = (
    select(CONTACTS.c.id, CONTACTS.c.name)
    .join(LINKS, LINKS.c.contact_id == CONTACTS.c.id)
    .where(LINKS.c.address_id == bindparam("address"), CONTACTS.c.merged_into.is_(None))
    .order_by(LINKS.c.used_at.desc())
)
DESCRIBE = update(CONTACTS).where(CONTACTS.c.id == bindparam("contact"))
GREET = update(ADDRESSES).where(ADDRESSES.c.id == bindparam("address"), ADDRESSES.c.greeted_at.is_(None))
OPTED_OUT_AT = select(ADDRESSES.c.opted_out_at).where(ADDRESSES.c.channel == bindparam("channel"), ADDRESSES.c.value == bindparam("value"))


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
    fresh: bool = field(default=False, compare=False)  # nothing was ever heard of them: no record and no conversation need be looked for
    first: bool = field(default=False, compare=False)  # nothing was ever heard from there: nothing can have gone there either


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who writes from an address."""

    contact_id: int
    name: str


def find_or_make_sender(session: Session, *, channel: str, value: str, now: datetime) -> Sender:
    """The sender of a message. Two first messages of one sender at once make one address and one person."""
    made = insert_new(session, Address, channel=channel, value=value, created_at=now)
    address = made or run(session, LOCKED_ADDRESS, channel=channel, value=value)[0]
    known = None if made else _contact_at(session, address.id)
    contact = known or _new_contact(session, address_id=address.id, channel=channel, value=value, now=now)
    return Sender(
        fresh=known is None,
        first=made is not None,
        address_id=address.id,
        channel=channel,
        value=value,
        opted_out=made is None and address.opted_out_at is not None,
        greeted=made is None and address.greeted_at is not None,
        **contact,
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


def reach_at(session: Session, contact_id: int, *, channel: str, value: str, instead_of: str, now: datetime) -> None:
    """Let somebody be written to at an address that a coordinator put right; the one in its place goes if nothing ever came from it."""
    replaced = select(ADDRESSES.c.id).where(ADDRESSES.c.channel == channel, ADDRESSES.c.value == instead_of)
    unheard = replaced.where(~exists().where(INBOX.c.address_id == ADDRESSES.c.id))
    session.execute(delete(LINKS).where(LINKS.c.contact_id == contact_id, LINKS.c.address_id.in_(unheard)))
    if not value:
        return
    address = insert_new(session, Address, channel=channel, value=value, created_at=now)
    if address is None:
        address = session.execute(select(ADDRESSES).where(ADDRESSES.c.channel == channel, ADDRESSES.c.value == value)).one()
    here = LINKS.c.address_id == address.id
    mine = LINKS.c.contact_id == contact_id
    used = session.execute(select(LINKS.c.used_at).where(mine)).scalars()
    used_at = max([now, *(at + timedelta(microseconds=1) for at in used)])
    if insert_new(session, ContactAddress, contact_id=contact_id, address_id=address.id, used_at=used_at) is None:
        session.execute(update(LINKS).where(here, mine).values(used_at=used_at))
    # Whoever wrote from there before is still taken for the one who writes.
    session.execute(update(LINKS).where(here, ~mine).values(used_at=used_at + timedelta(microseconds=1)))


def are_called(session: Session, first_name: str) -> bool:
    """Whether anybody goes by a first name."""
    named = func.lower(CONTACTS.c.name)
    query = select(CONTACTS.c.id).where(
        CONTACTS.c.merged_into.is_(None), or_(named == first_name, named.startswith(f"{first_name} ", autoescape=True))
    )
    return session.execute(query.limit(1)).first() is not None


def make_contact(session: Session, *, name: str, now: datetime) -> int:
    """Somebody of whom nothing but a name is known."""
    values = {**dict.fromkeys(SAID, ""), "name": name, "created_at": now}
    return int(run(session, NEW_CONTACT, **values)[0].id)


def _contact_at(session: Session, address_id: int) -> dict[str, Any] | None:
    found = first(session, LAST_AT, address=address_id)
    while found is not None and found.merged_into is not None:
        found = first(session, BY_ID, contact=found.merged_into)
    return _known(found) if found is not None else None


def _known(row: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"contact_id": row.id, **{name: getattr(row, name) for name in SAID}}


def sharing(session: Session, address_id: int) -> list[Person]:
    """All who write from an address, the last one first."""
    return [Person(contact_id=row.id, name=row.name) for row in run(session, ALL_AT, address=address_id)]


def hand_over(session: Session, sender: Sender, contact_id: int | None, *, now: datetime) -> Sender:
    """Let somebody else be the one who writes from an address: a person who did before, or a new one."""
    last = session.execute(
        select(LINKS.c.used_at).where(LINKS.c.address_id == sender.address_id).order_by(LINKS.c.used_at.desc())
    ).scalars()
    used_at = max(now, *(at + timedelta(microseconds=1) for at in last))
    if contact_id is None:
        contact = _new_contact(session, address_id=sender.address_id, channel=sender.channel, value=sender.value, now=used_at)
    else:
        mine = [LINKS.c.address_id == sender.address_id, LINKS.c.contact_id == contact_id]
        session.execute(update(LINKS).where(*mine).values(used_at=used_at))
        contact = _known(run(session, BY_ID, contact=contact_id)[0])
    return replace(sender, fresh=contact_id is None, **contact)


def at(session: Session, *, channel: str, value: str) -> list[int]:
    """Who writes from an address, if it is known at all."""
    query = (
        select(LINKS.c.contact_id).join(ADDRESSES, ADDRESSES.c.id == LINKS.c.address_id).join(CONTACTS, CONTACTS.c.id == LINKS.c.contact_id)
    )
    here = [ADDRESSES.c.channel == channel, ADDRESSES.c.value == value, CONTACTS.c.merged_into.is_(None)]
    return list(session.execute(query.where(*here)).scalars())


def _new_contact(session: Session, *, address_id: int, channel: str, value: str, now: datetime) -> dict[str, Any]:
    known = {**dict.fromkeys(SAID, ""), "phone" if channel == "sms" else "email": value}
    contact_id = run(session, NEW_CONTACT, **known, created_at=now)[0].id
    run(session, NEW_LINK, contact_id=contact_id, address_id=address_id, used_at=now)
    return {"contact_id": contact_id, **known}


def language(session: Session, contact_id: int | None) -> str:
    """In which language somebody is answered; "" where nothing was written yet."""
    return session.execute(select(CONTACTS.c.language).where(CONTACTS.c.id == contact_id)).scalar() or ""


def describe(session: Session, contact_id: int, /, **what: str) -> None:
    """Write down what people said of themselves: name, phone, email, prefers, language; what was not said stays."""
    said = {key: value for key, value in what.items() if value}
    if said:
        run(session, DESCRIBE, **said, contact=contact_id)


def opt_out(session: Session, address_id: int, now: datetime) -> None:
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == address_id, ADDRESSES.c.opted_out_at.is_(None)).values(opted_out_at=now))


def opt_in(session: Session, address_id: int) -> None:
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == address_id).values(opted_out_at=None))


def is_opted_out(session: Session, *, channel: str, value: str) -> bool:
    found = first(session, OPTED_OUT_AT, channel=channel, value=value)
    return found is not None and found.opted_out_at is not None


def mark_greeted(session: Session, address_id: int, now: datetime) -> None:
    run(session, GREET, address=address_id, greeted_at=now)
