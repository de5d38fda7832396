"""The SMTP server, spoken to by smtplib."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.servers.certificate import Certificate
from tests.servers.smtp import Drop, Faults, SmtpServer

SENDER = "intake@example.org"
RECIPIENT = "casey@example.org"


def _letter(subject: str = "Hello") -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = SENDER, RECIPIENT, subject
    letter.set_content("Grüße\n.\nA line of one dot stands above.\n")
    letter.add_alternative("<p>Grüße</p>", subtype="html")
    return letter


def _send(server: SmtpServer, sender: str = SENDER) -> None:
    with smtplib.SMTP("localhost", server.port, timeout=60) as client:
        client.send_message(_letter(), from_addr=sender, to_addrs=[RECIPIENT])


@pytest.fixture
def plain() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


def test_a_mail_arrives_over_starttls_after_login(smtp_server: SmtpServer, certificate: Certificate) -> None:
    with smtplib.SMTP("localhost", smtp_server.port, timeout=60) as client:
        client.starttls(context=certificate.client_context())
        client.login(smtp_server.username, smtp_server.password)
        client.send_message(_letter())
    (mail,) = smtp_server.wait_for(1)
    assert (mail.sender, mail.recipients) == (SENDER, (RECIPIENT,))
    assert (mail.username, mail.encrypted) == (smtp_server.username, True)
    assert mail.headers["subject"] == "Hello"
    assert "Grüße\n.\nA line" in mail.text.replace("\r\n", "\n")
    assert "<p>Grüße</p>" in mail.html
    assert smtp_server.connections == 1


def test_a_mail_arrives_over_implicit_tls(certificate: Certificate) -> None:
    with SmtpServer(certificate, tls="implicit") as server:
        with smtplib.SMTP_SSL("localhost", server.port, timeout=60, context=certificate.client_context()) as client:
            client.login(server.username, server.password)
            client.send_message(_letter())
        assert server.wait_for(1)[0].encrypted
        assert server.connections == 1


def test_without_login_nothing_is_taken(smtp_server: SmtpServer, certificate: Certificate) -> None:
    with smtplib.SMTP("localhost", smtp_server.port, timeout=60) as client:
        client.starttls(context=certificate.client_context())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(smtp_server.username, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.send_message(_letter())
    assert smtp_server.mails == []


def test_the_plain_server_asks_for_nothing(plain: SmtpServer) -> None:
    _send(plain, sender="")
    assert plain.wait_for(1)[0].sender == ""
    assert plain.to(RECIPIENT) == plain.mails
    assert plain.to("else@example.org") == []


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(at_mail="451 4.3.0 Later"), smtplib.SMTPSenderRefused),
        (Faults(at_rcpt="450 4.2.1 Later"), smtplib.SMTPRecipientsRefused),
        (Faults(at_rcpt_to={RECIPIENT: "550 5.1.1 No such user"}), smtplib.SMTPRecipientsRefused),
        (Faults(at_data_command="451 4.3.0 Later"), smtplib.SMTPDataError),
        (Faults(after_the_dot="451 4.3.0 Later"), smtplib.SMTPDataError),
        (Faults(drop=Drop.AT_DATA_COMMAND), smtplib.SMTPServerDisconnected),
        (Faults(drop=Drop.AFTER_THE_DOT_UNSAVED), smtplib.SMTPServerDisconnected),
    ],
)
def test_a_fault_is_seen_by_the_client_and_nothing_is_taken(plain: SmtpServer, faults: Faults, error: type[Exception]) -> None:
    plain.faults = faults
    with pytest.raises(error):
        _send(plain)
    assert plain.mails == []
    plain.faults = Faults()
    _send(plain)
    assert len(plain.mails) == 1


def test_a_refused_null_sender_alone_is_refused(plain: SmtpServer) -> None:
    plain.faults.null_sender = "550 5.7.1 Null sender refused"
    with pytest.raises(smtplib.SMTPSenderRefused):
        _send(plain, sender="")
    _send(plain)
    assert len(plain.mails) == 1


def test_a_lost_answer_leaves_the_mail_taken(plain: SmtpServer) -> None:
    plain.faults.drop = Drop.AFTER_THE_DOT
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(plain)
    assert len(plain.mails) == 1


def test_a_stopped_server_refuses_and_comes_back_on_its_port(plain: SmtpServer) -> None:
    with smtplib.SMTP("localhost", plain.port, timeout=60) as client:
        client.noop()
        with plain.refusing():
            with pytest.raises(smtplib.SMTPServerDisconnected):
                client.noop()
            with pytest.raises(ConnectionRefusedError):
                _send(plain)
    _send(plain)
    assert len(plain.mails) == 1
