"""The daily digest: exactly one a day, whoever writes it, and its copies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest

from db.engine import Database
from db.outbox import DIGEST
from db.schema import migrate
from notifier.digest import moment
from notifier.programme import Programme
from tests.notifier.days import MORNING, Day
from tests.notifier.samples import JO, PROGRAMME, SAM

DENVER = PROGRAMME.timezone
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # 02:00 becomes 03:00; 02:00 becomes 01:00 again


def test_each_coordinator_gets_it_at_its_hour(day: Day) -> None:
    """Not a second before; after everything else that waits; in a form that can be answered."""
    day.clock.advance(seconds=-1)
    assert not day.queue_if_due()
    day.clock.advance(seconds=1)
    assert day.queue_if_due()
    rows = day.queued()
    assert [(row.recipient, row.priority, row.null_sender) for row in rows] == [(one.email, DIGEST, False) for one in (SAM, JO)]
    assert all(row.reply_to.startswith("intake+digest") and row.message_id.endswith("@example.org>") for row in rows)


def test_one_a_day_over_restarts(day: Day) -> None:
    """Whoever starts anew that day, or late, finds it done."""
    assert [day.queue_if_due() for _ in range(3)] == [True, False, False]
    day.clock.advance(hours=16)
    assert not day.queue_if_due()
    day.clock.advance(hours=8)
    assert day.queue_if_due()
    assert len(day.queued()) == 2 * 2


def test_a_process_that_was_away_at_the_hour_catches_up(day: Day) -> None:
    """The same day; days that passed altogether get none of their own, since the next one tells of them."""
    day.record()
    day.clock.advance(days=4, hours=9)
    assert "Casey" in day.body()
    assert not day.queue_if_due()


def test_a_transaction_that_fails_leaves_the_day_open(day: Day) -> None:
    """The date and the mails are committed together."""

    def fail() -> None:
        with day.database.write() as session:
            assert day.digests().queue_if_due(session, day.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert day.queue_if_due()
    assert len(day.queued()) == 2


@pytest.mark.parametrize(
    "programme", [replace(PROGRAMME, coordinators=()), replace(PROGRAMME, mail_address="")], ids=["nobody to tell", "no mail"]
)
def test_nothing_is_due_where_nobody_can_be_told(day: Day, programme: Programme) -> None:
    """And the day stays open for when somebody can."""
    day.programme = programme
    assert not day.queue_if_due()
    day.programme = PROGRAMME
    assert day.queue_if_due()


@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), time(2, 30), time(7, 30), time(23, 40)], ids=str)
@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_exactly_one_a_day_when_the_clocks_change(day: Day, change: date, at: time) -> None:
    """Also at an hour that does not exist, or exists twice, looked at every ten minutes by processes that know nothing of one another."""
    day.at = at
    start = datetime.combine(change - timedelta(days=1), time(0, 0), tzinfo=DENVER)
    end = datetime.combine(change + timedelta(days=2), time(0, 0), tzinfo=DENVER)
    day.clock.set(start)
    queued = []
    while day.clock() < end.astimezone(UTC):
        if day.digests().is_due(day.clock()) and day.queue_if_due():
            queued.append(day.clock().astimezone(DENVER))
        day.clock.advance(minutes=10)
    assert [moment.date() for moment in queued] == [change + timedelta(days=offset) for offset in (-1, 0, 1)]
    asked = [datetime.combine(one.date(), at) for one in queued]
    late = [one.replace(tzinfo=None) - wanted for one, wanted in zip(queued, asked, strict=True)]
    assert all(timedelta(0) <= delay < timedelta(minutes=10) or one.date() == change for delay, one in zip(late, queued, strict=True))


@pytest.mark.parametrize(
    ("on", "at", "utc"),
    [
        (SPRING, time(1, 30), "08:30"),
        (SPRING, time(2, 30), "09:30"),
        (SPRING, time(7, 30), "13:30"),
        (SPRING - timedelta(days=1), time(7, 30), "14:30"),
        (AUTUMN, time(1, 30), "07:30"),
        (AUTUMN, time(2, 30), "09:30"),
        (AUTUMN, time(7, 30), "14:30"),
        (AUTUMN - timedelta(days=1), time(7, 30), "13:30"),
    ],
)
def test_the_hour_is_local_the_year_round(on: date, at: time, utc: str) -> None:
    """One that is skipped comes when it would have come; of two alike the first."""
    assert f"{moment(on, at, DENVER):%Y-%m-%d %H:%M}" == f"{on} {utc}"


@pytest.mark.usefixtures("patient")
def test_processes_that_race_queue_one(database_url: str) -> None:
    """Each with a connection of its own, all at the same moment."""
    first = Database(database_url)
    migrate(first)
    databases = [first, *(Database(database_url) for _ in range(3))]
    barrier = Barrier(len(databases))

    def start(at: int) -> bool:
        digests = Day(databases[at]).digests(f"process{at}")
        barrier.wait(timeout=60)
        with databases[at].write() as session:
            return digests.queue_if_due(session, MORNING)

    with ThreadPoolExecutor(len(databases)) as pool:
        assert sorted(pool.map(start, range(len(databases)))) == [False, False, False, True]
    assert len(Day(first).queued()) == 2
    for database in databases:
        database.close()


def test_a_copy_says_the_same_and_that_it_is_one(day: Day) -> None:
    """Of a day that had its digest: what it told then, whatever came since."""
    number = day.record().number
    today = day.digests().day(day.clock())
    body = day.body()
    day.clock.advance(hours=2)
    day.record("shadow_offer")
    copy = day.copy(today)
    assert copy.body == body
    assert copy.subject == f"(Copy) {day.queued()[0].subject}"
    assert f"#{number}" in copy.html


def test_a_copy_of_a_day_to_come_says_what_is_known_and_takes_no_days_place(day: Day) -> None:
    """Before the hour; the digest itself still goes, and tells the same."""
    day.clock.advance(hours=-1)
    number = day.record().number
    assert f"#{number}" in day.copy(day.digests().day(day.clock())).body
    day.clock.advance(hours=1)
    assert f"#{number}" in day.body()


def test_a_copy_without_a_day_tells_what_came_since(day: Day) -> None:
    """The one of a day tells what it told; one of now what today's would tell if it went out now."""
    with day.database.write() as session:
        assert day.digests().queue_if_due(session, day.clock())
    day.clock.advance(minutes=5)
    number = day.record().number
    day.clock.advance(minutes=5)
    with day.database.read() as session:
        copies = [day.digests().copy(session, which, now=day.clock()).body for which in (day.digests().day(day.clock()), None)]
    assert [f"#{number}" in body for body in copies] == [False, True]


def test_a_copy_is_sent_to_every_coordinator(day: Day) -> None:
    """As often as somebody asks for one; each gets their own."""
    day.mark(day.record().number, assigned_to=JO.email)
    for at in range(2):
        with day.database.write() as session:
            day.digests(f"copy{at}").queue_copy(session, date(2026, 3, 3), now=day.clock())
    told = [(row.recipient, row.subject.startswith("(Copy) "), "\nYours\n" in row.body) for row in day.queued()]
    assert told == [(SAM.email, True, False), (JO.email, True, True)] * 2


def test_it_is_in_the_programmes_first_language(day: Day) -> None:
    """Which is the coordinators'."""
    day.programme = replace(PROGRAMME, languages=("es", "en"))
    assert "No pasó nada" in day.body()
