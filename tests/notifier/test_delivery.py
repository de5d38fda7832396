"""Claim, send, settle: through a real outbox, with senders that fail as a test asks."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from db import abandoned, outbox, people, reports
from db.engine import Database
from db.outbox import COORDINATOR, CRISIS, OUTBOX, Draft
from db.schema import migrate
from notifier.delivery import Pace
from notifier.senders import SendError
from notifier.senders.email import EmailSender, SmtpServer
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.fakes import HeldClock
from tests.notifier.outgoing import FaultySender, House
from tests.notifier.samples import CASEY_PHONE, NOW, casey, draft, text_draft
from tests.servers import twilio_faults as faults
from tests.servers.smtp import SmtpServer as Bench
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import wait_until

LATER = SendError("Twilio 20429")
UNKNOWN = SendError("no answer", unknown=True)
NEVER = SendError("Twilio 30006", permanent=True)


@pytest.fixture
def sender() -> FaultySender:
    return FaultySender()


@pytest.fixture
def house(database: Database, sender: FaultySender) -> House:
    return House(database, sender)


def test_what_is_due_is_sent_and_settled(house: House, sender: FaultySender) -> None:
    """Once each, with the provider's id; then there is nothing to do."""
    house.queue(text_draft("a"), text_draft("b", recipient="+14065550199"))
    assert house.send_all() == 2
    assert sorted(sender.sent) == ["a", "b"]
    row = house.row("a")
    assert (row.status, row.provider_id, row.attempts, row.settled_at, row.error) == ("sent", "SM1", 1, NOW, None)
    assert house.send_all() == 0


def test_nothing_is_locked_while_a_message_is_sent(house: House, sender: FaultySender) -> None:
    """A slow provider keeps no message from coming in."""

    def take_in(_: Draft) -> None:
        with house.database.write() as session:
            outbox.queue(session, text_draft("b", recipient="+14065550199"), inbox_id=None, now=NOW)

    sender.before = take_in
    house.queue(text_draft("a"))
    assert house.delivery.send_next()
    assert house.row("b").status == "queued"


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.5), (1.0, 1.0)])
def test_pauses_grow_up_to_an_hour(database: Database, sender: FaultySender, jitter: float, share: float) -> None:
    """Each twice the one before, spread by chance between half of it and all of it."""
    house = House(database, sender, jitter=jitter)
    house.queue(text_draft())
    sender.faults[CASEY_PHONE] = [LATER] * 9
    pauses = []
    for _ in range(9):
        assert house.send_all() == 1
        pauses.append((house.row().due_at - house.clock()).total_seconds())
        house.clock.set(house.row().due_at - timedelta(microseconds=1))
        assert house.send_all() == 0
        house.clock.set(house.row().due_at)
    assert pauses == [share * seconds for seconds in (30, 60, 120, 240, 480, 960, 1920, 3600, 3600)]
    assert house.send_all() == 1
    assert (house.row().status, house.row().attempts, house.row().error) == ("sent", 10, None)


def test_a_message_is_given_up_after_three_days(house: House, sender: FaultySender) -> None:
    """Until then it is tried; afterwards it stands in the digest."""
    house.queue(text_draft())
    sender.faults[CASEY_PHONE] = [LATER] * 500
    while house.row().status == "queued":
        house.clock.set(max(house.row().due_at, house.clock()))
        assert house.send_all() == 1
    age = house.clock() - NOW
    assert timedelta(days=3) < age <= timedelta(days=3, hours=1)
    assert (house.row().status, house.row().error, house.row().settled_at) == ("failed", "Twilio 20429", house.clock())


def test_a_permanent_refusal_is_not_repeated(house: House, sender: FaultySender) -> None:
    """It is told in the digest at once."""
    house.queue(text_draft())
    sender.faults[CASEY_PHONE] = [NEVER]
    assert house.send_all() == 1
    house.clock.advance(days=2)
    assert house.send_all() == 0
    assert (house.row().status, house.row().error, sender.sent) == ("failed", "Twilio 30006", [])


def test_an_unknown_outcome_is_not_repeated(house: House, sender: FaultySender) -> None:
    """It may have arrived: it is looked for, from a minute later on."""
    house.queue(text_draft())
    sender.faults[CASEY_PHONE] = [UNKNOWN]
    assert house.send_all() == 1
    house.clock.advance(days=2)
    assert house.send_all() == 0
    assert (house.row().status, house.row().error, house.row().due_at) == ("unknown", "no answer", NOW + timedelta(minutes=1))


