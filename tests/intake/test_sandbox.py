"""The whole house on this machine alone, with nothing configured."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from db.engine import Database
from db.models import Inbound
from db.outbox import ANSWER, Draft
from db.schema import migrate
from intake import sandbox
from intake.arrival import NotStored
from intake.sandbox import FolderSender, MailFolder
from intake.service import House
from notifier.given import Given
from tests.fakes import START, CountedIds, HeldClock
from tests.servers.process import Process
from tests.servers.waiting import free_port, wait_until

HOSTILE = {
    "DATABASE_URL": "postgresql+psycopg://sam:hunter2@db.example.org/intake",
    "PROGRAM_NAME": "Of the environment",
    "HTTP_HOST": "0.0.0.0",  # noqa: S104 - must not be heeded
    "HTTP_PORT": "1",
    "TWILIO_API_URL": "https://api.example.org",
    "TWILIO_ACCOUNT_SID": "ACreal",
    "TWILIO_AUTH_TOKEN": "real",
    "SMTP_HOST": "smtp.example.org",
    "IMAP_HOST": "imap.example.org",
    "COORDINATORS": "Real <real@example.org>",
    "PUBLIC_URL": "https://intake.example.org",
    "LANGUAGES": "xx",
}
HEADER = b"From: Dana <dana@example.org>\r\nSubject: Hello\r\nMessage-ID: <1@mail.example.org>\r\n"
MAIL = HEADER + b"\r\nI would like to be a mentor, Tuesdays after 5\r\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = sandbox.settings(tmp_path, port=0)
    database = Database(settings.DATABASE_URL)
    migrate(database)
    yield House(settings, Given(clock=HeldClock(), ids=CountedIds(), jitter=lambda: 0.5), database)
    database.close()


@pytest.fixture
def folder(house: House, tmp_path: Path) -> MailFolder:
    return MailFolder(tmp_path / "mail", house.doorway, clock=house.given.clock)


def test_neither_environment_nor_file_has_a_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    calm = sandbox.settings(tmp_path, port=8000)
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in HOSTILE.items()), encoding="utf-8")
    assert sandbox.settings(tmp_path, port=8000) == calm
    assert (calm.HTTP_HOST, calm.IMAP_HOST, calm.PUBLIC_URL) == ("127.0.0.1", "", "")
    assert f"sqlite:///{tmp_path / 'peer-intake.db'}" == calm.DATABASE_URL
    assert calm.sends_texts
    assert calm.sends_mail


def test_dropped_mails_are_read_and_filed(house: House, folder: MailFolder, tmp_path: Path) -> None:
    """By what became of each, as a mailbox's are; what is no mail stays where it is."""
    inbox = tmp_path / "mail"
    (inbox / "person.eml").write_bytes(MAIL)
    (inbox / "machine.txt").write_bytes(b"Auto-Submitted: auto-replied\r\n" + MAIL.replace(b"<1@", b"<2@"))
    (inbox / "nobody.eml").write_bytes(b"Subject: Hello\r\n\r\nMENTOR\r\n")
    (inbox / "notes.pdf").write_bytes(b"%PDF")
    folder.read_once()
    folder.read_once()
    found = {str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()}
    assert found == {"processed/person.eml", "automatic/machine.txt", "quarantine/nobody.eml", "notes.pdf"}
    assert _inbox(house) == ["automatic", "quarantined", "handled"]


def test_a_mail_that_is_still_being_copied_is_waited_for(house: House, folder: MailFolder, tmp_path: Path) -> None:
    path = tmp_path / "mail" / "slow.eml"
    path.write_bytes(MAIL[:20])
    folder.read_once()
    path.write_bytes(MAIL)
    folder.read_once()
    assert _inbox(house) == []
    folder.read_once()
    assert _inbox(house) == ["handled"]


def test_a_file_that_cannot_be_filed_holds_up_no_other(house: House, folder: MailFolder, tmp_path: Path) -> None:
    inbox = tmp_path / "mail"
    (inbox / "processed" / "a.eml").mkdir()
    (inbox / "a.eml").write_bytes(MAIL)
    (inbox / "b.eml").write_bytes(MAIL.replace(b"<1@", b"<2@"))
    folder.read_once()
    folder.read_once()
    assert (inbox / "processed" / "b.eml").is_file()
    assert _inbox(house) == ["handled", "handled"]


