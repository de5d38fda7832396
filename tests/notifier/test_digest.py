"""The daily digest: exactly one a day, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Row, select, update

from db import inbox, outbox, people, records
from db.engine import Database
from db.history import Author
from db.models import ACTIVE
from db.outbox import DIGEST, OUTBOX
from db.records import Kept
from db.schema import migrate
from notifier.digest import MOST_LINES, Digests, moment
from notifier.programme import Programme
from notifier.templates import Mail, Templates
from tests.fakes import CountedIds, HeldClock
from tests.notifier.samples import CASEY_MAIL, CASEY_PHONE, JO, PROGRAMME, SAM, casey, text_draft

DENVER = PROGRAMME.timezone
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # 02:00 becomes 03:00; 02:00 becomes 01:00 again
MORNING = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)  # 07:30 in Denver


@dataclass
class Day:
    """A database in which things happen, and the digests of it."""

    database: Database
    programme: Programme = PROGRAMME
    at: time = time(7, 30)
    clock: HeldClock = field(default_factory=lambda: HeldClock(MORNING))
    ids: CountedIds = field(default_factory=CountedIds)

    def digests(self, prefix: str = "digest") -> Digests:
        return Digests(self.programme, Templates(self.programme.languages), at=self.at, ids=CountedIds(f"{prefix}{self.ids()}"))

    def queue_if_due(self) -> bool:
        """As a process does that has just started; what it queued is delivered."""
        with self.database.write() as session:
            queued = self.digests().queue_if_due(session, self.clock())
            session.execute(update(OUTBOX).where(OUTBOX.c.template == "digest").values(status="sent"))
        return queued

    def queued(self) -> list[Row[Any]]:
        with self.database.read() as session:
            return list(session.execute(select(OUTBOX).where(OUTBOX.c.template == "digest").order_by(OUTBOX.c.id)).all())

    def body(self) -> str:
        """What today's digest says."""
        assert self.queue_if_due()
        return str(self.queued()[-1].body)

    def copy(self, day: date) -> Mail:
        with self.database.read() as session:
            return self.digests().copy(session, day, now=self.clock())

    def message(self) -> int:
        with self.database.write() as session:
            return inbox.store(session, channel="sms", external_id=self.ids(), source=b"", received_at=self.clock()).inbox_id

    def record(self, kind: str = "mentor_offer", *, value: str = CASEY_PHONE, name: str = "Casey", status: str = "open") -> Kept:
        inbox_id = self.message()
        with self.database.write() as session:
            sender = casey(session, "sms" if value.startswith("+") else "email", value=value, now=self.clock())
            people.describe(session, sender.contact_id, name=name)
            return records.open_record(
                session,
                contact_id=sender.contact_id,
                author=Author(inbox_id=inbox_id),
                kind=kind,
                status=status,
                channel="sms",
                details={},
                now=self.clock(),
            )

    def case(self, kind: str = "question") -> int:
        inbox_id = self.message()
        with self.database.write() as session:
            sender = casey(session, now=self.clock())
            people.describe(session, sender.contact_id, name="Casey")
            return records.open_case(session, kind=kind, contact_id=sender.contact_id, inbox_id=inbox_id, now=self.clock())

    def sent(self, key: str, status: str, *, error: str = "", recipient: str = CASEY_PHONE, number: int | None = None) -> None:
        """A text that ended so."""
        with self.database.write() as session:
            draft = text_draft(key, recipient=recipient, number=number)
            outbox.queue(session, draft, inbox_id=None, now=self.clock())
            settled = {"status": status, "error": error or None, "settled_at": None if status == "queued" else self.clock()}
            session.execute(update(OUTBOX).where(OUTBOX.c.key == key).values(settled))


@pytest.fixture
def day(database_url: str) -> Iterator[Day]:
    database = Database(database_url)
    migrate(database)
    yield Day(database)
    database.close()


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
    assert "New since the last digest" in day.body()
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


