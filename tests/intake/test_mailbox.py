"""The mailbox reader against a real server: what it takes, when it files it away, and what it survives."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db import mailboxes
from db.engine import Database
from db.marks import MailAttempt, Mailbox
from db.models import Inbound, Outgoing, Record
from db.schema import migrate
from intake import doorway, hearing, imap, servers
from intake import mailbox as reading
from intake.arrival import Arrival, NotStored, Ready, Receipt
from intake.handlers import act
from intake.hearing import Listens
from intake.identity import identity
from intake.mailbox import MailboxReader
from intake.service import House
from intake.settings import settings_from
from notifier.given import Given
from notifier.outcomes import Happened
from parsers.errors import IntakeError
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reading import Heard
from parsers.vocabulary import Vocabulary
from tests.fakes import START, CountedIds, HeldClock
from tests.servers import dovecot
from tests.servers.waiting import free_port, wait_until

COORDINATOR = "sam@example.org"


class Died(BaseException):
    """Stands for the end of the process."""


class Bench:
    """A house with nothing but a mailbox, and a look at what it keeps."""

    def __init__(self, box: dovecot.Mailbox, folder: Path) -> None:
        self.box = box
        self.clock = HeldClock()
        written = {key: value for key, value in box.settings.items() if key != "SSL_CERT_FILE"}
        self.settings = settings_from(
            {
                **written,
                "DATABASE_URL": f"sqlite:///{folder / 'peer-intake.db'}",
                "SMTP_HOST": "localhost",
                "MAIL_FROM": "Peer Support <intake@example.org>",
                "COORDINATORS": f"Sam <{COORDINATOR}>",
            }
        )
        self.database = Database(self.settings.DATABASE_URL)
        migrate(self.database)
        self.house = House(self.settings, Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5), self.database)
        self.reader = self.house.mailbox()

    def begin(self) -> None:
        """The first start."""
        assert self.reader.read_once() == 0

    def take(self, *mails: bytes) -> int:
        self.box.append_many(mails)
        return self.reader.read_once()

    def count(self) -> dict[str, int]:
        """How many mails lie in each folder that is not empty."""
        with self.box.client() as client:
            statuses = {name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for _, _, name in client.list_folders()}
        return {name: number for name, number in statuses.items() if number}

    def outcomes(self) -> list[str]:
        with self.database.read() as session:
            return list(session.execute(select(Inbound.outcome).order_by(Inbound.id)).scalars())

    def sources(self) -> list[bytes]:
        with self.database.read() as session:
            return [source or b"" for source in session.execute(select(Inbound.source).order_by(Inbound.id)).scalars()]

    def records(self) -> int:
        with self.database.read() as session:
            return len(session.execute(select(Record.id)).all())

    def told(self) -> Counter[tuple[str, str]]:
        """Who is to get which message, how often."""
        with self.database.read() as session:
            return Counter((row.recipient, row.template) for row in session.execute(select(Outgoing.recipient, Outgoing.template)))

    def answered(self) -> set[str]:
        return {recipient for recipient, _ in self.told()} - {COORDINATOR}

    def attempts(self) -> dict[int, int]:
        with self.database.read() as session:
            return {row.uid: row.attempts for row in session.execute(select(MailAttempt.uid, MailAttempt.attempts))}


@pytest.fixture
def bench(mailbox: dovecot.Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    made = Bench(mailbox, tmp_path)
    yield made
    made.database.close()


def letter(number: int = 1, body: str = "MENTOR", **headers: str) -> bytes:
    """A plain mail of one of many people; a header given as "" is left out."""
    all_headers = {
        "From": f"Writer {number} <writer{number}@example.org>",
        "To": "intake@example.org",
        "Subject": "Hello",
        "Date": "Mon, 02 Mar 2026 10:00:00 -0700",
        "Message-ID": f"<{number}@mail.example.org>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items() if value)
    return f"{head}\r\n{body}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Ahead:
    """Asks for the next portion before it gives away what it made of the last, as whoever has a process beside does."""

    here: Listens

    def listen(self, portions: Iterable[Sequence[Arrival]]) -> Generator[list[Ready]]:
        last: list[list[Ready]] = []
        for ready in self.here.listen(portions):
            yield from last
            last = [ready]
        yield from last


def listen_ahead(bench: Bench) -> None:
    bench.house.doorway._listener = Ahead(bench.house.listener)


@contextmanager
def running(reader: MailboxReader) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=reader.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
        assert not thread.is_alive()


@pytest.fixture
def idling(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Let through once for each time that the reader begins to wait for the server's word, without which it would wait for an hour."""
    begun, idle = threading.Semaphore(0), IMAPClient.idle

    def noted(client: IMAPClient) -> None:
        idle(client)
        begun.release()

    monkeypatch.setattr(reading, "LOOK_AGAIN", (3600.0,))
    monkeypatch.setattr(IMAPClient, "idle", noted)
    return begun


