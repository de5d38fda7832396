"""What waits to go out: claimed once, in order, settled by its holder, on either database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, select, text, update

from db import outbox, people
from db.engine import Database
from db.outbox import ANSWER, COORDINATOR, CRISIS, DIGEST, OUTBOX, Claimed, Draft
from db.schema import migrate
from tests.servers.waiting import wait_until

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
CASEY = "+14065550123"


def _draft(
    key: str, *, recipient: str = CASEY, priority: int = ANSWER, address_id: int | None = None, despite_opt_out: bool = False
) -> Draft:
    return Draft(
        key=key,
        channel="sms",
        recipient=recipient,
        template="recorded",
        priority=priority,
        body="Thanks!",
        address_id=address_id,
        despite_opt_out=despite_opt_out,
    )


def _queue(database: Database, *drafts: Draft, now: datetime = NOW) -> None:
    with database.write() as session:
        for draft in drafts:
            assert outbox.queue(session, draft, inbox_id=None, now=now)


def _claim(database: Database, name: str = "one", *, now: datetime = NOW, urgent_only: bool = False) -> Claimed | None:
    with database.write() as session:
        return outbox.claim(session, channel="sms", name=name, now=now, until=now + LEASE, urgent_only=urgent_only)


def _settle(
    database: Database, held: Claimed | None, status: str = "sent", *, now: datetime = NOW, error: str = "", due_at: datetime | None = None
) -> bool:
    assert held is not None
    with database.write() as session:
        return outbox.settle(
            session, held, status=status, now=now, error=error, due_at=due_at, provider_id="SM1" if status == "sent" else ""
        )


def _row(database: Database, key: str) -> Row[tuple[object, ...]]:
    with database.read() as session:
        return session.execute(select(OUTBOX).where(OUTBOX.c.key == key)).one()


def _status(database: Database, key: str) -> str:
    return str(_row(database, key).status)


def _address(database: Database, *, opted_out: bool = False) -> int:
    with database.write() as session:
        sender = people.find_or_make_sender(session, channel="sms", value=CASEY, now=NOW)
        if opted_out:
            people.opt_out(session, sender.address_id, NOW)
        return sender.address_id


def test_the_same_key_is_queued_once(database: Database) -> None:
    """An alert that is told once has a key of its own; the second is not put in line."""
    _queue(database, _draft("a"))
    with database.write() as session:
        assert not outbox.queue(session, _draft("a", recipient="+14065550199"), inbox_id=None, now=NOW)
        assert outbox.depth(session) == (1, NOW)


def test_a_claim_carries_the_whole_draft(database: Database) -> None:
    """What is sent is what was composed, to the last field."""
    draft = Draft(
        key="a",
        channel="sms",
        recipient=CASEY,
        template="alert",
        priority=COORDINATOR,
        body="Thanks!",
        subject="Re: ¿mentor?",
        html="<p>Thanks!</p>",
        address_id=_address(database),
        message_id="<a@example.org>",
        references="<x@example.org>",
        reply_to="intake+a@example.org",
        null_sender=True,
        despite_opt_out=True,
    )
    _queue(database, draft)
    held = _claim(database)
    assert held is not None
    assert (held.draft, held.claim, held.attempts, held.created_at) == (draft, "one", 1, NOW)


def test_the_most_urgent_goes_first_then_the_oldest(database: Database) -> None:
    """Crisis, coordinator, answer, digest; within one priority by the time that it is due."""
    for at, (key, priority) in enumerate([("d", DIGEST), ("a1", ANSWER), ("a2", ANSWER), ("o", COORDINATOR), ("c", CRISIS)]):
        _queue(database, _draft(key, recipient=f"+1406555010{at}", priority=priority), now=NOW + timedelta(seconds=at))
    later = NOW + timedelta(minutes=1)
    order = [held.draft.key for held in iter(lambda: _claim(database, now=later), None)]
    assert order == ["c", "o", "a1", "a2", "d"]


def test_what_is_not_due_waits(database: Database) -> None:
    """A message that failed is not tried again before its pause is over."""
    _queue(database, _draft("a"))
    assert _settle(database, _claim(database), "queued", due_at=NOW + timedelta(minutes=1), error="Twilio 20429")
    assert _claim(database, now=NOW + timedelta(seconds=59)) is None
    again = _claim(database, now=NOW + timedelta(seconds=60))
    assert again is not None
    assert again.attempts == 2


def test_other_channels_are_left_alone(database: Database) -> None:
    """Each channel's sender takes its own."""
    _queue(database, _draft("a"))
    with database.write() as session:
        assert outbox.claim(session, channel="email", name="one", now=NOW, until=NOW + LEASE) is None


