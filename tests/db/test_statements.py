"""Prepared statements do what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from db.asked import Conversation
from db.engine import Database
from db.marks import Heartbeat
from db.models import Contact, Inbound, Record
from db.statements import first, insert_all_new, insert_new, run, run_many, savepoint, table

NOW = datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=UTC)
HEARTBEATS = table(Heartbeat)
CONTACTS = table(Contact)
CONVERSATIONS = table(Conversation)
INBOX = table(Inbound)
SAID = {"name": "Ana", "phone": "", "email": "", "prefers": "", "language": "es", "created_at": NOW}
NEW_CONTACT = insert(CONTACTS).returning(CONTACTS.c.id)
DESCRIBE = update(CONTACTS).where(CONTACTS.c.id == bindparam("contact"))
BY_NAME = select(CONTACTS).where(CONTACTS.c.name == bindparam("who")).order_by(CONTACTS.c.id).limit(1)
BEAT = insert(HEARTBEATS)


def test_values_come_back_as_they_went_in(database: Database) -> None:
    """Times in any zone, JSON, octets, nothing; as SQLAlchemy itself reads them."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    with database.write() as session:
        contact = first(session, NEW_CONTACT, **SAID).id
        insert_new(
            session, Conversation, contact_id=contact, asked="role", number=None, options=["a", "b"], questions=1, expires_at=elsewhere
        )
        insert_new(session, Inbound, channel="sms", external_id="1", source=b"\0\xff", received_at=NOW)
    for read in (run, lambda session, statement: list(session.execute(statement))):
        with database.read() as session:
            kept = read(session, select(CONVERSATIONS))[0]
            came = read(session, select(INBOX.c.source, INBOX.c.error, INBOX.c.received_at))[0]
        assert (kept.options, kept.number, kept.expires_at, kept.expires_at.tzinfo) == (["a", "b"], None, NOW, UTC)
        assert (bytes(came.source), came.error, came.received_at) == (b"\0\xff", None, NOW)


def test_what_is_not_said_is_the_columns_default(database: Database) -> None:
    with database.write() as session:
        insert_new(session, Inbound, channel="sms", external_id="1", received_at=NOW)
        assert run(session, select(INBOX.c.outcome, INBOX.c.acts, INBOX.c.resembles))[0] == ("handled", "", "")


def test_a_default_that_is_made_anew_each_time_has_to_be_said(database: Database) -> None:
    """One dictionary for all rows would be wrong as soon as somebody changed it."""
    with database.write() as session, pytest.raises(TypeError, match="details"):
        run(session, insert(table(Record)), id=1, contact_id=1, kind="mentor_offer", status="open", channel="sms")


def test_an_update_sets_what_is_named_and_nothing_else(database: Database) -> None:
    """Whichever columns are named, and in whatever order."""
    with database.write() as session:
        ana, bo = (first(session, NEW_CONTACT, **{**SAID, "name": name}).id for name in ("Ana", "Bo"))
        assert run(session, DESCRIBE, contact=ana, language="en", phone="+14065550111") == []
        run(session, DESCRIBE, phone="+14065550112", contact=bo)
        found = run(session, select(CONTACTS.c.name, CONTACTS.c.language, CONTACTS.c.phone).order_by(CONTACTS.c.id))
    assert found == [("Ana", "en", "+14065550111"), ("Bo", "es", "+14065550112")]


def test_the_first_row_or_none(database: Database) -> None:
    with database.write() as session:
        run_many(session, insert(CONTACTS), [SAID, {**SAID, "language": "en"}])
        assert first(session, BY_NAME, who="Ana").language == "es"
        assert first(session, BY_NAME, who="Bo") is None


def test_what_is_there_already_stays(database: Database) -> None:
    """Of one row it is told whether it is new; of many only those that are new are put in."""
    with database.write() as session:
        assert insert_new(session, Heartbeat, name="a", at=NOW).name == "a"
        assert insert_new(session, Heartbeat, name="a", at=NOW + timedelta(days=1)) is None
        insert_all_new(session, Heartbeat, [{"name": name, "at": NOW + timedelta(days=2)} for name in ("a", "b")])
        insert_all_new(session, Heartbeat, [])
        assert run(session, select(HEARTBEATS).order_by(HEARTBEATS.c.name)) == [("a", NOW), ("b", NOW + timedelta(days=2))]


def test_errors_are_sqlalchemys_and_hold_no_values(database: Database) -> None:
    with database.write() as session:
        run(session, BEAT, name="+14065550111", at=NOW)
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        run(session, BEAT, name="+14065550111", at=NOW)
    assert "+14065550111" not in str(caught.value).partition("DETAIL")[0]
    assert not caught.value.connection_invalidated


def test_whoever_listens_to_the_engine_hears_of_each_statement(database: Database) -> None:
    heard: list[str] = []

    def listen(*said: Any) -> None:  # noqa: ANN401
        heard.append(str(said[2]).split()[0])

    event.listen(database.engine, "before_cursor_execute", listen)
    with database.write() as session, savepoint(session):
        run(session, BEAT, name="a", at=NOW)
    assert [word for word in heard if word != "BEGIN"] == ["SAVEPOINT", "INSERT", "RELEASE"]


def test_a_savepoint_undoes_what_is_within_it_alone(database: Database) -> None:
    """Also one within another, and after an error that the database had."""
    with database.write() as session:
        run(session, BEAT, name="kept", at=NOW)
        with suppress(IntegrityError), savepoint(session):
            run(session, BEAT, name="undone", at=NOW)
            run(session, BEAT, name="kept", at=NOW)
        with savepoint(session):
            run(session, BEAT, name="kept too", at=NOW)
            with suppress(ZeroDivisionError), savepoint(session):
                run(session, BEAT, name="undone", at=NOW)
                raise ZeroDivisionError
    with database.read() as session:
        assert [row.name for row in run(session, select(HEARTBEATS.c.name).order_by(HEARTBEATS.c.name))] == ["kept", "kept too"]


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.close()


def test_a_connection_that_is_lost_is_told_as_such_and_not_used_again(postgresql: Database) -> None:
    """The doorway tells by it the database's trouble from a message's."""
    with pytest.raises(DBAPIError) as caught:
        _ask_after_it_is_gone(postgresql)
    assert isinstance(caught.value, OperationalError)
    assert caught.value.connection_invalidated
    with postgresql.write() as session:
        assert run(session, select(func.now()))


def _ask_after_it_is_gone(database: Database) -> None:
    with database.write() as session:
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        run(session, select(func.now()))
