"""People and the addresses they write from."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from db import people
from db.engine import Database
from db.models import Address, Contact
from db.people import Sender
from db.schema import migrate
from tests.fakes import START
from tests.servers.waiting import wait_until

NUMBER = "+14065550111"


def test_the_first_message_makes_an_address_and_a_person(database: Database) -> None:
    sender = _sender(database)
    assert (sender.channel, sender.value, sender.phone, sender.email) == ("sms", NUMBER, NUMBER, "")
    assert not sender.opted_out
    assert not sender.greeted


def test_the_second_message_finds_them(database: Database) -> None:
    assert _sender(database) == _sender(database)
    assert _counts(database) == (1, 1)


@pytest.mark.usefixtures("patient")
def test_two_first_messages_at_once_make_one_person(database_url: str, database: Database) -> None:
    """Through two engines, as two processes take them in: eight senders, each from both sides at once."""
    other = Database(database_url)
    together = Barrier(2, timeout=60)

    def write(through: Database) -> list[Sender]:
        found = []
        for last in range(8):
            together.wait()
            found.append(_sender(through, f"+1406555010{last}"))
        return found

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(write, (database, other))
    other.close()
    assert one == two
    assert _counts(database) == (8, 8)


@pytest.mark.usefixtures("patient")
def test_the_second_of_two_first_messages_waits_for_the_first(postgres_url: str) -> None:
    """On PostgreSQL it is held up at the address until the first has its person, and then finds both."""
    database = Database(postgres_url)
    migrate(database)
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            first = people.find_or_make_sender(session, channel="sms", value=NUMBER, now=START)
            second: Future[Sender] = pool.submit(_sender, database)
            wait_until(lambda: _held_up(database), what="the second message to wait")
        assert second.result(timeout=60) == first
    assert _counts(database) == (1, 1)
    database.close()


@pytest.mark.usefixtures("patient")
def test_when_the_first_is_rolled_back_the_second_makes_the_person(postgres_url: str) -> None:
    database = Database(postgres_url)
    migrate(database)
    with ThreadPoolExecutor(1) as pool:
        with suppress(ZeroDivisionError), database.write() as session:
            people.find_or_make_sender(session, channel="sms", value=NUMBER, now=START)
            second: Future[Sender] = pool.submit(_sender, database)
            wait_until(lambda: _held_up(database), what="the second message to wait")
            _ = 1 / 0
        assert second.result(timeout=60).value == NUMBER
    assert _counts(database) == (1, 1)
    database.close()


def test_a_phone_and_a_mail_address_are_two_until_somebody_says_otherwise(database: Database) -> None:
    texter, mailer = _sender(database), _sender(database, "dana@example.org", channel="email")
    assert texter.contact_id != mailer.contact_id
    assert (mailer.phone, mailer.email) == ("", "dana@example.org")


def test_what_people_say_of_themselves_is_kept_and_silence_changes_nothing(database: Database) -> None:
    sender = _sender(database)
    with database.write() as session:
        people.describe(session, sender.contact_id, name="Dana", language="es", prefers="email")
        people.describe(session, sender.contact_id, name="", language="", email="dana@example.org")
    known = _sender(database)
    assert (known.name, known.language, known.prefers, known.email, known.phone) == ("Dana", "es", "email", "dana@example.org", NUMBER)


def test_opting_out_is_an_addresss_and_can_be_taken_back(database: Database) -> None:
    sender, other = _sender(database), _sender(database, "+14065550112")
    with database.write() as session:
        people.opt_out(session, sender.address_id, START)
    assert _sender(database).opted_out
    assert not _sender(database, other.value).opted_out
    with database.write() as session:
        people.opt_in(session, sender.address_id)
    assert not _sender(database).opted_out


def test_somebody_is_greeted_once(database: Database) -> None:
    sender = _sender(database)
    with database.write() as session:
        people.mark_greeted(session, sender.address_id, START)
    assert _sender(database).greeted


def _sender(database: Database, value: str = NUMBER, *, channel: str = "sms") -> Sender:
    with database.write() as session:
        return people.find_or_make_sender(session, channel=channel, value=value, now=START)


def _counts(database: Database) -> tuple[int, int]:
    """Addresses and contacts."""
    with database.read() as session:
        addresses, contacts = (session.execute(select(func.count()).select_from(model)).scalar_one() for model in (Address, Contact))
    return addresses, contacts


def _held_up(database: Database) -> bool:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    with database.read() as session:
        return bool(session.execute(waiting).scalar_one())
