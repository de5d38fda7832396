"""What is still to be known of an offer or a request, and which question is put next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from db import conversations
from db.conversations import State
from db.records import Kept
from intake.turn import KINDS, Turn, choices
from notifier.outcomes import OptedOut, Outcome, RecordChanged, RecordOpened, WhichMeant

ORDER = ("role", "name", "availability", "setting")
MOST = 3
LASTS = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Next:
    """What the answer asks: one thing by text, by mail all that is missing."""

    questions: tuple[str, ...] = ()
    doubt: str = ""  # the kind that is a guess, where it is asked which was meant


def put(session: Session, turn: Turn, outcomes: Sequence[Outcome]) -> Next:
    """Choose what the answer asks, and keep it in mind for 72 hours; at most three questions in one conversation."""
    if any(isinstance(outcome, OptedOut) for outcome in outcomes):
        return _end(session, turn)
    for outcome in outcomes:
        if isinstance(outcome, WhichMeant):
            options = tuple(record.kind for record in outcome.records)
            return _keep(session, turn, State(asked="which", options=options, questions=_so_far(turn)), Next(("which",)))
    said = [outcome for outcome in outcomes if isinstance(outcome, RecordOpened | RecordChanged)]
    if turn.reading.urgent or not said:
        return _end(session, turn) if turn.state and turn.touched and not turn.active else Next()
    opened = any(isinstance(outcome, RecordOpened) for outcome in said)
    if turn.state is None and not opened and all(outcome.record.status != "unconfirmed" for outcome in said):
        return Next()
    about = _about(turn, [outcome.record for outcome in said])
    asked = tuple(_missing(turn, about, opened=opened))
    so_far = 0 if opened else _so_far(turn)
    if turn.message.channel == "email":
        asked = asked if opened else asked[:1] if asked[:1] == ("role",) else ()
    else:
        asked = asked[:1] if so_far < MOST else ()
    state = State(
        asked=asked[0] if asked else "",
        number=about.number,
        options=choices(about.kind) if asked[:1] == ("role",) else (),
        questions=so_far + len(asked),
    )
    return _keep(session, turn, state, Next(asked, about.kind if asked[:1] == ("role",) else ""))


def _about(turn: Turn, said: Sequence[Kept]) -> Kept:
    """The record that the next question is about: a guess before all, else the one that was spoken of."""
    guess = next((record for record in turn.active if record.status == "unconfirmed"), None)
    return guess or said[-1]


def _missing(turn: Turn, record: Kept, *, opened: bool) -> Iterator[str]:
    """What is not known of it, in the order in which it is asked; what its writer would not say is not asked again."""
    lacks = {
        "role": record.status == "unconfirmed",
        "name": not turn.name,
        "availability": not record.details.keys() & {"availability", "unavailable"},
        "setting": not record.details.keys() & {"setting", "location"} and not _from_afar(record),
    }
    asked = turn.state.asked if turn.state else ""
    first = 0
    if asked in ORDER and not opened:
        first = ORDER.index(asked) + _passed_over(turn)
    for place, question in enumerate(ORDER):
        if lacks[question] and (place >= first or question == "role"):
            yield question


def _from_afar(record: Kept) -> bool:
    """Whoever would meet by phone or video needs no town."""
    return "modality" in record.details and "in_person" not in record.details["modality"]


def _passed_over(turn: Turn) -> bool:
    """Whether the question was answered with nothing that could be kept, and with nothing else either."""
    return bool({"answer", "other"} & set(turn.reading.acts)) and not turn.reading.fields and not set(turn.reading.acts) & set(KINDS)


def _so_far(turn: Turn) -> int:
    return turn.state.questions if turn.state else 0


def _keep(session: Session, turn: Turn, state: State, following: Next) -> Next:
    conversations.keep(session, turn.sender.contact_id, state, expires_at=turn.now + LASTS, under_way=turn.state is not None)
    return following


def _end(session: Session, turn: Turn) -> Next:
    if turn.state is not None:
        conversations.end(session, [turn.sender.contact_id])
    return Next()
