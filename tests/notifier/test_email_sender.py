"""Mails, handed to a real SMTP conversation and read back as the server got them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from itertools import count
from typing import Any

import pytest

from notifier.senders import SendError
from notifier.senders.content import content
from notifier.senders.email import TIMEOUT, EmailSender, SmtpServer
from tests.notifier.samples import CASEY_MAIL, NOW, draft
from tests.notifier.scripted_smtp import ScriptedSmtp
from tests.servers.certificate import Certificate
from tests.servers.sent_mail import SentMail
from tests.servers.smtp import PASSWORD, USERNAME, Drop, Faults
from tests.servers.smtp import SmtpServer as Bench

FROM = "Peer Support <intake@example.org>"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench() as server:
        yield server


@pytest.fixture
def sender(bench: Bench) -> Iterator[EmailSender]:
    made = EmailSender(_plain(bench))
    yield made
    made.close()


def _plain(server: Bench | ScriptedSmtp) -> SmtpServer:
    return SmtpServer(host=server.host, port=server.port, tls="none", mail_from=FROM)


def _secure(bench: Bench, *, password: str = PASSWORD) -> SmtpServer:
    assert bench.tls != "none"
    return SmtpServer(host="localhost", port=bench.port, tls=bench.tls, username=USERNAME, password=password, mail_from=FROM)


def _sent(bench: Bench, sender: EmailSender, **changes: Any) -> SentMail:  # noqa: ANN401
    before = len(bench.mails)
    sender.send(draft(**changes), now=NOW)
    return bench.wait_for(before + 1)[-1]


def _refused(sender: EmailSender, **changes: Any) -> SendError:  # noqa: ANN401
    with pytest.raises(SendError) as caught:
        sender.send(draft(**changes), now=NOW)
    return caught.value


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_goes_encrypted_after_login(certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tls: str) -> None:
    """By STARTTLS, or with TLS from the first byte, to a server whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with Bench(certificate, tls="starttls" if tls == "starttls" else "implicit") as bench:
        sender = EmailSender(_secure(bench))
        mail = _sent(bench, sender)
        sender.close()
    assert (mail.username, mail.encrypted, mail.recipients) == (USERNAME, True, (CASEY_MAIL,))


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Certificate, tls: str) -> None:
    """Nothing is said to such a server; the mail waits."""
    with Bench(certificate, tls="starttls" if tls == "starttls" else "implicit") as bench:
        error = _refused(EmailSender(_secure(bench)))
        assert (bench.mails, error.permanent, error.unknown) == ([], False, False)


def test_a_server_without_starttls_gets_nothing(bench: Bench) -> None:
    """A password is never sent in the clear, whoever stands in the way."""
    server = replace(_plain(bench), tls="starttls", username=USERNAME, password=PASSWORD)
    error = _refused(EmailSender(server))
    assert (bench.mails, error.permanent, error.unknown) == ([], False, False)


