"""An SMTP server that keeps what it is given and fails in the ways a test asks for."""

# ruff: noqa: N802  # the names of commands and hooks are aiosmtpd's

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificate import Certificate
from tests.servers.sent_mail import SentMail
from tests.servers.waiting import HOST, PATIENCE, free_port, wait_until

USERNAME = "intake@example.org"
PASSWORD = "secret"

# As aiosmtpd hands it over.
_NULL_SENDER = "<>"

Tls = Literal["starttls", "implicit", "none"]


class Drop(Enum):
    """Where the connection is lost."""

    AT_DATA_COMMAND = "before anything of the message was sent"
    AFTER_THE_DOT = "the message was taken, the answer was lost"
    AFTER_THE_DOT_UNSAVED = "the message was sent and lost together with the answer"


@dataclass(slots=True)
class Faults:
    """Replies in place of the good ones, e.g. "451 4.3.0 Try again later"; None answers well."""

    at_mail: str | None = None
    at_rcpt: str | None = None
    at_rcpt_to: dict[str, str] = field(default_factory=dict)
    at_data_command: str | None = None
    after_the_dot: str | None = None
    null_sender: str | None = None
    drop: Drop | None = None
    slow: float = 0.0  # seconds that it thinks about each message


class SmtpServer:
    """`with SmtpServer(certificate) as server:` on a thread of its own; `server.mails` is what came.

    With a certificate it offers STARTTLS (or speaks TLS from the first byte) and asks for USERNAME and PASSWORD;
    without one it is plain and asks for nothing.
    """

    def __init__(self, certificate: Certificate | None = None, *, tls: Tls = "none") -> None:
        self.host = HOST
        self.port = free_port()  # the same over restarts
        self.username, self.password = USERNAME, PASSWORD
        self.certificate = certificate
        self.tls = tls
        self.mails: list[SentMail] = []
        self.faults = Faults()
        self.connections = 0
        self._context = certificate.server_context() if certificate else None
        self._open: set[asyncio.BaseTransport] = set()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._thread.start()

    @property
    def settings(self) -> dict[str, str]:
        """For a process that is to send through this server; SSL_CERT_FILE makes it trust the server."""
        plain = {"SMTP_HOST": self.host, "SMTP_PORT": str(self.port), "SMTP_TLS": self.tls}
        if self.certificate is None:
            return plain
        login = {"SMTP_USERNAME": self.username, "SMTP_PASSWORD": self.password}
        return plain | login | {"SSL_CERT_FILE": str(self.certificate.certificate)}

    def start(self) -> None:
        if self._listener is None:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=PATIENCE)

    def stop(self) -> None:
        """Connections are cut and new ones refused until the next start."""
        if self._listener is not None:
            asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(timeout=PATIENCE)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=PATIENCE)
        self._loop.close()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    def wait_for(self, number: int, timeout: float = PATIENCE) -> list[SentMail]:
        """The mails, once there are so many of them."""
        wait_until(lambda: len(self.mails) >= number, timeout=timeout, what=lambda: f"mail {number}; {len(self.mails)} came")
        return list(self.mails)

    def to(self, address: str) -> list[SentMail]:
        return [mail for mail in self.mails if address in mail.recipients]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _listen(self) -> None:
        context = self._context if self.tls == "implicit" else None
        self._listener = await self._loop.create_server(self._conversation, self.host, self.port, ssl=context)

    async def _hang_up(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for transport in list(self._open):
            _abort(transport)
        await self._listener.wait_closed()
        self._listener = None
        if conversations := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(conversations, timeout=5)  # they notice that they are over

    def _conversation(self) -> _Conversation:
        starttls = self.tls == "starttls"
        conversation = _Conversation(
            _Handler(self),
            loop=self._loop,
            hostname="smtp.example.org",
            tls_context=self._context if starttls else None,
            require_starttls=starttls,
            authenticator=self._authenticate,
            auth_require_tls=starttls,
        )
        conversation.bench = self
        return conversation

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login.decode(), given.password.decode()) == (self.username, self.password)
        return AuthResult(success=right, handled=False, auth_data=self.username)


class _Conversation(SMTP):
    """One connection: counted, cut when the server stops, and faulty at the DATA command."""

    bench: SmtpServer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if transport.get_extra_info("sslcontext") is None or self.bench.tls == "implicit":
            self.bench.connections += 1
        self.bench._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.bench._open.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        faults = self.bench.faults
        if faults.drop is Drop.AT_DATA_COMMAND:
            _abort(self.transport)
        elif faults.at_data_command:
            await self.push(faults.at_data_command)
        else:
            await super().smtp_DATA(arg)


class _Handler:
    """What the server says to each command; the names are aiosmtpd's hooks."""

    def __init__(self, bench: SmtpServer) -> None:
        self._bench = bench

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        faults = self._bench.faults
        if self._bench.tls != "none" and not session.authenticated:
            return "530 5.7.0 Authentication required"
        refusal = faults.at_mail or (faults.null_sender if address == _NULL_SENDER else None)
        if refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        faults = self._bench.faults
        refusal = faults.at_rcpt_to.get(address) or faults.at_rcpt
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        faults = self._bench.faults
        await asyncio.sleep(faults.slow)
        if faults.after_the_dot:
            return faults.after_the_dot
        if faults.drop is not Drop.AFTER_THE_DOT_UNSAVED:
            encrypted = self._bench.tls == "implicit" or session.ssl is not None
            self._bench.mails.append(_sent(session, envelope, encrypted=encrypted))
        if faults.drop:
            _abort(server.transport)
        return "250 OK"


def _sent(session: Session, envelope: Envelope, *, encrypted: bool) -> SentMail:
    assert envelope.mail_from is not None
    assert isinstance(envelope.content, bytes)
    sender = "" if envelope.mail_from == _NULL_SENDER else envelope.mail_from
    username = str(session.auth_data) if session.authenticated else None
    return SentMail(sender, tuple(envelope.rcpt_tos), envelope.content, username, encrypted)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    assert isinstance(transport, asyncio.WriteTransport)
    with suppress(AttributeError):  # what Python 3.11.2 raises for a TLS connection that is already over
        transport.abort()