def test_one_recipient_has_one_message_in_flight(database: Database) -> None:
    """The second waits for the first, so that they arrive in their order; others' do not wait."""
    _queue(database, _draft("a1"), _draft("a2"), _draft("b", recipient="+14065550199"))
    first, other = _claim(database), _claim(database, "two")
    assert first is not None
    assert other is not None
    assert (first.draft.key, other.draft.key) == ("a1", "b")
    assert _claim(database, "three") is None
    assert _settle(database, first)
    second = _claim(database, "three")
    assert second is not None
    assert second.draft.key == "a2"


def test_urgent_only_takes_crisis_answers_alone(database: Database) -> None:
    """What the hourly cap lets through."""
    _queue(database, _draft("a"), _draft("o", priority=COORDINATOR, recipient="+14065550188"))
    assert _claim(database, urgent_only=True) is None
    _queue(database, _draft("c", priority=CRISIS, recipient="+14065550199"))
    held = _claim(database, urgent_only=True)
    assert held is not None
    assert held.draft.key == "c"


def test_nothing_goes_to_an_opted_out_address(database: Database) -> None:
    """But the crisis answer and the one confirmation; when they come back, what waits may go."""
    address = _address(database, opted_out=True)
    _queue(database, _draft("a", address_id=address), _draft("b", address_id=address, despite_opt_out=True))
    held = _claim(database)
    assert held is not None
    assert held.draft.key == "b"
    assert _settle(database, held)
    assert _claim(database) is None
    with database.write() as session:
        people.opt_in(session, address)
    assert _claim(database) is not None


def test_an_opt_out_takes_back_what_waits(database: Database) -> None:
    """Of that address alone, and nothing that goes despite it or is on its way."""
    address = _address(database)
    with database.write() as session:
        other = people.find_or_make_sender(session, channel="sms", value="+14065550199", now=NOW).address_id
    _queue(database, _draft("going", address_id=address))
    held = _claim(database)
    _queue(
        database,
        _draft("waiting", address_id=address),
        _draft("despite", address_id=address, despite_opt_out=True),
        _draft("other", recipient="+14065550199", address_id=other),
    )
    with database.write() as session:
        outbox.suppress(session, address, NOW)
    assert [_status(database, key) for key in ("going", "waiting", "despite", "other")] == ["sending", "suppressed", "queued", "queued"]
    assert _settle(database, held)
    with database.read() as session:
        assert outbox.depth(session)[0] == 2


def test_only_the_holder_settles(database: Database) -> None:
    """A sender that was given up for dead and comes back changes nothing, nor does a second settling."""
    _queue(database, _draft("a", priority=CRISIS))
    dead = _claim(database, "dead")
    later = NOW + LEASE + timedelta(seconds=1)
    with database.write() as session:
        outbox.give_up_expired(session, later)
    alive = _claim(database, "alive", now=later)
    assert not _settle(database, dead, "failed", error="too late")
    assert _status(database, "a") == "sending"
    assert _settle(database, alive, now=later)
    assert not _settle(database, alive, "failed")
    row = _row(database, "a")
    assert (row.status, row.provider_id, row.claim, row.settled_at) == ("sent", "SM1", None, later)


def test_a_claim_that_ran_out_is_uncertain(database: Database) -> None:
    """Nobody knows whether it went: it is listed, not repeated; one whose time is not up is left alone."""
    _queue(database, _draft("a"), _draft("b", recipient="+14065550199"))
    _claim(database, "one")
    _claim(database, "two", now=NOW + timedelta(minutes=1))
    assert _status(database, "b") == "sending"
    end = NOW + LEASE
    with database.write() as session:
        assert outbox.give_up_expired(session, end) == []
    with database.write() as session:
        assert outbox.give_up_expired(session, end + timedelta(seconds=1)) == [_row(database, "a").id]
    row = _row(database, "a")
    assert (row.status, row.claim, row.error) == ("uncertain", None, "sender gone")
    assert _status(database, "b") == "sending"
    assert _claim(database, "three", now=end + timedelta(seconds=1)) is None