def test_a_wrong_password_is_for_the_operator_to_mend(
    smtp_server: Bench, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail waits, and the reason says so without the password."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    error = _refused(EmailSender(_secure(smtp_server, password="wrong")))
    assert (error.permanent, error.unknown, error.reason) == (False, False, "login refused: 535")


def test_one_connection_carries_many_mails(bench: Bench, sender: EmailSender) -> None:
    """It is kept open, and opened anew when the server has closed it or was away."""
    for key in ("a", "b", "c"):
        _sent(bench, sender, key=key)
    assert bench.connections == 1
    with bench.refusing():
        error = _refused(sender, key="d")
        assert (error.permanent, error.unknown) == (False, False)
    _sent(bench, sender, key="d")
    assert bench.connections == 2
    sender.close()
    _sent(bench, sender, key="e")
    assert bench.connections == 3


def test_an_answer_has_the_null_sender_and_an_alert_our_address(bench: Bench, sender: EmailSender) -> None:
    """An automatic answer bounces to nobody (RFC 3834); a bounce of an alert comes back to us. Both come from our address."""
    answer, alert = _sent(bench, sender, null_sender=True), _sent(bench, sender, key="b")
    assert (answer.sender, alert.sender) == ("", "intake@example.org")
    assert answer.headers["from"] == alert.headers["from"] == FROM
    assert (answer.headers["auto-submitted"], alert.headers["auto-submitted"]) == ("auto-replied", "auto-generated")


def test_a_server_that_refuses_the_null_sender_gets_our_address(bench: Bench, sender: EmailSender) -> None:
    """It is asked once; from then on the answers come from our address at once."""
    bench.faults.null_sender = "550 5.7.1 Null sender refused"
    assert _sent(bench, sender, null_sender=True).sender == "intake@example.org"
    bench.faults.null_sender = None
    assert _sent(bench, sender, key="b", null_sender=True).sender == "intake@example.org"


@pytest.mark.parametrize("step", ["RCPT", "DATA", "."])
def test_the_null_sender_may_be_refused_late(step: str) -> None:
    """Some servers say so only at the recipient, or after the whole mail."""
    heard: list[str] = []

    def script(command: str) -> str | None:
        if command.startswith("MAIL"):
            heard.append(command)
        null = bool(heard) and heard[-1].startswith("MAIL FROM:<>")
        return "550 5.7.60 Not allowed to send as this sender" if null and command.startswith(step) else None

    with ScriptedSmtp(script) as server:
        sender = EmailSender(_plain(server))
        for key in ("a", "b"):
            sender.send(draft(key, null_sender=True), now=NOW)
        sender.close()
    assert [command.split()[1] for command in heard] == ["FROM:<>", "FROM:<INTAKE@EXAMPLE.ORG>", "FROM:<INTAKE@EXAMPLE.ORG>"]
    assert b"X-Peer-Intake: a\r\n" in server.contents[-2]
    assert b"X-Peer-Intake: b\r\n" in server.contents[-1]


def test_a_refused_recipient_says_nothing_of_the_null_sender(bench: Bench, sender: EmailSender) -> None:
    """The next answer still goes with the null sender."""
    bench.faults.at_rcpt_to = {"gone@example.org": "550 5.1.1 No such user"}
    assert _refused(sender, recipient="gone@example.org", null_sender=True).permanent
    assert _sent(bench, sender, key="b", null_sender=True).sender == ""


@pytest.mark.parametrize("reply", ["451 4.3.0 Try again later", "421 4.3.2 Shutting down", "452 4.3.1 Mailbox full"])
@pytest.mark.parametrize("step", ["at_mail", "at_rcpt", "at_data_command", "after_the_dot"])
def test_a_temporary_refusal_at_any_step_is_not_sent(bench: Bench, sender: EmailSender, step: str, reply: str) -> None:
    """It may be repeated, and the next mail finds a conversation in order."""
    setattr(bench.faults, step, reply)
    error = _refused(sender)
    assert (error.permanent, error.unknown, error.reason) == (False, False, f"refused: {reply[:3]}")
    bench.faults = Faults()
    _sent(bench, sender, key="b")
    assert len(bench.mails) == 1


@pytest.mark.parametrize("null_sender", [True, False])
@pytest.mark.parametrize("step", ["at_rcpt", "at_data_command", "after_the_dot"])
def test_a_permanent_refusal_of_the_mail_is_final(bench: Bench, sender: EmailSender, step: str, *, null_sender: bool) -> None:
    """To repeat it would be to be refused again; the reason holds neither the recipient nor the server's words."""
    setattr(bench.faults, step, f"550 5.1.1 {CASEY_MAIL} is not here")
    error = _refused(sender, null_sender=null_sender)
    assert (error.permanent, error.unknown, error.reason) == (True, False, "refused: 550")
    bench.faults = Faults()
    assert _sent(bench, sender, key="b").headers["message-id"] == "<b@example.org>"


@pytest.mark.parametrize("reply", ["550 5.4.5 Daily quota exceeded", "530 5.7.0 Authentication required", "553 5.7.1 Sender not allowed"])
def test_our_own_address_refused_loses_no_mail(bench: Bench, sender: EmailSender, reply: str) -> None:
    """It says nothing of the mail, and the operator, or the next day, mends it."""
    bench.faults.at_mail = reply
    for null_sender in (False, True):
        error = _refused(sender, null_sender=null_sender)
        assert (error.permanent, error.unknown) == (False, False)


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("GREETING", "554 No service here"),
        ("GREETING", "421 Later"),
        ("GREETING", ""),
        ("EHLO", ""),
        ("MAIL", ""),
        ("RCPT", ""),
        ("DATA", ""),
    ],
)
def test_a_server_in_trouble_loses_no_mail(step: str, reply: str) -> None:
    """Whatever it says before anybody is named, and wherever it hangs up before the content."""
    with ScriptedSmtp(lambda command: reply if command.startswith(step) else None) as server:
        error = _refused(EmailSender(_plain(server)))
    assert (error.permanent, error.unknown) == (False, False)
    assert server.contents == []


