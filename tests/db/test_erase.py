"""A person is forgotten: no word of theirs stays anywhere, and counts and hashes do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from db import history, inbox, items, outbox, people, records
from db.engine import Database
from db.erase import Erased, erase
from db.forgotten import HASHED, hashed
from db.history import Author
from db.models import Address, Inbound, Outgoing
from db.outbox import Draft
from tests.fakes import START as NOW

SECRETS = ("Ana", "+14065550111", "ana@example.net", "Butte", "a secret", "SM-ana")
OTHERS = ("Bo", "+14065550112", "Helena")


@pytest.fixture
def people_known(database: Database) -> tuple[Database, int]:
    """Ana, who has opted out of mail, and Bo, each with a record, a message and an answer that waits."""
    contacts = []
    with database.write() as session:
        for name, phone, town in (("Ana", "+14065550111", "Butte"), ("Bo", "+14065550112", "Helena")):
            sender = people.find_or_make_sender(session, channel="sms", value=phone, now=NOW)
            people.describe(session, sender.contact_id, name=name)
            stored = inbox.store(
                session, channel="sms", external_id=f"SM-{name.lower()}", source=f"{name} {town}".encode(), received_at=NOW
            )
            inbox.note(session, stored.inbox_id, outcome="handled", contact_id=sender.contact_id, address_id=sender.address_id)
            known: dict[str, Any] = {
                "author": Author(inbox_id=stored.inbox_id),
                "channel": "sms",
                "details": {"location": town},
                "now": NOW,
            }
            record = records.open_record(session, contact_id=sender.contact_id, kind="mentor_offer", status="open", **known)
            draft = Draft(
                key=f"to {phone[-1]}",
                channel="sms",
                recipient=phone,
                template="x",
                priority=1,
                body=f"Hi {name} {phone}",
                address_id=sender.address_id,
            )
            outbox.queue(session, draft, inbox_id=stored.inbox_id, now=NOW)
            item = items.find(session, record.number)
            assert item is not None
            items.revise(session, item, author=Author(name="sam", inbox_id=None), now=NOW, note="a secret" if name == "Ana" else "fine")
            contacts.append(sender.contact_id)
        passed_on = inbox.store(session, channel="email", external_id="m", source=b"Fwd: ana@example.net a secret", received_at=NOW)
        records.open_case(session, kind="question", contact_id=contacts[0], inbox_id=passed_on.inbox_id, now=NOW)
    return database, contacts[0]


def everything(database: Database) -> str:
    """Every value of every table."""
    with database.read() as session:
        tables = Inbound.metadata.sorted_tables
        rows = [tuple(row) for table in tables for row in session.execute(select(table))]
    return " ".join(repr(bytes(value) if isinstance(value, memoryview) else value) for row in rows for value in row)


def test_no_word_of_theirs_stays(people_known: tuple[Database, int]) -> None:
    """And every word of others does; what was in line for them is not sent."""
    database, ana = people_known
    assert all(secret in everything(database) for secret in SECRETS)
    with database.write() as session:
        assert erase(session, ana, key="k") == Erased(records=1, messages=2, answers=1)
    kept = everything(database)
    assert [secret for secret in SECRETS if secret in kept] == []
    assert [word for word in OTHERS if word not in kept] == []
    with database.read() as session:
        statuses = {row.key: row.status for row in session.execute(select(Outgoing.key, Outgoing.status))}
        assert statuses == {"to 1": "suppressed", "to 2": "queued"}
        assert [(entry.before, entry.after) for entry in history.of(session, 1)] == [({}, {}), ({}, {})]
        assert session.execute(text("SELECT count(*) FROM records")).scalar() == 2


def test_ids_stay_as_keyed_hashes(people_known: tuple[Database, int]) -> None:
    """So that only whoever has the key could tell a repeat; doing it again hashes nothing twice."""
    database, ana = people_known
    with database.write() as session:
        erase(session, ana, key="k")
        erase(session, ana, key="k")
        ids = list(session.execute(select(Inbound.external_id).order_by(Inbound.id)).scalars())
    assert ids[0] == hashed("k", "sms", "SM-ana")
    assert ids[0] != hashed("another", "sms", "SM-ana")
    assert ids[1] == "SM-bo"


def test_an_opt_out_outlives_the_person(people_known: tuple[Database, int]) -> None:
    """The address itself goes; that it wanted nothing stays, as a hash."""
    database, ana = people_known
    with database.write() as session:
        sender = people.find_or_make_sender(session, channel="sms", value="+14065550111", now=NOW)
        people.opt_out(session, sender.address_id, NOW)
        erase(session, ana, key="k")
        kept = [row.value for row in session.execute(select(Address)).scalars() if row.opted_out_at]
    assert kept == [hashed("k", "sms", "+14065550111")]
    assert kept[0].startswith(HASHED)
