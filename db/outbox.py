"""Messages that go out: queued with what they answer, claimed by one sender at a time, settled by the one who holds the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Address, Inbound, Outgoing
from db.statements import insert_new, table

CRISIS, COORDINATOR, ANSWER, DIGEST = range(4)  # priorities: the lower goes first

OUTBOX = table(Outgoing)
ADDRESSES = table(Address)
INBOX = table(Inbound)

# Twilio's statuses, in the order in which a message passes them; callbacks come late, twice and out of order.
RANKS = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "undelivered": 4, "failed": 4, "read": 5}
WENT = ("sent", "delivered", "read")
UNDELIVERED = ("undelivered", "failed")
MOVING = timedelta(minutes=2)  # a line of which something went so lately moves
# Begins the error of a crisis answer that goes again although it may have gone; it does so once, however often it failed otherwise.
DOUBTFUL = "repeated: "


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that this sender, and no other, may send until the claim runs out."""

    id: int
    claim: str
    attempts: int  # this one counted
    created_at: datetime
    draft: Draft
    doubtful: bool  # it may have gone before, and is repeated all the same


def queue(session: Session, draft: Draft, *, inbox_id: int | None, now: datetime) -> bool:
    """Put a message in line; one with the same key is never put there twice.

    Returns:
        Whether it was new.

    """
    values = asdict(draft) | {"inbox_id": inbox_id, "status": "queued", "attempts": 0, "due_at": now, "created_at": now}
    return insert_new(session, Outgoing, **values) is not None


def claim(session: Session, *, channel: str, name: str, now: datetime, until: datetime, urgent_only: bool = False) -> Claimed | None:
    """Take the next row that is due: the most urgent first, none to an opted-out address, and one at a time to a recipient.

    A crisis answer waits for nobody: whoever else is sending to the recipient may be dead, and its claim run on for minutes.
    """
    row = OUTBOX.alias()
    conditions = [row.c.channel == channel, row.c.status == "queued", row.c.due_at <= now, _wanted(row.c), _nobody_in_flight(row.c)]
    if urgent_only:
        conditions.append(row.c.priority.in_((CRISIS, DIGEST)))  # one digest a day floods nobody, and its silence means failure
    following = select(row.c.id).where(*conditions).order_by(row.c.priority, row.c.due_at, row.c.id).limit(1).scalar_subquery()
    taken = (
        update(OUTBOX)
        .where(OUTBOX.c.id == following, OUTBOX.c.status == "queued")
        .values(status="sending", claim=name, claimed_until=until, attempts=OUTBOX.c.attempts + 1)
        .returning(OUTBOX)
    )
    try:
        found = session.execute(taken).first()
    except IntegrityError:  # on PostgreSQL another sender has just begun with this recipient
        session.rollback()
        return None
    return _claimed(found) if found else None


def _wanted(row: Any) -> ColumnElement[bool]:  # noqa: ANN401
    unwanted = exists().where(ADDRESSES.c.id == row.address_id, ADDRESSES.c.opted_out_at.is_not(None))
    return or_(row.despite_opt_out, ~unwanted)


def _nobody_in_flight(row: Any) -> ColumnElement[bool]:  # noqa: ANN401
    other = OUTBOX.alias()
    in_flight = [other.c.recipient == row.recipient, other.c.channel == row.channel, other.c.status == "sending", other.c.priority > CRISIS]
    return or_(row.priority == CRISIS, ~exists().where(*in_flight))


def _claimed(row: Any) -> Claimed:  # noqa: ANN401
    draft = Draft(**{name: getattr(row, name) for name in Draft.__dataclass_fields__})
    doubtful = (row.error or "").startswith(DOUBTFUL)
    return Claimed(id=row.id, claim=row.claim, attempts=row.attempts, created_at=row.created_at, draft=draft, doubtful=doubtful)


def settle(
    session: Session, held: Claimed, *, status: str, now: datetime, due_at: datetime | None = None, provider_id: str = "", error: str = ""
) -> bool:
    """Write down how a send ended; only the holder of the claim can, so that a sender that was given up for dead changes nothing.

    Returns:
        Whether the claim still was ours.

    """
    values: dict[str, Any] = {"status": status, "claim": None, "claimed_until": None, "error": error or None}
    if provider_id:
        values["provider_id"] = provider_id
    if due_at is not None:
        values["due_at"] = due_at
    else:
        values["settled_at"] = now
    mine = update(OUTBOX).where(OUTBOX.c.id == held.id, OUTBOX.c.claim == held.claim).values(values)
    row = session.execute(mine.returning(OUTBOX.c.id, OUTBOX.c.provider_status)).first()
    if row is not None and status in ("queued", "uncertain"):
        _put_right(session, [OUTBOX.c.id == held.id], now)
    return row is not None


def _put_right(session: Session, rows: list[ColumnElement[bool]], now: datetime) -> None:
    """Of what failed or is in doubt: what the provider said to have gone went, and what its recipient no longer wants stays."""
    went = update(OUTBOX).where(*rows, OUTBOX.c.provider_status.in_(WENT))
    session.execute(went.values(status="sent", error=None, settled_at=now, claim=None, claimed_until=None))
    unwanted = update(OUTBOX).where(*rows, OUTBOX.c.status == "queued", ~_wanted(OUTBOX.c))
    session.execute(unwanted.values(status="suppressed", settled_at=now))


