"""A mail whose sending broke off at its end is looked for in the folder of what was sent, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.schema import migrate
from intake.imap import ImapServer
from intake.sent_folder import SentFolder
from notifier.reconciler import Reconciler
from notifier.senders.email import EmailSender, SmtpServer
from tests.notifier.outgoing import House
from tests.notifier.samples import draft
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.smtp import Drop
from tests.servers.smtp import SmtpServer as Bench

FOLDER = "Sent"
MINUTES = (1, 4, 10)


class Post(House):
    """A mail server that keeps copies, or does not, and whoever looks for what was lost."""

    def __init__(self, database: Database, mailbox: Mailbox, bench: Bench) -> None:
        server = SmtpServer(host=bench.host, port=bench.port, tls="none", mail_from="Peer Support <intake@example.org>")
        super().__init__(database, EmailSender(server))
        self.bench, self.mailbox = bench, mailbox
        imap = ImapServer(
            host=mailbox.server.host,
            port=mailbox.server.port,
            tls="none",
            username=mailbox.username,
            password=PASSWORD,
            folder="INBOX",
            done_folder="Processed",
            automatic_folder="Automatic",
            quarantine_folder="Quarantine",
            sent_folder=FOLDER,
        )
        self.reconciler = Reconciler(database, {"email": SentFolder(imap)}, clock=self.clock, rung=lambda: None)

    def lose(self, drop: Drop) -> None:
        self.queue(draft(null_sender=True))
        self.bench.faults.drop = drop
        assert self.send_all() == 1
        self.bench.faults.drop = None

    def keep(self, *raws: bytes) -> None:
        self.mailbox.append_many(raws, FOLDER)

    def look(self, minutes: float) -> str:
        self.clock.advance(minutes=minutes)
        self.reconciler.look()
        return str(self.row().status)


@pytest.fixture
def post(tmp_path: Path, mailbox: Mailbox) -> Iterator[Post]:
    database = Database(f"sqlite:///{tmp_path / 'peer-intake.db'}")
    migrate(database)
    with Bench() as bench:
        made = Post(database, mailbox, bench)
        yield made
        made.delivery._sender.close()
    database.close()


def _other(key: str) -> bytes:
    return (
        f"From: intake@example.org\r\nMessage-ID: <{key}@example.org>\r\nX-Peer-Intake: {key}\r\nSubject: Hello\r\n\r\nHello.\r\n".encode()
    )


def test_a_mail_that_is_there_is_not_repeated(post: Post) -> None:
    """The server had taken it, and only its answer was lost."""
    post.lose(Drop.AFTER_THE_DOT)
    post.keep(_other("before"), post.bench.mails[0].raw)
    assert post.look(1) == "sent"
    assert (post.send_all(), len(post.bench.mails), post.row().doubtful) == (0, 1, False)


def test_a_server_that_names_mails_anew_hides_none(post: Post) -> None:
    """Some write a Message-ID of their own; the header that we gave it stays."""
    post.lose(Drop.AFTER_THE_DOT)
    post.keep(post.bench.mails[0].raw.replace(b"<id-0001@example.org>", b"<0100018@email.example.com>"))
    assert post.look(1) == "sent"


def test_a_mail_that_is_not_there_is_repeated_once(post: Post) -> None:
    """The folder holds others of ours, so that it would hold this one; three looks, since copies may come late."""
    post.lose(Drop.AFTER_THE_DOT_UNSAVED)
    post.keep(_other("before"), _other("id-00010"))
    assert [post.look(minutes) for minutes in MINUTES] == ["unknown", "unknown", "queued"]
    assert post.send_all() == 1
    assert (post.row().status, post.row().doubtful, len(post.bench.mails)) == ("sent", True, 1)


def test_a_folder_without_any_mail_of_ours_tells_nothing(post: Post) -> None:
    """The server keeps no copies of what comes by SMTP: the mail is listed for the coordinator, and not repeated."""
    post.lose(Drop.AFTER_THE_DOT)
    post.keep(b"From: sam@example.org\r\nSubject: By hand\r\n\r\nHello.\r\n")
    assert post.look(1) == "uncertain"
    assert post.send_all() == 0


def test_a_server_that_is_away_is_asked_again(post: Post) -> None:
    """That was no look; nor is a folder that is not there."""
    post.lose(Drop.AFTER_THE_DOT)
    assert post.look(1) == "unknown"
    post.mailbox.server.stop()
    assert post.look(20) == "unknown"
    assert post.row().looks == 0
    post.mailbox.server.start()
    post.keep(post.bench.mails[0].raw)
    assert post.look(1) == "sent"