def test_a_crisis_answer_that_may_be_lost_is_repeated_once(database: Database) -> None:
    """Two are better than none; three tell nothing new."""
    _queue(database, _draft("c", priority=CRISIS))
    moment = NOW
    assert _settle(database, _claim(database), "queued", due_at=NOW, error="Twilio 20503")  # which sent nothing, and does not count
    for name in ("first", "second"):
        held = _claim(database, name, now=moment)
        assert held is not None
        moment += LEASE + timedelta(seconds=1)
        with database.write() as session:
            lost = outbox.give_up_expired(session, moment)
        assert bool(lost) == (name == "second")
    assert _status(database, "c") == "uncertain"
    assert _claim(database, "third", now=moment) is None


@pytest.mark.parametrize(
    ("statuses", "status", "provider_status"),
    [
        (["queued", "sent", "delivered"], "sent", "delivered"),
        (["delivered", "sent", "queued"], "sent", "delivered"),
        (["sent", "sent", "sent"], "sent", "sent"),
        (["sent", "undelivered"], "failed", "undelivered"),
        (["undelivered", "sent", "delivered"], "failed", "undelivered"),
        (["failed", "undelivered"], "failed", "failed"),
        (["delivered", "undelivered"], "sent", "delivered"),
        (["delivered", "read", "sent"], "sent", "read"),
        (["sent", "something new", ""], "sent", "sent"),
    ],
)
def test_a_delivery_status_never_goes_backwards(database: Database, statuses: list[str], status: str, provider_status: str) -> None:
    """Callbacks come late, twice and out of order."""
    _queue(database, _draft("a"))
    assert _settle(database, _claim(database))
    for given in statuses:
        assert _note(database, given)
    row = _row(database, "a")
    assert (row.status, row.provider_status, row.provider_id) == (status, provider_status, "SM1")


def _note(database: Database, status: str, *, key: str = "a", error: str = "", now: datetime = NOW) -> bool:
    with database.write() as session:
        return outbox.note_status(session, key=key, provider_id="SM9", status=status, error=error, now=now)


def test_a_callback_for_nothing_of_ours_is_told_apart(database: Database) -> None:
    """Nothing is made of a key that no row has."""
    assert not _note(database, "sent", key="nobody's")


def test_a_callback_tells_that_an_uncertain_text_went(database: Database) -> None:
    """It is off the coordinator's list again, with the provider's id of it."""
    _queue(database, _draft("a"))
    assert _settle(database, _claim(database), "uncertain", error="no answer")
    assert _note(database, "sent")
    row = _row(database, "a")
    assert (row.status, row.error, row.provider_id) == ("sent", None, "SM9")


def test_a_callback_tells_that_a_text_need_not_go_again(database: Database) -> None:
    """The provider took a text whose answer said that it had not: it is not sent twice."""
    _queue(database, _draft("a"))
    assert _settle(database, _claim(database), "queued", error="Twilio 20500", due_at=NOW + timedelta(minutes=1))
    assert _note(database, "sent")
    assert _claim(database, now=NOW + timedelta(hours=1)) is None
    assert _status(database, "a") == "sent"


def test_a_callback_may_overtake_the_answer(database: Database) -> None:
    """It comes while the sender still waits: a failure holds, whatever the sender then says; a success is not lost."""
    _queue(database, _draft("a"), _draft("b", recipient="+14065550199"))
    first, second = _claim(database), _claim(database)
    assert _note(database, "undelivered", error="Twilio 30006")
    assert not _settle(database, first)
    assert (_status(database, "a"), _row(database, "a").error) == ("failed", "Twilio 30006")
    assert _note(database, "delivered", key="b")
    assert _settle(database, second)
    assert (_status(database, "b"), _row(database, "b").provider_status) == ("sent", "delivered")


def test_what_was_sent_in_the_last_hour_is_counted(database: Database) -> None:
    """By when it went, not by when it was queued; what failed does not count."""
    for at, (minutes, status) in enumerate([(59, "sent"), (61, "sent"), (5, "failed")]):
        _queue(database, _draft(f"k{at}"), now=NOW - timedelta(hours=3))
        assert _settle(database, _claim(database), status, now=NOW - timedelta(minutes=minutes))
    with database.read() as session:
        assert outbox.sent_in_the_last_hour(session, NOW) == 1


def test_a_sender_has_something_to_do_when_a_row_is_due_or_a_claim_ran_out(database: Database) -> None:
    """Asked before any lock is taken."""

    def asked(channel: str = "sms", after: timedelta = timedelta(0)) -> bool:
        with database.read() as session:
            return outbox.anything_to_do(session, channel, NOW + after)

    assert not asked()
    _queue(database, _draft("a"))
    assert asked()
    assert not asked("email")
    assert not asked(after=-timedelta(seconds=1))
    _claim(database)
    assert not asked()
    assert asked(after=LEASE + timedelta(seconds=1))


