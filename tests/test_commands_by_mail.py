"""A coordinator's answers over real servers: read from a mailbox, carried out, and answered by mail; and no forgery among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from db import history, items
from db.engine import Database
from db.history import Entry
from db.models import Inbound, Outgoing
from db.schema import migrate
from intake import servers
from intake.arrival import Arrival
from intake.service import House
from intake.settings import settings_from
from notifier.given import Given
from notifier.senders.email import EmailSender
from tests.commanding import ALL_TRUSTED, FORGED, MISLED, ORDER, PASS, PROGRAMS, PROVIDERS, QUOTED, TEXT, TRUSTED, Answer
from tests.fakes import CountedIds, HeldClock
from tests.servers.dovecot import Mailbox
from tests.servers.sent_mail import SentMail
from tests.servers.smtp import SmtpServer

SAM, JO = "sam@example.org", "jo@example.org"
ANA = "+14065550111"
OFFER = "I can be a mentor in Billings. Ana"


class Bench:
    """A programme between a mailbox and a mail server, with a record of Ana's."""

    def __init__(self, box: Mailbox, smtp: SmtpServer, folder: Path, **settings: str) -> None:
        self.box, self.smtp = box, smtp
        self.clock = HeldClock()
        written = {key: value for key, value in (box.settings | smtp.settings).items() if key != "SSL_CERT_FILE"}
        own = {
            "DATABASE_URL": f"sqlite:///{folder / 'peer-intake.db'}",
            "MAIL_FROM": "Peer Support <intake@example.org>",
            "COORDINATORS": f"Sam <{SAM}>; Jo <{JO}>",
            "SECRET_KEY": "a key of the tests",
            "TRUSTED_AUTHSERV_ID": TRUSTED,
            "TIMEZONE": "America/Denver",
        }
        self.settings = settings_from(written | own | settings)
        self.database = Database(self.settings.DATABASE_URL)
        migrate(self.database)
        self.house = House(self.settings, Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5), self.database)
        self.reader = self.house.mailbox()
        self._sender = EmailSender(servers.mail_out(self.settings))
        self._delivery = self.house.delivery(self._sender)
        self.reader.read_once()

    def text(self, body: str, sender: str = ANA) -> SentMail:
        """Somebody texts; returns the alert that Sam got of it."""
        posted = urlencode({"MessageSid": f"SM{body}", "From": sender, "Body": body}).encode()
        self.house.doorway.receive(Arrival(channel="sms", external_id=f"SM{body}", source=posted, received_at=self.clock()))
        return [mail for mail in self.deliver() if SAM in mail.recipients][-1]

    def take(self, *mails: bytes) -> list[SentMail]:
        """Mails come into the mailbox; returns what goes out for them."""
        self.box.append_many(mails)
        assert self.reader.read_once() == len(mails)
        return self.deliver()

    def deliver(self) -> list[SentMail]:
        before = len(self.smtp.mails)
        while self._delivery.send_next():
            pass
        return self.smtp.mails[before:]

    def status(self) -> str:
        with self.database.read() as session:
            found = items.find(session, 1)
        assert found is not None
        return found.status

    def history(self) -> list[Entry]:
        with self.database.read() as session:
            return history.of(session, 1)

    def inbox(self) -> list[Inbound]:
        with self.database.read() as session:
            return list(session.execute(select(Inbound).order_by(Inbound.id)).scalars())

    def age(self, days: float) -> None:
        self.clock.advance(days=days)

    def templates_to(self, who: str) -> list[str]:
        with self.database.read() as session:
            rows = session.execute(select(Outgoing.template).where(Outgoing.recipient == who).order_by(Outgoing.id))
            return list(rows.scalars())

    def close(self) -> None:
        self._sender.close()
        self.database.close()


Benches = Callable[..., Bench]