def test_a_crisis_answer_of_unknown_outcome_is_repeated_once_at_once(house: House, sender: FaultySender) -> None:
    """Two are better than none; a third tells nothing new. It is marked, for the coordinator to see."""
    house.queue(text_draft(priority=CRISIS))
    sender.faults[CASEY_PHONE] = [UNKNOWN, UNKNOWN]
    assert house.send_all() == 2
    assert house.row().status == "unknown"
    house.queue(text_draft("b", priority=CRISIS, recipient="+14065550199"))
    sender.faults["+14065550199"] = [UNKNOWN]
    assert house.send_all() == 2
    assert (house.row("b").status, house.row("b").doubtful, sender.sent) == ("sent", True, ["b"])


def test_a_crisis_answer_is_repeated_though_an_outage_came_first(house: House, sender: FaultySender) -> None:
    """What certainly did not go counts for nothing, before the doubtful send or after it; a second doubt ends it."""
    house.queue(text_draft(priority=CRISIS))
    sender.faults[CASEY_PHONE] = [LATER, LATER, UNKNOWN, LATER, UNKNOWN]
    for sends in (1, 1, 2, 1, 0):
        assert house.send_all() == sends
        house.clock.advance(hours=1)
    assert (house.row().status, house.row().attempts, sender.sent) == ("unknown", 5, [])