def test_a_thousand_rows_are_claimed_once_each(database: Database) -> None:
    """By four senders at once; nothing is left over, nothing is sent twice."""
    _queue(database, *(_draft(f"k{at}", recipient=f"+1406555{at:04}") for at in range(1000)))

    def drain(name: str) -> list[int]:
        mine: list[int] = []
        while _depth(database):
            held = _claim(database, name)
            if held is not None:
                mine.append(held.id)
                assert _settle(database, held)
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [row for rows in pool.map(drain, ("a", "b", "c", "d")) for row in rows]
    assert len(claimed) == len(set(claimed)) == 1000


def _depth(database: Database) -> int:
    with database.read() as session:
        return outbox.depth(session)[0]


def test_threads_that_race_have_one_message_a_recipient_in_flight(database: Database) -> None:
    """Whoever claims, no recipient is ever written to twice at once."""
    people_of = {f"k{at}": f"+1406555010{at % 3}" for at in range(60)}
    _queue(database, *(_draft(key, recipient=recipient) for key, recipient in people_of.items()))
    guard, busy, sent = threading.Lock(), set[str](), list[str]()

    def drain(name: str) -> None:
        while _depth(database):
            held = _claim(database, name)
            if held is None:
                continue
            with guard:
                assert held.draft.recipient not in busy
                busy.add(held.draft.recipient)
            _depth(database)  # as long as a send takes, so that another might come in between
            with guard:
                busy.remove(held.draft.recipient)
                sent.append(held.draft.key)
            assert _settle(database, held)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(drain, ("a", "b", "c", "d")))
    assert sorted(sent) == sorted(people_of)


def test_two_claims_of_one_recipient_that_do_not_see_each_other(postgres_url: str) -> None:
    """On PostgreSQL the second waits for the first's commit and then gets nothing, without harm to its own transaction."""
    database = Database(postgres_url)
    migrate(database)
    _queue(database, _draft("a"))
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            assert outbox.claim(session, channel="sms", name="one", now=NOW, until=NOW + LEASE) is not None
            _queue(database, _draft("c", priority=COORDINATOR))
            second = pool.submit(_claim, database, "two")
            wait_until(lambda: _waits_for_a_lock(database), what="the second claim to wait")
        assert second.result(timeout=10) is None
    assert (_status(database, "a"), _status(database, "c")) == ("sending", "queued")
    database.close()


def _waits_for_a_lock(database: Database) -> bool:
    with database.read() as session:
        return bool(session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


def test_the_caps_count_answers_to_an_address_alone(database: Database) -> None:
    """Alerts to a coordinator do not use up the answers to their own messages."""
    address = _address(database)
    _queue(database, _draft("alert"), _draft("answer", address_id=address))
    with database.write() as session:
        session.execute(update(OUTBOX).where(OUTBOX.c.key == "alert").values(template="urgent"))
        assert outbox.recent(session, CASEY, NOW - timedelta(minutes=1)) == ["recorded"]
        assert outbox.recent(session, CASEY, NOW) == []


def test_a_crisis_answer_waits_for_no_dead_sender(database: Database) -> None:
    """Another send to the same person may be stuck with a claim of minutes."""
    _queue(database, _draft("a"))
    assert _claim(database, "one") is not None
    _queue(database, _draft("c", priority=CRISIS))
    held = _claim(database, "two")
    assert held is not None
    assert held.draft.key == "c"


@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_what_the_provider_delivered_is_not_in_doubt(database: Database, status: str) -> None:
    """The callback came while the send hung, and then its sender died: the message went, and goes no second time."""
    _queue(database, _draft("c", priority=CRISIS))
    assert _claim(database, "one") is not None
    with database.write() as session:
        outbox.note_status(session, key="c", provider_id="SM1", status=status, error="", now=NOW)
        assert outbox.give_up_expired(session, NOW + LEASE * 2) == []
    assert _status(database, "c") == "sent"


def test_a_send_put_back_after_an_opt_out_is_dropped(database: Database) -> None:
    """The opt-out came while the message was on its way; a later START must not bring it."""
    address = _address(database)
    _queue(database, _draft("a", address_id=address))
    held = _claim(database, "one")
    assert held is not None
    with database.write() as session:
        people.opt_out(session, address, NOW)
        assert outbox.settle(session, held, status="queued", now=NOW, due_at=NOW, error="Twilio 20429")
    assert _status(database, "a") == "suppressed"
