"""Records and cases by what a coordinator asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from db import inbox, listing, people, records
from db.engine import Database
from db.history import Author
from db.listing import RECORDS, Wanted
from tests.fakes import START as NOW

LATER = NOW + timedelta(days=3)


@pytest.fixture
def several(database: Database) -> Database:
    """Ana in Butte offers on Friday, Bo at a warmline; Ana asks something; Cy's request is closed."""
    with database.write() as session:
        stored = inbox.store(session, channel="sms", external_id="1", source=b"", received_at=NOW).inbox_id
        author = Author(inbox_id=stored)
        who = [people.make_contact(session, name=name, now=NOW) for name in ("Ana", "Bo 100%", "Cy")]
        rows: list[tuple[int, str, str, dict[str, Any]]] = [
            (0, "mentor_offer", "open", {"location": "Butte", "availability": ["fri:evening"]}),
            (1, "shadow_offer", "paused", {"setting": ["warmline", "er"]}),
            (2, "mentor_request", "closed", {}),
        ]
        for at, kind, status, details in rows:
            known: dict[str, Any] = {"author": author, "channel": "sms", "details": details, "now": NOW + timedelta(hours=at)}
            records.open_record(session, contact_id=who[at], kind=kind, status=status, **known)
        records.open_case(session, kind="question", contact_id=who[0], inbox_id=stored, now=NOW)
        records.open_case(session, kind="call", contact_id=None, inbox_id=stored, now=NOW)
        session.execute(update(RECORDS).where(RECORDS.c.id == 2).values(assigned_to="sam", snoozed_until=LATER, note="50% of_time"))
    return database


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [1, 2, 4, 5]),
        (Wanted(statuses=()), [1, 2, 3, 4, 5]),
        (Wanted(statuses=("closed",)), [3]),
        (Wanted(kinds=("mentor_offer", "question")), [1, 4]),
        (Wanted(details=(("setting", ("warmline",)),)), [2]),
        (Wanted(details=(("availability", ("fri:morning", "fri:evening")),)), [1]),
        (Wanted(details=(("setting", ("warmline",)), ("availability", ("fri:evening",)))), []),
        (Wanted(words=("ana",)), [1, 4]),
        (Wanted(words=("BUTTE",)), [1]),
        (Wanted(words=("ana", "butte")), [1]),
        (Wanted(words=("100%",)), [2]),
        (Wanted(words=("f_t",)), [2]),
        (Wanted(words=("x%y",)), []),
        (Wanted(words=("_",)), [2]),
        (Wanted(words=("%",)), [2]),
        (Wanted(assigned_to="sam"), [2]),
        (Wanted(assigned_to=""), [1, 4, 5]),
        (Wanted(before=NOW + timedelta(minutes=30)), [1, 4, 5]),
        (Wanted(snoozed_at=NOW), [2]),
        (Wanted(snoozed_at=LATER), []),
    ],
)
def test_what_fits(several: Database, wanted: Wanted, numbers: list[int]) -> None:
    """All that is asked for must hold; signs that a database takes for more than themselves are themselves."""
    with several.read() as session:
        found, count = listing.find(session, wanted, most=10)
    assert ([row.number for row in found], count) == (numbers, len(numbers))


def test_no_more_than_asked_for(several: Database) -> None:
    """How many there are in all is told."""
    with several.read() as session:
        found, count = listing.find(session, Wanted(), most=2)
    assert ([row.number for row in found], count) == ([1, 2], 4)