def test_processes_that_race_queue_one(database_url: str) -> None:
    """Each with a connection of its own, all at the same moment."""
    first = Database(database_url)
    migrate(first)
    databases = [first, *(Database(database_url) for _ in range(3))]
    barrier = Barrier(len(databases))

    def start(at: int) -> bool:
        digests = Day(databases[at]).digests(f"process{at}")
        barrier.wait(timeout=10)
        with databases[at].write() as session:
            return digests.queue_if_due(session, MORNING)

    with ThreadPoolExecutor(len(databases)) as pool:
        assert sorted(pool.map(start, range(len(databases)))) == [False, False, False, True]
    assert len(Day(first).queued()) == 2
    for database in databases:
        database.close()


def test_one_line_when_nothing_happened(day: Day) -> None:
    """So that silence means failure."""
    assert day.body() == "Nothing happened since the last digest, and nothing is open.\n"
    assert day.queued()[-1].subject == "Peer Support: nothing new, 0 still open, 2026-03-03"


def test_it_tells_what_is_new_and_what_is_open_by_age(day: Day) -> None:
    """New since the last one; then what stands, oldest first; what was closed is gone."""
    day.clock.advance(days=-3)
    old = day.record()
    closed = day.record("shadow_offer")
    day.clock.advance(days=1)
    case = day.case("referral")
    day.clock.advance(days=1)
    assert day.queue_if_due()
    with day.database.write() as session:
        records.change(session, closed, author=Author(), now=day.clock(), status="withdrawn")
    day.clock.advance(hours=1)
    guess = day.record("mentor_request", value=CASEY_MAIL, name="", status="unconfirmed")
    day.clock.set(MORNING)
    assert day.body() == (
        "New since the last digest\n\n"
        f"- #{guess.number} mentor request, to be confirmed, {CASEY_MAIL}\n\n"
        "Still open, oldest first\n\n"
        f"- #{old.number} mentor offer, Casey, {CASEY_PHONE} (3 days)\n"
        f"- #{case} referral, Casey, {CASEY_PHONE} (2 days)\n"
    )
    assert day.queued()[-1].subject == "Peer Support: 1 new, 2 still open, 2026-03-03"


def test_every_record_is_new_in_one_digest(day: Day) -> None:
    """None twice and none left out, also at the very moment of a digest."""
    numbers = {day.record().number}
    seen: list[str] = []
    for kind in ("shadow_offer", "mentor_request", "shadow_request"):
        seen.append(day.body().partition("Still open")[0])
        numbers.add(day.record(kind).number)  # in the same moment, after it
        day.clock.advance(days=1)
    seen.append(day.body().partition("Still open")[0])
    told = [line.split()[1] for body in seen for line in body.splitlines() if line.startswith("- #")]
    # What came in the moment of a digest, but after it, stands among what is open.
    assert told == [f"#{min(numbers)}"]
    assert all(f"- #{number} " in str(day.queued()[-1].body) for number in numbers)


@pytest.mark.parametrize("kind", ["crisis", "safeguarding"])
def test_urgent_cases_are_told_by_number_alone(day: Day, kind: str) -> None:
    """New or open: a digest lies about in mailboxes, and says neither who nor how to reach them."""
    number = day.case(kind)
    for _ in range(2):
        body = day.body()
        assert f"- #{number} " in body
        assert "Casey" not in body
        assert CASEY_PHONE not in body
        day.clock.advance(days=1)


def test_it_tells_what_could_not_be_read(day: Day) -> None:
    """Once, by the message's number and the kind of the error."""
    inbox_id = day.message()
    with day.database.write() as session:
        inbox.note(session, inbox_id, outcome="quarantined", error="ValueError at mail.py:9")
    assert f"Could not be read\n\n- message {inbox_id}, a text: ValueError at mail.py:9\n" in day.body()
    day.clock.advance(days=1)
    assert "Could not be read" not in day.body()


