"""Mails go out through SMTP, over one connection kept open, and it is always known on which side of the final dot it broke."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Literal

from db import steps
from db.outbox import Draft
from notifier.senders import SendError, nothing
from notifier.senders.content import content

PLAIN_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:@\"]+@[^\s<>()\[\]\\,;:@\"]+")
TIMEOUT = 20.0  # seconds for one step of the conversation
# RSET or MAIL on the open connection, which turns out dead; a new one: greeting, EHLO, STARTTLS, EHLO, AUTH and its two answers;
# MAIL, RCPT, DATA, content, final dot; RSET and the last five again where the null sender was refused.
STEPS = 2 + 7 + 5 + 1 + 5
CLOSING = 421  # the server ends the connection, for its age or the number of mails: that says nothing of the next one
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mails are handed in."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    username: str = ""
    password: str = field(default="", repr=False)
    mail_from: str = ""  # Name <address>


@dataclass(frozen=True, slots=True)
class _Mail:
    recipient: str
    content: bytes
    leaving: Callable[[], None]


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
        self._under_way = False  # since the last mail that was taken, the server has heard of another

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:
        """Returns the key, which the mail bears in a header of its own."""
        if not PLAIN_ADDRESS.fullmatch(draft.recipient):  # a server could read it as another's
            raise SendError("refused: no plain address", permanent=True)
        mail = _Mail(draft.recipient, content(draft, self._server.mail_from, now=now), leaving)
        if draft.null_sender and self._takes_null_sender:
            if self._taken_from_nobody(mail):
                return draft.key
            self._hand_in(self._address, mail)
            self._takes_null_sender = False  # so it was the sender that they minded
        else:
            self._hand_in(self._address, mail)
        return draft.key

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _taken_from_nobody(self, mail: _Mail) -> bool:
        """Hand in with the null sender. Servers that refuse it do so at any step: Microsoft 365 only after the final dot."""
        try:
            self._hand_in("", mail)
        except SendError as error:
            if not error.permanent:
                raise
            return False
        return True

    def _hand_in(self, sender: str, mail: _Mail) -> None:
        # Our own address refused is for the operator to mend, or a quota to come round: the mail waits.
        smtp = self._open(sender, permanent=sender == "")
        self._ask(lambda: smtp.docmd("rcpt", f"TO:<{mail.recipient}>"))
        self._ask(lambda: smtp.docmd("data"), wanted=354)
        self._finish(smtp, mail)

    def _open(self, sender: str, *, permanent: bool) -> smtplib.SMTP:
        """Name the sender on the connection that is open, if the server still answers there; else on a new one."""
        smtp = self._still_open()
        if smtp is not None:
            try:
                self._expect(smtp.docmd("mail", f"FROM:<{sender}>"))
            except smtplib.SMTPResponseException as error:
                if error.smtp_code != CLOSING:
                    raise _not_sent(error, permanent=permanent) from error
            except (OSError, smtplib.SMTPException):
                pass
            else:
                return smtp
            self.close()
        steps.reached("before connecting")
        try:
            self._smtp = smtp = connect(self._server, timeout=self._timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise _not_sent(error, permanent=False) from error  # it is the server's state, or our settings, and no fault of the mail
        self._under_way = True
        self._ask(lambda: smtp.docmd("mail", f"FROM:<{sender}>"), permanent=permanent)
        return smtp

    def _still_open(self) -> smtplib.SMTP | None:
        if self._smtp is not None and self._under_way:  # the last mail was refused half way
            try:
                self._expect(self._smtp.rset())
            except (OSError, smtplib.SMTPException):
                self.close()
        self._under_way = True
        return self._smtp

    def _ask(self, command: Callable[[], tuple[int, bytes]], *, wanted: int = 250, permanent: bool = True) -> None:
        try:
            self._expect(command(), wanted=wanted)
        except smtplib.SMTPResponseException as error:  # the connection is as good as it was
            raise _not_sent(error, permanent=permanent) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.close()
            raise _not_sent(error) from error

    def _finish(self, smtp: smtplib.SMTP, mail: _Mail) -> None:
        """Send the content. Up to its final dot nothing was accepted (RFC 5321, 4.1.1.4); from there on, silence tells nothing."""
        try:
            smtp.send(LEADING_DOT.sub(b"..", mail.content))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise _not_sent(error) from error
        steps.reached("before the final dot")
        try:
            mail.leaving()
        except BaseException:  # without its final dot the server drops it
            self.close()
            raise
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
        self._under_way = False

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
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, _own_name(), timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, _own_name(), timeout=timeout)
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


def _own_name() -> str:
    """What we call ourselves. The library would ask the name service at each connection, which may take its time or be away."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


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
