"""What stands still is told once a day, by mail and by text; what only waits in line is not; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db import claims, heartbeats, mailboxes, originals, outbox
from db.claims import Terms
from db.engine import Database
from db.originals import Reach
from db.outbox import OUTBOX
from db.reports import note_status
from db.schema import migrate
from intake.watch import Watch
from notifier.alerts import Alerts
from notifier.templates import Templates
from tests.fakes import CountedIds, HeldClock
from tests.notifier.samples import JO, NOW, PROGRAMME, SAM, draft, text_draft

MAILBOX = "intake@imap.example.org/INBOX"


@dataclass
class Post:
    """A watch, and what it told."""

    database: Database
    watch: Watch
    clock: HeldClock

    def look(self) -> bool:
        """Now, and a minute ago: after a longer time the first look counts for nothing."""
        return any([self.watch.look(self.clock() - timedelta(minutes=1)), self.watch.look(self.clock())])

    def deliver(self) -> None:
        """Whatever waits goes out."""
        with self.database.write() as session:
            session.execute(update(OUTBOX).values(status="sent", settled_at=self.clock()))

    def told(self) -> list[tuple[str, str]]:
        """To whom, and the first words of it."""
        with self.database.read() as session:
            query = select(OUTBOX.c.recipient, OUTBOX.c.body).where(OUTBOX.c.template == "trouble").order_by(OUTBOX.c.id)
            return [(row.recipient, row.body) for row in session.execute(query)]


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    clock, database = HeldClock(NOW), Database(database_url)
    migrate(database)
    alerts = Alerts(PROGRAMME, Templates(PROGRAMME.languages), ids=CountedIds())
    yield Post(database, Watch(database, alerts, PROGRAMME, mailbox=MAILBOX, an_hour=5), clock)
    database.close()


def _read(post: Post) -> None:
    with post.database.write() as session:
        place = mailboxes.enter(session, MAILBOX, uidvalidity=1, uidnext=1, now=post.clock())
        mailboxes.mark_read(session, place, post.clock())


def test_where_all_goes_well_nothing_is_told(post: Post) -> None:
    _read(post)
    post.clock.advance(minutes=14)
    assert not post.look()
    assert post.told() == []


def test_a_mailbox_that_is_not_read_is_told_once(post: Post) -> None:
    """Each coordinator by mail, and by text where there is a phone; the next day again."""
    _read(post)
    post.clock.advance(minutes=16)
    assert post.look()
    assert [recipient for recipient, _ in post.told()] == [SAM.email, JO.email, SAM.phone]
    post.deliver()
    post.clock.advance(minutes=16)
    assert not post.look()
    post.clock.advance(days=1)
    assert post.look()
    assert len(post.told()) == 6


def test_a_trouble_waits_for_no_next_hour(post: Post) -> None:
    """Nor behind the thousand alerts of a busy one: it may be why they are so many, and it is told but once."""
    _read(post)
    with post.database.write() as session:
        outbox.queue(session, draft(priority=outbox.COORDINATOR), inbox_id=None, now=post.clock())
    post.clock.advance(minutes=16)
    assert post.look()
    terms = Terms(channel="email", name="me", until=post.clock() + timedelta(minutes=5), most=3, urgent_only=True)
    with post.database.write() as session:
        assert [held.draft.template for held in claims.claim(session, terms, post.clock())] == ["trouble", "trouble"]


def test_a_jump_of_the_clock_is_no_silence(post: Post) -> None:
    """Whoever reads the mailbox gets a minute to come round before the coordinators are woken; then its silence counts."""
    _read(post)
    assert not post.watch.look(post.clock())
    post.clock.advance(days=1)
    assert not post.watch.look(post.clock())
    assert post.watch.look(post.clock.advance(minutes=1))


def test_a_mailbox_that_never_could_be_read_is_told(post: Post) -> None:
    """As after a wrong host name in the settings; it has been unread since the watch began."""
    assert not post.look()
    post.clock.advance(minutes=16)
    assert post.look()
    assert len(post.told()) == 3


def test_a_message_that_is_due_and_does_not_go_is_told(post: Post) -> None:
    with post.database.write() as session:
        outbox.queue(session, text_draft(), inbox_id=None, now=post.clock())
    post.clock.advance(minutes=9)
    assert not post.look()
    post.clock.advance(minutes=2)
    assert post.look()
    assert all(body.startswith("Texts have waited") for recipient, body in post.told() if recipient == SAM.phone)


def test_a_long_line_that_moves_is_no_trouble(post: Post) -> None:
    """One of it went just now; the others wait for their turn."""
    with post.database.write() as session:
        for number in range(3):
            outbox.queue(session, text_draft(f"id-{number}"), inbox_id=None, now=post.clock())
    post.clock.advance(minutes=30)
    with post.database.write() as session:
        until = post.clock() + timedelta(minutes=5)
        (held,) = claims.claim(session, Terms(channel="sms", name="me", until=until), post.clock())
        claims.sent(session, held, now=post.clock())
    assert not post.look()


def test_what_waits_for_the_hourly_cap_is_no_trouble(post: Post) -> None:
    with post.database.write() as session:
        for number in range(7):
            outbox.queue(session, draft(f"id-{number}", recipient=f"p{number}@example.org"), inbox_id=None, now=post.clock())
        for _ in range(5):
            (held,) = claims.claim(session, Terms(channel="email", name="me", until=post.clock() + timedelta(minutes=5)), post.clock())
            claims.sent(session, held, now=post.clock())
    post.clock.advance(minutes=30)
    assert not post.look()
    post.clock.advance(minutes=31)
    assert post.look()


@pytest.mark.parametrize("what", ["mailbox", "email", "sms"])
def test_a_refused_login_is_told(post: Post, what: str) -> None:
    with post.database.write() as session:
        heartbeats.beat(session, heartbeats.refusal(what), post.clock())
    assert post.look()
    post.deliver()
    post.clock.advance(minutes=11)
    assert not post.look()


@pytest.mark.parametrize(("error", "words"), [("Twilio 30007", "Carriers filter"), ("Twilio 30034", "not registered")])
def test_what_the_operator_alone_can_mend_is_told(post: Post, error: str, words: str) -> None:
    """Texts that carriers filter, or a number that is not registered: they come as reports long after the send."""
    with post.database.write() as session:
        outbox.queue(session, text_draft(), inbox_id=None, now=post.clock())
        (held,) = claims.claim(session, Terms(channel="sms", name="me", until=post.clock() + timedelta(minutes=5)), post.clock())
        claims.sent(session, held, now=post.clock(), provider_id="SM1")
        note_status(session, key="id-0001", provider_id="SM1", status="undelivered", error=error, now=post.clock())
    assert post.look()
    assert all(words in body for _, body in post.told())
    assert len(post.told()) == 3


@pytest.mark.parametrize("place", [originals.TWILIO, originals.MAILBOX])
def test_originals_that_are_not_deleted_are_told(post: Post, place: str) -> None:
    """After an hour; they are tried for three days."""
    with post.database.write() as session:
        originals.note(session, [(place, "sid", "SM1")], Reach(places=[place], now=post.clock()))
    post.clock.advance(minutes=59)
    assert not post.look()
    post.clock.advance(minutes=2)
    assert post.look()
    assert all("could not yet be deleted" in body for _, body in post.told())


def test_two_that_watch_tell_once(post: Post) -> None:
    alerts = Alerts(PROGRAMME, Templates(PROGRAMME.languages), ids=CountedIds("other"))
    other = Watch(post.database, alerts, PROGRAMME, mailbox=MAILBOX, an_hour=5)
    _read(post)
    post.clock.advance(minutes=16)
    assert [post.look(), other.look(post.clock())] == [True, False]
    assert len(post.told()) == 3


def test_a_crisis_answer_that_was_refused_is_told(post: Post) -> None:
    """As when a provider keeps to an opt-out that we would pass over; all coordinators, on every way, and once."""
    with post.database.write() as session:
        outbox.queue(session, text_draft(template="crisis", priority=outbox.CRISIS), inbox_id=None, now=post.clock())
        (held,) = claims.claim(session, Terms(channel="sms", name="me", until=post.clock() + timedelta(minutes=5)), post.clock())
        claims.settle(session, held, status="failed", error="Twilio 21610", now=post.clock())
    assert post.look()
    with post.database.read() as session:
        told = select(OUTBOX.c.recipient, OUTBOX.c.priority).where(OUTBOX.c.template == "crisis_not_delivered").order_by(OUTBOX.c.id)
        assert [tuple(row) for row in session.execute(told)] == [(SAM.email, 0), (JO.email, 0), (SAM.phone, 0)]
    post.clock.advance(minutes=2)
    assert not post.look()