def test_a_server_that_says_nothing_is_given_up() -> None:
    """In the time-out, not for ever."""
    with ScriptedSmtp(lambda command: "220-and so on" if command == "GREETING" else None) as server:
        error = _refused(EmailSender(_plain(server), timeout=0.2))
    assert (error.permanent, error.unknown, error.reason) == (False, False, "not reached: SMTPServerDisconnected")


def test_a_connection_lost_before_the_content_is_not_sent(bench: Bench, sender: EmailSender) -> None:
    """It is repeated without risk."""
    bench.faults.drop = Drop.AT_DATA_COMMAND
    error = _refused(sender)
    assert (error.permanent, error.unknown) == (False, False)
    bench.faults.drop = None
    _sent(bench, sender)
    assert len(bench.mails) == 1


@pytest.mark.parametrize("drop", [Drop.AFTER_THE_DOT, Drop.AFTER_THE_DOT_UNSAVED])
def test_a_connection_lost_after_the_final_dot_tells_nothing(bench: Bench, sender: EmailSender, drop: Drop) -> None:
    """Whether the server kept it or not looks the same from here."""
    bench.faults.drop = drop
    error = _refused(sender)
    assert (error.permanent, error.unknown) == (False, True)
    bench.faults.drop = None
    _sent(bench, sender, key="b")


@pytest.mark.parametrize("reply", ["what?", "", "250-and so on"])
def test_an_answer_after_the_final_dot_that_is_none_tells_nothing(reply: str) -> None:
    """No code, no answer, or no end of it: the mail may have been taken."""
    with ScriptedSmtp(lambda command: reply if command == "." else None) as server:
        error = _refused(EmailSender(_plain(server), timeout=2))
    assert (error.permanent, error.unknown) == (False, True)


def test_lines_that_begin_with_a_dot_arrive_whole(bench: Bench, sender: EmailSender) -> None:
    """A line of one dot ends nothing, and no dot is lost or added."""
    body = ".\n..\n.hidden\nend.\n.\n"
    mail = _sent(bench, sender, body=body, html="<pre>\n.\n..x\n</pre>\n")
    assert mail.text.replace("\r\n", "\n") == body
    assert mail.html.replace("\r\n", "\n") == "<pre>\n.\n..x\n</pre>\n"


def test_words_of_any_language_arrive_whole(bench: Bench) -> None:
    """In the subject, the text, the HTML and our own name; on the way all of it is ASCII, in lines that any server takes."""
    name, subject = "Apoyo Entre Pares Ñandú", "Re: ¿Quién me acompaña? 李明 " + "á" * 150
    body = "Gracias, señora \N{PURPLE HEART}\n" + "muy " * 2000 + "\n"
    sender = EmailSender(replace(_plain(bench), mail_from=f"{name} <intake@example.org>"))
    mail = _sent(bench, sender, subject=subject, body=body, html=f"<p>{body}</p>")
    sender.close()
    assert mail.headers["from"] == f"{name} <intake@example.org>"
    assert mail.headers["subject"] == subject
    assert mail.text.replace("\r\n", "\n") == body
    assert body.strip() in mail.html.replace("\r\n", "\n")
    assert mail.raw.isascii()
    assert max(map(len, mail.raw.splitlines())) <= 998


def test_the_headers_say_that_a_machine_wrote_it(bench: Bench, sender: EmailSender) -> None:
    """So that no other machine answers, and our own reader knows its own mail."""
    mail = _sent(bench, sender, null_sender=True, reply_to="intake+id-0001.abc@example.org")
    assert mail.headers["auto-submitted"] == "auto-replied"
    assert mail.headers["x-auto-response-suppress"] == "All"
    assert mail.headers["x-peer-intake"] == "id-0001"
    assert mail.headers["message-id"] == "<id-0001@example.org>"
    assert mail.headers["reply-to"] == "intake+id-0001.abc@example.org"
    assert mail.headers["to"] == CASEY_MAIL
    assert mail.headers["date"] == "Mon, 02 Mar 2026 17:00:00 +0000"


