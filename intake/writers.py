"""Who writes: two people may share a telephone, and one person may write by text and by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from db import items, people, records
from db.people import Sender
from intake.turn import KINDS, Turn
from notifier.outcomes import CaseOpened, Outcome
from parsers.folding import fold
from parsers.reading import Reading

MOST_NUMBERS = 3


def another(session: Session, sender: Sender, reading: Reading, *, alone: Callable[[], Reading]) -> tuple[bool, int | None]:
    """Whether somebody else than last time writes from a telephone, and who, where they are known.

    Another name beside an offer or a wish, or by itself, is another person's; a corrected one is the same person's.
    `alone` reads the message as if nothing were on record: what changes one person's offer may be another's first.
    """
    said = str(reading.fields.get("name", ""))
    if sender.channel != "sms" or sender.fresh or not (said and sender.name) or alike(said, sender.name):
        return False, None
    known = next(
        (person.contact_id for person in people.sharing(session, sender.address_id) if person.name and alike(said, person.name)), None
    )
    if known is not None:
        return True, known
    if "corrects" in reading.wants:
        return False, None
    return set(reading.acts) <= {"other"} or bool({*reading.acts, *alone().acts} & set(KINDS)), None


def alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: Dan and Daniel, Ana and Ana Ruiz, Jon and John."""
    if not one or not other:
        return False
    said, known = fold(one).replace(".", " ").split(), fold(other).replace(".", " ").split()
    return any(
        first.startswith(second) or second.startswith(first) or (min(len(first), len(second)) > 3 and OSA.distance(first, second) <= 1)
        for first in said[:1]
        for second in known[:1]
    )


def better_name(known: str, said: str, *, corrected: bool) -> str:
    """A mail's From says Raul of whom we know as Raúl, or Ana of Ana Ruiz: what is known stays, unless more is said, or another."""
    fuller = len(said.split()) > len(known.split())
    return said if corrected or fuller or not alike(said, known) else ""


def renames(turn: Turn) -> bool:
    """Whether a message gives its writer, whom we know, another name or a fuller one."""
    said = str(turn.reading.fields.get("name", ""))
    return bool(said and turn.sender.name) and bool(better_name(turn.sender.name, said, corrected="corrects" in turn.reading.wants))


def twins(session: Session, turn: Turn) -> Iterator[Outcome]:
    """Whoever states the address of somebody whom we know may be that person: the coordinator is asked, and nothing is merged."""
    stated = {"sms": str(turn.reading.fields.get("phone", "")), "email": str(turn.reading.fields.get("email", "")).lower()}
    for channel, value in stated.items():
        if not value or (channel, value) == (turn.sender.channel, turn.sender.value):
            continue
        for other in people.at(session, channel=channel, value=value):
            if other != turn.sender.contact_id and (note := _both(session, turn, other)):
                yield CaseOpened(turn.open_case(session, "twin", note=note), "twin", note=note)


def _both(session: Session, turn: Turn, other: int) -> str:
    """A number of each of the two, unless one of them has none or it was asked before."""
    theirs, mine = items.newest_of(session, other), items.newest_of(session, turn.sender.contact_id)
    if theirs is None or mine is None or records.has_case_like(session, kind="twin", contact_id=turn.sender.contact_id, about=theirs):
        return ""
    return f"{theirs} {mine}"
