"""What each act does: one function an act, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from db import asks, conversations, forgotten, outbox, people, records, urgent
from db.conversations import State
from db.people import Sender
from db.records import Kept
from intake import offers, questions, writers
from intake.arrival import NobodyWrote
from intake.seen import seen_to
from intake.turn import ASKED, KINDS, Handler, Incoming, Turn, choices
from notifier.faq import Faq
from notifier.outcomes import (
    CaseOpened,
    FaqAnswered,
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
from parsers.courtesy import is_reaction
from parsers.message import InboundMessage
from parsers.reading import Act, Context, Heard, Kind, Reading, read
from parsers.turn import read_turn
from parsers.vocabulary import Vocabulary

__all__ = ["ASKED", "HANDLERS", "KINDS", "act"]

DAY = timedelta(days=1)
TOLD = (CaseOpened, RecordOpened, RecordWithdrawn)  # what the coordinators hear of in any case
_NAME_SAID = 6  # so few words with another name in them say nothing else
_FEW_WORDS = 4  # so few words that are not understood pass a question over


def act(
    session: Session,
    heard: Heard,
    vocabulary: Vocabulary,
    *,
    incoming: Incoming,
    programme: Programme,
    faq: Faq | None = None,
) -> Happened:
    """Read a message in the context of its sender and do what it says.

    Raises:
        NobodyWrote: it names no sender, so that nobody can be answered.

    """
    message, inbox_id, now = heard.message, incoming.inbox_id, incoming.now
    if not message.sender:
        raise NobodyWrote("nobody")
    sender = _sender(session, message, key=programme.secret_key, now=now)
    seen = seen_to(session, heard, vocabulary, sender=sender, programme=programme, inbox_id=inbox_id, now=now)
    if seen is not None:
        return seen
    turn = _turn(session, heard, vocabulary, sender=sender, programme=programme, incoming=incoming, faq=faq)
    other, contact_id = writers.another(session, sender, turn.reading, alone=lambda: read(heard, vocabulary, Context()))
    if other:
        sender = people.hand_over(session, sender, contact_id, now=now)
        turn = _turn(session, heard, vocabulary, sender=sender, programme=programme, incoming=incoming, faq=faq)
    urgent_number = _open_urgent(session, turn) if turn.reading.urgent else None
    _describe(session, turn)
    outcomes = tuple(_outcomes(session, turn))
    if incoming.late and urgent_number is None and not any(isinstance(outcome, TOLD) for outcome in outcomes):
        outcomes += (CaseOpened(turn.open_case(session, "message"), "message"),)
    following = questions.put(session, turn, outcomes) if incoming.asks else questions.Next()
    return Happened(
        inbox_id=inbox_id,
        sender=sender,
        message=message,
        reading=turn.reading,
        outcomes=outcomes,
        urgent_number=urgent_number,
        questions=following.questions,
        doubt=following.doubt,
    )


def _sender(session: Session, message: InboundMessage, *, key: str, now: datetime) -> Sender:
    sender = people.find_or_make_sender(session, channel="email" if message.channel == "email" else "sms", value=message.sender, now=now)
    return forgotten.opted_out_before(session, sender, key=key) if sender.fresh and key else sender


def _turn(
    session: Session, heard: Heard, vocabulary: Vocabulary, *, sender: Sender, programme: Programme, incoming: Incoming, faq: Faq | None
) -> Turn:
    """Read a message in its writer's conversation."""
    now = incoming.now
    active = [] if sender.fresh else records.active(session, sender.contact_id)
    state = None if sender.fresh else conversations.state(session, sender.contact_id, now)
    if heard.message.channel == "voice":
        reading = Reading(reply_text="", acts=("other",), language=programme.language)
    else:
        context = replace(_context(active, state), today=now.astimezone(programme.timezone).date())
        language = sender.language or programme.language
        reading = incoming.reading(context, language=language) or read_turn(heard, vocabulary, context, language=language)
    return Turn(
        inbox_id=incoming.inbox_id,
        author=incoming.author,
        faq=faq,
        reaction=is_reaction(heard.words.said, vocabulary),
        sender=sender,
        message=heard.message,
        reading=reading,
        active=active,
        state=state,
        programme=programme,
        now=now,
    )


def _context(active: list[Kept], state: State | None) -> Context:
    """What was asked; of a guess whose question has run out, still which of the two was meant."""
    kinds = tuple(cast("Kind", record.kind) for record in active)
    if state is not None and state.asked and active:
        return Context(asked=state.asked, records=kinds, options=tuple(cast("Kind", kind) for kind in state.options))
    doubtful = next((record.kind for record in active if record.status == "unconfirmed"), None)
    return Context(asked="role" if doubtful else None, records=kinds, options=choices(doubtful) if doubtful else ())


