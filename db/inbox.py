"""Messages that came in, each kept once as it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.models import Inbound
from db.statements import insert_new, run, table
from parsers.message import Channel, InboundMessage

Outcome = Literal["handled", "automatic", "quarantined"]
INBOX = table(Inbound)
THE_FIRST = select(INBOX.c.id, INBOX.c.outcome).where(
    INBOX.c.channel == bindparam("channel"), INBOX.c.external_id == bindparam("external_id")
)
NOTE = update(INBOX).where(INBOX.c.id == bindparam("inbox"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a message is kept, and whether it was there before."""

    inbox_id: int
    outcome: Outcome
    repeat: bool


def store(session: Session, *, channel: str, external_id: str, source: bytes, received_at: datetime) -> Stored:
    """Keep a message as it came; the same external id again finds the first one."""
    row = insert_new(
        session,
        Inbound,
        channel=channel,
        external_id=external_id,
        source=source,
        received_at=received_at,
        outcome="handled",
        acts="",
        resembles="",
        message_id="",
    )
    if row is not None:
        return Stored(inbox_id=row.id, outcome="handled", repeat=False)
    first = run(session, THE_FIRST, channel=channel, external_id=external_id)[0]
    return Stored(inbox_id=first.id, outcome=first.outcome, repeat=True)


def note(session: Session, inbox_id: int, /, **what: Any) -> None:  # noqa: ANN401
    """Write down what became of a message: its outcome, who wrote it, what they did."""
    run(session, NOTE, **what, inbox=inbox_id)


def known(session: Session, channel: str, external_ids: Sequence[str]) -> set[str]:
    """Which of these messages are here already."""
    found = select(INBOX.c.external_id).where(INBOX.c.channel == channel, INBOX.c.external_id.in_(external_ids))
    return set(session.execute(found).scalars())


def newest(session: Session) -> datetime | None:
    """When the last message came."""
    return session.execute(select(INBOX.c.received_at).order_by(INBOX.c.received_at.desc()).limit(1)).scalar()


def address_of(session: Session, inbox_id: int | None) -> int | None:
    """Whence a message came."""
    return session.execute(select(INBOX.c.address_id).where(INBOX.c.id == inbox_id)).scalar()


def message_of(session: Session, inbox_id: int, parse: Mapping[Channel, Callable[[bytes], InboundMessage]]) -> InboundMessage | None:
    """A message once more as it was parsed; None where its source was deleted."""
    row = session.execute(select(INBOX.c.channel, INBOX.c.source).where(INBOX.c.id == inbox_id)).first()
    return parse[row.channel](row.source) if row and row.source is not None and row.channel in parse else None
