"""What each act does to the records: one function an act, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from db import outbox, people, records
from db.history import Author
from db.people import Sender
from db.records import Kept
from notifier.outcomes import (
    CaseOpened,
    Happened,
    HelpWanted,
    NotUnderstood,
    OptedIn,
    OptedOut,
    Outcome,
    RecordChanged,
    RecordOpened,
    RecordWithdrawn,
)
from notifier.programme import Programme
from parsers.errors import IntakeError
from parsers.message import InboundMessage
from parsers.reading import Act, Context, Heard, Kind, Reading, read
from parsers.vocabulary import Vocabulary

DAY = timedelta(days=1)
KINDS: tuple[Kind, ...] = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
# What a guess is between, in the order in which our answer puts the question.
ASKED: tuple[tuple[Kind, Kind], ...] = (("mentor_offer", "mentor_request"), ("shadow_request", "shadow_offer"))


class NobodyWrote(IntakeError):
    """A message that names no sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message and its sender, in the transaction that handles it."""

    inbox_id: int
    author: Author  # of what is changed: the sender, or the coordinator who passed their message on
    sender: Sender
    message: InboundMessage
    reading: Reading
    active: tuple[Kept, ...]  # the sender's records before the message
    now: datetime


Handler = Callable[[Session, Turn], Iterator[Outcome]]


def act(
    session: Session,
    heard: Heard,
    vocabulary: Vocabulary,
    *,
    inbox_id: int,
    programme: Programme,
    now: datetime,
    author: Author | None = None,
) -> Happened:
    """Read a message in the context of its sender and do what it says; `author` is who passed it on, where its sender did not send it.

    Raises:
        NobodyWrote: it names no sender, so that nobody can be answered.

    """
    message = heard.message
    if not message.sender:
        raise NobodyWrote("nobody")
    sender = people.find_or_make_sender(session, channel=_reached_by(message), value=message.sender, now=now)
    active = tuple(records.active(session, sender.contact_id))
    reading = _read(heard, vocabulary, active=active, programme=programme)
    author = author or Author(inbox_id=inbox_id)
    turn = Turn(inbox_id=inbox_id, author=author, sender=sender, message=message, reading=reading, active=active, now=now)
    urgent_number = _open_case(session, turn, reading.urgent) if reading.urgent else None
    _describe(session, turn)
    outcomes = tuple(_outcomes(session, turn))
    return Happened(inbox_id=inbox_id, sender=sender, message=message, reading=reading, outcomes=outcomes, urgent_number=urgent_number)


def _reached_by(message: InboundMessage) -> str:
    return "email" if message.channel == "email" else "sms"


def _read(heard: Heard, vocabulary: Vocabulary, *, active: tuple[Kept, ...], programme: Programme) -> Reading:
    if heard.message.channel == "voice":
        return Reading(reply_text="", acts=("other",), language=programme.language)
    return read(heard, vocabulary, _context(active))


def _context(active: tuple[Kept, ...]) -> Context:
    doubtful = next((record.kind for record in active if record.status == "unconfirmed"), None)
    return Context(
        asked="role" if doubtful else None,
        records=tuple(cast("Kind", record.kind) for record in active),
        options=next((pair for pair in ASKED if doubtful in pair), ()),
    )


def _describe(session: Session, turn: Turn) -> None:
    """What people say of themselves is kept with the person, whatever they write about."""
    said = {key: str(turn.reading.fields.get(key, "")) for key in ("name", "phone", "email")}
    prefers = str(turn.reading.fields.get("channel", ""))
    people.describe(session, turn.sender.contact_id, **said, prefers=prefers, language=turn.reading.language)


def _outcomes(session: Session, turn: Turn) -> Iterator[Outcome]:
    if turn.message.channel == "voice":
        yield from _called(session, turn)
        return
    for said in turn.reading.acts:
        yield from HANDLERS[said](session, turn)


def _called(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Somebody phoned a number that nobody answers: the coordinator is told once a day, however often they try."""
    if not records.has_case_since(session, kind="call", contact_id=turn.sender.contact_id, since=turn.now - DAY):
        yield CaseOpened(_open_case(session, turn, "call"), "call")


