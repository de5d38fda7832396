"""What waits to go out: claimed once, in order, settled by its holder, on either database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, select, text, update

from db import abandoned, claims, outbox, people, reports
from db.claims import Claimed, Terms
from db.engine import Database
from db.outbox import ANSWER, COORDINATOR, CRISIS, DIGEST, GIVE_UP_AFTER, OUTBOX, Draft
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
    found = _claim_some(database, name, now=now, urgent_only=urgent_only)
    return found[0] if found else None


def _claim_some(
    database: Database, name: str = "one", *, now: datetime = NOW, urgent_only: bool = False, most: int = 1, era: str = ""
) -> list[Claimed]:
    terms = Terms(channel="sms", name=name, until=now + LEASE, era=era, most=most, urgent_only=urgent_only)
    with database.write() as session:
        claims.alone(session, terms.channel)
        return claims.claim(session, terms, now)


def _begin(database: Database, held: Claimed | None, *, now: datetime = NOW) -> bool:
    assert held is not None
    with database.light() as session:
        return claims.begin(session, held, now=now, until=now + LEASE)


def _settle(
    database: Database, held: Claimed | None, status: str = "sent", *, now: datetime = NOW, error: str = "", due_at: datetime | None = None
) -> bool:
    assert held is not None
    with database.write() as session:
        if status == "sent":
            return claims.sent(session, held, now=now, provider_id="SM1")
        return claims.settle(session, held, status=status, now=now, error=error, due_at=due_at)


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
        assert claims.claim(session, Terms(channel="email", name="one", until=NOW + LEASE), NOW) == []


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
    """What the hourly cap lets through; the digest too, which otherwise would wait behind all answers."""
    _queue(database, _draft("a"), _draft("o", priority=COORDINATOR, recipient="+14065550188"))
    assert _claim(database, urgent_only=True) is None
    _queue(database, _draft("d", priority=DIGEST, recipient="+14065550177"), _draft("c", priority=CRISIS, recipient="+14065550199"))
    order = [held.draft.key for held in iter(lambda: _claim(database, urgent_only=True), None)]
    assert order == ["c", "d"]


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
        outbox.stop_for(session, address, NOW)
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
        abandoned.give_up_expired(session, later, channel="sms")
    alive = _claim(database, "alive", now=later)
    assert not _settle(database, dead, "failed", error="too late")
    assert _status(database, "a") == "sending"
    assert _settle(database, alive, now=later)
    assert not _settle(database, alive, "failed")
    row = _row(database, "a")
    assert (row.status, row.provider_id, row.claim, row.settled_at) == ("sent", "SM1", None, later)


def _expire(database: Database, now: datetime, *, era: str = "", channel: str = "sms") -> dict[str, str]:
    """What becomes of the claims that ran out, by key."""
    with database.write() as session:
        outcomes = dict(abandoned.give_up_expired(session, now, channel=channel, era=era))
        keys = session.execute(select(OUTBOX.c.id, OUTBOX.c.key).where(OUTBOX.c.id.in_(outcomes)))
        return {row.key: outcomes[row.id] for row in keys}


def test_a_claim_that_ran_out_is_looked_for(database: Database) -> None:
    """Nobody knows whether what had begun went: it is not repeated before somebody looked; one whose time is not up is left alone."""
    _queue(database, _draft("a"), _draft("b", recipient="+14065550199"))
    assert _begin(database, _claim(database, "one"))
    assert _begin(database, _claim(database, "two"), now=NOW + timedelta(minutes=1))
    end = NOW + LEASE
    assert _expire(database, end) == {}
    assert _expire(database, end + timedelta(seconds=1)) == {"a": "unknown"}
    row = _row(database, "a")
    assert (row.status, row.claim, row.error, row.looks) == ("unknown", None, "sender gone", 0)
    assert row.due_at > end
    assert _status(database, "b") == "sending"
    assert _claim(database, "three", now=end + timedelta(days=1)) is None


def test_each_channel_gives_up_its_own(database: Database) -> None:
    """Whoever sends mails knows nothing of those who send texts: by a clock that jumped, they would seem to be gone."""
    _queue(database, _draft("a"))
    assert _begin(database, _claim(database))
    assert _expire(database, NOW + LEASE * 2, channel="email") == {}
    assert _status(database, "a") == "sending"


def test_what_a_channel_left_behind_takes_no_room(database: Database) -> None:
    """It was switched off while it sent: its claims run out, and the hour is not the fuller for them for ever."""
    _queue(database, _draft("a"))
    _claim(database)
    with database.read() as session:
        assert [claims.under_way(session, NOW + after) for after in (LEASE, LEASE * 2)] == [1, 0]


def test_what_had_not_begun_never_left(database: Database) -> None:
    """Its sender was killed before the step that nobody can take back: it simply goes, whatever it is."""
    _queue(database, _draft("a"), _draft("c", recipient="+14065550199", priority=CRISIS))
    assert len(_claim_some(database, "dead", most=2)) == 2
    later = NOW + LEASE + timedelta(seconds=1)
    assert _expire(database, later) == {"a": "queued", "c": "queued"}
    assert not any(_row(database, key).doubtful for key in ("a", "c"))
    assert [held.draft.key for held in _claim_some(database, "alive", now=later, most=2)] == ["c", "a"]


def test_after_a_power_cut_a_missing_mark_proves_nothing(database: Database) -> None:
    """The mark is written lightly; what the machine had not put on its disk is gone, and the message may have left."""
    _queue(database, _draft("a"))
    _claim_some(database, "dead", era="before the cut")
    assert _expire(database, NOW + LEASE * 2, era="after the cut") == {"a": "unknown"}


def test_a_message_that_ends_its_sender_is_given_up(database: Database) -> None:
    """For three days it is tried; then it is listed as failed."""
    _queue(database, _draft("a"))
    later = NOW + GIVE_UP_AFTER
    _claim(database, now=later)
    assert _expire(database, later + LEASE * 2) == {"a": "failed"}
    assert _row(database, "a").error == "sender gone"


def test_a_crisis_answer_that_may_be_lost_is_repeated_once(database: Database) -> None:
    """Two are better than none; three tell nothing new, and so the second is looked for."""
    _queue(database, _draft("c", priority=CRISIS))
    moment = NOW
    assert _settle(database, _claim(database), "queued", due_at=NOW, error="Twilio 20503")  # which sent nothing, and does not count
    for name, outcome in (("first", "queued"), ("second", "unknown")):
        assert _begin(database, _claim(database, name, now=moment), now=moment)
        moment += LEASE + timedelta(seconds=1)
        assert _expire(database, moment) == {"c": outcome}
    assert _row(database, "c").doubtful
    assert _claim(database, "third", now=moment) is None


def test_what_opted_out_after_the_claim_does_not_leave(database: Database) -> None:
    """The last look is taken just before it leaves; what goes despite an opt-out goes."""
    address = _address(database)
    _queue(database, _draft("a", address_id=address), _draft("c", address_id=address, despite_opt_out=True, priority=CRISIS))
    crisis, answer = _claim(database), _claim(database)
    with database.write() as session:
        people.opt_out(session, address, NOW)
    assert _begin(database, crisis)
    assert not _begin(database, answer)
    assert _row(database, "a").started_at is None


def test_only_the_holder_begins(database: Database) -> None:
    """A sender that slept over its claim sends nothing that another has taken since."""
    _queue(database, _draft("a"))
    slept = _claim(database, "slept")
    later = NOW + LEASE * 2
    _expire(database, later)
    awake = _claim(database, "awake", now=later)
    assert not _begin(database, slept, now=later)
    assert _begin(database, awake, now=later)


def test_many_are_claimed_at_once_and_one_a_recipient(database: Database) -> None:
    """In their order; the second to somebody waits until the first is settled."""
    _queue(database, *(_draft(f"k{at}", recipient=f"+1406555010{at % 4}") for at in range(8)))
    held = _claim_some(database, most=6)
    assert [one.draft.key for one in held] == ["k0", "k1", "k2", "k3"]
    assert _claim_some(database, "two", most=6) == []


def test_what_was_not_begun_is_put_back(database: Database) -> None:
    """As if it had never been claimed; what has begun stays with its claim."""
    _queue(database, _draft("a"), _draft("b", recipient="+14065550199"))
    held = _claim_some(database, most=2)
    assert _begin(database, held[0])
    with database.write() as session:
        claims.put_back(session, held, NOW)
    assert (_status(database, "a"), _status(database, "b")) == ("sending", "queued")
    again = _claim(database, "two")
    assert again is not None
    assert (again.draft.key, again.attempts) == ("b", 1)


def test_what_is_put_back_after_an_opt_out_stays(database: Database) -> None:
    """It would wait for ever, and go out should they ever come back."""
    address_id = _address(database)
    _queue(database, _draft("a", address_id=address_id))
    held = _claim_some(database, most=2)
    with database.write() as session:
        outbox.stop_for(session, address_id, NOW)
    with database.write() as session:
        claims.put_back(session, held, NOW)
    assert _status(database, "a") == "suppressed"


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
        return reports.note_status(session, key=key, provider_id="SM9", status=status, error=error, now=now)


def test_a_callback_for_nothing_of_ours_is_told_apart(database: Database) -> None:
    """Nothing is made of a key that no row has."""
    assert not _note(database, "sent", key="nobody's")


@pytest.mark.parametrize("status", ["unknown", "uncertain"])
def test_a_callback_tells_that_a_doubtful_text_went(database: Database, status: str) -> None:
    """It is off the coordinator's list again, with the provider's id of it; nor is it looked for any more."""
    _queue(database, _draft("a"))
    assert _settle(database, _claim(database), status, error="no answer")
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


def test_a_callback_tells_of_an_opt_out(database: Database) -> None:
    """Messaging services answer well and refuse later: the address is marked, and what waits for it is taken back."""
    address = _address(database)
    _queue(database, _draft("a", address_id=address), _draft("b", address_id=address))
    assert _settle(database, _claim(database))
    assert _note(database, "failed", error="Twilio 21610")
    assert (_status(database, "a"), _status(database, "b")) == ("failed", "suppressed")
    with database.read() as session:
        assert people.is_opted_out(session, channel="sms", value=CASEY)


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
            return claims.anything_to_do(session, channel, NOW + after)

    assert not asked()
    _queue(database, _draft("a"))
    assert asked()
    assert not asked("email")
    assert not asked(after=-timedelta(seconds=1))
    _claim(database)
    assert not asked()
    assert asked(after=LEASE + timedelta(seconds=1))


def test_what_nobody_wants_gives_a_sender_nothing_to_do(database: Database) -> None:
    """It would take the lock once a second, and find nothing to claim."""
    address = _address(database, opted_out=True)
    _queue(database, _draft("a", address_id=address))
    with database.read() as session:
        assert not claims.anything_to_do(session, "sms", NOW)
        assert claims.anything_to_do(session, "sms", NOW) == bool(_claim(database))


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


@pytest.mark.usefixtures("patient")
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


@pytest.mark.usefixtures("patient")
def test_two_claims_of_one_recipient_that_do_not_see_each_other(postgres_url: str) -> None:
    """On PostgreSQL the second waits for the first's commit and then gets nothing, without harm to its own transaction."""
    database = Database(postgres_url)
    migrate(database)
    _queue(database, _draft("a"))
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            claims.alone(session, "sms")
            assert claims.claim(session, Terms(channel="sms", name="one", until=NOW + LEASE), NOW)
            _queue(database, _draft("c", priority=COORDINATOR))
            second = pool.submit(_claim, database, "two")
            wait_until(lambda: _waits_for_a_lock(database), what="the second claim to wait")
        assert second.result(timeout=60) is None
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
    assert _begin(database, _claim(database, "one"))
    assert _note(database, status, key="c")
    assert _expire(database, NOW + LEASE * 2) == {"c": "sent"}


def test_a_send_put_back_after_an_opt_out_is_dropped(database: Database) -> None:
    """The opt-out came while the message was on its way; a later START must not bring it."""
    address = _address(database)
    _queue(database, _draft("a", address_id=address))
    held = _claim(database, "one")
    assert held is not None
    with database.write() as session:
        people.opt_out(session, address, NOW)
        assert claims.settle(session, held, status="queued", now=NOW, due_at=NOW, error="Twilio 20429")
    assert _status(database, "a") == "suppressed"