@pytest.fixture
def benches(mailbox: Mailbox, smtp_server: SmtpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Benches]:
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    opened: list[Bench] = []

    def make(**settings: str) -> Bench:
        opened.append(Bench(mailbox, smtp_server, tmp_path, **settings))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()


@pytest.fixture
def bench(benches: Benches) -> Bench:
    return benches()


def test_an_answer_is_carried_out_and_answered(bench: Bench) -> None:
    """The result comes in the thread of the answer, with names of its own that the next answer proves itself by."""
    alert = bench.text(OFFER)
    (result,) = bench.take(Answer(body="close 1\nnote 1 called her; she moved").to_mail(alert))
    assert (result.recipients, bench.status()) == ((SAM,), "closed")
    assert result.headers["subject"] == f"Re: {alert.headers['subject']}"
    assert result.headers["in-reply-to"] == "<answer@mail.example.org>"
    assert alert.headers["message-id"] in result.headers["references"]
    assert result.headers["reply-to"] not in (alert.headers["reply-to"], "")
    assert "Done: close 1" in result.text
    assert "Done: note 1" in result.html
    (again,) = bench.take(Answer(body="reopen", named="<2@mail.example.org>").to_mail(result))
    assert (bench.status(), again.headers["subject"]) == ("open", f"Re: {alert.headers['subject']}")
    (last,) = bench.take(Answer(body="undo", named="<3@mail.example.org>").to_mail(again))
    assert bench.status() == "closed"
    assert "as it was before" in last.text


def test_several_coordinators_each_by_their_own_mail(bench: Bench) -> None:
    """What Sam gave, Jo may take up from the mail that told of it."""
    alert = bench.text(OFFER)
    told = bench.take(Answer(body="give 1 to Jo").to_mail(alert))
    (given,) = [mail for mail in told if mail.recipients == (JO,)]
    jo = Answer(sender=("From: Jo <jo@example.org>",), body="close", named="<jo@mail.example.org>")
    (result,) = bench.take(jo.to_mail(given))
    assert (result.recipients, bench.status()) == ((JO,), "closed")
    assert [entry.author for entry in bench.history()] == ["", SAM, JO]


def test_an_export_is_a_file(bench: Bench) -> None:
    """The CSV arrives attached, its formulas disarmed; the same mail answered again sends none."""
    alert = bench.text("I can be a mentor. Ana")
    bench.take(Answer(body="set 1 town =cmd", named="<0@mail.example.org>").to_mail(alert))
    (result,) = bench.take(Answer(body="export", named="<1@mail.example.org>").to_mail(alert))
    (file,) = list(result.message.iter_attachments())
    assert file.get_filename() == "peer-intake-2026-03-02.csv"
    content = file.get_content()
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    assert "mentor_offer" in text
    assert "'=cmd" in text
    (again,) = bench.take(Answer(body="export", named="<2@mail.example.org>").to_mail(alert))
    assert list(again.message.iter_attachments()) == []
    assert "once already" in again.text


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_mail_commands_nothing(bench: Bench, how: str) -> None:
    """It is recorded, nothing changes, and Sam is told of it once, however often it comes."""
    alert = bench.text(OFFER)
    forged = FORGED[how](alert)
    _refused(bench, forged.to_mail(alert))


@pytest.mark.parametrize("how", MISLED)
def test_a_mail_that_answers_none_of_ours_commands_nothing(bench: Bench, how: str) -> None:
    """Not even a coordinator's own."""
    alert = bench.text(OFFER)
    _refused(bench, MISLED[how](alert).to_mail(alert))


def test_an_old_token_commands_nothing(bench: Bench) -> None:
    """After fifteen days; within fourteen it does."""
    alert = bench.text(OFFER)
    bench.age(13.9)
    bench.take(Answer(body="snooze 1 5d", named="<0@mail.example.org>").to_mail(alert))
    assert [entry.author for entry in bench.history()] == ["", SAM]
    bench.age(1.1)
    _refused(bench, Answer().to_mail(alert))