def _record(kind: Kind) -> Handler:
    """An offer or a request: it completes the record of its kind, puts right one that was a guess, or opens a new one."""

    def handle(session: Session, turn: Turn) -> Iterator[Outcome]:
        details, sure = turn.reading.fields, not turn.reading.clarify
        active = records.active(session, turn.sender.contact_id)
        same = next((record for record in active if record.kind == kind), None)
        guessed = next((record for record in active if record.status == "unconfirmed" and _rivals(record.kind, kind)), None)
        if same is not None:
            status = "open" if sure and same.status == "unconfirmed" else same.status
            yield RecordChanged(
                records.change(session, same, author=turn.author, now=turn.now, status=status, details=details),
                confirmed=status != same.status,
            )
        elif guessed is not None and sure:
            yield RecordChanged(
                records.change(session, guessed, author=turn.author, now=turn.now, kind=kind, status="open", details=details),
                confirmed=True,
            )
        else:
            yield RecordOpened(_open_record(session, turn, kind))

    return handle


def _rivals(one: str, other: str) -> bool:
    return one != other and any(one in pair and other in pair for pair in ASKED)


def _open_record(session: Session, turn: Turn, kind: Kind) -> Kept:
    return records.open_record(
        session,
        contact_id=turn.sender.contact_id,
        author=turn.author,
        kind=kind,
        status="unconfirmed" if turn.reading.clarify else "open",
        channel=turn.message.channel,
        details=turn.reading.fields,
        now=turn.now,
    )


def _update(session: Session, turn: Turn) -> Iterator[Outcome]:
    """A change; one that we cannot carry out by ourselves goes to the coordinator rather than nowhere."""
    if any(said in KINDS for said in turn.reading.acts):
        return  # the record's own handler has taken the details in
    if not turn.active or not turn.reading.fields.keys() - {"name"}:
        yield from _question(session, turn)
    for record in turn.active if turn.reading.fields else ():
        yield RecordChanged(records.change(session, record, author=turn.author, now=turn.now, details=turn.reading.fields))


def _answer(session: Session, turn: Turn) -> Iterator[Outcome]:
    if turn.active and records.belonging(turn.reading.fields):
        yield from _update(session, turn)


def _withdraw(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Take back the one record that can be meant; where several can, the coordinator decides."""
    meant = [record for record in turn.active if record.kind not in turn.reading.acts]
    if len(meant) == 1:
        yield RecordWithdrawn(records.change(session, meant[0], author=turn.author, now=turn.now, status="withdrawn"))
    else:
        yield from _question(session, turn)


def _question(session: Session, turn: Turn) -> Iterator[Outcome]:
    yield CaseOpened(_open_case(session, turn, "question"), "question")


def _referral(session: Session, turn: Turn) -> Iterator[Outcome]:
    yield CaseOpened(_open_case(session, turn, "referral"), "referral")


def _service_seeker(session: Session, turn: Turn) -> Iterator[Outcome]:
    yield CaseOpened(_open_case(session, turn, "service_seeker"), "service_seeker")


def _opt_out(session: Session, turn: Turn) -> Iterator[Outcome]:
    people.opt_out(session, turn.sender.address_id, turn.now)
    outbox.suppress(session, turn.sender.address_id, turn.now)
    yield OptedOut(confirm=not turn.reading.keyword and not turn.sender.opted_out)


def _opt_in(session: Session, turn: Turn) -> Iterator[Outcome]:
    people.opt_in(session, turn.sender.address_id)
    yield OptedIn(confirm=not turn.reading.keyword)


def _help(_: Session, turn: Turn) -> Iterator[Outcome]:
    yield HelpWanted(answer=not turn.reading.keyword)


def _other(_: Session, turn: Turn) -> Iterator[Outcome]:
    """Small talk and thanks of people whom we know want no answer; a stranger's first "hi" does, and so do words that were lost."""
    if not turn.reading.reply_text.strip():
        yield NotUnderstood(empty=True)
    elif turn.reading.courtesy:
        if not turn.sender.greeted and any(character.isalpha() for character in turn.reading.reply_text):
            yield NotUnderstood(empty=False)
    elif not turn.active:
        yield NotUnderstood(empty=False)


def _nothing(_: Session, __: Turn) -> Iterator[Outcome]:
    yield from ()


def _open_case(session: Session, turn: Turn, kind: str) -> int:
    return records.open_case(session, kind=kind, contact_id=turn.sender.contact_id, inbox_id=turn.inbox_id, now=turn.now)


HANDLERS: dict[Act, Handler] = {
    **{kind: _record(kind) for kind in KINDS},
    "update": _update,
    "answer": _answer,
    "withdraw": _withdraw,
    "question": _question,
    "referral": _referral,
    "service_seeker": _service_seeker,
    "opt_out": _opt_out,
    "opt_in": _opt_in,
    "help": _help,
    "other": _other,
    "automatic": _nothing,
    "spam": _nothing,
}
