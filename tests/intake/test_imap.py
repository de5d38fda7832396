"""What is asked of an IMAP server, asked of a real one."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from intake import imap
from intake.imap import ImapServer
from tests.servers.dovecot import Mailbox
from tests.servers.waiting import HOST, free_port

LETTER = b"From: dana@example.org\r\nSubject: Hello\r\n\r\nMENTOR\r\n"


@pytest.fixture
def server(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ImapServer]:
    """The mailbox as the settings would describe it, but for what the test wants otherwise."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])

    def made(**otherwise: Any) -> ImapServer:  # noqa: ANN401
        values: dict[str, Any] = {
            "host": HOST,
            "port": mailbox.server.tls_port,
            "tls": "implicit",
            "username": mailbox.username,
            "password": mailbox.password,
            "folder": "INBOX",
            "done_folder": "Processed",
            "automatic_folder": "Automatic",
            "quarantine_folder": "Quarantine",
        }
        return ImapServer(**{**values, **otherwise})

    return made


@pytest.fixture
def client(server: Callable[..., ImapServer]) -> Iterator[IMAPClient]:
    connected = imap.connect(server())
    connected.select_folder("INBOX")
    yield connected
    connected.shutdown()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_connection_is_encrypted(server: Callable[..., ImapServer], mailbox: Mailbox, tls: Literal["implicit", "starttls"]) -> None:
    client = imap.connect(server(tls=tls, port=mailbox.server.tls_port if tls == "implicit" else mailbox.server.port))
    assert isinstance(client.socket(), ssl.SSLSocket)
    assert client.select_folder("INBOX")[b"EXISTS"] == 0
    client.shutdown()


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    server: Callable[..., ImapServer], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    """Before the password is sent."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError):
        imap.connect(server(tls=tls, port=mailbox.server.tls_port if tls == "implicit" else mailbox.server.port))


def test_a_wrong_password_is_told_from_a_lost_connection(server: Callable[..., ImapServer]) -> None:
    with pytest.raises(LoginError):
        imap.connect(server(password="wrong"))
    with pytest.raises(ConnectionRefusedError):
        imap.connect(server(port=free_port()))


def test_a_connection_lost_at_the_login_is_no_refusal(server: Callable[..., ImapServer]) -> None:
    """Else a server that restarts would keep the reader away as a wrong password does."""
    with _faulty(b"* OK ready\r\n", b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n") as port, pytest.raises(ConnectionError):
        imap.connect(server(tls="none", port=port))


def test_without_starttls_on_offer_no_password_is_sent(server: Callable[..., ImapServer]) -> None:
    with (
        _faulty(b"* OK [CAPABILITY IMAP4rev1] ready\r\n", b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n") as port,
        pytest.raises(CapabilityError),
    ):
        imap.connect(server(tls="starttls", port=port))


def test_folders_are_made_once(client: IMAPClient, mailbox: Mailbox) -> None:
    """And subscribed to, or mail programs do not show them."""
    for _ in range(2):
        assert imap.own_folder(client, "Processed") == "Processed"
    assert mailbox.folders() == ["INBOX", "Processed"]
    assert [name for _, _, name in client.list_sub_folders()] == ["Processed"]
    assert imap.own_folder(client, "inbox") == "inbox"


def test_folders_lie_where_the_server_keeps_them(monkeypatch: pytest.MonkeyPatch, client: IMAPClient, mailbox: Mailbox) -> None:
    """Some keep all below INBOX; a name that says so already is left as it is."""
    monkeypatch.setattr(client, "namespace", lambda: type("N", (), {"personal": [("INBOX/", "/")]}))
    assert imap.own_folder(client, "Processed") == "INBOX/Processed"
    assert imap.own_folder(client, "INBOX/Processed") == "INBOX/Processed"
    assert mailbox.folders() == ["INBOX", "INBOX/Processed"]


def test_a_folders_name_may_be_in_any_language(client: IMAPClient, mailbox: Mailbox) -> None:
    name = imap.own_folder(client, "Erledigt & geprüft")
    mailbox.append(LETTER)
    client.noop()
    imap.move(client, [1], name)
    assert len(mailbox.messages("Erledigt & geprüft")) == 1


def test_a_search_finds_nothing_below_its_bound(client: IMAPClient, mailbox: Mailbox) -> None:
    """Though the server answers `9:*` with the last mail where all lie below."""
    mailbox.append_many([LETTER, LETTER])
    client.noop()
    assert client.search(["UID", "9:*"]) == [2]
    assert imap.search_from(client, 9) == []
    assert imap.search_from(client, 2) == [2]
    assert imap.search_from(client, 0) == [1, 2]


def test_a_search_by_day_takes_that_day_in(client: IMAPClient, mailbox: Mailbox) -> None:
    for day in (30, 31):
        mailbox.append(LETTER, internal_date=datetime(2026, 1, day, 12, tzinfo=UTC))
    client.noop()
    assert imap.search_since(client, date(2026, 1, 31)) == [2]
    assert imap.received_at(client, [1, 2]) == {uid: datetime(2026, 1, day, 12, tzinfo=UTC) for uid, day in ((1, 30), (2, 31))}


def test_nobody_sees_that_a_mail_was_fetched(client: IMAPClient, mailbox: Mailbox) -> None:
    mailbox.append(LETTER, internal_date=datetime(2026, 1, 30, 12, tzinfo=UTC))
    client.noop()
    (found,) = imap.fetch(client, [1])
    assert (found.uid, found.source, found.size) == (1, LETTER, len(LETTER))
    assert "\\Seen" not in mailbox.messages()[0].flags


def test_how_much_is_fetched_goes_by_size(client: IMAPClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole up to one bound, its first part up to another, the headers alone above; both bounds belong to what is below them."""
    monkeypatch.setattr(imap, "WHOLE", 1000)
    monkeypatch.setattr(imap, "HEADERS_ONLY", 2000)
    sizes = (1000, 1001, 2000, 2001)
    mailbox.append_many(LETTER + b"x" * (size - len(LETTER)) for size in sizes)
    client.noop()
    fetched = imap.fetch(client, [1, 2, 3, 4])
    header = LETTER.partition(b"MENTOR")[0]
    assert [mail.size for mail in fetched] == list(sizes)
    assert [len(mail.source) for mail in fetched] == [1000, 1000, 1000, len(header)]
    assert fetched[3].source == header