def test_a_token_of_somebody_else_commands_nothing(bench: Bench) -> None:
    """Jo's mail proves nothing of Sam, though Sam is who they say."""
    bench.text(OFFER)
    theirs = bench.smtp.to(JO)[-1]
    _refused(bench, Answer().to_mail(theirs))


def test_the_same_mail_again_commands_nothing(bench: Bench) -> None:
    """A copy of an honest mail changes nothing a second time, and says nothing; one under another name finds the work done."""
    alert = bench.text(OFFER)
    honest = Answer(body="note 1 called").to_mail(alert)
    assert len(bench.take(honest)) == 1
    before = bench.history()
    bench.box.append(honest)
    assert bench.reader.read_once() == 0
    assert (bench.deliver(), bench.history()) == ([], before)


@pytest.mark.parametrize("how", QUOTED)
def test_a_volunteers_words_that_come_back_command_nothing(bench: Bench, how: str) -> None:
    """Whatever a mail program makes of our mail, the commands in it are nobody's; Sam hears that nothing was done."""
    alert = bench.text(f"I can be a mentor.\n{TEXT}")
    before = bench.history()
    told = bench.take(QUOTED[how](alert).to_mail(alert))
    assert (bench.status(), bench.history()) == ("open", before)
    assert bench.inbox()[-1].source
    assert [mail.recipients for mail in told] in ([], [(SAM,)])
    assert all("Done:" not in mail.text.replace("NOT done:", "") for mail in told)


@pytest.mark.parametrize(("provider", "program"), [*product(PROVIDERS, ["Gmail's"]), *product(["Gmail", "Microsoft 365"], PROGRAMS)])
def test_honest_mail_is_carried_out(benches: Benches, provider: str, program: str) -> None:
    """Whatever headers a provider puts on top, and whatever a mail program puts below."""
    bench = benches(TRUSTED_AUTHSERV_ID=ALL_TRUSTED)
    alert = bench.text(OFFER)
    answer = replace(PROGRAMS[program](alert), proof=PROVIDERS[provider].split("\n"))
    (result,) = bench.take(answer.to_mail(alert))
    assert (bench.status(), result.recipients) == ("closed", (SAM,))
    assert "NOT" not in result.text


def test_commands_are_off_without_a_trusted_server(benches: Benches) -> None:
    """Nothing is carried out, and Sam hears how to switch them on."""
    bench = benches(TRUSTED_AUTHSERV_ID="")
    alert = bench.text(OFFER)
    (told,) = bench.take(Answer().to_mail(alert))
    assert bench.status() == "open"
    assert "TRUSTED_AUTHSERV_ID" in told.text


def test_the_suite_is_as_large_as_it_says() -> None:
    """Thirty ways to forge, and fifteen to be honest, at least."""
    assert len(FORGED) + len(MISLED) + len(QUOTED) + 3 >= 30
    assert len(PROVIDERS) + 2 * len(PROGRAMS) >= 15
    assert PASS in Answer().to_mail(SentMail("", (), b"Reply-To: a\r\nMessage-ID: <b>\r\nSubject: c\r\n\r\n", None, False)).decode()  # noqa: FBT003
    assert ORDER in Answer().body


def _refused(bench: Bench, mail: bytes) -> None:
    before, told_before = bench.history(), bench.templates_to(SAM).count("refused")
    told = [one for one in bench.take(mail) if SAM in one.recipients]
    assert (bench.status(), bench.history()) == ("open", before)
    kept = bench.inbox()[-1]
    assert (kept.outcome, kept.source) == ("handled", mail)
    subjects = [one.headers["subject"] for one in told]
    # A stranger's mail is besides what any stranger's is: words that a person has to read.
    assert [subject for subject in subjects if "was not understood" not in subject] == ["A command that was not carried out"]
    bench.box.append(mail)
    assert bench.reader.read_once() == 0
    assert bench.templates_to(SAM).count("refused") == told_before + 1
