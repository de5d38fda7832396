"""Two processes on one PostgreSQL do together what one does alone, and one of them what the other cannot."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

import intake.mailbox
from db import marks, models
from db.engine import Database
from intake.catchup import CatchUp
from intake.service import House, keep_time
from notifier.given import Given
from tests.fakes import CountedIds
from tests.intake.office import BO, CY, Office
from tests.servers.dovecot import Mailbox
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import free_port, wait_until

ROUNDS = 8
EACH_TIME = timedelta(minutes=46)


class Once(threading.Event):
    """Told to stop as soon as whoever asks has done their work once."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
        self.set()
        return True


def test_what_is_due_is_done_once(postgres_url: str, tmp_path: Path) -> None:
    """Reminders, the end of a pause, the digest, the warning of what stands still; old words are gone."""
    alone, shared = Office(f"sqlite:///{tmp_path}/one.db", RETENTION_DAYS="1"), Office(postgres_url, RETENTION_DAYS="1")
    beside = _beside(shared, "second")
    assert _a_day(shared, [shared.house, beside]) == _a_day(alone, [alone.house])
    for database in (alone.database, shared.database, beside.database):
        database.close()


def test_missed_texts_are_taken_in_once(postgres_url: str, twilio_api: TwilioApi) -> None:
    """Whoever fetches them first; the other finds them there."""
    shared = Office(postgres_url, **twilio_api.settings)
    beside = _beside(shared, "second")
    both = [house.catch_up() for house in (shared.house, beside)]
    both[0].read_once()
    for number in range(20):
        twilio_api.receive(f"+140655501{number + 10}", "MENTOR")
    with ThreadPoolExecutor(len(both)) as pool:
        taken = sum(pool.map(CatchUp.read_once, both))
    assert taken == 20
    assert len(shared.records()) == 20
    assert len(shared.inbox()) == 20
    for database in (shared.database, beside.database):
        database.close()


def test_who_cannot_reach_the_mailbox_leaves_it_to_another(
    postgres_url: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine that has lost its way to the mail server must not keep the others from reading."""
    monkeypatch.setattr(intake.mailbox, "TURN_SECONDS", 0.1)
    settings = {"IMAP_HOST": "127.0.0.1", "IMAP_TLS": "none", "IMAP_USERNAME": mailbox.username, "IMAP_PASSWORD": mailbox.password}
    astray = Office(postgres_url, **settings, IMAP_PORT=str(free_port()))
    beside = _beside(astray, "second", IMAP_PORT=mailbox.server.port)
    stop = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(astray.house.mailbox().run, stop)
        try:
            wait_until(lambda: "ConnectionRefusedError" in caplog.text, what=lambda: f"a failure in {caplog.text}")
            pool.submit(beside.mailbox().run, stop)
            wait_until(lambda: "Processed" in mailbox.folders(), what="the mailbox to be entered")
        finally:
            stop.set()
    for database in (astray.database, beside.database):
        database.close()


def _beside(office: Office, ids: str, **settings: object) -> House:
    """Another process's house on the same database."""
    given = Given(clock=office.clock, ids=CountedIds(ids), jitter=lambda: 0.5)
    return House(
        office.house.settings.model_copy(update=settings), given, Database(office.database.url.render_as_string(hide_password=False))
    )


def _a_day(office: Office, houses: list[House]) -> Counter[tuple[str, str]]:
    """What went out, and what came to rest, when the clocks of these houses struck at the same moments."""
    office.text("i want to kill myself")
    office.text("i want to end my life", sender=BO)
    office.text("Hi, I'm Cy. I can be a mentor thursday evenings at the warmline in Butte", sender=CY)
    office.change(3, status="paused", paused_until=office.clock() + timedelta(hours=2))
    with office.database.write() as session:
        session.execute(update(models.Inbound).values(received_at=office.clock() - timedelta(days=3)))
        session.execute(update(models.Case).values(closed_at=office.clock() - timedelta(days=2)).where(models.Case.id == 2))
    with ThreadPoolExecutor(len(houses)) as pool:
        for _ in range(ROUNDS):
            office.clock.advance(seconds=EACH_TIME.total_seconds())
            list(pool.map(lambda house: keep_time(house, Once()), houses))
    done = Counter((row.template, row.recipient) for row in office.sent())
    with office.database.read() as session:
        for change in session.execute(select(models.Change.author, func.count().label("times")).group_by(models.Change.author)):
            done["changed", change.author] = change.times
        done["digests", ""] = session.execute(select(func.count()).select_from(marks.Digest)).scalar_one()
        done["words", ""] = session.execute(select(func.count()).where(models.Inbound.source.is_not(None))).scalar_one()
    return done
