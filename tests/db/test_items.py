"""Records and cases by their number: found, changed with a history, and changed back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db import history, inbox, items, people, records
from db.engine import Database
from db.history import Author
from db.items import Item
from tests.fakes import START as NOW

SAM = Author(name="sam@example.org")
LATER = NOW + timedelta(days=5)


@pytest.fixture
def both(database: Database) -> Database:
    """#1 is an offer of somebody's, #2 their question."""
    with database.write() as session:
        sender = people.find_or_make_sender(session, channel="sms", value="+14065550111", now=NOW)
        stored = inbox.store(session, channel="sms", external_id="1", source=b"", received_at=NOW)
        author = Author(inbox_id=stored.inbox_id)
        known: dict[str, Any] = {"contact_id": sender.contact_id, "channel": "sms", "details": {"location": "Butte"}, "now": NOW}
        records.open_record(session, author=author, kind="mentor_offer", status="open", **known)
        records.open_case(session, kind="question", contact_id=sender.contact_id, inbox_id=stored.inbox_id, now=NOW)
    return database


def find(database: Database, number: int) -> Item:
    with database.read() as session:
        found = items.find(session, number)
    assert found is not None
    return found


def test_one_series_of_numbers(both: Database) -> None:
    """A record and a case are found alike, with whoever is behind them; a number that nobody has finds nothing."""
    assert [(find(both, number).what, find(both, number).phone) for number in (1, 2)] == [
        ("record", "+14065550111"),
        ("case", "+14065550111"),
    ]
    with both.read() as session:
        assert items.find(session, 3) is None


@pytest.mark.parametrize("number", [1, 2])
def test_a_change_is_written_down_and_taken_back(both: Database, number: int) -> None:
    """What it was stands in the history, and comes back; what did not change is not told."""
    before = find(both, number)
    with both.write() as session:
        items.revise(session, before, author=SAM, now=NOW, status="closed", snoozed_until=LATER, note="")
    changed = find(both, number)
    assert (changed.status, changed.snoozed_until, changed.closed_at) == ("closed", LATER, NOW)
    with both.write() as session:
        entry = history.of(session, number)[-1]
        assert set(entry.after) == {"status", "snoozed_until"}
        assert items.take_back(session, entry, author=SAM, now=NOW)
    assert find(both, number) == before


def test_what_changed_again_stays(both: Database) -> None:
    """And so does what was erased from the history."""
    item = find(both, 1)
    with both.write() as session:
        items.revise(session, item, author=SAM, now=NOW, note="one")
    with both.write() as session:
        entry = history.of(session, 1)[-1]
        assert not items.take_back(session, replace(entry, after={}, before={}), author=SAM, now=NOW)
        assert not items.take_back(session, replace(entry, number=99), author=SAM, now=NOW)
        assert not items.take_back(session, replace(entry, after={"note": "three"}), author=SAM, now=NOW)


def test_nothing_changed_leaves_no_trace(both: Database) -> None:
    """A change to what is already so is none."""
    with both.write() as session:
        item = items.find(session, 1)
        assert item is not None
        items.revise(session, item, author=SAM, now=NOW, status="open", note="")
        assert [entry.what for entry in history.of(session, 1)] == ["opened"]


def test_a_name_is_the_persons(both: Database) -> None:
    """It is changed for all that is theirs, and taken back for all."""
    with both.write() as session:
        item = items.find(session, 1)
        assert item is not None
        items.revise(session, item, author=SAM, now=NOW, what="described", name="Ana", email="ana@example.net")
    assert (find(both, 2).name, find(both, 2).email) == ("Ana", "ana@example.net")
    with both.write() as session:
        assert items.take_back(session, history.of(session, 1)[-1], author=SAM, now=NOW)
    assert (find(both, 2).name, find(both, 2).email) == ("", "")


def test_one_open_record_of_a_kind(both: Database) -> None:
    """A rival is found by its number, and holds up an undoing that would make two."""
    with both.write() as session:
        item = items.find(session, 1)
        assert item is not None
        assert items.active_rival(session, item, "mentor_offer") is None
        items.revise(session, item, author=SAM, now=NOW, status="closed")
        details: dict[str, Any] = {"contact_id": item.contact_id, "channel": "sms", "details": {}, "now": NOW}
        records.open_record(session, author=SAM, kind="mentor_offer", status="open", **details)
        assert items.active_rival(session, item, "mentor_offer") == 3
        assert not items.take_back(session, history.of(session, 1)[-1], author=SAM, now=NOW)
