"""What every command is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db import items
from db.history import Author
from db.items import Item
from notifier.programme import Coordinator, Programme
from parsers.message import Channel, InboundMessage
from parsers.orders import Order
from parsers.until import until
from parsers.vocabulary import Vocabulary

if TYPE_CHECKING:
    from notifier.digest import Digests
    from notifier.letters import Letters
    from notifier.relay import Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What commands work with, the same for all of them."""

    programme: Programme
    vocabulary: Vocabulary
    letters: Letters
    digests: Digests
    relay: Relay
    parse: Mapping[Channel, Callable[[bytes], InboundMessage]]
    places: Collection[str] = ()  # where originals of somebody who is erased can be deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The mail of ours that a command mail answers."""

    key: str
    template: str
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command mail, or text, of one coordinator, in the transaction that carries it out."""

    session: Session
    coordinator: Coordinator
    inbox_id: int
    now: datetime
    tools: Tools
    answered: Answered | None = None
    thread: str = ""  # References for a mail that continues the coordinator's
    by_text: bool = False

    @property
    def author(self) -> Author:
        return Author(name=self.coordinator.email.lower(), inbox_id=self.inbox_id)

    def named(self, email: str) -> str:
        """The name of a coordinator; the address of one who is none any more."""
        found = self.tools.programme.coordinator_at(email)
        return found.name if found else email

    def numbers(self, order: Order) -> tuple[int, ...]:
        """The numbers in the line, or else that of the alert which it answers."""
        if order.numbers or order.is_elsewhere or self.answered is None or self.answered.number is None:
            return order.numbers
        return (self.answered.number,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a line, or of one item in it; `code` names the words for it in the templates' results.txt."""

    code: str
    done: bool = True
    values: Mapping[str, object] = field(default_factory=dict)


class Command(Protocol):
    """Something that a coordinator may say. Its words are in the coordinators' vocabulary, its help in the templates' commands.txt."""

    name: str
    by_text: bool  # may also come as a text from a coordinator's phone

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """Do it; a result that is not `done` takes the whole line back."""


Act = Callable[[Job, Item], Result]


def done(code: str, **values: object) -> Result:
    return Result(code=code, values=values)


def refused(code: str, **values: object) -> Result:
    return Result(code=code, done=False, values=values)


def for_each(job: Job, order: Order, act: Act, *, takes: bool = False) -> Iterator[Result]:
    """Do something to every item that the line names; `takes` where words may stand behind the numbers."""
    if order.rest and not takes:
        yield refused("not_understood", nearest=order.name)
        return
    numbers = job.numbers(order)
    if not numbers:
        yield refused("which_number", nearest=order.name)
    for number in numbers:
        item = items.find(job.session, number)
        yield act(job, item) if item else refused("no_such_number", number=number)


def with_words(job: Job, order: Order, act: Act, *, alone: bool) -> Iterator[Result]:
    """Do something with the words behind the numbers, which must not be missing; `alone` where they go to one person at a time."""
    if not order.rest:
        yield refused("say_what", nearest=order.name)
    elif alone and len(job.numbers(order)) > 1:
        yield refused("one_number", nearest=order.name)
    else:
        yield from for_each(job, order, act, takes=True)


def moment_of(job: Job, text: str) -> datetime | None:
    """The start of the day that a line names, at the programme's place; None where it names none to come."""
    zone: ZoneInfo = job.tools.programme.timezone
    day = until(text, job.now.astimezone(zone).date(), vocabulary=job.tools.vocabulary)
    return datetime.combine(day, time(), tzinfo=zone) if day else None


def state(item: Item) -> dict[str, object]:
    """What the words of a result may need to know of an item."""
    return {"number": item.number, "kind": item.kind, "status": item.status, "name": item.name}