def test_it_tells_what_could_not_be_delivered(day: Day) -> None:
    """What failed, with the reason, and what may or may not have arrived; once."""
    number = day.record().number
    day.sent("a", "failed", error="Twilio 30006")
    day.sent("b", "uncertain", error="no answer", recipient="+14065550188", number=number)
    for key in ("c", "d", "e"):
        day.sent(key, {"c": "sent", "d": "suppressed", "e": "queued"}[key], recipient="+14065550199")
    body = day.body()
    assert "Could not be delivered, or nobody knows\n\n" in body
    assert f"- text to {CASEY_PHONE}: Twilio 30006\n" in body
    assert f"- text to +14065550188 about #{number}: it may or may not have arrived\n" in body
    assert "+14065550199" not in body
    day.clock.advance(days=1)
    assert "Could not be delivered" not in day.body()


def test_it_tells_what_still_waits(day: Day) -> None:
    """What should have gone an hour ago; what has just been queued is no news."""
    day.clock.advance(minutes=-61)
    day.sent("a", "queued")
    day.clock.advance(minutes=2)
    day.sent("b", "queued")
    day.clock.set(MORNING)
    body = day.body()
    assert "1 message still waiting to be sent." in body
    assert "Nothing else happened since the last digest." in body


def test_nothing_new_is_said_though_something_is_open(day: Day) -> None:
    """One line beneath what stands open."""
    number = day.record().number
    assert day.queue_if_due()
    day.clock.advance(days=1)
    assert day.body() == (
        f"Still open, oldest first\n\n- #{number} mentor offer, Casey, {CASEY_PHONE} (1 day)\n\n"
        "Nothing else happened since the last digest.\n"
    )


def test_a_long_list_is_cut_and_counted(day: Day) -> None:
    """A hundred lines, the oldest first, and how many more there are."""
    for at in range(MOST_LINES + 7):
        day.record(value=f"+1406555{at:04}")
    body = day.body()
    assert body.count("- #") == MOST_LINES
    assert "- and 7 more\n" in body
    assert day.queued()[-1].subject.startswith("Peer Support: 107 new, 0 still open")


@pytest.mark.parametrize("status", ["open", "unconfirmed", "paused", "withdrawn", "closed"])
def test_what_stands_is_what_is_active(day: Day, status: str) -> None:
    """Paused is not forgotten; withdrawn and closed are done with."""
    record = day.record()
    assert day.queue_if_due()
    with day.database.write() as session:
        records.change(session, record, author=Author(), now=day.clock(), status=status)
    day.clock.advance(days=1)
    assert (f"- #{record.number} " in day.body()) == (status in ACTIVE)


def test_a_copy_says_the_same_and_that_it_is_one(day: Day) -> None:
    """Of a day that had its digest: what it told then, whatever came since."""
    number = day.record().number
    today = day.digests().day(day.clock())
    body = day.body()
    day.clock.advance(hours=2)
    day.record("shadow_offer")
    copy = day.copy(today)
    assert copy.body == body
    assert copy.subject == f"(Copy) {day.queued()[-1].subject}"
    assert f"#{number}" in copy.html


def test_a_copy_of_a_day_to_come_says_what_is_known_and_takes_no_days_place(day: Day) -> None:
    """Before the hour; the digest itself still goes, and tells the same."""
    day.clock.advance(hours=-1)
    number = day.record().number
    assert f"#{number}" in day.copy(day.digests().day(day.clock())).body
    day.clock.advance(hours=1)
    assert f"#{number}" in day.body().partition("Still open")[0]


def test_a_copy_is_sent_to_every_coordinator(day: Day) -> None:
    """As often as somebody asks for one."""
    mail = day.copy(date(2026, 3, 3))
    for at in range(2):
        with day.database.write() as session:
            day.digests(f"copy{at}").queue(session, mail, now=day.clock())
    assert [row.subject for row in day.queued()] == [mail.subject] * 4


def test_it_is_in_the_programmes_first_language(day: Day) -> None:
    """Which is the coordinators'."""
    day.programme = replace(PROGRAMME, languages=("es", "en"))
    assert "No pasó nada" in day.body()