def test_a_mail_that_is_gone_is_left_out(client: IMAPClient, mailbox: Mailbox) -> None:
    mailbox.append_many([LETTER, LETTER])
    client.noop()
    mailbox.delete(1)
    assert [mail.uid for mail in imap.fetch(client, [1, 2, 77])] == [2]
    assert imap.fetch(client, []) == []
    assert imap.received_at(client, []) == {}


@pytest.mark.parametrize("lacks", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
def test_mails_are_moved_whatever_the_server_offers(
    client: IMAPClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...]
) -> None:
    """Each once, and only those; with one of them gone meanwhile the others still are."""
    can = client.has_capability
    monkeypatch.setattr(client, "has_capability", lambda name: name not in lacks and can(name))
    imap.own_folder(client, "Processed")
    mailbox.append_many([LETTER] * 4)
    client.noop()
    mailbox.delete(2)
    imap.move(client, [1, 2, 3], "Processed")
    imap.move(client, [], "Processed")
    imap.move(client, [2], "Processed")
    assert len(mailbox.messages("Processed")) == 2
    assert [mail.uid for mail in mailbox.messages()] == [4]


def test_a_move_into_no_folder_says_so_and_takes_nothing(client: IMAPClient, mailbox: Mailbox) -> None:
    mailbox.append(LETTER)
    client.noop()
    with pytest.raises(IMAPClientError):
        imap.move(client, [1], "Nowhere")
    assert len(mailbox.messages()) == 1


class _faulty:  # noqa: N801  # read as a function
    """A server that greets, answers each command alike, and ends the connection at the login."""

    def __init__(self, greeting: bytes, answer: bytes) -> None:
        self._greeting, self._answer = greeting, answer
        self._listener = socket.create_server((HOST, 0))

    def __enter__(self) -> int:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(self._greeting)
            for line in lines:
                if b"LOGIN" in line:
                    return
                connection.sendall(self._answer % line.split()[0])