@pytest.mark.parametrize(
    "error", [ValueError("+14065550123"), RecursionError(), UnicodeEncodeError("ascii", "ñ", 0, 1, "no"), KeyError("x")]
)
def test_a_message_that_breaks_its_sender_holds_up_nobody(
    house: House, sender: FaultySender, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """It fails with the kind and place of the error, without its words, which may be somebody's; the next one goes."""
    house.queue(text_draft("a"), text_draft("b", recipient="+14065550199"))
    sender.faults[CASEY_PHONE] = [error]
    with caplog.at_level(logging.INFO):
        assert house.send_all() == 2
    assert (house.row("a").status, sender.sent) == ("failed", ["b"])
    assert house.row("a").error.startswith(f"{type(error).__name__} at outgoing.py:")
    assert CASEY_PHONE not in house.row("a").error + caplog.text


def test_the_log_has_ids_and_outcomes_alone(house: House, sender: FaultySender, caplog: pytest.LogCaptureFixture) -> None:
    """No number, no name, no words."""
    house.queue(text_draft("a", body="private"), text_draft("b", recipient="+14065550199", body="private"))
    sender.faults["+14065550199"] = [LATER]
    with caplog.at_level(logging.DEBUG):
        house.send_all()
    said = [record.getMessage() for record in caplog.records if record.name == "notifier.delivery"]
    assert said == [f"outbox {house.row('a').id} sent", f"outbox {house.row('b').id} queued: Twilio 20429"]
    assert "private" not in caplog.text
    assert "+1406" not in caplog.text


def test_a_full_hour_lets_the_urgent_through(database: Database, sender: FaultySender) -> None:
    """Above the cap answers wait; none is dropped; a crisis answer passes."""
    house = House(database, sender, pace=Pace(an_hour=3))
    house.queue(*(text_draft(f"k{at}", recipient=f"+1406555010{at}") for at in range(5)))
    assert house.send_all() == 3
    house.queue(
        text_draft("alert", recipient="+14065550188", priority=COORDINATOR), text_draft("c", recipient="+14065550199", priority=CRISIS)
    )
    house.clock.advance(minutes=59)
    assert house.send_all() == 1
    assert sender.sent[3:] == ["c"]
    house.clock.advance(minutes=1)
    assert house.send_all() == 2
    assert sender.sent[4:] == ["alert", "k3"]
    house.clock.advance(hours=1)
    assert house.send_all() == 1
    assert sorted(sender.sent) == ["alert", "c", "k0", "k1", "k2", "k3", "k4"]


def test_a_refusal_because_of_an_opt_out_marks_the_address(house: House, sender: FaultySender) -> None:
    """What waits for it is taken back, and nothing goes there any more, but what goes despite it."""
    with house.database.write() as session:
        address = casey(session).address_id
    house.queue(text_draft("a", address_id=address), text_draft("b", address_id=address))
    sender.faults[CASEY_PHONE] = [SendError("Twilio 21610", permanent=True, opted_out=True)]
    assert house.send_all() == 1
    assert (house.row("a").status, house.row("b").status) == ("failed", "suppressed")
    with house.database.write() as session:
        assert people.find_or_make_sender(session, channel="sms", value=CASEY_PHONE, now=NOW).opted_out
    house.queue(text_draft("c", address_id=address), text_draft("d", address_id=address, despite_opt_out=True))
    assert house.send_all() == 1
    assert sender.sent == ["d"]


def test_a_coordinator_who_opted_out_with_the_provider_breaks_nothing(house: House, sender: FaultySender) -> None:
    """An alert has no address of a volunteer's to mark."""
    house.queue(text_draft(recipient="+14065550188", priority=CRISIS))
    sender.faults["+14065550188"] = [SendError("Twilio 21610", permanent=True, opted_out=True)]
    assert house.send_all() == 1
    assert house.row().status == "failed"


def test_a_sender_that_died_leaves_a_message_to_look_for(house: House, sender: FaultySender) -> None:
    """Its claim outlasts the whole send and two minutes more; then it is looked for, and what comes after it goes."""
    with house.database.write() as session:
        outbox.queue(session, text_draft("a"), inbox_id=None, now=NOW)
    until: list[datetime] = []

    def die(_: Draft) -> None:
        until.append(house.row("a").claimed_until)
        raise KeyboardInterrupt

    sender.before = die
    with pytest.raises(KeyboardInterrupt):
        house.delivery.send_next()
    assert until[0] - NOW == timedelta(seconds=sender.deadline) + timedelta(minutes=2)
    sender.before = lambda _: None
    house.queue(text_draft("b"))
    house.clock.set(until[0])
    assert house.send_all() == 0
    house.clock.advance(seconds=1)
    assert house.send_all() == 1
    assert (house.row("a").status, sender.sent) == ("unknown", ["b"])


def test_a_sender_that_died_before_the_message_left_delays_it(house: House, sender: FaultySender) -> None:
    """It goes once, when the claim has run out."""
    house.queue(text_draft("a"))
    sender.before_leaving = die = _Death()
    with pytest.raises(KeyboardInterrupt):
        house.delivery.send_next()
    assert die.died
    sender.before_leaving = lambda: None
    house.clock.advance(hours=1)
    assert house.send_all() == 1
    assert (house.row("a").status, house.row("a").doubtful, sender.sent) == ("sent", False, ["a"])


class _Death:
    died = False

    def __call__(self) -> None:
        self.died = True
        raise KeyboardInterrupt


def test_a_sender_that_lost_its_claim_changes_nothing(house: House, sender: FaultySender, caplog: pytest.LogCaptureFixture) -> None:
    """It was so slow that it was given up for dead: the row stays in doubt, and the log tells."""

    def sleep_in(_: Draft) -> None:
        later = house.clock.advance(hours=1)
        with house.database.write() as session:
            assert abandoned.give_up_expired(session, later, channel="sms", era=house.database.era)

    sender.before = sleep_in
    house.queue(text_draft())
    with caplog.at_level(logging.INFO):
        assert house.send_all() == 1
    assert house.row().status == "unknown"
    assert "lost its claim" in caplog.text


def test_an_opt_out_between_claim_and_send_holds(house: House, sender: FaultySender) -> None:
    """Nothing leaves for somebody who has just written STOP; the crisis answer does."""
    with house.database.write() as session:
        address = casey(session).address_id
    house.queue(text_draft("a", address_id=address))

    def opt_out() -> None:
        with house.database.write() as session:
            people.opt_out(session, address, NOW)

    sender.before_leaving = opt_out
    assert house.send_all() == 1
    house.queue(text_draft("c", address_id=address, despite_opt_out=True, priority=CRISIS))
    assert house.send_all() == 1
    assert (house.row("a").status, house.row("c").status, sender.sent) == ("suppressed", "sent", ["c"])


def test_what_cannot_be_written_down_does_not_leave(house: House, sender: FaultySender) -> None:
    """A database that is away just before the send: the message stays, and waits."""
    house.queue(text_draft())

    def fail() -> None:
        raise OperationalError("UPDATE", None, TimeoutError())

    sender.before_leaving = fail
    assert house.send_all() == 1
    assert (house.row().status, sender.sent) == ("queued", [])
    sender.before_leaving = lambda: None
    house.clock.advance(minutes=1)
    assert house.send_all() == 1
    assert sender.sent == ["id-0001"]


def test_a_crisis_answer_waits_behind_few(house: House, sender: FaultySender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are claimed together only as far as they go in a moment: where the provider is slow, none waits behind others."""
    seconds = [0.0]
    monkeypatch.setattr("notifier.batch.time", SimpleNamespace(monotonic=lambda: seconds[0]))
    house.queue(*(text_draft(f"k{at:03}", recipient=f"+1406555{at:04}") for at in range(200)))
    for _ in range(100):
        assert house.delivery.send_next()
    seconds[0] += 1.0
    house.queue(text_draft("c", priority=CRISIS))
    assert house.delivery.send_next()
    assert sender.sent[-1] == "c"


def test_a_stop_puts_back_what_had_not_begun(house: House, sender: FaultySender) -> None:
    """Another process, or the next start, need not wait until the claim runs out."""
    house.queue(*(text_draft(f"k{at:03}", recipient=f"+1406555{at:04}") for at in range(20)))
    stop = threading.Event()
    sender.before = lambda _: stop.set() if len(sender.sent) == 4 else None
    house.delivery.run(stop)
    with house.database.read() as session:
        statuses = Counter(session.execute(select(OUTBOX.c.status)).scalars())
    assert statuses == {"sent": 5, "queued": 15}


@contextmanager
def _run(house: House) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=house.delivery.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        house.bell.ring()
        thread.join(timeout=60)
        assert not thread.is_alive()


def test_a_ring_wakes_the_sender_and_a_stop_ends_it(house: House, sender: FaultySender) -> None:
    """What is committed goes out; on the way out the connection is closed."""
    with _run(house):
        for key in ("a", "b", "c"):
            house.queue(text_draft(key))
            house.bell.ring()
            wait_until(lambda key=key: house.row(key).status == "sent")  # type: ignore[misc]
        assert not sender.closed
    assert sender.sent == ["a", "b", "c"]
    assert sender.closed


def test_a_database_that_is_away_for_a_while_does_not_end_the_sender(database: Database, sender: FaultySender) -> None:
    """The claim fails, is told of without words, and is tried again."""
    house = House(database, sender)
    clock, failures = house.clock, [RuntimeError("private")]

    def away() -> datetime:
        if failures:
            raise failures.pop()
        return clock()

    house.delivery._clock = away
    house.queue(text_draft())
    with _run(house):
        wait_until(lambda: bool(sender.sent))
    assert failures == []


class NotingStop(threading.Event):
    """An event that notes how long it was waited for, and lets so much time pass."""

    def __init__(self, clock: HeldClock) -> None:
        super().__init__()
        self.pauses: list[float | None] = []
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        self._clock.advance(seconds=timeout or 0)
        if len(self.pauses) == 3:
            self.set()
        return self.is_set()


def test_texts_are_paced(database: Database, sender: FaultySender) -> None:
    """After each one the sender pauses, as long as the provider's rate asks for."""
    house = House(database, sender, pace=Pace(a_second=4))
    house.queue(*(text_draft(f"k{at}", recipient=f"+1406555010{at}") for at in range(5)))
    stop = NotingStop(house.clock)
    house.delivery.run(stop)
    assert stop.pauses == [0.25] * 3
    assert len(sender.sent) == 3


def test_the_rate_holds_for_all_processes_together(database: Database) -> None:
    """Three senders on one database send no more than one would; the crisis answer takes the next turn."""
    senders = [FaultySender() for _ in range(3)]
    houses = [House(database, each, pace=Pace(a_second=1)) for each in senders]
    clock = houses[0].clock
    for house in houses:
        house.delivery._clock = clock
    houses[0].queue(*(text_draft(f"k{at}", recipient=f"+140655501{at:02}") for at in range(20)))
    for second in range(10):
        if second == 5:
            houses[0].queue(text_draft("c", priority=CRISIS))
        assert sum(house.send_all() for house in houses) == 1
        assert sum(len(each.sent) for each in senders) == second + 1
        if second == 5:
            assert any(each.sent[-1:] == ["c"] for each in senders)
        clock.advance(seconds=0.5)
        assert sum(house.send_all() for house in houses) == 0
        clock.advance(seconds=0.5)


def test_a_clock_that_was_set_back_holds_up_nothing(database: Database, sender: FaultySender) -> None:
    """The moment of the next turn lies an hour ahead then, which no rate does."""
    house = House(database, sender, pace=Pace(a_second=1))
    house.queue(text_draft("a"), text_draft("b", recipient="+14065550199"))
    house.clock.advance(hours=1)
    assert house.send_all() == 1
    house.clock.advance(hours=-1)
    assert house.send_all() == 1


def test_an_outage_of_the_mail_server_delays_and_loses_nothing(database: Database) -> None:
    """However long it is away, up to the days after which a mail is given up: each mail arrives once."""
    with Bench() as bench:
        server = SmtpServer(host=bench.host, port=bench.port, tls="none", mail_from="Peer Support <intake@example.org>")
        house = House(database, EmailSender(server))
        house.queue(*(draft(f"k{at}", recipient=f"p{at}@example.org", null_sender=True) for at in range(5)))
        with bench.refusing():
            for _ in range(4):
                assert house.send_all() == 5
                house.clock.advance(hours=1)
        bench.faults.at_mail = "421 4.3.2 Not yet"
        assert house.send_all() == 5
        bench.faults.at_mail = None
        house.clock.advance(hours=1)
        assert house.send_all() == 5
        house.clock.advance(hours=1)
        assert house.send_all() == 0
        assert sorted(mail.recipients[0] for mail in bench.mails) == sorted(f"p{at}@example.org" for at in range(5))
        house.delivery._sender.close()


def test_an_outage_of_twilio_delays_and_loses_nothing(database: Database, twilio_api: TwilioApi) -> None:
    """No connection, errors of its own, too many requests: each text arrives once."""
    account = TwilioAccount(
        account_sid=twilio_api.account_sid, auth_token=twilio_api.auth_token, phone_number=twilio_api.number, api_url=twilio_api.url
    )
    sender = SmsSender(account)
    house = House(database, sender)
    house.queue(*(text_draft(f"k{at}", recipient=f"+1406555010{at}") for at in range(1, 6)))
    with twilio_api.refusing():
        assert house.send_all() == 5
    for fault in (faults.SERVER_ERROR, faults.UNAVAILABLE, faults.RATE_LIMITED):
        house.clock.advance(hours=1)
        twilio_api.fail(fault)
        assert house.send_all() == 5
        twilio_api.mend()
    house.clock.advance(hours=1)
    assert house.send_all() == 5
    assert sorted(text.to for text in twilio_api.sent) == [f"+1406555010{at}" for at in range(1, 6)]
    sender.close()


def test_a_text_whose_answer_was_lost_is_sent_once(database: Database, twilio_api: TwilioApi) -> None:
    """Taken, and the line cut: nobody knows until the callback tells that it went."""
    account = TwilioAccount(
        account_sid=twilio_api.account_sid,
        auth_token=twilio_api.auth_token,
        phone_number=twilio_api.number,
        api_url=twilio_api.url,
        public_url="https://intake.example.org",
    )
    sender = SmsSender(account)
    house = House(database, sender)
    house.queue(text_draft())
    twilio_api.fail(faults.TAKES_THEN_DROPS, times=1)
    assert house.send_all() == 1
    house.clock.advance(days=1)
    assert house.send_all() == 0
    (text,) = twilio_api.sent
    assert house.row().status == "unknown"
    with database.write() as session:
        assert reports.note_status(session, key="id-0001", provider_id=text.sid, status="delivered", error="", now=house.clock())
    assert (house.row().status, house.row().provider_id) == ("sent", text.sid)
    sender.close()


def test_a_clock_that_jumps_takes_no_message_from_who_is_sending_it(postgres_url: str) -> None:
    """Of several senders one sees the others' claims run out; it waits for longer than any send takes, whatever the clock says."""
    database = Database(postgres_url)
    migrate(database)
    at_work, other = FaultySender(), FaultySender()
    house, beside = House(database, at_work), House(database, other)
    house.queue(text_draft("c", priority=CRISIS))

    def jump(_: Draft) -> None:
        for one in (beside, house):
            one.clock.advance(minutes=10)
        while beside.elapsed < at_work.deadline:
            assert beside.send_all() == 0
            beside.elapsed += 10

    at_work.before = jump
    assert house.send_all() == 1
    assert (at_work.sent, other.sent) == (["c"], [])
    database.close()


def test_of_several_senders_one_that_is_gone_is_followed(postgres_url: str) -> None:
    """Once its claim has run out, and has stood still for longer than any sender needs: it counts from when it was first seen."""
    database = Database(postgres_url)
    migrate(database)
    gone, other = FaultySender(), FaultySender()
    house, beside = House(database, gone), House(database, other)
    house.queue(text_draft("a"))
    gone.before_leaving = _Death()
    with pytest.raises(KeyboardInterrupt):
        house.delivery.send_next()
    for minutes, sends in ((0, 0), (2, 0), (1, 1)):
        beside.clock.advance(minutes=minutes)
        beside.elapsed += minutes * 60
        assert beside.send_all() == sends
    assert other.sent == ["a"]
    database.close()