class Patience(threading.Event):
    """Tells for how long the reader would have waited, and lets it wait so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.waits: list[float | None] = []
        self._times = times

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) >= self._times:
            self.set()
        return self.is_set()


# What is taken and what is left


def test_the_first_start_leaves_what_was_there(bench: Bench) -> None:
    """As it was, flags and all; what comes from then on is taken."""
    bench.box.append_many([letter(1), letter(2)])
    bench.begin()
    assert [mail.flags & {"\\Seen", "\\Deleted"} for mail in bench.box.messages()] == [frozenset(), frozenset()]
    assert bench.take(letter(3)) == 1
    assert bench.count() == {"INBOX": 2, "Processed": 1}
    assert bench.answered() == {"writer3@example.org"}


def test_a_mail_that_comes_while_the_folders_are_made_is_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first start is when the mailbox is entered: whoever sees our folders in it can write to us."""
    late = [letter(1)]

    def made(client: IMAPClient, name: str) -> str:
        if late:
            bench.box.append(late.pop())
        return own_folder(client, name)

    own_folder = imap.own_folder
    monkeypatch.setattr(imap, "own_folder", made)
    assert bench.reader.read_once() + bench.reader.read_once() == 1  # some servers show it from the second look on
    assert bench.count() == {"Processed": 1}


def test_older_mail_is_taken_in_on_demand(bench: Bench) -> None:
    """From the day that is named on; what is older stays."""
    bench.box.append(letter(1), internal_date=datetime(2026, 1, 10, 12, tzinfo=UTC))
    bench.box.append(letter(2), internal_date=datetime(2026, 1, 31, 12, tzinfo=UTC))
    bench.begin()
    assert bench.reader.read_once(since=date(2026, 1, 31)) == 1
    assert bench.count() == {"INBOX": 1, "Processed": 1}
    assert bench.answered() == {"writer2@example.org"}
    assert bench.reader.read_once() == 0


