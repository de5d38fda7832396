"""What a coordinator acts on by its number: records and cases alike, found, changed with a history, and changed back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.orm import Session

from db import history, people
from db.history import Author, Entry
from db.models import ACTIVE, Case, Contact, Record
from db.statements import table

RECORDS = table(Record)
CASES = table(Case)
CONTACTS = table(Contact)
TIMES = ("snoozed_until", "paused_until", "acknowledged_at", "remind_at")
OF_THE_PERSON = ("name", "phone", "email")
OPEN = (*ACTIVE, "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record or a case as it stands, and whose it is."""

    number: int
    what: Literal["record", "case"]
    kind: str
    status: str
    contact_id: int | None
    inbox_id: int | None
    name: str
    phone: str
    email: str
    channel: str = ""  # the one that a record came by
    details: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    assigned_to: str = ""
    snoozed_until: datetime | None = None
    paused_until: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    remind_at: datetime | None = None
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def find(session: Session, number: int) -> Item | None:
    """The record or case that goes by a number; no other change to it comes between until the transaction ends."""
    kinds: tuple[tuple[Literal["record", "case"], Table], ...] = (("record", RECORDS), ("case", CASES))
    for what, source in kinds:
        row = session.execute(select(source).where(source.c.id == number).with_for_update()).first()
        if row is not None:
            return _item(session, what, row)
    return None


def newest_of(session: Session, contact_id: int) -> int | None:
    """The number of a person's newest record, or where they have none of their newest case."""
    for source in (RECORDS, CASES):
        newest = session.execute(select(func.max(source.c.id)).where(source.c.contact_id == contact_id)).scalar()
        if newest is not None:
            return int(newest)
    return None


def revise(session: Session, item: Item, *, author: Author, now: datetime, what: str = "changed", **values: Any) -> None:  # noqa: ANN401
    """Change columns of a record or case, and write down what they were."""
    changed = {key: value for key, value in values.items() if getattr(item, key) != value}
    if not changed:
        return
    _write(session, item, changed, now=now)
    before = {key: getattr(item, key) for key in changed}
    history.note(session, item.number, author=author, what=what, before=before, after=changed, now=now)


def take_back(session: Session, entry: Entry, *, author: Author, now: datetime) -> bool:
    """Undo one change.

    Returns:
        Whether it could be: what has been changed again since, or erased, stays as it is.

    """
    item = find(session, entry.number)
    if not entry.after or item is None or any(history.plain(getattr(item, key)) != value for key, value in entry.after.items()):
        return False
    before = dict(entry.before) if entry.what != "opened" else {"status": "closed"}
    if _would_clash(session, item, before):
        return False
    _write(session, item, {key: _restored(key, value) for key, value in before.items()}, now=now)
    after = {key: history.plain(getattr(item, key)) for key in before}
    history.note(session, item.number, author=author, what=history.UNDONE, before=after, after=before, now=now)
    history.mark_undone(session, entry.id, now)
    return True


def active_rival(session: Session, item: Item, kind: str) -> int | None:
    """The number of the person's other open record of a kind, of which there can be only one."""
    others = [RECORDS.c.contact_id == item.contact_id, RECORDS.c.kind == kind, RECORDS.c.status.in_(ACTIVE), RECORDS.c.id != item.number]
    return session.execute(select(RECORDS.c.id).where(*others)).scalar()


def _would_clash(session: Session, item: Item, values: Mapping[str, Any]) -> bool:
    if item.what != "record" or values.get("status", item.status) not in ACTIVE:
        return False
    return active_rival(session, item, values.get("kind", item.kind)) is not None


def _write(session: Session, item: Item, values: Mapping[str, Any], *, now: datetime) -> None:
    if set(values) <= set(OF_THE_PERSON):
        session.execute(update(CONTACTS).where(CONTACTS.c.id == item.contact_id).values(**values))
        for name, channel in (("phone", "sms"), ("email", "email")):
            if name in values and item.contact_id is not None:
                old = getattr(item, name)
                people.reach_at(session, item.contact_id, channel=channel, value=values[name], instead_of=old, now=now)
        return
    target = RECORDS if item.what == "record" else CASES
    written = dict(values)
    if item.what == "record":
        written["updated_at"] = now
    if "status" in values:
        written["closed_at"] = None if values["status"] in OPEN else now
    session.execute(update(target).where(target.c.id == item.number).values(written))


def _restored(key: str, value: Any) -> Any:  # noqa: ANN401
    return datetime.fromisoformat(value) if key in TIMES and value else value


def _item(session: Session, what: Literal["record", "case"], row: Row[Any]) -> Item:
    found = session.execute(select(CONTACTS).where(CONTACTS.c.id == row.contact_id)).first() if row.contact_id else None
    known: dict[str, Any] = {name: getattr(row, name) for name in row._fields if name in Item.__dataclass_fields__}
    known |= {name: getattr(found, name) if found else "" for name in ("name", "phone", "email")}
    return Item(number=row.id, what=what, **known)
