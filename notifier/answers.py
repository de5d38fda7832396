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


def said_of(happened: Happened, programme: Programme) -> dict[str, object]:
    """The values of every answer's template, whichever it is."""
    coordinators = programme.coordinators
    return {
        "programme": programme,
        "coordinator": coordinators[0].name if coordinators else programme.name,
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
