"""Messages on their way out: claimed by one sender at a time, begun just before they leave, settled by the one who holds the claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from db.outbox import CRISIS, DIGEST, OUTBOX, Draft, suppress_unwanted, wanted
from db.reports import WENT
from db.statements import Connected, first, run

ROW = OUTBOX.alias()
OTHER = OUTBOX.alias()
# Any numbers will do, so long as they are the same for all: who claims on a channel does it alone, and sees what others claimed.
CLAIM_LOCKS = {"email": 7_436_502, "sms": 7_436_503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that this sender, and no other, may send until the claim runs out."""

    id: int
    claim: str
    attempts: int  # this one counted
    created_at: datetime
    draft: Draft
    doubtful: bool  # it may have gone before, and is repeated all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a sender claims."""

    channel: str
    name: str  # the claim's
    until: datetime  # when it runs out
    era: str = ""  # the database's
    most: int = 1  # messages at once
    urgent_only: bool = False  # the hour is full: but for a crisis, and the digest that would wait behind all answers


def alone(session: Session, channel: str) -> None:
    """Let nobody else claim on a channel until the transaction ends; on SQLite nobody else writes anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CLAIM_LOCKS[channel]})


def claim(session: Session, terms: Terms, now: datetime) -> list[Claimed]:
    """Take the next rows that are due: the most urgent first, none to an opted-out address, and one at a time to a recipient.

    Only who is `alone` may claim. A crisis answer waits for nobody: whoever else is sending to the recipient may be dead, and its
    claim run on for minutes.
    """
    following = _URGENT if terms.urgent_only else _FOLLOWING
    rows = run(session, following, channel=terms.channel, now=now, most=terms.most)
    if not rows:
        return []
    each = {row.recipient: row.id for row in reversed(rows)}  # two to one recipient go one after the other
    values = {"ids": list(each.values()), "name": terms.name, "until": terms.until, "era": terms.era}
    found = sorted(session.execute(_TAKE, values), key=lambda row: (row.priority, row.due_at, row.id))
    return [_claimed(row) for row in found]


def _following(*conditions: ColumnElement[bool]) -> Select[Any]:
    in_flight = [
        OTHER.c.recipient == ROW.c.recipient,
        OTHER.c.channel == ROW.c.channel,
        OTHER.c.status == "sending",
        OTHER.c.priority > CRISIS,
    ]
    free = or_(ROW.c.priority == CRISIS, ~exists().where(*in_flight))
    due = [ROW.c.channel == bindparam("channel"), ROW.c.status == "queued", ROW.c.due_at <= bindparam("now")]
    query = select(ROW.c.id, ROW.c.recipient).where(*due, wanted(ROW.c), free, *conditions)
    return query.order_by(ROW.c.priority, ROW.c.due_at, ROW.c.id).limit(bindparam("most"))


_FOLLOWING = _following()
_URGENT = _following(or_(ROW.c.priority == CRISIS, ROW.c.priority == DIGEST))
_TAKE = (
    update(OUTBOX)
    .where(OUTBOX.c.id.in_(bindparam("ids", expanding=True)), OUTBOX.c.status == "queued")
    .values(
        status="sending",
        claim=bindparam("name"),
        claimed_until=bindparam("until"),
        claimed_in=bindparam("era"),
        started_at=None,
        attempts=OUTBOX.c.attempts + 1,
    )
    .returning(OUTBOX)
)


def _claimed(row: Any) -> Claimed:  # noqa: ANN401
    draft = Draft(**{name: getattr(row, name) for name in Draft.__dataclass_fields__})
    return Claimed(id=row.id, claim=row.claim, attempts=row.attempts, created_at=row.created_at, draft=draft, doubtful=row.doubtful)


_MINE = [OUTBOX.c.id == bindparam("row"), OUTBOX.c.claim == bindparam("mine")]
_BEGIN = (
    update(OUTBOX)
    .where(*_MINE, wanted(OUTBOX.c))
    .values(started_at=bindparam("now"), claimed_until=bindparam("until"))
    .returning(OUTBOX.c.id)
)
_SENT = (
    update(OUTBOX)
    .where(*_MINE)
    .values(
        status="sent",
        claim=None,
        claimed_until=None,
        error=None,
        settled_at=bindparam("now"),
        provider_id=func.coalesce(bindparam("provider", type_=String), OUTBOX.c.provider_id),
    )
    .returning(OUTBOX.c.id)
)


def begin(session: Connected, held: Claimed, *, now: datetime, until: datetime) -> bool:
    """Write down that a message leaves now; from here on nobody knows whether it went until it is settled.

    Returns:
        Whether it may: the claim still is ours, and the recipient has not opted out meanwhile.

    """
    return first(session, _BEGIN, row=held.id, mine=held.claim, now=now, until=until) is not None


def sent(session: Connected, held: Claimed, *, now: datetime, provider_id: str = "") -> bool:
    """Write down that a message went; only the holder of the claim can, so that a sender given up for dead changes nothing.

    Returns:
        Whether the claim still was ours.

    """
    return first(session, _SENT, row=held.id, mine=held.claim, now=now, provider=provider_id or None) is not None


def settle(
    session: Session, held: Claimed, *, status: str, now: datetime, due_at: datetime | None = None, error: str = "", doubtful: bool = False
) -> bool:
    """Write down how a send ended that did not go, or of which nobody knows whether it went: as `sent` does.

    Args:
        session: the transaction.
        held: which.
        status: queued again, unknown, failed or suppressed.
        now: the moment.
        due_at: when it is to be sent again, or looked for.
        error: why, in the provider's terms.
        doubtful: it is queued again although it may have gone.

    """
    values: dict[str, Any] = {"status": status, "claim": None, "claimed_until": None, "error": error or None}
    values |= {"settled_at": now} if due_at is None else {"due_at": due_at}
    if status == "queued":
        values["started_at"] = None
    if doubtful:
        again = OUTBOX.c.erased_at.is_(None)  # to somebody who was erased nothing is repeated: it is looked for
        values |= {"doubtful": again, "status": case((again, status), else_="unknown"), "looks": 0}
    mine = update(OUTBOX).where(OUTBOX.c.id == held.id, OUTBOX.c.claim == held.claim).values(values)
    row = session.execute(mine.returning(OUTBOX.c.id)).first()
    if row is not None and status in ("queued", "unknown"):
        put_right(session, [OUTBOX.c.id == held.id], now)
    return row is not None


def put_back(session: Session, held: list[Claimed], now: datetime) -> None:
    """Messages that were claimed and not begun wait on, as if they had never been claimed; but for what nobody wants any more."""
    here = OUTBOX.c.id.in_([one.id for one in held])
    mine = [here, OUTBOX.c.claim == held[0].claim, OUTBOX.c.started_at.is_(None)]
    session.execute(update(OUTBOX).where(*mine).values(status="queued", claim=None, claimed_until=None, attempts=OUTBOX.c.attempts - 1))
    put_right(session, [here], now)


def put_right(session: Session, rows: list[ColumnElement[bool]], now: datetime) -> None:
    """Of what failed or is in doubt: what the provider said to have gone went, and what its recipient no longer wants stays."""
    went = update(OUTBOX).where(*rows, OUTBOX.c.provider_status.in_(WENT))
    session.execute(went.values(status="sent", error=None, settled_at=now, claim=None, claimed_until=None))
    suppress_unwanted(session, rows, now)


def under_way(session: Session, now: datetime) -> int:
    """How many messages are claimed and not settled, by all senders together; where a claim ran out, nobody is at work."""
    held = [OUTBOX.c.status == "sending", OUTBOX.c.claimed_until >= now]
    return int(session.execute(select(func.count()).where(*held)).scalar_one())


def anything_to_do(session: Session, channel: str, now: datetime) -> bool:
    """Whether a row is due that may go, or a claim ran out; asked without a lock, so that an idle sender holds up nobody."""
    return bool(first(session, _TO_DO, channel=channel, now=now).any)


def _to_do() -> Select[Any]:
    here = OUTBOX.c.channel == bindparam("channel")
    due = and_(here, OUTBOX.c.status == "queued", OUTBOX.c.due_at <= bindparam("now"), wanted(OUTBOX.c))
    expired = and_(here, OUTBOX.c.status == "sending", OUTBOX.c.claimed_until < bindparam("now"))
    return select(or_(exists().where(due), exists().where(expired)).label("any"))


_TO_DO = _to_do()
