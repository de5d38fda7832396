"""What an answer's template is given to say."""

from __future__ import annotations

from db.records import Kept
from notifier.outcomes import (
    CaseOpened,
    FaqAnswered,
    Happened,
    RecordChanged,
    RecordOpened,
    RecordPaused,
    RecordResumed,
    RecordWithdrawn,
    StatusWanted,
    WhichMeant,
)
from notifier.programme import Programme
from parsers.folding import fold, tokens


def said_of(happened: Happened, programme: Programme) -> dict[str, object]:
    """The values of every answer's template, whichever it is."""
    return {
        "programme": programme,
        "coordinator": _in_person(happened, programme),
        "name": happened.reading.fields.get("name") or happened.sender.name,
        "records": _records(happened),
        "withdrawn": any(isinstance(outcome, RecordWithdrawn) and outcome.said for outcome in happened.outcomes),
        "until": next((outcome.until for outcome in happened.outcomes if isinstance(outcome, RecordPaused)), None),
        "answer": next((outcome.answer for outcome in happened.outcomes if isinstance(outcome, FaqAnswered)), ""),
        "asked": any(isinstance(outcome, CaseOpened) and outcome.kind == "question" for outcome in happened.outcomes),
        "questions": happened.questions,
        "doubt": happened.doubt,
        "first": not happened.sender.greeted,
        "timezone": programme.timezone,
    }


def _in_person(happened: Happened, programme: Programme) -> str:
    """Who will be in touch: nobody whom the message names, since it may complain of them."""
    said = tokens(fold(happened.reading.reply_text))
    free = (each.name for each in programme.coordinators if not said & set(fold(each.name).split()[:1]))
    return next(free, programme.name)


def _records(happened: Happened) -> list[Kept]:
    """The records that the message did something to, each as it stands after all of it."""
    found: dict[int, Kept] = {}
    for outcome in happened.outcomes:
        match outcome:
            case RecordOpened(record) | RecordChanged(record) | RecordPaused(record) | RecordResumed(record):
                found[record.number] = record
            case StatusWanted(records) | WhichMeant(records):
                found |= {record.number: record for record in records}
    return list(found.values())
