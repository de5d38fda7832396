"""Two contacts become one person."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from db import asks, inbox, items, people, records
from db.engine import Database
from db.history import Author
from db.merging import CONTACTS, merge
from tests.fakes import START as NOW

SAM = Author(name="sam@example.org")


@pytest.fixture
def two(database: Database) -> tuple[Database, int, int]:
    """The same person by text and by mail, with an offer each and one request by mail."""
    with database.write() as session:
        by_text = people.find_or_make_sender(session, channel="sms", value="+14065550111", now=NOW).contact_id
        by_mail = people.find_or_make_sender(session, channel="email", value="ana@example.net", now=NOW).contact_id
        people.describe(session, by_mail, name="Ana", language="es")
        stored = inbox.store(session, channel="sms", external_id="1", source=b"", received_at=NOW).inbox_id
        rows: list[tuple[int, str, dict[str, Any]]] = [
            (by_text, "mentor_offer", {"location": "Butte"}),
            (by_mail, "mentor_offer", {"location": "Helena", "setting": ["er"]}),
            (by_mail, "shadow_request", {}),
        ]
        for contact, kind, details in rows:
            known: dict[str, Any] = {"author": Author(inbox_id=stored), "channel": "sms", "details": details, "now": NOW}
            records.open_record(session, contact_id=contact, kind=kind, status="open", **known)
        asks.ask(session, number=2, contact_id=by_mail, coordinator="sam@example.org", references="", now=NOW)
    return database, by_text, by_mail


def test_all_is_one_persons(two: tuple[Database, int, int]) -> None:
    """Records, addresses, questions and what is known; of two open offers the newer is closed and its details are kept beside."""
    database, kept, other = two
    with database.write() as session:
        assert merge(session, kept=kept, other=other, author=SAM, now=NOW) == [2]
    with database.read() as session:
        found = [items.find(session, number) for number in (1, 2, 3)]
        assert [(item.contact_id, item.status, item.name) for item in found if item] == [
            (kept, "open", "Ana"),
            (kept, "closed", "Ana"),
            (kept, "open", "Ana"),
        ]
        assert found[0] is not None
        assert found[0].details == {"location": "Butte", "setting": ["er"]}
        assert {way.value for way in people.ways(session, kept)} == {"+14065550111", "ana@example.net"}
        assert people.ways(session, other) == []
        assert [one.number for one in asks.waiting(session, kept)] == [2]
        assert people.language(session, kept) == "es"
        assert session.execute(select(CONTACTS.c.merged_into).where(CONTACTS.c.id == other)).scalar() == kept


def test_a_shared_address_is_not_doubled(two: tuple[Database, int, int]) -> None:
    """Where both write from one address, it stays once; a later message is the kept person's."""
    database, kept, other = two
    with database.write() as session:
        merge(session, kept=kept, other=other, author=SAM, now=NOW)
        assert people.find_or_make_sender(session, channel="email", value="ana@example.net", now=NOW).contact_id == kept
