"""What one process commits, the others on the same PostgreSQL hear of at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from db import wire
from db.engine import Database
from db.wire import Wire
from tests.servers.waiting import wait_until

END_THEM = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


class Listener:
    """One process at the wire; whenever it hears something it looks how far the work has come."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.wire = Wire(self.database)
        self.seen: list[int] = []
        self.work = 0

    @property
    def heard(self) -> int:
        return len(self.seen)

    @contextmanager
    def listening(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self.wire.run, args=(stop, lambda: self.seen.append(self.work)))
        thread.start()
        try:
            wait_until(lambda: self.heard > 0, what="the line to be laid")
            yield
        finally:
            stop.set()
            thread.join()
            self.database.close()


def test_another_process_hears_a_call(postgres_url: str) -> None:
    """And the caller does not hear itself, or a call would go round for ever."""
    one, other = Listener(postgres_url), Listener(postgres_url)
    with one.listening(), other.listening():
        one.wire.call()
        wait_until(lambda: other.heard == 2, what="the call")
        other.wire.call()
        wait_until(lambda: one.heard == 2, what="the call back")
    assert (one.heard, other.heard) == (2, 2)


def test_a_rush_of_calls_goes_as_few_and_its_last_is_heard(postgres_url: str) -> None:
    """Whatever was committed before the last call is seen by whoever looks when it is heard."""
    one, other = Listener(postgres_url), Listener(postgres_url)
    with one.listening(), other.listening():
        for number in range(1, 20_001):
            other.work = number
            one.wire.call()
        wait_until(lambda: other.seen[-1] == 20_000, what=lambda: f"the last call, after {other.seen}")
    assert other.heard < 1000


def test_a_lost_line_is_laid_anew(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens looks by themselves as soon as it is: calls may have been lost meanwhile."""
    monkeypatch.setattr(wire, "PAUSE", 0.05)
    one, other = Listener(postgres_url), Listener(postgres_url)
    with one.listening(), other.listening():
        with one.database.write() as session:
            assert len(session.execute(text(END_THEM)).all()) == 2
        wait_until(lambda: (one.heard, other.heard) == (2, 2), what="the lines to be laid anew")
        one.wire.call()
        wait_until(lambda: other.heard == 3, what="the call")


def test_calls_while_the_line_is_lost_cost_nothing(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller neither waits nor fails, however often it calls; when the line is laid anew everybody looks, and calls are heard again."""
    monkeypatch.setattr(wire, "PAUSE", 0.5)
    one, other = Listener(postgres_url), Listener(postgres_url)
    one.wire.call()  # before anybody passes it on
    with one.listening(), other.listening():
        with one.database.write() as session:
            session.execute(text(END_THEM))
        for _ in range(100_000):
            one.wire.call()
        wait_until(lambda: one.heard >= 2 and other.heard >= 2, what=lambda: f"the lines to be laid anew: {one.seen}, {other.seen}")
        before = other.heard
        one.wire.call()
        wait_until(lambda: other.heard > before, what="a call")