def test_mails_are_fetched_fifty_at_a_time_and_a_batch_ahead(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """While some of the last batch are still to be taken in, and never more than that: none of the third before the first is filed."""
    sizes: list[int] = []
    filed: list[int] = []
    fetch = imap.fetch

    def counted(client: IMAPClient, uids: Sequence[int]) -> list[imap.Fetched]:
        sizes.append(len(uids))
        filed.append(bench.count().get("Processed", 0))
        return fetch(client, uids)

    monkeypatch.setattr(imap, "fetch", counted)
    listen_ahead(bench)
    bench.begin()
    assert bench.take(*map(letter, range(170))) == 170
    assert sizes == [50, 50, 50, 20]
    assert filed == [0, 0, 50, 100]
    assert bench.count() == {"Processed": 170}
    assert len(bench.answered()) == 170


def test_nothing_in_the_mailbox_changes_before_the_commit(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a flag nor a folder: whoever looks meanwhile finds new mail. Afterwards it is filed as read."""
    found: list[dovecot.StoredMail] = []
    _watch(bench, monkeypatch, lambda _: found.extend(bench.box.messages()))
    bench.begin()
    bench.take(letter(1), letter(2))
    assert [mail.flags & {"\\Seen", "\\Deleted", "\\Flagged"} for mail in found] == [frozenset(), frozenset()]
    assert ["\\Seen" in mail.flags for mail in bench.box.messages("Processed")] == [True, True]


def test_what_the_database_did_not_take_stays_new(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often that happens: it is no fault of the mails, which are neither counted as deadly nor set aside."""
    bench.begin()
    bench.box.append_many([letter(1), letter(2)])
    with monkeypatch.context() as patch:
        patch.setattr(bench.house.doorway, "receive_each", _not_stored)
        for _ in range(4):
            with pytest.raises(NotStored):
                bench.reader.read_once()
    assert [mail.flags & {"\\Seen"} for mail in bench.box.messages()] == [frozenset(), frozenset()]
    assert bench.attempts() == {}
    assert bench.reader.read_once() == 2
    assert bench.outcomes() == ["handled", "handled"]


def test_nor_does_it_count_where_that_could_not_be_written_either(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that goes away in the middle takes no mark back; this is made up for before the mails are taken up again."""
    bench.begin()
    bench.box.append_many([letter(1), letter(2)])
    with monkeypatch.context() as patch:
        patch.setattr(bench.house.doorway, "receive_each", _not_stored)
        patch.setattr(mailboxes, "unmark", _away)
        for _ in range(4):
            with pytest.raises(OperationalError):
                bench.reader.read_once()
    assert bench.reader.read_once() == 2
    assert bench.outcomes() == ["handled", "handled"]


# Filing


def test_each_mail_is_filed_by_what_became_of_it(bench: Bench) -> None:
    """In folders that the first pass makes; what nobody has looked at yet stays unread."""
    bench.begin()
    assert set(bench.box.folders()) == {"INBOX", "Processed", "Automatic", "Quarantine"}
    bench.take(letter(1), letter(2, Auto_Submitted="auto-replied"), letter(3, From=""))
    assert bench.outcomes() == ["handled", "automatic", "quarantined"]
    filed = {folder: bench.box.messages(folder) for folder in ("Processed", "Automatic", "Quarantine")}
    assert {folder: len(mails) for folder, mails in filed.items()} == {"Processed": 1, "Automatic": 1, "Quarantine": 1}
    assert "\\Seen" not in filed["Quarantine"][0].flags
    assert bench.told()[COORDINATOR, "quarantined"] == 1
    assert bench.attempts() == {}


def test_a_folder_that_somebody_removed_is_made_again(bench: Bench) -> None:
    bench.begin()
    with bench.box.client() as client:
        client.delete_folder("Processed")
    bench.take(letter())
    assert bench.count() == {"Processed": 1}


def test_the_same_mail_twice_is_one_record_and_filed_as_the_first(bench: Bench) -> None:
    """In one batch and in a later one, by whatever way it came: the headers on the way differ."""
    bench.begin()
    automatic = letter(2, Auto_Submitted="auto-generated")
    assert bench.take(letter(1), letter(1), automatic) == 2
    assert bench.take(b"Received: from elsewhere.example.org\r\n" + letter(1), automatic) == 0
    assert bench.outcomes() == ["handled", "automatic"]
    assert bench.count() == {"Processed": 3, "Automatic": 2}
    assert bench.records() == 1
    assert sum(number for (recipient, _), number in bench.told().items() if recipient != COORDINATOR) == 1


def test_a_reused_message_id_with_other_words_is_a_new_mail(bench: Bench) -> None:
    bench.begin()
    assert bench.take(letter(1, Message_ID="<same@example.org>"), letter(2, "SHADOW", Message_ID="<same@example.org>")) == 2
    assert bench.answered() == {"writer1@example.org", "writer2@example.org"}


def test_without_a_message_id_the_whole_mail_tells_it(bench: Bench) -> None:
    bench.begin()
    one, other = letter(1, Message_ID=""), letter(2, Message_ID="")
    assert bench.take(one, other) == 2
    assert bench.take(one) == 0


def test_identity_is_the_message_id_and_the_body() -> None:
    """However the header is written; a name within the body is no name."""
    plain = identity(b"Message-ID: <1@example.org>\r\n\r\nHi", 30)
    assert plain == identity(b"X: y\r\nMESSAGE-ID:\r\n <1@example.org>  \r\n\r\nHi", 44)
    assert plain != identity(b"Message-ID: <1@example.org>\r\n\r\nHo", 30)
    assert identity(b"Subject: Hi\r\n\r\nMessage-ID: <1@example.org>", 30).startswith("source:")
    assert identity(b"", 0) != identity(b"", 1)


# Changes behind the reader's back


def test_other_uids_make_nothing_be_answered_again(bench: Bench) -> None:
    """A restored mailbox: everything has another UID; what was handled is filed again, what was there before the start is left."""
    bench.box.append(letter(1), internal_date=START - timedelta(days=30))
    bench.begin()
    bench.box.append(letter(2), internal_date=START + timedelta(hours=1))
    assert bench.reader.read_once() == 1
    told = bench.told()
    bench.box.append(letter(2), internal_date=START + timedelta(hours=1))
    bench.box.change_uid_validity()
    assert bench.reader.read_once() == 0
    assert bench.count() == {"INBOX": 1, "Processed": 2}
    assert bench.told() == told
    bench.box.append(letter(3), internal_date=START + timedelta(days=1))
    assert bench.reader.read_once() == 1
    assert bench.count() == {"INBOX": 1, "Processed": 3}


@pytest.mark.parametrize("lacks", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
def test_a_mail_that_vanishes_before_it_is_filed_holds_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...]
) -> None:
    """Another client expunged it; it is answered all the same, and the others lie in their folder once."""
    _without(monkeypatch, *lacks)
    bench.begin()
    bench.box.append_many([letter(1), letter(2), letter(3)])
    middle = bench.box.messages()[1].uid
    _watch(bench, monkeypatch, lambda _: bench.box.delete(middle))
    assert bench.reader.read_once() == 3
    bench.reader.read_once()
    assert bench.count() == {"Processed": 2}
    assert len(bench.answered()) == 3
    assert bench.attempts() == {}


def test_a_mail_that_vanishes_before_it_is_fetched_is_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    bench.box.append_many([letter(1), letter(2)])
    first = bench.box.messages()[0].uid
    fetch = imap.fetch

    def late(client: IMAPClient, uids: Sequence[int]) -> list[imap.Fetched]:
        bench.box.delete(first)
        return fetch(client, uids)

    with monkeypatch.context() as patch:
        patch.setattr(imap, "fetch", late)
        assert bench.reader.read_once() == 1
    assert bench.attempts() == {}
    assert bench.count() == {"Processed": 1}


@pytest.mark.parametrize("lacks", [("MOVE",), ("MOVE", "UIDPLUS"), ("NAMESPACE", "IDLE")])
def test_a_server_that_can_less_is_read_all_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...]) -> None:
    _without(monkeypatch, *lacks)
    bench.begin()
    assert bench.take(letter(1), letter(2, Auto_Submitted="auto-replied")) == 2
    assert bench.count() == {"Processed": 1, "Automatic": 1}


def test_what_could_not_be_filed_is_filed_later_and_answered_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    with monkeypatch.context() as patch:
        patch.setattr(imap, "move", _refuse)
        bench.take(letter(1), letter(2, From=""))
    told = bench.told()
    assert bench.outcomes() == ["handled", "quarantined"]
    assert bench.reader.read_once() == 0
    assert bench.count() == {"Processed": 1, "Quarantine": 1}
    assert bench.told() == told


def test_a_process_that_ends_between_commit_and_filing_answers_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    with monkeypatch.context() as patch:
        patch.setattr(imap, "move", _die)
        with pytest.raises(Died):
            bench.take(letter(1), letter(2))
    told = bench.told()
    assert bench.reader.read_once() == 0
    assert bench.count() == {"Processed": 2}
    assert bench.told() == told
    assert bench.attempts() == {}


# Mails that break what reads them


def test_one_mail_that_breaks_the_parser_holds_up_none_of_a_hundred(
    mailbox: dovecot.Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in quarantine with an alert; the other ninety-nine are handled in the same pass."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    _breaks_on(monkeypatch, 57, ValueError("unforeseen"))
    bench = Bench(mailbox, tmp_path)
    bench.begin()
    assert bench.take(*map(letter, range(100))) == 100
    assert bench.count() == {"Processed": 99, "Quarantine": 1}
    assert len(bench.answered()) == 99
    assert bench.told()[COORDINATOR, "quarantined"] == 1
    bench.database.close()


def test_a_mail_that_ends_the_process_is_set_aside_unparsed_at_the_third_attempt(
    mailbox: dovecot.Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were in one batch with it are handled, and it holds up nobody any more."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    parsed = _breaks_on(monkeypatch, 2, Died())
    bench = Bench(mailbox, tmp_path)
    bench.begin()
    bench.box.append_many(map(letter, range(1, 5)))
    for _ in range(2):
        with pytest.raises(Died):
            bench.reader.read_once()
    assert parsed[b"2@mail.example.org"] == 2
    assert bench.reader.read_once() == 3
    assert parsed[b"2@mail.example.org"] == 2
    assert bench.count() == {"Processed": 3, "Quarantine": 1}
    assert bench.answered() == {f"writer{number}@example.org" for number in (1, 3, 4)}
    assert bench.told()[COORDINATOR, "quarantined"] == 1
    assert bench.attempts() == {}
    bench.database.close()


def test_a_mail_that_ends_the_process_costs_those_a_batch_ahead_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted with it the first time; from then on all come one by one, none of them ahead, and only the guilty is set aside."""
    taken_up: list[str] = []

    def dies(session: Session, heard: Heard, vocabulary: Vocabulary, **options: Any) -> Happened:  # noqa: ANN401
        taken_up.append(heard.message.sender)
        if heard.message.sender == "writer45@example.org":
            raise Died
        return act(session, heard, vocabulary, **options)

    monkeypatch.setattr(doorway, "act", dies)
    listen_ahead(bench)
    bench.begin()
    bench.box.append_many(map(letter, range(120)))
    for left in (100, 55):
        with pytest.raises(Died):
            bench.reader.read_once()
        assert len(bench.attempts()) == left
    assert max(bench.attempts().values()) == 2
    bench.reader.read_once()
    assert taken_up.count("writer45@example.org") == 2
    assert bench.outcomes().count("quarantined") == 1
    assert bench.count() == {"Processed": 119, "Quarantine": 1}
    assert len(bench.answered()) == 119
    assert bench.attempts() == {}


def test_a_connection_that_breaks_counts_against_no_mail(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times while fetching, as on a poor line: the mail is read when the line is better."""
    bench.begin()
    bench.box.append(letter())
    with monkeypatch.context() as patch:
        patch.setattr(imap, "fetch", _refuse)
        for _ in range(3):
            with pytest.raises(IntakeError, match="cannot be read"):
                bench.reader.read_once()
    assert bench.reader.read_once() == 1
    assert bench.outcomes() == ["handled"]


def test_a_connection_that_breaks_a_batch_ahead_loses_nothing_and_counts_against_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored by then is not answered again, and what is not has its turn when the line is better."""
    bench.begin()
    bench.box.append_many(map(letter, range(70)))
    fetch = imap.fetch
    listen_ahead(bench)
    with monkeypatch.context() as patch:
        patch.setattr(imap, "fetch", lambda client, uids: fetch(client, uids) if len(uids) == 50 else _refuse())
        for _ in range(3):
            with pytest.raises(IntakeError, match="cannot be read"):
                bench.reader.read_once()
            assert bench.attempts() == {}
    bench.reader.read_once()
    assert bench.outcomes() == ["handled"] * 70
    assert bench.count() == {"Processed": 70}
    assert {number for (recipient, _), number in bench.told().items() if recipient != COORDINATOR} == {1}


def test_a_large_mail_is_read_as_far_as_words_go(bench: Bench) -> None:
    """300 KB: the text before the attachment is read, the rest never fetched."""
    bench.begin()
    attachment = "QUJD" * 19 + "\r\n"
    body = "--b\r\nContent-Type: text/plain\r\n\r\nMENTOR\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    large = letter(1, body + attachment * 4000 + "--b--", Content_Type="multipart/mixed; boundary=b")
    assert bench.take(large) == 1
    assert bench.records() == 1
    assert bench.answered() == {"writer1@example.org"}
    assert [len(source) for source in bench.sources()] == [256 * 1024]


def test_of_a_huge_mail_only_the_headers_are_fetched(bench: Bench) -> None:
    """30 MB: it is stored and answered by what its headers say."""
    bench.begin()
    assert bench.take(letter(1, ("x" * 998 + "\r\n") * 30_000), letter(2)) == 2
    assert bench.outcomes() == ["handled", "handled"]
    assert bench.count() == {"Processed": 2}
    assert bench.answered() == {"writer1@example.org", "writer2@example.org"}
    assert len(bench.sources()[0]) < 1000


HTML_ONLY = letter(1, "<p>MENTOR</p>", Content_Type="text/html; charset=utf-8")
BAD = {
    "unknown charset": letter(1, "MENTOR", Content_Type="text/plain; charset=x-nobody-knows"),
    "charset with a NUL": letter(1, "MENTOR", Content_Type='text/plain; charset="utf\x00-8"'),
    "no From": letter(1, From=""),
    "no Date": letter(1, Date=""),
    "no Message-ID": letter(1, Message_ID=""),
    "none of the three": letter(1, From="", Date="", Message_ID=""),
    "HTML only": HTML_ONLY,
    "10,000 nested tags": letter(1, "<div>" * 10_000 + "MENTOR" + "</div>" * 10_000, Content_Type="text/html"),
    "truncated multipart": letter(1, "--b\r\nContent-Type: text/plain\r\n\r\nMENTOR", Content_Type="multipart/mixed; boundary=b"),
    "multipart whose boundary never comes": letter(1, "MENTOR", Content_Type="multipart/mixed; boundary=b"),
    "multipart without a boundary": letter(1, "MENTOR", Content_Type="multipart/alternative"),
    "NUL bytes": letter(1, "MEN\x00TOR\x00"),
    "control characters": letter(1, "\x01\x02MENTOR\x1b[2J\x7f"),
    "bytes of no charset": letter(1).replace(b"MENTOR", b"MENTOR \xff\xfe\x80"),
    "broken base64": letter(1, "TUVOVE9S=====!!!", Content_Transfer_Encoding="base64"),
    "broken headers": b"\xff\xff: \xff\r\n no header at all\r\nSubject: =?x?q?=FF?=\r\n"
    b"From: =?utf-8?b?!!!?= <writer1@example.org>\r\n\r\nMENTOR\r\n",
    "headers alone": letter(1).partition(b"\r\n\r\n")[0] + b"\r\n",
    "empty body": letter(1, ""),
    "From with a line break within": letter(1, From="=?utf-8?q?Dana=0D=0ABcc:_x?= <writer1@example.org>"),
    "not a mail at all": b"\x00\x01\x02\x03",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_mail_is_answered_or_told_of_and_holds_up_nothing(bench: Bench, bad: bytes) -> None:
    """It is stored either way, and the one behind it is handled in the same pass."""
    bench.begin()
    assert bench.take(bad, letter(2)) == 2
    first, second = bench.outcomes()
    assert second == "handled"
    if first == "handled":
        assert bench.answered() == {"writer1@example.org", "writer2@example.org"}
    else:
        assert first == "quarantined"
        assert bench.told()[COORDINATOR, "quarantined"] == 1
    assert bench.sources()[0]
    assert "INBOX" not in bench.count()


def test_words_in_html_alone_are_read(bench: Bench) -> None:
    bench.begin()
    bench.take(HTML_ONLY)
    assert bench.records() == 1


# Waiting, and starting over


def test_a_new_mail_is_noticed_at_once(bench: Bench, idling: threading.Semaphore) -> None:
    """By IDLE, long before the next poll; and so is the one after it."""
    with running(bench.reader):
        for number in (1, 2):
            assert idling.acquire(timeout=60)
            bench.box.append(letter(number))
            _wait_for(bench, {"Processed": number})


def test_without_idle_the_poll_finds_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _without(monkeypatch, "IDLE")
    monkeypatch.setattr(reading, "LOOK_AGAIN", (0.05,))
    with running(bench.reader):
        _wait_for_first_pass(bench)
        bench.box.append(letter())
        _wait_for(bench, {"Processed": 1})


def test_what_comes_during_a_pass_waits_for_no_poll(bench: Bench, monkeypatch: pytest.MonkeyPatch, idling: threading.Semaphore) -> None:
    """The server tells of it while the pass is on, and never again."""
    late = [letter(2)]
    _watch(bench, monkeypatch, lambda _: bench.box.append(late.pop()) if late else None)
    with running(bench.reader):
        assert idling.acquire(timeout=60)
        bench.box.append(letter(1))
        _wait_for(bench, {"Processed": 2})


def test_a_server_that_was_killed_is_read_again_when_it_is_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FIRST_PAUSE", 0.05)
    with running(bench.house.mailbox()):
        _wait_for_first_pass(bench)
        bench.box.server.restart()
        bench.box.append(letter())
        _wait_for(bench, {"Processed": 1})


def test_a_refused_password_is_not_tried_often(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Servers lock accounts; and the log says what is wrong without the password."""
    server = servers.mailbox_in(settings_from({**_written(bench), "IMAP_PASSWORD": "hunter2"}))
    patience = Patience(times=2)
    MailboxReader(server, bench.house.doorway, bench.database, clock=bench.clock).run(patience)
    assert patience.waits == [120.0, 240.0]
    assert "refused the user name or the password" in caplog.text
    assert "hunter2" not in caplog.text


def test_pauses_grow_up_to_five_minutes(bench: Bench) -> None:
    server = servers.mailbox_in(settings_from({**_written(bench), "IMAP_PORT": str(free_port())}))
    patience = Patience(times=11)
    MailboxReader(server, bench.house.doorway, bench.database, clock=bench.clock).run(patience)
    assert patience.waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_good_pass_makes_the_pauses_short_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _without(monkeypatch, "IDLE")
    refusals = [True, True, False, True, True]
    connect = imap.connect

    def unsteady(server: imap.ImapServer) -> IMAPClient:
        if refusals.pop(0):
            raise ConnectionRefusedError
        client = connect(server)
        monkeypatch.setattr(bench.reader, "_wait", _refuse)
        return client

    monkeypatch.setattr(imap, "connect", unsteady)
    patience = Patience(times=5)
    bench.reader.run(patience)
    assert patience.waits == [1, 2, 1, 2, 4]


def test_a_database_that_is_away_ends_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.begin()
    bench.box.append(letter())
    with monkeypatch.context() as patch:
        patch.setattr(bench.house.doorway, "receive_each", _not_stored)
        patience = Patience(times=2)
        bench.reader.run(patience)
    assert patience.waits == [1, 2]
    assert bench.reader.read_once() == 1


def test_when_the_mailbox_was_last_read_is_known(bench: Bench) -> None:
    bench.begin()
    now = bench.clock.advance(hours=1)
    bench.reader.read_once()
    with bench.database.read() as session:
        assert session.execute(select(Mailbox.read_at)).scalar_one() == now


def _wait_for_first_pass(bench: Bench) -> None:
    def passed() -> bool:
        with bench.database.read() as session:
            return session.execute(select(Mailbox.read_at)).scalar_one_or_none() is not None

    wait_until(passed, what="the first pass")


def _wait_for(bench: Bench, count: dict[str, int]) -> None:
    wait_until(lambda: bench.count() == count, what=lambda: f"{count}; there are {bench.count()}")


def _written(bench: Bench) -> dict[str, str]:
    return {**bench.box.settings, "SMTP_HOST": "localhost", "MAIL_FROM": "intake@example.org"}


def _watch(bench: Bench, monkeypatch: pytest.MonkeyPatch, look: Callable[[Sequence[Arrival]], object]) -> None:
    """Look at the world while mails are fetched and not yet committed."""
    receive_each = bench.house.doorway.receive_each

    def watched(portion: Sequence[Arrival]) -> Sequence[Arrival]:
        look(portion)
        return portion

    monkeypatch.setattr(bench.house.doorway, "receive_each", lambda portions: receive_each(map(watched, portions)))


def _without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """A server that does not offer these capabilities."""

    class Lesser(IMAPClient):  # type: ignore[misc]
        def has_capability(self, capability: str) -> bool:
            return capability.upper() not in names and bool(super().has_capability(capability))

    monkeypatch.setattr(imap, "IMAPClient", Lesser)


def _breaks_on(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> Counter[bytes]:
    """A parser that one mail breaks; returns how often it was given each."""
    parsed: Counter[bytes] = Counter()

    def parse(raw: bytes, **options: Any) -> InboundMessage:  # noqa: ANN401
        name = raw.partition(b"Message-ID: <")[2].partition(b">")[0]
        parsed[name] += 1
        if name == b"%d@mail.example.org" % number:
            raise error
        return read_mail(raw, **options)

    monkeypatch.setattr(hearing, "read_mail", parse)
    return parsed


def _not_stored(portions: Iterable[Sequence[Arrival]]) -> Iterator[Receipt]:
    for _ in portions:
        raise NotStored("the database takes nothing in")
    yield from ()


def _away(*_: object) -> None:
    raise OperationalError("UPDATE", None, ConnectionError())


def _refuse(*_: object) -> None:
    raise IMAPClientError("refused")


def _die(*_: object) -> None:
    raise Died


def test_a_folder_that_takes_nothing_holds_up_no_mail(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full or locked, it may keep mails from being filed, but not the next one, which may be urgent, from being read."""
    bench.begin()
    with monkeypatch.context() as patch:
        patch.setattr(imap, "move", _refuse)
        bench.take(letter(1))
        bench.take(letter(2, "I want to kill myself tonight"))
    assert bench.outcomes() == ["handled", "handled"]
    assert ("crisis", "writer2@example.org") in [(draft.template, draft.recipient) for draft in _queued(bench)]
    assert bench.reader.read_once() == 0
    assert bench.count() == {"Processed": 2}


def test_no_real_message_id_is_none(bench: Bench) -> None:
    """Two people's mails with an empty Message-ID and the same words are two mails."""
    bench.begin()
    assert bench.take(letter(1, Message_ID="<>"), letter(2, Message_ID="<>")) == 2
    assert identity(letter(1, Message_ID="<>"), 1) != identity(letter(2, Message_ID="<>"), 1)


def _queued(bench: Bench) -> list[Outgoing]:
    with bench.database.read() as session:
        return list(session.execute(select(Outgoing)).scalars())
