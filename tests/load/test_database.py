"""A database that is locked, cut off or crowded: whoever brings a text hears so, and afterwards everything is there once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import psycopg
import pytest
from sqlalchemy import text

from db import engine
from db.engine import Database
from intake.doorway import TRIES
from tests.load.station import Station, phone
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import wait_until

WRITERS = 4
TEXTS = 15  # of each
TWILIO_WAITS = 15.0  # seconds


def test_texts_that_meet_a_lock_come_in_by_catch_up(database_url: str, twilio_api: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else holds the database for longer than anybody waits: 503, and Twilio, which comes no second time, still has them."""
    monkeypatch.setattr("db.engine.BUSY_MILLISECONDS", 20)
    monkeypatch.setattr("db.engine.TURN_SECONDS", 0.02)
    monkeypatch.setattr("db.engine.POSTGRES", {"options": "-c lock_timeout=20"})
    station = Station(database_url, **twilio_api.settings)
    catch_up = station.house.catch_up()
    assert catch_up.read_once() == 0
    other = Database(database_url)
    forms = [twilio_api.receive(phone(number), "MENTOR") for number in range(12)]
    with other.write() as session:
        session.execute(text("SELECT 1" if other.is_sqlite else "LOCK TABLE inbox IN EXCLUSIVE MODE"))
        assert {station.post(form) for form in forms[:8]} == {503}
    other.close()
    assert {station.post(form) for form in forms[6:]} == {200}
    assert catch_up.read_once() == 6
    assert catch_up.read_once() == 0
    assert station.inbox() == {("sms", "handled"): 12}
    assert [station.outbox()[phone(number), "recorded", "queued"] for number in range(12)] == [1] * 12
    station.close()


def test_no_wait_for_the_database_outlasts_twilio(database_url: str) -> None:
    """Three tries end within its fifteen seconds: locked, full of writers, gone, or gone in the middle of a question."""
    unheard = engine.UNHEARD_MILLISECONDS / 1000
    assert TRIES * (engine.BUSY_MILLISECONDS / 1000 + engine.TURN_SECONDS) < TWILIO_WAITS
    assert unheard + TRIES * engine.CONNECT_SECONDS < TWILIO_WAITS
    assert engine.SILENT_SECONDS + unheard + (TRIES - 1) * engine.CONNECT_SECONDS < TWILIO_WAITS
    database = Database(database_url)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            line = connection.connection.driver_connection
            assert line
            held_to = line.info.get_parameters()
        assert held_to["tcp_user_timeout"] == str(engine.UNHEARD_MILLISECONDS)
    database.close()


def test_texts_wait_while_a_lock_is_short(database_url: str) -> None:
    station, other = Station(database_url), Database(database_url)
    statuses: list[int] = []
    with other.write() as session:
        session.execute(text("SELECT 1" if other.is_sqlite else "LOCK TABLE inbox IN EXCLUSIVE MODE"))
        waiting = threading.Thread(target=lambda: statuses.append(station.text(1)))
        waiting.start()
        waiting.join(timeout=0.3)
        assert statuses == []
    waiting.join(timeout=60)
    assert statuses == [200]
    other.close()
    station.close()


@pytest.fixture
def on_postgresql(postgres_url: str) -> Iterator[Station]:
    opened = Station(postgres_url)
    yield opened
    opened.close()


def test_postgresql_cuts_everybody_off_again_and_again(on_postgresql: Station) -> None:
    """As in a restart, or where a proxy in between goes: what was not acknowledged comes again, and nothing is there twice."""
    station, url = on_postgresql, on_postgresql.database.url
    statuses: dict[int, int] = {}

    def write(first: int) -> None:
        for number in range(first, first + TEXTS):
            for _ in range(100):
                statuses[number] = station.text(number)
                if statuses[number] == 200:
                    break

    threads = [threading.Thread(target=write, args=(1000 * writer,)) for writer in range(WRITERS)]
    with psycopg.connect(_plain(url.set(database="postgres").render_as_string(hide_password=False)), autocommit=True) as admin:
        for thread in threads:
            thread.start()
        cut = 0
        while any(thread.is_alive() for thread in threads) and cut < 30:
            found = admin.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", [url.database])
            cut += (found.fetchone() or [0])[0]
            threads[0].join(timeout=0.02)
    for thread in threads:
        thread.join(timeout=60)
    assert cut > 0
    assert Counter(statuses.values()) == {200: WRITERS * TEXTS}
    assert station.inbox() == {("sms", "handled"): WRITERS * TEXTS}
    answers = [number for (recipient, _, _), number in station.outbox().items() if recipient.startswith("+1406000")]
    assert answers == [1] * WRITERS * TEXTS


def test_postgresql_has_no_connection_left(on_postgresql: Station) -> None:
    """Other programmes took them all: 503 and the server's code on the health page, until one is free."""
    station = on_postgresql
    url = _plain(station.database.url.render_as_string(hide_password=False))
    assert station.text(1) == 200
    station.database.engine.dispose()
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            for _ in range(1000):
                stack.enter_context(psycopg.connect(url))
        assert station.text(2) == 503
        assert station.health().status_code == 503
    wait_until(lambda: station.text(2) == 200)
    assert station.health().status_code == 200
    assert station.inbox() == {("sms", "handled"): 2}


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")
