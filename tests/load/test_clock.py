"""A clock that jumps, or starts in 1970: nobody waits for the future, nothing is lost to it, and each morning has its digest."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

import run
from db import heartbeats
from db.marks import Digest
from db.models import Inbound
from intake.catchup import LAST_COMPLETE
from intake.clock import wait_until_set
from intake.service import keep_time
from parsers.errors import IntakeError
from tests.fakes import START
from tests.load.station import SAM, SAM_PHONE, Station
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import wait_until

AT_RISK = "I want to kill myself"
JUMPS = [timedelta(hours=1), timedelta(days=1), timedelta(days=3650)]


@pytest.fixture
def texting(database_url: str, twilio_api: TwilioApi) -> Iterator[Station]:
    opened = Station(database_url, **twilio_api.settings)
    yield opened
    opened.close()


def _count(station: Station, template: str) -> int:
    return sum(number for (_, name, _), number in station.outbox().items() if name == template)


@pytest.mark.parametrize("ahead", JUMPS, ids=str)
@pytest.mark.parametrize("restarted", [False, True], ids=["at work", "restarted"])
def test_nothing_waits_for_a_future_that_was_none(texting: Station, twilio_api: TwilioApi, ahead: timedelta, *, restarted: bool) -> None:
    """Written while the clock ran ahead, sent at once when it is set right, whether the process saw it or is a new one."""
    texting.clock.advance(seconds=ahead.total_seconds())
    texting.house.timekeeper.keep(texting.clock())
    assert texting.text(1) == 200
    assert texting.text(2, AT_RISK) == 200
    texting.clock.set(START)
    again = Station(texting.settings.DATABASE_URL, "new")
    keeper = (again if restarted else texting).house.timekeeper
    out = texting.texts_out()
    assert not out.send_next()
    keeper.keep(texting.clock())
    assert _count(texting, "urgent_again") == 2  # by mail and text, since nobody knows how long they have waited
    for _ in range(3):
        texting.clock.advance(seconds=1)
        assert out.send_next()
    assert [sent.to for sent in twilio_api.sent][1] == SAM_PHONE
    texting.clock.advance(minutes=31)
    assert texting.text(3, AT_RISK, sender=twilio_api.sent[0].to) == 200  # its half hour is over, not its decade
    assert _count(texting, "crisis") == 2
    again.close()


def test_an_hour_that_seems_full_for_years_is_not(database_url: str, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", smtp_server.settings["SSL_CERT_FILE"])
    station = Station(database_url, **smtp_server.settings, SENDS_PER_HOUR="1")
    out = station.mails_out()
    station.clock.advance(days=365)
    station.house.timekeeper.keep(station.clock())
    assert station.text(1) == 200
    assert station.text(2) == 200
    assert out.send_next()
    assert not out.send_next()
    station.clock.set(START)
    station.house.timekeeper.keep(station.clock())
    station.clock.advance(minutes=61)
    assert out.send_next()
    station.close()


def test_texts_are_caught_up_with_again(texting: Station, twilio_api: TwilioApi) -> None:
    """Where the last pass is said to have been in a year, nothing would be asked for until then."""
    catch_up = texting.house.catch_up()
    catch_up.read_once()
    texting.clock.advance(days=365)
    catch_up.read_once()
    texting.clock.set(datetime.now(UTC))  # the stand-in dates texts by the real one
    texting.house.timekeeper.keep(texting.clock())
    with texting.database.read() as session:
        assert heartbeats.at(session, LAST_COMPLETE) == texting.clock()
    twilio_api.receive("+14065550111", "MENTOR")
    assert catch_up.read_once() == 1


def test_each_morning_has_its_digest(station: Station) -> None:
    """One that was written for tomorrow, by a clock that ran a day ahead, is not tomorrow's."""
    days = []
    for hours in (0, 24, 0, 24, 25, 48):
        station.clock.set(START + timedelta(hours=hours))
        station.house.timekeeper.keep(station.clock())
        with station.database.write() as session:
            if station.house.digests.queue_if_due(session, station.clock()):
                days.append(hours)
    assert days == [0, 24, 24, 48]
    assert station.outbox()[SAM, "digest", "queued"] == 4


def test_a_jump_ahead_does_not_take_everybodys_words(station: Station) -> None:
    """What retention counts from follows by a day an hour; where the clock is right after all, it gets there."""
    assert station.text(1, "thank you all") == 200
    station.house.timekeeper.forget(station.clock())
    jumped = station.clock.advance(days=365)
    for minutes in (0, 10, 59):
        station.house.timekeeper.forget(jumped + timedelta(minutes=minutes))
    assert _with_words(station) == 1
    for hours in range(1, 88):
        station.house.timekeeper.forget(jumped + timedelta(hours=hours))
    assert _with_words(station) == 1
    for hours in range(88, 93):
        station.house.timekeeper.forget(jumped + timedelta(hours=hours))
    assert _with_words(station) == 0


def _with_words(station: Station) -> int:
    with station.database.read() as session:
        return session.execute(select(func.count()).where(Inbound.source.is_not(None))).scalar_one()


def test_a_clock_that_is_not_set_yet_is_waited_for(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    """A small computer without a battery starts in 1970; then every text that Twilio ever held would be new."""
    station.clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    stop = threading.Event()
    waiting = threading.Thread(target=wait_until_set, args=(station.clock, stop))
    waiting.start()
    try:
        wait_until(lambda: "clock" in caplog.text, what="a word on what it waits for")
        waiting.join(timeout=0.2)
        assert waiting.is_alive()
    finally:
        station.clock.set(START)
        waiting.join(timeout=60)
    assert not waiting.is_alive()


def test_told_to_end_meanwhile_it_begins_nothing(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """On such a clock all that is stored would lie in its future, and be brought back to it."""
    station.clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(signal, "signal", lambda _, handle: threading.Timer(0.1, handle).start())  # told as soon as it can be
    begun: list[object] = []
    assert run._run_until_stopped(station.house, {"web": begun.append}) == 0
    assert not begun


@pytest.mark.parametrize("fallen", [True, False], ids=["fell to 1970", "stands right"])
def test_a_clock_that_falls_to_1970_changes_nothing(station: Station, *, fallen: bool) -> None:
    """What is stored keeps its times, and no digest of that year is written."""
    station.text(1)
    if fallen:
        station.clock.set(datetime(1970, 1, 1, 12, tzinfo=UTC))
    keep_time(station.house, _OneRound())
    with station.house.database.read() as session:
        assert [at.year for at in session.execute(select(Inbound.received_at)).scalars()] == [START.year]
        assert session.execute(select(func.count()).select_from(Digest)).scalar_one() == (not fallen)


class _OneRound(threading.Event):
    """Stops whoever would wait for the next."""

    def wait(self, _: float | None = None) -> bool:
        self.set()
        return True


def test_no_mailbox_is_entered_on_a_day_that_cannot_be(station: Station) -> None:
    """Once its UIDs were given anew, every mail since then would be new."""
    station.clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    with pytest.raises(IntakeError, match="clock says 1970"):
        station.house.mailbox().read_once()