def _describe(session: Session, turn: Turn) -> None:
    """What people say of themselves is kept with the person, whatever they write about."""
    said = {key: str(turn.reading.fields.get(key, "")) for key in ("name", "phone", "email")}
    said["name"] = writers.better_name(turn.sender.name, said["name"], corrected="corrects" in turn.reading.wants)
    prefers = str(turn.reading.fields.get("channel", ""))
    language = turn.reading.language if turn.reading.language != turn.sender.language else ""
    people.describe(session, turn.sender.contact_id, **said, prefers=prefers, language=language)


def _open_urgent(session: Session, turn: Turn) -> int:
    number = turn.open_case(session, str(turn.reading.urgent))
    if turn.reading.urgent == "crisis" and not turn.sender.fresh:
        urgent.rest_older(session, number, turn.sender.contact_id)
    return number


def _outcomes(session: Session, turn: Turn) -> Iterator[Outcome]:
    if turn.message.channel == "voice":
        yield from _called(session, turn)
        return
    wished = offers.wished(session, turn)
    if wished is not None:
        yield from wished
        return
    for said in turn.reading.acts:
        yield from HANDLERS[said](session, turn)
    if turn.reading.fields.keys() & {"phone", "email"}:
        yield from writers.twins(session, turn)


def _called(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Somebody phoned a number that nobody answers: the coordinator is told once a day, however often they try."""
    yield from _once_a_day(session, turn, "call")


def _once_a_day(session: Session, turn: Turn, kind: str) -> Iterator[Outcome]:
    if turn.sender.fresh or not records.has_case_since(session, kind=kind, contact_id=turn.sender.contact_id, since=turn.now - DAY):
        yield CaseOpened(turn.open_case(session, kind), kind)


def _question(session: Session, turn: Turn) -> Iterator[Outcome]:
    """A question is answered from what the programme has written beforehand, once a day, or passed to the coordinator."""
    acts = set(turn.reading.acts)
    has_room = acts == {"question"} or (turn.message.channel == "email" and bool(acts & set(KINDS)))
    known = turn.faq if has_room and not turn.reading.urgent else None
    answer = known.answer(turn.reading.reply_text, turn.reading.language) if known else ""
    if answer and not turn.sender.opted_out and "faq" not in outbox.recent(session, turn.sender.value, turn.now - DAY):
        yield FaqAnswered(answer)
    else:
        yield CaseOpened(turn.open_case(session, "question"), "question")


def _referral(session: Session, turn: Turn) -> Iterator[Outcome]:
    yield CaseOpened(turn.open_case(session, "referral"), "referral")


def _service_seeker(session: Session, turn: Turn) -> Iterator[Outcome]:
    yield CaseOpened(turn.open_case(session, "service_seeker"), "service_seeker")


def _opt_out(session: Session, turn: Turn) -> Iterator[Outcome]:
    outbox.stop_for(session, turn.sender.address_id, turn.now)
    yield OptedOut(confirm=not turn.reading.keyword and not turn.sender.opted_out)


def _opt_in(session: Session, turn: Turn) -> Iterator[Outcome]:
    people.opt_in(session, turn.sender.address_id)
    yield OptedIn(confirm=not turn.reading.keyword)


def _help(_: Session, turn: Turn) -> Iterator[Outcome]:
    yield HelpWanted(answer=not turn.reading.keyword)


def _other(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Small talk of people whom we know wants no answer; a stranger's "hi" does, and what was not understood is read by a person."""
    said = turn.reading.reply_text
    if turn.reaction:
        return
    if not said.strip():
        yield NotUnderstood(empty=True)
    elif turn.reading.courtesy:
        if not turn.sender.greeted and any(character.isalpha() for character in said):
            yield NotUnderstood(empty=False)
    elif not turn.reading.urgent:
        if not turn.active:
            yield NotUnderstood(empty=False)
        elif len(said.split()) <= _NAME_SAID and writers.renames(turn):
            yield from (RecordChanged(record) for record in turn.active)
            return
        elif turn.state and turn.state.asked in questions.ORDER and len(said.split()) <= _FEW_WORDS:
            yield from offers.answer(session, turn)
        if not asks.waiting(session, turn.sender.contact_id):  # else it goes to the coordinator who asked
            yield from _once_a_day(session, turn, "message")


def _nothing(_: Session, __: Turn) -> Iterator[Outcome]:
    yield from ()


HANDLERS: dict[Act, Handler] = {
    **{kind: offers.record(kind) for kind in KINDS},
    "update": offers.update,
    "answer": offers.answer,
    "withdraw": offers.withdraw,
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
