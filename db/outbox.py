"""Messages that go out: queued with what they answer, and what is known of those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db import people
from db.models import Address, Inbound, Outgoing
from db.statements import insert_all_new, insert_new, run, table

CRISIS, COORDINATOR, ANSWER, DIGEST = range(4)  # priorities: the lower goes first

OUTBOX = table(Outgoing)
ADDRESSES = table(Address)
INBOX = table(Inbound)
RECENT = select(OUTBOX.c.template).where(
    OUTBOX.c.recipient == bindparam("recipient"), OUTBOX.c.created_at > bindparam("since"), OUTBOX.c.address_id.is_not(None)
)
ALERTED = select(func.count(INBOX.c.id.distinct()).label("messages")).where(
    INBOX.c.address_id == bindparam("address"),
    INBOX.c.received_at > bindparam("since"),
    OUTBOX.c.address_id.is_(None),
    OUTBOX.c.inbox_id == INBOX.c.id,
)
ALIKE = (
    select(OUTBOX.c.id)
    .where(
        OUTBOX.c.recipient == bindparam("recipient"),
        OUTBOX.c.created_at > bindparam("since"),
        OUTBOX.c.template == bindparam("template"),
        OUTBOX.c.body == bindparam("body"),
    )
    .limit(1)
)

GIVE_UP_AFTER = timedelta(days=3)  # a message that did not go by then is not tried again
MOVING = timedelta(minutes=2)  # a line of which something went so lately moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that is ready to go, but for the moment of its going."""

    key: str
    channel: str
    recipient: str
    template: str
    priority: int
    body: str
    subject: str = ""
    html: str = ""
    address_id: int | None = None
    number: int | None = None
    message_id: str = ""
    references: str = ""
    reply_to: str = ""
    null_sender: bool = False
    despite_opt_out: bool = False
    attachment_name: str = ""
    attachment: bytes | None = None


_FIELDS = tuple(Draft.__dataclass_fields__)
_values = attrgetter(*_FIELDS)


def queue(session: Session, draft: Draft, *, inbox_id: int | None, now: datetime) -> bool:
    """Put a message in line; one with the same key is never put there twice.

    Returns:
        Whether it was new.

    """
    return insert_new(session, Outgoing, **_row(draft, inbox_id, now)) is not None


def queue_all(session: Session, drafts: Sequence[Draft], *, inbox_id: int | None, now: datetime) -> None:
    """Put messages in line, as `queue` does one."""
    insert_all_new(session, Outgoing, [_row(draft, inbox_id, now) for draft in drafts])


def _row(draft: Draft, inbox_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        **dict(zip(_FIELDS, _values(draft), strict=True)),
        "inbox_id": inbox_id,
        "status": "queued",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }


def wanted(row: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether the recipient has not opted out, or the message goes despite that; what an erased person was sent never goes again."""
    unwanted = exists().where(ADDRESSES.c.id == row.address_id, ADDRESSES.c.opted_out_at.is_not(None))
    return and_(row.erased_at.is_(None), or_(row.despite_opt_out, ~unwanted))


def stop_for(session: Session, address_id: int, now: datetime) -> None:
    """An address opts out, and what waits for it is never sent."""
    people.opt_out(session, address_id, now)
    waiting = [OUTBOX.c.address_id == address_id, OUTBOX.c.status == "queued", ~OUTBOX.c.despite_opt_out]
    session.execute(update(OUTBOX).where(*waiting).values(status="suppressed", settled_at=now))


def suppress_unwanted(session: Session, rows: Sequence[ColumnElement[bool]], now: datetime) -> bool:
    """Of these rows, what its recipient no longer wants is never sent; returns whether there was any."""
    unwanted = update(OUTBOX).where(*rows, OUTBOX.c.status == "queued", ~wanted(OUTBOX.c)).values(status="suppressed", settled_at=now)
    return session.execute(unwanted.returning(OUTBOX.c.id)).first() is not None


def recent(session: Session, recipient: str, since: datetime) -> Sequence[str]:
    """The templates of the answers to an address that were queued lately, for the caps; a coordinator's alerts are none."""
    return [row.template for row in run(session, RECENT, recipient=recipient, since=since)]


def alerted(session: Session, address_id: int, since: datetime) -> int:
    """Of how many messages of an address the coordinators were told lately."""
    return int(run(session, ALERTED, address=address_id, since=since)[0].messages)


def told_of(session: Session, address_id: int, template: str, since: datetime) -> bool:
    """Whether the coordinators were told of an address by a template lately."""
    told = [INBOX.c.address_id == address_id, INBOX.c.received_at > since, OUTBOX.c.template == template, OUTBOX.c.inbox_id == INBOX.c.id]
    return session.execute(select(exists().where(*told))).scalar_one()


def sent_alike(session: Session, draft: Draft, since: datetime) -> bool:
    """Whether the very same message was queued for the recipient lately."""
    return bool(run(session, ALIKE, recipient=draft.recipient, since=since, template=draft.template, body=draft.body))


def spend(session: Session, key: str, now: datetime) -> bool:
    """Use the token of one of our mails for what may be done with it once.

    Returns:
        Whether it was unused.

    """
    unused = update(OUTBOX).where(OUTBOX.c.key == key, OUTBOX.c.spent_at.is_(None)).values(spent_at=now)
    return session.execute(unused.returning(OUTBOX.c.id)).first() is not None


def sent_in_the_last_hour(session: Session, now: datetime) -> int:
    query = select(func.count()).where(OUTBOX.c.status == "sent", OUTBOX.c.settled_at > now - timedelta(hours=1))
    return session.execute(query).scalar_one()


def depth(session: Session) -> tuple[int, datetime | None]:
    """How many messages wait, and since when the oldest of them has."""
    query = select(func.count(), func.min(OUTBOX.c.created_at)).where(OUTBOX.c.status.in_(("queued", "sending")))
    count, oldest = session.execute(query).one()
    return count, oldest


def is_stuck(session: Session, channel: str, *, since: datetime, now: datetime) -> bool:
    """Whether a message has been due since before a moment, and nothing of its channel went lately: else it only waits in line."""
    late = [OUTBOX.c.channel == channel, OUTBOX.c.status == "queued", OUTBOX.c.due_at < since, wanted(OUTBOX.c)]
    moving = [OUTBOX.c.channel == channel, OUTBOX.c.status == "sent", OUTBOX.c.settled_at > now - MOVING]
    return session.execute(select(exists().where(*late) & ~exists().where(*moving))).scalar_one()


def any_failed(session: Session, error: str, *, since: datetime) -> bool:
    """Whether a message was refused for a reason since a moment."""
    refused = [OUTBOX.c.status == "failed", OUTBOX.c.settled_at > since, OUTBOX.c.error == error]
    return session.execute(select(exists().where(*refused))).scalar_one()


def crises_not_delivered(session: Session, since: datetime) -> list[tuple[int, int | None]]:
    """The crisis answers that were refused since a moment, say since their recipient had opted out: row and case."""
    answers = [OUTBOX.c.template == "crisis", OUTBOX.c.status == "failed", OUTBOX.c.settled_at > since]
    return [(row.id, row.number) for row in session.execute(select(OUTBOX.c.id, OUTBOX.c.number).where(*answers).order_by(OUTBOX.c.id))]
