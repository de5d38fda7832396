"""Mails go out through SMTP, over one connection kept open, and it is always known on which side of the final dot it broke."""

from __future__ import annotations

import mimetypes
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from typing import Any, Literal

from db import steps
from db.outbox import Draft
from notifier.senders import SendError
from parsers.mail import LOOP_HEADER

PLAIN_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:@\"]+@[^\s<>()\[\]\\,;:@\"]+")
TIMEOUT = 20.0  # seconds for one step of the conversation
# RSET on the open connection; a new one: greeting, EHLO, STARTTLS, EHLO, AUTH and its two answers; MAIL, RCPT, DATA, content, final dot;
# RSET and the last five again where the null sender was refused.
STEPS = 1 + 7 + 5 + 1 + 5
LONGEST_ID = 900  # RFC 5322 ends a line at 998, and a Message-ID cannot be folded


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed in."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    username: str = ""
    password: str = field(default="", repr=False)
    mail_from: str = ""  # Name <address>


class EmailSender:
    """Hands mails to one SMTP server."""

    channel = "email"
    deadline = TIMEOUT * STEPS

    def __init__(self, server: SmtpServer, *, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._address = parseaddr(server.mail_from)[1]
        self._takes_null_sender = True

    def send(self, draft: Draft, *, now: datetime) -> str:
        """Returns the Message-ID."""
        if not PLAIN_ADDRESS.fullmatch(draft.recipient):  # a server could read it as another's
            raise SendError("refused: no plain address", permanent=True)
        content = build(draft, self._server.mail_from, now=now).as_bytes()
        smtp = self._connection()
        if draft.null_sender and self._takes_null_sender:
            if self._taken_from_nobody(smtp, draft.recipient, content):
                return draft.message_id
            self._ask(smtp.rset)
            self._hand_in(smtp, self._address, draft.recipient, content)
            self._takes_null_sender = False  # so it was the sender that they minded
        else:
            self._hand_in(smtp, self._address, draft.recipient, content)
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
        steps.reached("before connecting")
        try:
            self._smtp = connect(self._server, timeout=self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise _not_sent(error, permanent=False) from error  # it is the server's state, or our settings, and no fault of the mail
        return self._smtp

    def _taken_from_nobody(self, smtp: smtplib.SMTP, recipient: str, content: bytes) -> bool:
        """Hand in with the null sender. Servers that refuse it do so at any step: Microsoft 365 only after the final dot."""
        try:
            self._hand_in(smtp, "", recipient, content)
        except SendError as error:
            if not error.permanent:
                raise
            return False
        return True

    def _hand_in(self, smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
        # Our own address refused is for the operator to mend, or a quota to come round: the mail waits.
        self._ask(lambda: smtp.mail(sender), permanent=sender == "")
        self._ask(lambda: smtp.rcpt(recipient))
        self._ask(lambda: smtp.docmd("data"), wanted=354)
        self._finish(smtp, content)

    def _ask(self, command: Callable[[], tuple[int, bytes]], *, wanted: int = 250, permanent: bool = True) -> None:
        try:
            self._expect(command(), wanted=wanted)
        except smtplib.SMTPResponseException as error:  # the connection is as good as it was
            raise _not_sent(error, permanent=permanent) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.close()
            raise _not_sent(error) from error

    def _finish(self, smtp: smtplib.SMTP, content: bytes) -> None:
        """Send the content. Up to its final dot nothing was accepted (RFC 5321, 4.1.1.4); from there on, silence tells nothing."""
        dotted = b"".join(b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True))
        try:
            smtp.send(dotted)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise _not_sent(error) from error
        steps.reached("before the final dot")
        try:
            smtp.send(b".\r\n")
            steps.reached("after the final dot")
            code, text = smtp.getreply()
            if code == -1:
                raise smtplib.SMTPServerDisconnected("no reply code")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise SendError(f"connection lost after the message: {type(error).__name__}", unknown=True) from error
        self._ask(lambda: (code, text))

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
    if smtp.sock is not None:  # the final dot goes by itself; without this it would wait 40 ms for an acknowledgement
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
    mail = EmailMessage(policy=POLICY)
    mail["From"] = mail_from
    mail["To"] = draft.recipient
    mail["Subject"] = draft.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = draft.message_id
    thread = [one for one in draft.references.split() if one.isascii() and len(one) <= LONGEST_ID]
    if thread:
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread)
    if draft.reply_to:
        mail["Reply-To"] = draft.reply_to
    mail["Auto-Submitted"] = "auto-replied" if draft.null_sender else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_HEADER] = draft.key
    mail.set_content(draft.body)
    mail.add_alternative(draft.html, subtype="html")
    if draft.attachment is not None:
        kind, _, subtype = (mimetypes.guess_type(draft.attachment_name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(draft.attachment, maintype=kind, subtype=subtype, filename=draft.attachment_name)
    return mail


class MessageIds(UnstructuredHeader, BaseHeader):
    """Message-IDs, one a line; the standard folding turns long ones into encoded words, which no mail reader takes for ids."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {f'{policy.linesep} '.join(str(self).split())}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    headers = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        headers.map_to_type(name, MessageIds)
    return SMTP_POLICY.clone(cte_type="7bit", header_factory=headers)  # 7bit: whatever servers are on the way


POLICY = _policy()


def _not_sent(error: Exception, *, permanent: bool = True) -> SendError:
    """What a refusal means; `permanent` where one with a 5xx code would be refused again."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return SendError(f"login refused: {error.smtp_code}", login_refused=True)  # the operator can mend it
        case smtplib.SMTPResponseException():
            return SendError(f"refused: {error.smtp_code}", permanent=permanent and 500 <= error.smtp_code < 600 and error.smtp_code != 530)
        case UnicodeError():
            return SendError("address is not ASCII", permanent=True)
        case _:
            return SendError(f"not reached: {type(error).__name__}")
