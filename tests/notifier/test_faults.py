"""What servers do to those who send: through the real outbox and the real senders, every message goes once, or its failure is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from db import people
from db.engine import Database
from db.outbox import CRISIS, GIVE_UP_AFTER
from db.reports import note_status
from notifier.senders.email import EmailSender, SmtpServer
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.notifier.outgoing import House
from tests.notifier.samples import CASEY_PHONE, NOW, casey, draft, text_draft
from tests.servers import twilio_faults as faults
from tests.servers.smtp import Drop, Faults
from tests.servers.smtp import SmtpServer as Bench
from tests.servers.twilio_api import TwilioApi
from tests.servers.twilio_faults import Fault

PEOPLE = [f"p{at}@example.org" for at in range(5)]


class Mails(House):
    """Five mails, and the server that they go to."""

    def __init__(self, database: Database, bench: Bench) -> None:
        server = SmtpServer(host=bench.host, port=bench.port, tls="none", mail_from="Peer Support <intake@example.org>")
        super().__init__(database, EmailSender(server), jitter=0.5)
        self.bench = bench
        self.queue(*(draft(f"k{at}", recipient=who, null_sender=True) for at, who in enumerate(PEOPLE)))

    def arrived(self) -> list[str]:
        return sorted(mail.recipients[0] for mail in self.bench.mails)

    def statuses(self) -> list[str]:
        return [str(self.row(f"k{at}").status) for at in range(len(PEOPLE))]


class Texts(House):
    """One text, and the stand-in that it goes to."""

    def __init__(self, database: Database, api: TwilioApi) -> None:
        account = TwilioAccount(account_sid=api.account_sid, auth_token=api.auth_token, phone_number=api.number, api_url=api.url)
        super().__init__(database, SmsSender(account), jitter=0.5)
        self.api = api
        with database.write() as session:
            self.address = casey(session).address_id
        self.queue(text_draft(address_id=self.address))

    def report(self, status: str, error: str = "") -> None:
        with self.database.write() as session:
            assert note_status(session, key="id-0001", provider_id="SM1", status=status, error=error, now=self.clock())


@pytest.fixture
def mails(database: Database) -> Iterator[Mails]:
    with Bench() as bench:
        made = Mails(database, bench)
        yield made
        made.delivery._sender.close()


@pytest.fixture
def texts(database: Database, twilio_api: TwilioApi) -> Iterator[Texts]:
    made = Texts(database, twilio_api)
    yield made
    made.delivery._sender.close()


def test_a_greylisted_mail_goes_when_it_comes_again(mails: Mails) -> None:
    """It is refused for a while at its recipient alone; the others do not wait for it."""
    mails.bench.faults.at_rcpt_to = {PEOPLE[1]: "451 4.7.1 Greylisted, come back in five minutes"}
    assert mails.send_all() == 5
    assert mails.arrived() == [who for who in PEOPLE if who != PEOPLE[1]]
    mails.bench.faults = Faults()
    mails.clock.advance(seconds=20)
    assert mails.send_all() == 0
    mails.clock.advance(minutes=5)
    assert mails.send_all() == 1
    assert mails.arrived() == PEOPLE


@pytest.mark.parametrize(
    "reply", ["421 4.7.0 Too many connections", "450 4.2.1 Slow down", "451 4.7.1 Over the rate", "452 4.5.3 Too many"]
)
@pytest.mark.parametrize("step", ["at_mail", "at_rcpt", "at_data_command", "after_the_dot"])
def test_a_server_that_is_over_its_rate_gets_them_later(mails: Mails, step: str, reply: str) -> None:
    """Whatever it says, and wherever it says it, each arrives once."""
    assert mails.delivery.send_next()
    setattr(mails.bench.faults, step, reply)
    mails.send_all()
    assert mails.arrived() == PEOPLE[:1]
    assert mails.statuses() == ["sent", *["queued"] * 4]
    mails.bench.faults = Faults()
    mails.clock.advance(minutes=1)
    assert mails.send_all() == 4
    assert mails.arrived() == PEOPLE


def test_a_server_that_is_down_for_a_day_gets_all_of_them(mails: Mails) -> None:
    """Each is tried again after pauses up to an hour, and arrives within an hour of the server's coming back."""
    with mails.bench.refusing():
        while mails.clock() < NOW + timedelta(days=1):
            mails.send_all()
            mails.clock.advance(minutes=10)
    assert mails.statuses() == ["queued"] * 5
    assert 24 <= mails.row("k0").attempts < 60
    mails.clock.advance(hours=1)
    assert mails.send_all() == 5
    assert mails.arrived() == PEOPLE


def test_a_server_that_is_down_for_good_is_given_up(mails: Mails) -> None:
    """After three days all of them are listed as failed, with the reason."""
    with mails.bench.refusing():
        while mails.clock() <= NOW + GIVE_UP_AFTER + timedelta(hours=1):
            mails.send_all()
            mails.clock.advance(hours=1)
    assert mails.statuses() == ["failed"] * 5
    assert mails.row("k0").error == "not reached: ConnectionRefusedError"