def test_it_is_text_and_html(bench: Bench, sender: EmailSender) -> None:
    """The text first, the HTML as its alternative."""
    message = _sent(bench, sender).message
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_it_stands_in_its_thread(bench: Bench, sender: EmailSender) -> None:
    """References name the whole chain, In-Reply-To the mail that is answered; a mail that begins a thread has neither."""
    mail = _sent(bench, sender, references="<first@example.org> <second@example.org>")
    assert mail.headers["references"] == "<first@example.org> <second@example.org>"
    assert mail.headers["in-reply-to"] == "<second@example.org>"
    assert not {"references", "in-reply-to"} & set(_sent(bench, sender, key="b").headers)


def test_long_message_ids_stay_message_ids(bench: Bench, sender: EmailSender) -> None:
    """Exchange's are longer than a line; an encoded word in their place would tear the thread."""
    ids = [f"<{'A' * 60}.{at:020}@SN6PR01MB1234.namprd01.prod.exchangelabs.com>" for at in range(20)]
    mail = _sent(bench, sender, references=" ".join(ids))
    assert b"=?" not in mail.raw
    headers = BytesParser(policy=policy.compat32).parsebytes(mail.raw)
    assert headers["References"].split() == ids
    assert headers["In-Reply-To"].split() == ids[-1:]


@pytest.mark.parametrize("unfit", ["<ñandú@example.org>", f"<{'x' * 1500}@example.org>"])
def test_what_no_server_takes_for_a_message_id_is_left_out(bench: Bench, sender: EmailSender, unfit: str) -> None:
    """The answer goes all the same."""
    mail = _sent(bench, sender, references=f"<first@example.org> {unfit}")
    assert mail.headers["references"] == "<first@example.org>"
    assert max(map(len, mail.raw.splitlines())) <= 998


def test_an_address_that_smtp_cannot_say_is_final(bench: Bench, sender: EmailSender) -> None:
    """A local part beyond ASCII would need a server that takes SMTPUTF8; the next mail is not held up."""
    assert _refused(sender, recipient="ñandú@example.org").permanent
    _sent(bench, sender, key="b")


def test_nothing_that_was_written_becomes_a_header() -> None:
    """A line break in a subject is refused, rather than sent as a header of its own."""
    with pytest.raises(ValueError, match="linefeed"):
        content(draft(subject="Hello\r\nBcc: everybody@example.org"), FROM, now=NOW)


def test_a_send_ends_before_its_deadline() -> None:
    """The lease is longer than every step at its slowest, with a connection that turns out dead and the mail handed in twice over."""
    steps, ends = count(), count()

    def script(command: str) -> str | None:
        next(steps)
        return "550 5.7.60 Not as this sender" if command == "." and next(ends) == 0 else None

    with ScriptedSmtp(script) as server:
        sender = EmailSender(_plain(server))
        sender.send(draft(null_sender=True), now=NOW)
        sender.close()
    assert len(server.contents) == 2
    rset_of_the_old_connection, starttls_and_second_ehlo, login = 1, 2, 3
    slowest = next(steps) + len(server.contents) + rset_of_the_old_connection + starttls_and_second_ehlo + login
    assert sender.deadline >= slowest * TIMEOUT


@pytest.mark.parametrize("recipient", ["a;b@example.org", "postmaster,b@example.org", "x(y@example.org", "a b@example.org"])
def test_an_address_that_leads_elsewhere_is_refused(bench: Bench, sender: EmailSender, recipient: str) -> None:
    """SMTP would take something else for the mailbox; nobody else must get what was meant for one."""
    with pytest.raises(SendError) as refused:
        sender.send(draft(recipient=recipient), now=NOW)
    assert refused.value.permanent
    assert bench.mails == []


def test_no_name_service_is_asked_who_we_are(bench: Bench, sender: EmailSender, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be slow or away, and a server that takes our login does not mind what we call ourselves."""

    def asked(*_: object) -> str:
        raise AssertionError("the name service was asked")

    monkeypatch.setattr("socket.getfqdn", asked)
    assert _sent(bench, sender).recipients == (CASEY_MAIL,)
