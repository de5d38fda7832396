"""Who changed what by which message: in its order, and newest first for whoever takes it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db import history, inbox, records
from db.engine import Database
from db.history import Author
from tests.fakes import START as NOW


@pytest.fixture
def cases(database: Database) -> Database:
    """#1 and #2 are cases; messages 1 to 4 have come."""
    with database.write() as session:
        stored = [inbox.store(session, channel="sms", external_id=f"{at}", source=b"", received_at=NOW).inbox_id for at in range(4)]
        for _ in range(2):
            records.open_case(session, kind="call", contact_id=None, inbox_id=stored[0], now=NOW)
    return database


def test_entries_keep_what_was_and_what_is(cases: Database) -> None:
    """Times and days come back as they are written, wherever they were said."""
    moment = datetime(2026, 3, 9, tzinfo=ZoneInfo("America/Denver"))
    with cases.write() as session:
        history.note(
            session,
            1,
            author=Author(name="sam", inbox_id=2),
            what="changed",
            before={"a": None},
            after={"a": moment, "b": date(2026, 3, 9)},
            now=NOW,
        )
        (entry,) = history.of(session, 1)
    assert (entry.author, entry.inbox_id, entry.what, entry.at, entry.undone) == ("sam", 2, "changed", NOW, False)
    assert (entry.before, entry.after) == ({"a": None}, {"a": "2026-03-09T06:00:00+00:00", "b": "2026-03-09"})


def test_the_last_message_of_one_author(cases: Database) -> None:
    """Only theirs, only what came before, newest first, and further back once that is undone."""
    with cases.write() as session:
        for number, author, inbox_id, what in (
            (1, "sam", 1, "changed"),
            (1, "sam", 2, "one"),
            (2, "sam", 2, "two"),
            (1, "jo", 3, "changed"),
            (1, "sam", 3, history.UNDONE),
        ):
            history.note(session, number, author=Author(name=author, inbox_id=inbox_id), what=what, now=NOW)
        last = history.last_by(session, "sam", before=4)
        assert [(entry.number, entry.what) for entry in last] == [(2, "two"), (1, "one")]
        assert history.last_by(session, "sam", before=1) == []
        for entry in last:
            history.mark_undone(session, entry.id, NOW + timedelta(minutes=1))
        assert [entry.inbox_id for entry in history.last_by(session, "sam", before=4)] == [1]
        assert [entry.undone for entry in history.of(session, 2)] == [True]
