"""What each person was asked last; kept with the person, for as long as an answer to it is understood as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from db.asked import Conversation
from db.statements import first, insert_new, run, table

CONVERSATIONS = table(Conversation)
THEIRS = CONVERSATIONS.c.contact_id == bindparam("contact")
CURRENT = select(CONVERSATIONS).where(THEIRS, CONVERSATIONS.c.expires_at > bindparam("now"))
REPLACE = update(CONVERSATIONS).where(THEIRS)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A conversation under way."""

    asked: str = ""  # role, name, availability, setting, consent; "" where nothing is pending
    number: int | None = None  # the record that it is about
    options: tuple[str, ...] = ()  # the kinds offered to choose from
    questions: int = 0  # put so far


def state(session: Session, contact_id: int, now: datetime) -> State | None:
    """The person's conversation, unless it has run out."""
    row = first(session, CURRENT, contact=contact_id, now=now)
    return State(asked=row.asked, number=row.number, options=tuple(row.options), questions=row.questions) if row else None


def keep(session: Session, contact_id: int, state: State, *, expires_at: datetime, under_way: bool = False) -> None:
    """Write down where a conversation stands, in place of what stood there; `under_way` where something is known to stand there."""
    values: dict[str, Any] = {
        "asked": state.asked,
        "number": state.number,
        "options": list(state.options),
        "questions": state.questions,
        "expires_at": expires_at,
    }
    if under_way or insert_new(session, Conversation, contact_id=contact_id, **values) is None:
        run(session, REPLACE, **values, contact=contact_id)


def end(session: Session, contact_ids: Sequence[int]) -> None:
    """Forget what these people were asked."""
    session.execute(delete(CONVERSATIONS).where(CONVERSATIONS.c.contact_id.in_(contact_ids)))
