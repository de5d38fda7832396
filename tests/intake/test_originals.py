"""What an erased person wrote and was sent is deleted where providers hold it, and nothing else is; on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db import originals
from db.erase import erase, people_at
from db.originals import MAILBOX, ORIGINALS, TWILIO, Reach
from intake.originals import Originals
from intake.servers import mailbox_in
from intake.settings import settings_from
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.intake.office import ANA, BO, SAM, SETTINGS, Office
from tests.servers import twilio_faults as faults
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.process import run
from tests.servers.twilio_api import TwilioApi

ANA_MAIL = "ana@example.net"
FOLDERS = ("INBOX", "Processed", "Automatic", "Quarantine", "Sent")


class Desk:
    """An office whose texts lie at Twilio and whose mails lie in a mailbox."""

    def __init__(self, office: Office, api: TwilioApi, mailbox: Mailbox) -> None:
        self.office, self.api, self.mailbox = office, api, mailbox
        account = TwilioAccount(account_sid=api.account_sid, auth_token=api.auth_token, phone_number=api.number, api_url=api.url)
        self.delivery = office.house.delivery(SmsSender(account))
        server = mailbox_in(settings_from(SETTINGS | imap(mailbox)))
        self.originals = Originals(office.database, twilio=account, mailbox=server, clock=office.clock)

    def text(self, body: str, sender: str) -> None:
        """Somebody texts, and is answered."""
        form = self.api.receive(sender, body)
        self.office.text(body, sender, sid=form["MessageSid"])
        while self.delivery.send_next():
            self.office.clock.advance(seconds=1)

    def bring(self, raw: bytes, folder: str) -> None:
        """A mail that was taken in, and filed."""
        self.office.bring_mail(raw)
        self.mailbox.append(raw, folder=folder, internal_date=self.office.clock())

    def erase(self, address: str) -> int:
        reach = Reach(places=(TWILIO, MAILBOX), now=self.office.clock(), number=1)
        with self.office.database.write() as session:
            return sum(erase(session, who, key="k", reach=reach).originals for who in people_at(session, address))

    def left(self) -> int:
        with self.office.database.read() as session:
            return session.execute(select(func.count()).select_from(ORIGINALS)).scalar_one()

    def held(self) -> list[str]:
        """The subjects of all mails, by folder."""
        found = [(folder, mail.raw) for folder in FOLDERS for mail in self.mailbox.messages(folder)]
        return [f"{folder}: {raw.partition(b'Subject: ')[2].splitlines()[0].decode()}" for folder, raw in found]


def imap(mailbox: Mailbox) -> dict[str, str]:
    where = {"IMAP_HOST": mailbox.server.host, "IMAP_PORT": str(mailbox.server.port), "IMAP_TLS": "none", "IMAP_SENT_FOLDER": "Sent"}
    return where | {"IMAP_USERNAME": mailbox.username, "IMAP_PASSWORD": PASSWORD}


def mail(subject: str, *, sender: str = ANA_MAIL, to: str = "intake@example.org", key: str = "") -> bytes:
    name = key or subject.replace(" ", "-")
    head = f"From: A <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{name}@example.net>\r\n"
    return f"{head}\r\nI can be a mentor on Tuesdays, {subject}.\r\n".encode()


@pytest.fixture
def desk(tmp_path: Path, twilio_api: TwilioApi, mailbox: Mailbox) -> Iterator[Desk]:
    office = Office(f"sqlite:///{tmp_path / 'peer-intake.db'}", IMAP_HOST="localhost")
    twilio_api._clock = office.clock
    mailbox.append(b"Subject: one sent by hand\r\n\r\nHello.\r\n", folder="Sent")
    yield Desk(office, twilio_api, mailbox)
    office.database.close()


def test_texts_are_deleted_at_twilio_in_both_directions(desk: Desk) -> None:
    """Theirs, the answers to them and the alerts about them; nobody else's."""
    desk.text("MENTOR Ana", ANA)
    desk.text("MENTOR Bo", BO)
    theirs = [text for text in desk.api.texts if BO in (text.sender, text.to)]
    assert len(desk.api.texts) > len(theirs) > 1
    assert desk.erase(ANA)
    desk.originals.work()
    assert [text for text in desk.api.texts if BO in (text.sender, text.to)] == theirs
    assert [text for text in desk.api.texts if ANA in (text.sender, text.to)] == []
    assert desk.left() == 0