@pytest.mark.parametrize("reply", ["550 5.1.1 No such user", "553 5.1.3 Bad address", "554 5.7.1 Blocked"])
def test_a_bad_address_is_given_up_and_the_others_go(mails: Mails, reply: str) -> None:
    """At once, over the same connection."""
    mails.bench.faults.at_rcpt_to = {PEOPLE[2]: reply}
    assert mails.send_all() == 5
    assert mails.statuses() == ["sent", "sent", "failed", "sent", "sent"]
    assert mails.row("k2").error == f"refused: {reply[:3]}"
    assert mails.bench.connections == 1
    mails.clock.advance(days=1)
    assert mails.send_all() == 0


def test_a_connection_that_ends_after_so_many_mails_is_made_anew(mails: Mails) -> None:
    """Servers close it for its age, or for the number of mails: nobody waits for that."""
    for _ in range(3):
        assert mails.delivery.send_next()
    mails.bench.stop()
    mails.bench.start()
    assert mails.send_all() == 2
    assert mails.statuses() == ["sent"] * 5
    assert mails.bench.connections == 2


@pytest.mark.parametrize(("drop", "status"), [(Drop.AT_DATA_COMMAND, "queued"), (Drop.AFTER_THE_DOT, "unknown")])
def test_a_line_that_breaks_is_told_by_where_it_breaks(mails: Mails, drop: Drop, status: str) -> None:
    """Before the final dot the mail is here still; after it nobody knows, and it is looked for before it is repeated."""
    mails.bench.faults.drop = drop
    assert mails.delivery.send_next()
    mails.bench.faults.drop = None
    assert mails.row("k0").status == status
    assert (mails.row("k0").started_at is None) == (status == "queued")
    assert mails.send_all() == 4


def test_an_opt_out_with_twilio_is_kept_to(texts: Texts) -> None:
    """Nothing more goes there, but the crisis answer, of which Twilio then tells that it refuses it."""
    texts.api.fail(faults.OPTED_OUT)
    assert texts.send_all() == 1
    assert (texts.row().status, texts.row().error) == ("failed", "Twilio 21610")
    texts.queue(text_draft("b", address_id=texts.address))
    assert texts.send_all() == 0
    texts.queue(text_draft("c", address_id=texts.address, priority=CRISIS, despite_opt_out=True))
    assert texts.send_all() == 1
    assert (texts.row("c").status, texts.api.sent) == ("failed", [])
    with texts.database.read() as session:
        assert people.is_opted_out(session, channel="sms", value=CASEY_PHONE)


@pytest.mark.parametrize("code", [21211, 21614])
def test_a_number_that_takes_no_texts_is_tried_once(texts: Texts, code: int) -> None:
    """It is listed with the code."""
    texts.api.fail(Fault(400, code, "Not a valid number"))
    assert texts.send_all() == 1
    texts.clock.advance(days=1)
    assert texts.send_all() == 0
    assert (texts.row().status, texts.row().error) == ("failed", f"Twilio {code}")


@pytest.mark.parametrize("code", [30006, 30007, 30034])
def test_what_carriers_refuse_comes_as_a_report(texts: Texts, code: int) -> None:
    """Twilio took the text, and tells later that it was not delivered; late good news does not change that."""
    assert texts.send_all() == 1
    texts.report("sent")
    texts.report("undelivered", f"Twilio {code}")
    texts.report("sent")
    assert (texts.row().status, texts.row().error) == ("failed", f"Twilio {code}")
    texts.clock.advance(days=1)
    assert texts.send_all() == 0


def test_reports_that_come_twice_and_out_of_order_change_nothing(texts: Texts) -> None:
    """Delivered is delivered, whatever comes after it."""
    assert texts.send_all() == 1
    for status in ("delivered", "queued", "sent", "delivered", "accepted"):
        texts.report(status)
    assert (texts.row().status, texts.row().provider_status, len(texts.api.sent)) == ("sent", "delivered", 1)


@pytest.mark.parametrize("fault", [faults.RATE_LIMITED, faults.SERVER_ERROR, faults.UNAVAILABLE], ids=["20429", "500", "503"])
def test_what_twilio_has_no_room_for_waits(texts: Texts, fault: Fault) -> None:
    """It said that it took nothing: nothing is in doubt, and the text goes once."""
    texts.api.fail(fault, times=2)
    assert texts.send_all() == 1
    assert (texts.row().status, texts.row().started_at) == ("queued", None)
    for _ in range(2):
        texts.clock.advance(minutes=1)
        assert texts.send_all() == 1
    assert (texts.row().status, texts.row().doubtful, len(texts.api.sent)) == ("sent", False, 1)
