"""What a message brought about; the composer turns it into messages."""

from __future__ import annotations

from dataclasses import dataclass

from db.people import Sender
from db.records import Kept
from parsers.message import InboundMessage
from parsers.reading import Reading


@dataclass(frozen=True, slots=True)
class RecordOpened:
    record: Kept


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """More is known of a record; `confirmed` where its kind was a guess until now."""

    record: Kept
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RecordWithdrawn:
    record: Kept


@dataclass(frozen=True, slots=True)
class CaseOpened:
    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """They want no more messages here; where the provider answered that already, or they had said so before, we say nothing."""

    confirm: bool


@dataclass(frozen=True, slots=True)
class OptedIn:
    confirm: bool


@dataclass(frozen=True, slots=True)
class HelpWanted:
    answer: bool


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Words that ask for nothing we know, or no words at all."""

    empty: bool


Outcome = RecordOpened | RecordChanged | RecordWithdrawn | CaseOpened | OptedOut | OptedIn | HelpWanted | NotUnderstood


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One message, read and acted upon."""

    inbox_id: int
    sender: Sender
    message: InboundMessage
    reading: Reading
    outcomes: tuple[Outcome, ...]
    urgent_number: int | None = None  # of the case that a message at risk opened
