"""Dovecot as the tests start it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import Dovecot, Mailbox

LETTER = b"From: bob@example.org\r\nSubject: Hello\r\n\r\nHi\r\n"


def test_login_over_implicit_tls(mailbox: Mailbox) -> None:
    server = mailbox.server
    with IMAPClient("localhost", server.tls_port, ssl_context=server.certificate.client_context(), timeout=60) as client:
        client.login(mailbox.username, mailbox.password)
        assert {b"IDLE", b"MOVE", b"UIDPLUS"} <= set(client.capabilities())


def test_login_over_starttls(mailbox: Mailbox) -> None:
    server = mailbox.server
    with IMAPClient("localhost", server.port, ssl=False, timeout=60) as client:
        client.starttls(server.certificate.client_context())
        client.login(mailbox.username, mailbox.password)


def test_an_untrusted_certificate_is_refused_by_clients(dovecot: Dovecot) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("localhost", dovecot.tls_port, ssl_context=ssl.create_default_context(), timeout=60)


def test_a_process_trusts_the_server_by_its_settings(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = mailbox.settings
    monkeypatch.setenv("SSL_CERT_FILE", settings["SSL_CERT_FILE"])
    context = ssl.create_default_context()
    with IMAPClient(settings["IMAP_HOST"], int(settings["IMAP_PORT"]), ssl_context=context, timeout=60) as client:
        client.login(settings["IMAP_USERNAME"], settings["IMAP_PASSWORD"])


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    with IMAPClient("localhost", dovecot.port, ssl=False, timeout=60) as client, pytest.raises(LoginError):
        client.login("alice", "wrong")


def test_appended_mail_is_found_with_its_date(mailbox: Mailbox) -> None:
    came = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    mailbox.append(LETTER, internal_date=came)
    (found,) = mailbox.messages()
    assert (found.raw, found.internal_date, found.flags) == (LETTER, came, frozenset({"\\Recent"}))


def test_each_test_has_an_empty_mailbox(mailbox: Mailbox) -> None:
    assert mailbox.messages() == []
    assert mailbox.folders() == ["INBOX"]


def test_folders_are_made_as_needed(mailbox: Mailbox) -> None:
    mailbox.append(LETTER, folder="Processed")
    assert mailbox.folders() == ["INBOX", "Processed"]
    assert len(mailbox.messages("Processed")) == 1
    assert mailbox.messages("Quarantine") == []


def test_mail_vanishes_behind_the_back(mailbox: Mailbox) -> None:
    mailbox.append_many([LETTER, LETTER])
    mailbox.delete(1)
    assert [mail.uid for mail in mailbox.messages()] == [2]


def test_uid_validity_changes(mailbox: Mailbox) -> None:
    mailbox.append(LETTER)
    changed = mailbox.change_uid_validity()
    assert mailbox.uid_validity() == changed


def test_a_restart_keeps_ports_and_mail_and_cuts_connections(mailbox: Mailbox) -> None:
    mailbox.append(LETTER)
    server = mailbox.server
    client = IMAPClient(server.host, server.port, ssl=False, timeout=60)
    client.login(mailbox.username, mailbox.password)
    server.restart()
    with pytest.raises((OSError, client.AbortError)):
        client.noop()
    client.shutdown()
    assert len(mailbox.messages()) == 1


def test_a_killed_server_refuses_connections(mailbox: Mailbox) -> None:
    server = mailbox.server
    server.kill()
    with pytest.raises(ConnectionRefusedError):
        IMAPClient(server.host, server.port, ssl=False, timeout=60)
