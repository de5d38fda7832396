"""A message on its way through the door: as it came, as it was understood, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from parsers.errors import IntakeError
from parsers.message import Channel
from parsers.reading import Context, Heard, Reading

if TYPE_CHECKING:
    # A process that only listens has no use for a database.
    from db.inbox import Outcome
    from db.quarantine import Kept

PORTION = 10  # of many messages are listened to together, and taken in together
TOO_OLD = timedelta(hours=48)  # a message that came earlier is not answered any more


class NotStored(IntakeError):
    """The database took nothing in; whoever brought the message must keep it and come again."""


class NobodyWrote(IntakeError):
    """A message names no sender; why it is kept aside is told to people of several languages, who have words for it of their own."""


class NotKept(IntakeError):
    """There is no such message among those that were kept aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it came, before anything of it is understood."""

    channel: Channel
    external_id: str  # the same message again has the same one
    source: bytes
    received_at: datetime
    late: bool = False  # it is too old to be answered
    deadly: bool = False  # it ended the process before, and must not be parsed again


def brought_again(kept: Kept, source: bytes, *, now: datetime) -> Arrival:
    """A message that was kept aside, as if it came now."""
    return Arrival(
        channel=cast("Channel", kept.channel),
        external_id=kept.external_id,
        source=source,
        received_at=kept.received_at,
        late=now - kept.received_at > TOO_OLD,
    )


def in_portions(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    """Of which one can be taken in while the next is listened to."""
    return (arrivals[start : start + PORTION] for start in range(0, len(arrivals), PORTION))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How a message is read if it is said in this context, its writer answered in this language where its words do not tell."""

    context: Context
    language: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What can be made of an arrival without the database, or why nothing can be."""

    heard: Heard | None = None
    error: str = ""  # in words that are nobody's
    resembles: str = ""  # what an automatic mail would be, were it a person's
    guess: Guess | None = None  # that nothing is known of its writer, as with most


@dataclass(frozen=True, slots=True)
class Ready:
    """An arrival and what was made of it before any lock is held."""

    arrival: Arrival
    understood: Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an arrival; what it names is committed."""

    inbox_id: int
    outcome: Outcome  # of a repeat, what became of the first
    repeat: bool
