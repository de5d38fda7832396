"""What a message does to its writer's offers and requests: opens, completes, corrects, takes back, lets rest, takes up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from sqlalchemy.orm import Session

from db import records
from db.records import Kept
from intake.turn import KINDS, Handler, Turn, rivals
from notifier.digest import moment
from notifier.outcomes import (
    CaseOpened,
    Outcome,
    RecordChanged,
    RecordOpened,
    RecordPaused,
    RecordResumed,
    RecordWithdrawn,
    StatusWanted,
    WhichMeant,
)
from parsers.reading import Kind

WEAK = frozenset({"answer", "other", "update", "question", "help"})  # beside a plain wish these say nothing more
_FEW_WORDS = 4


def wished(session: Session, turn: Turn) -> list[Outcome] | None:
    """What is plainly wished for what stands on record; None where the acts decide."""
    reading, acts = turn.reading, set(turn.reading.acts)
    if reading.urgent:
        return None
    if "status" in reading.wants and acts <= WEAK:
        return [StatusWanted(tuple(turn.active))]
    if turn.state and turn.state.asked == "which" and acts <= WEAK | {"withdraw"} and (chosen := _chosen(turn)):
        return [RecordWithdrawn(_change(session, turn, record, status="withdrawn")) for record in chosen]
    if (resting := _resting(turn)) and acts <= WEAK | {"withdraw"}:
        return [_pause(session, turn, record) for record in resting]
    paused = [record for record in turn.active if record.status == "paused"]
    if "resume" in reading.wants and paused and acts <= WEAK | {"opt_in"} and not (reading.keyword or turn.sender.opted_out):
        meant = [record for record in paused if record.kind in reading.about] or paused
        return [RecordResumed(_change(session, turn, record, status="open", details=reading.fields)) for record in meant]
    return None


def _chosen(turn: Turn) -> list[Kept]:
    """Which of several was meant; whoever wants to keep one of them is not taken at half a word."""
    if "still" in turn.reading.wants:
        return []
    if "all" in turn.reading.wants:
        return list(turn.active)
    return [record for record in turn.active if record.kind in turn.reading.about]


def _resting(turn: Turn) -> list[Kept]:
    reading = turn.reading
    if "pause" not in reading.wants or "still" in reading.wants or records.belonging(reading.fields):
        return []
    short = len(reading.reply_text.split()) <= _FEW_WORDS and "resume" not in reading.wants
    if not (reading.until or "withdraw" in reading.acts or short):
        return []
    return [record for record in turn.active if record.kind in reading.about] or list(turn.active)


def _pause(session: Session, turn: Turn, record: Kept) -> Outcome:
    day = turn.reading.until
    ends = moment(day, time(), turn.programme.timezone) if day else None
    return RecordPaused(_change(session, turn, record, status="paused", paused_until=ends), day)


def record(kind: Kind) -> Handler:
    """An offer or a request: it completes the record of its kind, puts right one that was taken for another, or opens a new one."""

    def handle(session: Session, turn: Turn) -> Iterator[Outcome]:
        details, sure = turn.reading.fields, not turn.reading.clarify
        same, wrong = turn.of_kind(kind), _mistaken(turn, kind)
        if same is not None:
            if wrong is not None and sure:  # two of a kind there cannot be: what was mistaken goes
                yield RecordWithdrawn(_change(session, turn, wrong, status="withdrawn"), said=False)
            status = "open" if sure and same.status in ("unconfirmed", "paused") else same.status
            changed = _change(session, turn, same, status=status, details=details)
            yield RecordChanged(changed, confirmed=same.status == "unconfirmed" and status == "open")
        elif wrong is not None and sure:
            yield RecordChanged(_change(session, turn, wrong, kind=kind, status="open", details=details), confirmed=True)
        elif not sure and (rival := next((other for other in turn.active if rivals(other.kind, kind)), None)):
            yield RecordChanged(_change(session, turn, rival, details=details))  # the same keyword again is no second record
        else:
            yield RecordOpened(_open(session, turn, kind))

    return handle


def _mistaken(turn: Turn, kind: Kind) -> Kept | None:
    """The record that was taken for another kind than the one that is said now: a guess, or one that its writer corrects."""
    rival = next((other for other in turn.active if rivals(other.kind, kind) and other.kind not in turn.reading.acts), None)
    if rival is None or rival.status == "unconfirmed":
        return rival
    corrects = "corrects" in turn.reading.wants or "withdraw" in turn.reading.acts
    return rival if corrects and turn.state is not None else None


def update(session: Session, turn: Turn) -> Iterator[Outcome]:
    """A change; one that we cannot carry out by ourselves goes to the coordinator rather than nowhere."""
    acts = set(turn.reading.acts)
    if acts & set(KINDS):
        return  # the record's own handler has taken the details in
    if not turn.active or not turn.reading.fields:
        yield CaseOpened(turn.open_case(session, "question"), "question")
        return
    meant = [record for record in turn.active if record.kind in turn.reading.about] or list(turn.active)
    for each in meant:
        yield RecordChanged(_change(session, turn, each, status=_status(turn, each), details=turn.reading.fields))


def _status(turn: Turn, record: Kept) -> str:
    """What rests goes on where its writer offers it anew."""
    anew = record.kind in turn.reading.about and "unavailable" not in turn.reading.fields and "withdraw" not in turn.reading.acts
    return "open" if record.status == "paused" and anew else record.status


def answer(session: Session, turn: Turn) -> Iterator[Outcome]:
    """What was asked is answered, for every record that lacks it; what is said besides, `update` takes in."""
    acts = set(turn.reading.acts)
    if acts & {*KINDS, "update"} or not turn.active:
        return
    about, said = turn.state.number if turn.state else None, records.belonging(turn.reading.fields)
    meant = [record for record in turn.active if record.number == about or said.keys() - record.details.keys()]
    for each in meant or turn.active[:1]:
        yield RecordChanged(_change(session, turn, each, details=said))


def withdraw(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Take back the one record that can be meant; where several can, ask which."""
    meant = [record for record in turn.active if record.kind not in turn.reading.acts]
    if not meant and turn.touched:
        return  # it was put right as another kind
    if "still" not in turn.reading.wants:
        meant = [record for record in meant if record.kind in turn.reading.about] or meant
    if len(meant) == 1 or "all" in turn.reading.wants:
        for each in meant:
            yield RecordWithdrawn(_change(session, turn, each, status="withdrawn"))
    elif meant:
        yield WhichMeant(tuple(meant))
    else:
        yield CaseOpened(turn.open_case(session, "question"), "question")


def _change(session: Session, turn: Turn, record: Kept, **values: Any) -> Kept:  # noqa: ANN401
    if "adds" in turn.reading.wants and not turn.reading.wants & {"anew", "corrects"}:
        values["details"] = _joined(record.details, values.get("details") or {})
    return turn.keep(records.change(session, record, author=turn.author, now=turn.now, **values))


def _joined(known: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Put what is said besides to what is known: Tuesdays too."""
    both = {key: sorted({*known.get(key, ()), *value}) for key, value in said.items() if isinstance(value, list)}
    if refused := set(known.get("unavailable", ())) - set(both.get("availability", ())):
        both.setdefault("unavailable", sorted(refused))
    return {**said, **both}


def _open(session: Session, turn: Turn, kind: Kind) -> Kept:
    return turn.keep(
        records.open_record(
            session,
            contact_id=turn.sender.contact_id,
            author=turn.author,
            kind=kind,
            status="unconfirmed" if turn.reading.clarify else "open",
            channel=turn.message.channel,
            details=turn.reading.fields,
            now=turn.now,
        )
    )