def test_a_mail_that_was_not_stored_stays(folder: MailFolder, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise NotStored("away")

    (tmp_path / "mail" / "a.eml").write_bytes(MAIL)
    folder.read_once()
    with monkeypatch.context() as patch:
        patch.setattr(house.doorway, "receive", refuse)
        with pytest.raises(NotStored):
            folder.read_once()
    assert (tmp_path / "mail" / "a.eml").is_file()
    folder.read_once()
    assert _inbox(house) == ["handled"]


def test_a_mail_that_is_sent_is_printed_and_kept(tmp_path: Path) -> None:
    said: list[str] = []
    sender = FolderSender("email", tmp_path / "sent", mail_from="Peer Support <intake@example.org>", say=said.append)
    draft = Draft(
        key="key-1",
        channel="email",
        recipient="dana@example.org",
        template="recorded",
        priority=ANSWER,
        subject="Thank you",
        body="We noted it.\n",
        html="<p>We noted it.</p>",
        message_id="<key-1@example.org>",
    )
    name = sender.send(draft, now=START)
    kept = message_from_bytes((tmp_path / "sent" / name).read_bytes())
    assert (kept["To"], kept["Subject"], kept["Message-ID"]) == ("dana@example.org", "Thank you", "<key-1@example.org>")
    assert said == ["\nMail to dana@example.org: Thank you\n\nWe noted it.\n"]
    sender.close()


def test_a_text_that_is_sent_is_printed_and_kept(tmp_path: Path) -> None:
    said: list[str] = []
    sender = FolderSender("sms", tmp_path / "sent", mail_from="", say=said.append)
    draft = Draft(key="key-1", channel="sms", recipient="+14065550111", template="recorded", priority=ANSWER, body="¡Gracias!")
    name = sender.send(draft, now=START)
    assert (tmp_path / "sent" / name).read_text(encoding="utf-8") == "To: +14065550111\n\n¡Gracias!\n"
    assert said == ["\nText to +14065550111: ¡Gracias!\n"]


def test_all_its_parts_stop_when_told(house: House, tmp_path: Path) -> None:
    """And meanwhile a dropped mail is answered, the coordinator alerted and given the digest, all printed and kept."""
    said: list[str] = []
    chosen = sandbox.tasks(house, tmp_path, said.append)
    stop = threading.Event()
    threads = [threading.Thread(target=task, args=(stop,)) for task in chosen.values()]
    for thread in threads:
        thread.start()
    (tmp_path / "mail" / "a.eml").write_bytes(MAIL)
    try:
        wait_until(lambda: len(said) == 3, what=lambda: f"an answer, an alert and a digest; {said}")
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    recipients = {str(message_from_bytes(path.read_bytes())["To"]) for path in (tmp_path / "sent").glob("*.eml")}
    assert recipients == {"dana@example.org", "coordinator@example.org"}
    assert len(list((tmp_path / "sent").glob("*.eml"))) == 3


def test_the_command_needs_nothing_and_heeds_nothing(tmp_path: Path) -> None:
    """A text by HTTP is answered on paper, in a folder that it makes; other hosts are refused; SIGTERM ends it."""
    port = free_port()
    with Process("sandbox", "--folder", "box", "--port", str(port), environment=HOSTILE, folder=tmp_path) as started:
        started.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        text = {"From": "+14065550111", "To": "+14065550100", "Body": "MENTOR", "MessageSid": "SM1"}
        assert requests.post(f"http://127.0.0.1:{port}/sms", data=text, timeout=60).status_code == 200
        refused = requests.post(f"http://127.0.0.1:{port}/sms", data=text, headers={"Host": "intake.example.org"}, timeout=60)
        assert refused.status_code == 403
        started.wait_for_text(r"^Text to \+14065550111: ")
        started.wait_for_text(r"^Mail to coordinator@example\.org: ")
        assert started.terminate() == 0
        assert "real@example.org" not in started.output
        assert "Of the environment" not in started.output
    assert len(list((tmp_path / "box" / "sent").glob("*.txt"))) == 1
    assert (tmp_path / "box" / "peer-intake.db").is_file()


def _inbox(house: House) -> list[str]:
    with house.database.read() as session:
        return list(session.execute(select(Inbound.outcome).order_by(Inbound.id)).scalars())
