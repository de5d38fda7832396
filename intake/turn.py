"""One message and its sender, in the transaction that handles it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from db import records
from db.conversations import State
from db.history import Author
from db.models import ACTIVE
from db.people import Sender
from db.records import Kept
from intake.arrival import Guess
from notifier.faq import Faq
from notifier.outcomes import Outcome
from notifier.programme import Programme
from parsers.message import InboundMessage
from parsers.reading import Context, Kind, Reading

KINDS: tuple[Kind, ...] = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
# What a guess is between, in the order in which our answer puts the question.
ASKED: tuple[tuple[Kind, Kind], ...] = (("mentor_offer", "mentor_request"), ("shadow_request", "shadow_offer"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """How a message came to be handled."""

    inbox_id: int
    now: datetime
    passed_on_by: Author | None = None  # the coordinator who passed it on, where its sender did not send it
    late: bool = False  # it is too old to be answered
    guess: Guess | None = None  # how it was read beforehand

    def reading(self, context: Context, *, language: str) -> Reading | None:
        """What it says in this context, where that was read beforehand."""
        return self.guess.reading if self.guess and (self.guess.context, self.guess.language) == (context, language) else None

    @property
    def author(self) -> Author:
        """Who changes what it changes."""
        return self.passed_on_by or Author(inbox_id=self.inbox_id)

    @property
    def asks(self) -> bool:
        """Whether its sender may be asked anything."""
        return not self.late and self.passed_on_by is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A message that is being handled; `active` is kept up to date while it is."""

    inbox_id: int
    sender: Sender
    message: InboundMessage
    reading: Reading
    active: list[Kept]  # the sender's records
    programme: Programme
    now: datetime
    state: State | None = None  # the conversation that it falls into
    faq: Faq | None = None
    author: Author = field(default_factory=Author)  # of what is changed: the sender, or the coordinator who passed their message on
    reaction: bool = False  # a telephone wrote it when one of our messages was tapped
    touched: set[int] = field(default_factory=set)  # the numbers of the records that it changed

    @property
    def name(self) -> str:
        return str(self.reading.fields.get("name") or self.sender.name)

    def of_kind(self, kind: str) -> Kept | None:
        return next((record for record in self.active if record.kind == kind), None)

    def keep(self, record: Kept) -> Kept:
        """Take note of a record as it stands now."""
        self.touched.add(record.number)
        self.active[:] = sorted(
            [*(other for other in self.active if other.number != record.number), *([record] if record.status in ACTIVE else [])],
            key=lambda kept: kept.number,
        )
        return record

    def open_case(self, session: Session, kind: str, *, note: str = "") -> int:
        return records.open_case(session, kind=kind, contact_id=self.sender.contact_id, inbox_id=self.inbox_id, now=self.now, note=note)


Handler = Callable[[Session, Turn], Iterator[Outcome]]


def rivals(one: str, other: str) -> bool:
    """Whether two kinds are easily taken for one another."""
    return one != other and any(one in pair and other in pair for pair in ASKED)


def choices(kind: str) -> tuple[Kind, ...]:
    """What a guess is between."""
    return next((pair for pair in ASKED if kind in pair), ())
