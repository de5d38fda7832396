"""What a message brought about; the composer turns it into messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db.people import Sender
from db.records import Kept
from notifier.programme import Coordinator
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
    """It is taken back; not said where another of its kind stands in its place."""

    record: Kept
    said: bool = True


@dataclass(frozen=True, slots=True)
class RecordPaused:
    """It rests until a day, or until its writer says that they are back."""

    record: Kept
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RecordResumed:
    record: Kept


@dataclass(frozen=True, slots=True)
class WhichMeant:
    """Something shall be taken back, and it may be any of these."""

    records: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class StatusWanted:
    """They want to know what stands on record."""

    records: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class CaseOpened:
    number: int
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FaqAnswered:
    """A question that the programme has answered beforehand."""

    answer: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A coordinator sees to somebody at risk; all coordinators hear of it. No numbers where a colleague was quicker."""

    numbers: tuple[int, ...]
    coordinator: Coordinator


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


Outcome = (
    RecordOpened
    | RecordChanged
    | RecordWithdrawn
    | RecordPaused
    | RecordResumed
    | WhichMeant
    | StatusWanted
    | CaseOpened
    | FaqAnswered
    | Acknowledged
    | OptedOut
    | OptedIn
    | HelpWanted
    | NotUnderstood
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One message, read and acted upon."""

    inbox_id: int
    sender: Sender
    message: InboundMessage
    reading: Reading
    outcomes: tuple[Outcome, ...]
    urgent_number: int | None = None  # of the case that a message at risk opened
    questions: tuple[str, ...] = ()  # what the answer asks: role, name, availability, setting, which
    doubt: str = ""  # the kind that is a guess, where the answer asks which was meant
