"""What somebody who was erased wrote or was sent, where providers hold it still: kept here until it is deleted there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db.marks import Original
from db.models import Address, Inbound, Outgoing
from db.outbox import GIVE_UP_AFTER, suppress_unwanted
from db.statements import table

ORIGINALS = table(Original)
ADDRESSES = table(Address)
INBOX = table(Inbound)
OUTBOX = table(Outgoing)

TWILIO, MAILBOX = "twilio", "mailbox"  # places
SID, MESSAGE_ID, ADDRESS = "sid", "message_id", "address"  # what is known of an original
TEXTS = ("SM", "MM")  # how Twilio's ids of texts begin
AT_ONCE = 100
TAKEN_FOR = timedelta(minutes=5)
PAUSE = timedelta(minutes=10)
LATE = timedelta(hours=1)  # after which the coordinators are told

CHANNELS = {TWILIO: "sms", MAILBOX: "email"}
UNDER_WAY = ("sending", "unknown")
BLANK: dict[str, Any] = {"subject": "", "body": "", "html": "", "references": "", "attachment": None}  # a message without its words

Known = tuple[str, str, str]  # place, what, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One original that is to be deleted."""

    id: int
    what: str
    value: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where originals are to be deleted."""

    places: Collection[str]
    now: datetime
    number: int | None = None  # as the coordinators know it


def find(session: Session, *, messages: Sequence[int], answers: Sequence[int], addresses: Sequence[int]) -> Iterator[Known]:
    """What is known of the originals of messages that came and went, and of all mail of an address."""
    came = select(INBOX.c.channel, INBOX.c.external_id, INBOX.c.message_id).where(INBOX.c.id.in_(messages))
    for row in session.execute(came):
        if row.channel == "sms" and row.external_id.startswith(TEXTS):
            yield TWILIO, SID, row.external_id
        if row.message_id:
            yield MAILBOX, MESSAGE_ID, row.message_id
    yield from _went(session, answers)
    theirs = select(ADDRESSES.c.value).where(ADDRESSES.c.id.in_(addresses), ADDRESSES.c.channel == "email")
    for value in session.execute(theirs).scalars():
        yield MAILBOX, ADDRESS, value


def _went(session: Session, rows: Sequence[int]) -> Iterator[Known]:
    went = select(OUTBOX.c.channel, OUTBOX.c.provider_id, OUTBOX.c.message_id).where(OUTBOX.c.id.in_(rows))
    for row in session.execute(went):
        if row.channel == "sms" and (row.provider_id or "").startswith(TEXTS):
            yield TWILIO, SID, row.provider_id
        if row.channel == "email" and row.message_id:
            yield MAILBOX, MESSAGE_ID, row.message_id


def note(session: Session, known: Iterable[Known], reach: Reach) -> int:
    """Write down what is to be deleted where; returns how many originals that are."""
    values = [
        {
            "number": reach.number,
            "place": place,
            "what": what,
            "value": value,
            "asked_at": reach.now,
            "due_at": reach.now,
            "attempts": 0,
        }
        for place, what, value in dict.fromkeys(known)
        if place in reach.places
    ]
    if values:
        session.execute(insert(ORIGINALS), values)
    return len(values)


def hold(session: Session, rows: Sequence[int], reach: Reach) -> list[int]:
    """Mark what is under way, so that it is never repeated, and deleted there too once it is known whether it went.

    Returns:
        The texts by whose words and recipient alone it can be known; they keep them until then.

    """
    left = or_(OUTBOX.c.started_at.is_not(None), OUTBOX.c.status == "unknown")
    mark = update(OUTBOX).where(OUTBOX.c.id.in_(rows), OUTBOX.c.status.in_(UNDER_WAY), left).values(erased_at=reach.now)
    marked = session.execute(mark.returning(OUTBOX.c.id, OUTBOX.c.channel)).all()
    return [row.id for row in marked if row.channel == CHANNELS[TWILIO] and TWILIO in reach.places]


def any_known(session: Session, now: datetime) -> bool:
    return session.execute(select(exists().where(*_known(now)))).scalar_one()


def settle(session: Session, places: Collection[str], now: datetime) -> int:
    """Of what was under way when its person was erased, and is not any more, the words go; what went is to be deleted there too.

    Returns:
        How many messages that were.

    """
    suppress_unwanted(session, _known(now), now)
    rows = list(session.execute(select(OUTBOX.c.id).where(*_known(now))).scalars())
    note(session, _went(session, rows), Reach(places=places, now=now))
    status = case((OUTBOX.c.status.in_(UNDER_WAY), "suppressed"), else_=OUTBOX.c.status)
    session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(rows)).values({**BLANK, "recipient": "", "erased_at": None, "status": status}))
    return len(rows)


def _known(now: datetime) -> list[ColumnElement[bool]]:
    """Whatever keeps its fate unknown, after three days nothing of an erased person is kept."""
    return [OUTBOX.c.erased_at.is_not(None), or_(OUTBOX.c.status.not_in(UNDER_WAY), OUTBOX.c.erased_at < now - GIVE_UP_AFTER)]


def take(session: Session, place: str, now: datetime) -> list[Left]:
    """Those that are to be deleted in a place now; nobody else tries meanwhile."""
    due = [ORIGINALS.c.place == place, ORIGINALS.c.due_at <= now]
    first = select(ORIGINALS.c.id).where(*due).order_by(ORIGINALS.c.due_at, ORIGINALS.c.id).limit(AT_ONCE)
    mine = update(ORIGINALS).where(ORIGINALS.c.id.in_(first.scalar_subquery()), *due)
    mine = mine.values(due_at=now + TAKEN_FOR, attempts=ORIGINALS.c.attempts + 1)
    rows = session.execute(mine.returning(ORIGINALS))
    return [Left(id=row.id, what=row.what, value=row.value, asked_at=row.asked_at) for row in rows]


def any_due(session: Session, place: str, now: datetime) -> bool:
    return session.execute(select(exists().where(ORIGINALS.c.place == place, ORIGINALS.c.due_at <= now))).scalar_one()


def forget(session: Session, ids: Collection[int]) -> None:
    """They are deleted, and their names with them."""
    session.execute(delete(ORIGINALS).where(ORIGINALS.c.id.in_(ids)))


def postpone(session: Session, ids: Collection[int], now: datetime) -> int:
    """They could not be deleted: they are tried again, for three days; longer than that nothing of an erased person is kept.

    Returns:
        How many are given up.

    """
    given_up = delete(ORIGINALS).where(ORIGINALS.c.id.in_(ids), ORIGINALS.c.asked_at < now - GIVE_UP_AFTER)
    count = len(session.execute(given_up.returning(ORIGINALS.c.id)).all())
    session.execute(update(ORIGINALS).where(ORIGINALS.c.id.in_(ids)).values(due_at=now + PAUSE))
    return count


def left(session: Session, place: str) -> int:
    """How many are to be deleted in a place still."""
    noted = select(func.count()).where(ORIGINALS.c.place == place)
    return session.execute(noted).scalar_one() + session.execute(select(func.count()).where(*_held(place))).scalar_one()


def late(session: Session, place: str, now: datetime) -> bool:
    """Whether one should have been deleted long since."""
    noted = exists().where(ORIGINALS.c.place == place, ORIGINALS.c.asked_at < now - LATE)
    return session.execute(select(or_(noted, exists().where(*_held(place), OUTBOX.c.erased_at < now - LATE)))).scalar_one()


def _held(place: str) -> list[ColumnElement[bool]]:
    return [OUTBOX.c.erased_at.is_not(None), OUTBOX.c.channel == CHANNELS[place]]
