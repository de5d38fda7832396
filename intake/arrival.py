"""A message on its way through the door: as it came, as it was understood, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.inbox import Outcome
from parsers.errors import IntakeError
from parsers.message import Channel
from parsers.reading import Heard


class NotStored(IntakeError):
    """The database took nothing in; whoever brought the message must keep it and come again."""


class NotKept(IntakeError):
    """There is no such message among those that were kept aside."""


class Unreadable(IntakeError):
    """A message that ended the process each time that it was taken up; it is kept aside unparsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it came, before anything of it is understood."""

    channel: Channel
    external_id: str  # the same message again has the same one
    source: bytes
    received_at: datetime
    late: bool = False  # it is too old to be answered
    deadly: bool = False  # it ended the process before, and must not be parsed again


@dataclass(frozen=True, slots=True)
class Ready:
    """An arrival and what could be made of it without a lock: what was heard, or why nothing could be."""

    arrival: Arrival
    heard: Heard | None
    error: Exception | None
    resembles: str = ""  # what an automatic mail would be, were it a person's


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an arrival; what it names is committed."""

    inbox_id: int
    outcome: Outcome  # of a repeat, what became of the first
    repeat: bool