def test_mails_are_deleted_in_every_folder(desk: Desk) -> None:
    """By their names, and by the address: also what was filed before the program came, and the copies of what was sent."""
    desk.bring(mail("my offer"), "Processed")
    desk.bring(mail("of another", sender="diana@example.net"), "Processed")
    for folder in FOLDERS:
        desk.mailbox.append(mail(f"old in {folder}"), folder=folder, internal_date=desk.office.clock())
    desk.mailbox.append(mail("an answer", sender="intake@example.org", to=ANA_MAIL), folder="Sent", internal_date=desk.office.clock())
    desk.mailbox.append(mail("to several", sender="bo@example.net", to=f"{ANA_MAIL}, intake@example.org"), folder="INBOX")
    assert desk.erase(ANA_MAIL)
    desk.originals.work()
    assert desk.held() == ["INBOX: to several", "Processed: of another", "Sent: one sent by hand"]
    assert desk.left() == 0


def test_the_copy_of_an_alert_goes_too(desk: Desk) -> None:
    """It quotes the person."""
    desk.bring(mail("my offer"), "Processed")
    alert = desk.office.last_to(SAM)
    copy = f"From: intake@example.org\r\nTo: {SAM}\r\nSubject: {alert.subject}\r\nMessage-ID: {alert.message_id}\r\n\r\nNew.\r\n"
    desk.mailbox.append(copy.encode(), folder="Sent")
    desk.erase(ANA_MAIL)
    desk.originals.work()
    assert desk.held() == ["Sent: one sent by hand"]


def test_whoever_writes_again_is_somebody_new(desk: Desk) -> None:
    """What comes after the erasing stays."""
    desk.bring(mail("my offer"), "Processed")
    desk.erase(ANA_MAIL)
    later = desk.office.clock() + timedelta(minutes=1)
    desk.mailbox.append(mail("I am back"), folder="Processed", internal_date=later)
    desk.originals.work()
    assert desk.held() == ["Processed: I am back", "Sent: one sent by hand"]


def test_a_server_that_is_away_is_tried_again(desk: Desk) -> None:
    """What is to be deleted is kept until it is; Twilio's being away does not hold up the mailbox."""
    desk.text("MENTOR Ana", ANA)
    desk.bring(mail("my offer"), "Processed")
    desk.erase(ANA_MAIL)
    wanted = desk.left() + desk.erase(ANA)
    desk.mailbox.server.stop()
    desk.api.fail(faults.UNAVAILABLE, reads=True)
    desk.originals.work()
    assert desk.left() == wanted
    desk.mailbox.server.start()
    desk.office.clock.advance(minutes=10)
    desk.originals.work()
    with desk.office.database.read() as session:
        assert originals.left(session, MAILBOX) == 0
        assert originals.left(session, TWILIO) > 0
    desk.api.mend()
    desk.office.clock.advance(minutes=10)
    desk.originals.work()
    assert desk.left() == 0


def test_nothing_is_kept_for_ever(desk: Desk) -> None:
    """After three days in vain the names of the originals go too."""
    desk.text("MENTOR Ana", ANA)
    desk.erase(ANA)
    desk.api.fail(faults.UNAVAILABLE, reads=True)
    desk.office.clock.advance(days=3, minutes=1)
    desk.originals.work()
    assert desk.left() == 0


def test_the_command_by_mail_deletes_them_too(desk: Desk) -> None:
    """It writes down what is to be deleted, in the transaction that forgets the person, and speaks to no server meanwhile."""
    desk.text("MENTOR Ana", ANA)
    asked = len(desk.api.requests)
    desk.office.say("erase 1", about=1)
    assert "are being deleted" in desk.office.told("yes")
    assert len(desk.api.requests) == asked
    assert desk.left() > 0
    desk.originals.work()
    assert [text for text in desk.api.texts if ANA in (text.sender, text.to)] == []


def test_the_command_line_says_what_it_reached(tmp_path: Path, twilio_api: TwilioApi, mailbox: Mailbox) -> None:
    """At once, and what it could not reach."""
    office = Office(f"sqlite:///{tmp_path / 'peer-intake.db'}", IMAP_HOST="localhost")
    form = twilio_api.receive(ANA, "MENTOR Ana")
    office.text("MENTOR Ana", ANA, sid=form["MessageSid"])
    office.bring_mail(mail("my offer"))
    mailbox.append(mail("my offer"), folder="Processed")
    mailbox.append(b"Subject: one sent by hand\r\n\r\nHello.\r\n", folder="Sent")
    environment = {**SETTINGS, **twilio_api.settings, **imap(mailbox), "DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}"}
    done = run("erase", ANA, environment=environment, folder=tmp_path)
    assert (done.returncode, twilio_api.texts) == (0, [])
    assert "originals deleted: twilio, mailbox" in done.stdout
    assert "backups" in done.stdout
    mailbox.server.stop()
    failed = run("erase", ANA_MAIL, environment=environment, folder=tmp_path)
    mailbox.server.start()
    assert failed.returncode == 1
    assert "not reached: 5 original(s), mailbox" in failed.stderr
    office.database.close()
