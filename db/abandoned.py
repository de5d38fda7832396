"""Claims whose holder is gone: what becomes of the messages that they held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session

from db import claims, doubts
from db.outbox import CRISIS, GIVE_UP_AFTER, OUTBOX
from db.statements import run

_STANDING = select(OUTBOX.c.id, OUTBOX.c.claim, OUTBOX.c.claimed_until).where(
    OUTBOX.c.channel == bindparam("channel"), OUTBOX.c.status == "sending"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A claim as it is; its sender changes it when the message leaves."""

    id: int
    claim: str
    until: datetime


def standing(session: Session, channel: str) -> list[Standing]:
    """All claims on a channel, whosever they are."""
    return [Standing(id=row.id, claim=row.claim, until=row.claimed_until) for row in run(session, _STANDING, channel=channel)]


def give_up_expired(
    session: Session, now: datetime, *, channel: str, era: str = "", among: Collection[int] | None = None
) -> list[tuple[int, str]]:
    """Claims that ran out: whoever held them is gone.

    What had not begun never left, and waits again, unless a power cut may have taken the mark that it had.
    Of the rest nobody knows: they are looked for; a crisis answer is repeated at once, since two are better than none.

    Args:
        session: the transaction.
        now: the moment, by a clock that may have jumped.
        channel: the asking sender's own: on the others somebody may be at work.
        era: the database's.
        among: where others send on this channel too, the rows that were seen to stand still; None where nobody does.

    Returns:
        Of each row its id and what became of it.

    """
    expired: list[ColumnElement[bool]] = [OUTBOX.c.channel == channel, OUTBOX.c.status == "sending", OUTBOX.c.claimed_until < now]
    if among is not None:
        expired.append(OUTBOX.c.id.in_(among))
    rows = list(session.execute(select(OUTBOX.c.id).where(*expired)).scalars())
    if not rows:
        return []
    here: list[ColumnElement[bool]] = [*expired, OUTBOX.c.id.in_(rows)]
    claims.put_right(session, here, now)
    free: dict[str, Any] = {"claim": None, "claimed_until": None}
    left_never = [*here, OUTBOX.c.started_at.is_(None), func.coalesce(OUTBOX.c.claimed_in, "") == era]
    old = update(OUTBOX).where(*left_never, OUTBOX.c.created_at < now - GIVE_UP_AFTER)  # it may be what ends its senders
    session.execute(old.values(**free, status="failed", error=doubts.SENDER_GONE, settled_at=now))
    session.execute(update(OUTBOX).where(*left_never).values(**free, status="queued", due_at=now))
    crisis = update(OUTBOX).where(*here, OUTBOX.c.priority == CRISIS, ~OUTBOX.c.doubtful, OUTBOX.c.erased_at.is_(None))
    session.execute(crisis.values(**free, status="queued", due_at=now, doubtful=True, error=doubts.SENDER_GONE, started_at=None))
    lost = update(OUTBOX).where(*here)
    session.execute(lost.values(**free, status="unknown", looks=0, due_at=doubts.first_look(now), error=doubts.SENDER_GONE))
    claims.put_right(session, [OUTBOX.c.id.in_(rows)], now)
    return [(row.id, row.status) for row in session.execute(select(OUTBOX.c.id, OUTBOX.c.status).where(OUTBOX.c.id.in_(rows)))]
