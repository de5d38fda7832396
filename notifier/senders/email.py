"""Mails go out through SMTP, over one connection kept open, and it is always known on which side of the final dot it broke."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Literal

from db.outbox import Draft
from notifier.senders import SendError
from notifier.tokens import LOOP_HEADER

TIMEOUT = 20.0  # seconds for one step of the conversation
STEPS = 8  # connect, EHLO, STARTTLS, login, MAIL, RCPT, DATA, final dot


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed in."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    username: str = ""
    password: str = ""
    mail_from: str = ""  # Name <address>


class EmailSender:
    """Hands mails to one SMTP server."""

    channel = "email"
    deadline = TIMEOUT * STEPS

    def __init__(self, server: SmtpServer, *, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._takes_null_sender = True

    def send(self, draft: Draft, *, now: datetime) -> str:
        """Returns the Message-ID."""
        content = build(draft, self._server.mail_from, now=now).as_bytes()
        try:
            smtp = self._connection()
            self._envelope(smtp, draft)
            self._begin(smtp)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.close()
            raise _not_sent(error) from error
        self._finish(smtp, content)
        return draft.message_id

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _connection(self) -> smtplib.SMTP:
        """The open connection, if the server still answers on it; else a new one."""
        if self._smtp is not None:
            try:
                self._expect(self._smtp.rset())
            except (OSError, smtplib.SMTPException):
                self.close()
            else:
                return self._smtp
        self._smtp = connect(self._server, timeout=self._timeout)
        return self._smtp

    def _envelope(self, smtp: smtplib.SMTP, draft: Draft) -> None:
        sender = "" if draft.null_sender and self._takes_null_sender else parseaddr(self._server.mail_from)[1]
        code, text = smtp.mail(sender)
        if code >= 500 and sender == "":
            self._takes_null_sender = False
            self._expect(smtp.rset())
            code, text = smtp.mail(parseaddr(self._server.mail_from)[1])
        self._expect((code, text))
        self._expect(smtp.rcpt(draft.recipient))

    def _begin(self, smtp: smtplib.SMTP) -> None:
        smtp.putcmd("data")
        self._expect(smtp.getreply(), wanted=354)

    def _finish(self, smtp: smtplib.SMTP, content: bytes) -> None:
        """Send the content. Up to its final dot nothing was accepted (RFC 5321, 4.1.1.4); from there on, silence tells nothing."""
        dotted = b"".join(b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True))
        try:
            smtp.send(dotted)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise _not_sent(error) from error
        try:
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise SendError(f"connection lost after the message: {type(error).__name__}", unknown=True) from error
        try:
            self._expect((code, text))
        except smtplib.SMTPException as error:
            raise _not_sent(error) from error

    @staticmethod
    def _expect(reply: tuple[int, bytes], wanted: int = 250) -> None:
        code, text = reply
        if code == -1:
            raise smtplib.SMTPServerDisconnected("no answer")
        if code not in (wanted, 251):
            raise smtplib.SMTPResponseException(code, text)


def connect(server: SmtpServer, *, timeout: float = TIMEOUT) -> smtplib.SMTP:
    """Open a connection and log in.

    Raises:
        OSError, smtplib.SMTPException: as smtplib does.

    """
    context = ssl.create_default_context()
    if server.tls == "implicit":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        smtp.ehlo()
        if server.tls == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.username:
            smtp.login(server.username, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def build(draft: Draft, mail_from: str, *, now: datetime) -> EmailMessage:
    """The mail as it goes out: text and HTML, in its thread, and marked as a machine's (RFC 3834)."""
    mail = EmailMessage(policy=SMTP_POLICY.clone(cte_type="7bit"))  # whatever servers are on the way
    mail["From"] = mail_from
    mail["To"] = draft.recipient
    mail["Subject"] = draft.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = draft.message_id
    if draft.references:
        mail["In-Reply-To"] = draft.references.split()[-1]
        mail["References"] = draft.references
    if draft.reply_to:
        mail["Reply-To"] = draft.reply_to
    mail["Auto-Submitted"] = "auto-replied" if draft.null_sender else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = draft.key
    mail.set_content(draft.body)
    mail.add_alternative(draft.html, subtype="html")
    return mail


def _not_sent(error: Exception) -> SendError:
    match error:
        case smtplib.SMTPAuthenticationError():
            return SendError(f"login refused: {error.smtp_code}")  # the operator can mend it
        case smtplib.SMTPResponseException():
            return SendError(f"refused: {error.smtp_code}", permanent=500 <= error.smtp_code < 600 and error.smtp_code != 530)
        case UnicodeError():
            return SendError("address is not ASCII", permanent=True)
        case _:
            return SendError(f"not reached: {type(error).__name__}")