def give_up_expired(session: Session, now: datetime) -> list[int]:
    """Claims that ran out: whoever held them is gone, and nobody knows whether the message went.

    They become `uncertain`, for the coordinator to see; a crisis answer is repeated at once, since two are better than none.
    """
    expired: list[ColumnElement[bool]] = [OUTBOX.c.status == "sending", OUTBOX.c.claimed_until < now]
    _put_right(session, expired, now)
    again = update(OUTBOX).where(*expired, OUTBOX.c.priority == CRISIS, ~func.coalesce(OUTBOX.c.error, "").startswith(DOUBTFUL))
    session.execute(again.values(status="queued", claim=None, claimed_until=None, due_at=now, error=f"{DOUBTFUL}sender gone"))
    lost = (
        update(OUTBOX)
        .where(*expired)
        .values(status="uncertain", claim=None, claimed_until=None, settled_at=now, error=literal("sender gone"))
    )
    return list(session.execute(lost.returning(OUTBOX.c.id)).scalars())


def suppress(session: Session, address_id: int, now: datetime) -> None:
    """What waits for an address that has just opted out is never sent."""
    waiting = [OUTBOX.c.address_id == address_id, OUTBOX.c.status == "queued", ~OUTBOX.c.despite_opt_out]
    session.execute(update(OUTBOX).where(*waiting).values(status="suppressed", settled_at=now))


def note_status(session: Session, *, key: str, provider_id: str, status: str, error: str, now: datetime) -> bool:
    """Take in a delivery callback; a status never goes backwards.

    Returns:
        Whether the row is ours.

    """
    row = session.execute(select(OUTBOX).where(OUTBOX.c.key == key).with_for_update()).first()
    if row is None:
        return False
    if RANKS.get(status, -1) <= RANKS.get(row.provider_status or "", -1):
        return True
    values: dict[str, Any] = {"provider_status": status, "provider_id": row.provider_id or provider_id}
    if status in UNDELIVERED:
        values |= {"status": "failed", "error": error or status, "settled_at": now, "claim": None, "claimed_until": None}
    elif row.status in ("uncertain", "queued"):  # it went after all, and must not go again
        values |= {"status": "sent", "error": None, "settled_at": now}
    session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))
    return True


def recent(session: Session, recipient: str, since: datetime) -> Sequence[str]:
    """The templates of the answers to an address that were queued lately, for the caps; a coordinator's alerts are none."""
    answers = [OUTBOX.c.recipient == recipient, OUTBOX.c.created_at > since, OUTBOX.c.address_id.is_not(None)]
    query = select(OUTBOX.c.template).where(*answers)
    return session.execute(query).scalars().all()


def alerted(session: Session, address_id: int, since: datetime) -> int:
    """Of how many messages of an address the coordinators were told lately."""
    told = [INBOX.c.address_id == address_id, INBOX.c.received_at > since, OUTBOX.c.address_id.is_(None), OUTBOX.c.inbox_id == INBOX.c.id]
    return session.execute(select(func.count(INBOX.c.id.distinct())).where(*told)).scalar_one()


def told_of(session: Session, address_id: int, template: str, since: datetime) -> bool:
    """Whether the coordinators were told of an address by a template lately."""
    told = [INBOX.c.address_id == address_id, INBOX.c.received_at > since, OUTBOX.c.template == template, OUTBOX.c.inbox_id == INBOX.c.id]
    return session.execute(select(exists().where(*told))).scalar_one()


def sent_alike(session: Session, draft: Draft, since: datetime) -> bool:
    """Whether the very same message was queued for the recipient lately."""
    same = [
        OUTBOX.c.recipient == draft.recipient,
        OUTBOX.c.created_at > since,
        OUTBOX.c.template == draft.template,
        OUTBOX.c.body == draft.body,
    ]
    return session.execute(select(exists().where(*same))).scalar_one()


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
    late = [OUTBOX.c.channel == channel, OUTBOX.c.status == "queued", OUTBOX.c.due_at < since, _wanted(OUTBOX.c)]
    moving = [OUTBOX.c.channel == channel, OUTBOX.c.status == "sent", OUTBOX.c.settled_at > now - MOVING]
    return session.execute(select(exists().where(*late) & ~exists().where(*moving))).scalar_one()


def crises_not_delivered(session: Session, since: datetime) -> list[tuple[int, int | None]]:
    """The crisis answers that were refused since a moment, say since their recipient had opted out: row and case."""
    answers = [OUTBOX.c.template == "crisis", OUTBOX.c.status == "failed", OUTBOX.c.settled_at > since]
    return [(row.id, row.number) for row in session.execute(select(OUTBOX.c.id, OUTBOX.c.number).where(*answers).order_by(OUTBOX.c.id))]


def anything_to_do(session: Session, channel: str, now: datetime) -> bool:
    """Whether a row is due or a claim ran out; asked without a lock, so that an idle sender holds up nobody."""
    due = and_(OUTBOX.c.channel == channel, OUTBOX.c.status == "queued", OUTBOX.c.due_at <= now)
    expired = and_(OUTBOX.c.channel == channel, OUTBOX.c.status == "sending", OUTBOX.c.claimed_until < now)
    return session.execute(select(or_(exists().where(due), exists().where(expired)))).scalar_one()
