"""Where it happens: one database, the servers, the people who write, and a process that mends what the killed ones left."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from db import heartbeats
from db.engine import Database
from db.inbox import INBOX
from db.mailboxes import ATTEMPTS
from db.marks import Mailbox
from db.schema import migrate
from tests.crash import books
from tests.crash.books import Finding, World
from tests.crash.crowd import Crowd
from tests.crash.victim import Victim
from tests.servers import dovecot
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import free_port, wait_until

A_DAY = timedelta(days=1)
LATER = timedelta(minutes=16)  # than any claim, and than the time after which a mailbox counts as unread
CALM_TRIES = 8  # lives in which the last doubts are cleared, each so much later
LISTED_ANEW = 30  # texts that came in, which Twilio lists again at each start although they are stored
QUIET = 0.5  # seconds


@dataclass(slots=True)
class Scene:
    """`with Scene(url, mailbox, folder) as scene: … scene.calm(); scene.compare()`."""

    url: str
    mailbox: dovecot.Mailbox
    folder: Path
    digest_at: str = "00:00"  # UTC; as soon as it is another day
    ahead: timedelta = field(default_factory=timedelta)  # of the system's clock, for every process and for Twilio
    life: int = 0
    database: Database = field(init=False)
    environment: dict[str, str] = field(init=False)
    twilio: TwilioApi = field(init=False)
    smtp: SmtpServer = field(init=False)
    crowd: Crowd = field(init=False)
    victim: Victim = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.database = Database(self.url)
        self._stack.callback(self.database.close)
        migrate(self.database)
        port = free_port()
        self.twilio = self._stack.enter_context(TwilioApi(clock=lambda: datetime.now(UTC) + self.ahead))
        self.smtp = self._stack.enter_context(SmtpServer())
        self.crowd = Crowd(self.twilio, self.mailbox, [f"http://127.0.0.1:{port}"], partial(books.unanswered, self.database))
        self.environment = (
            books.settings(self.url, port, self.mailbox) | {"DIGEST_AT": self.digest_at} | self.twilio.settings | self.smtp.settings
        )
        self.victim = self._stack.enter_context(Victim(self.environment, self.folder))
        self._enter_the_mailbox()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def next_life(self, later: timedelta = LATER) -> None:
        """The clock goes on before a process starts, so that the claims of the last one have run out."""
        self.ahead += later
        self.life += 1
        self.crowd.life = self.life

    def refuse_a_login(self, later: timedelta) -> None:
        """As if the mail server had, just before a process starts so much later."""
        with self.database.write() as session:
            heartbeats.beat(session, heartbeats.refusal("mailbox"), datetime.now(UTC) + self.ahead + later)

    def compare(self) -> list[Finding]:
        assert not self.twilio.violations, self.twilio.violations
        return books.compare(self.database, self.crowd.written, World(self.twilio.sent, list(self.smtp.mails), self.mailbox))

    def calm(self) -> None:
        """Nobody is killed until every message has its answer and nothing waits."""
        self.crowd.hushed = True
        for _ in range(CALM_TRIES):
            self.next_life()
            self.victim.start(ahead=self.ahead, retry=True)
            assert self.victim.wait() == 0, self.victim.tail()
            self.victim.start(ahead=self.ahead)
            wait_until(self._all_stored, timeout=150, what=lambda: f"everything to be stored\n{self.victim.stacks()}")
            self._wait_until_nothing_moves()
            self.victim.signal(signal.SIGTERM)
            assert self.victim.wait() == 0, self.victim.tail()
            if not books.unsettled(self.database) and not books.kept_aside(self.database):
                break
        self.crowd.hushed = False

    def _enter_the_mailbox(self) -> None:
        """What was there before the first start is left alone, so there has to be one before anybody writes."""
        self.victim.start(ahead=self.ahead)
        wait_until(lambda: bool(self.twilio.requests) and self._read_mailbox(), what=self.victim.tail)
        self.victim.signal(signal.SIGTERM)
        assert self.victim.wait() == 0, self.victim.tail()

    def _read_mailbox(self) -> bool:
        with self.database.read() as session:
            return session.execute(select(Mailbox.read_at)).scalar() is not None

    def _wait_until_nothing_moves(self) -> None:
        """Rows that wait for a later moment, or for a claim to run out, do so until the next life."""
        left = -1
        while left != (left := books.unsettled(self.database)) or books.due(self.database, datetime.now(UTC) + self.ahead):
            assert self.victim.alive, self.victim.tail()
            time.sleep(QUIET)

    def taken_up(self) -> frozenset[int]:
        """The UIDs of mails that a reader has begun with and not filed."""
        with self.database.read() as session:
            return frozenset(session.execute(select(ATTEMPTS.c.uid)).scalars())

    def _stored(self) -> set[str]:
        with self.database.read() as session:
            return set(session.execute(select(INBOX.c.external_id)).scalars())

    def _all_stored(self) -> bool:
        return {one.external_id for one in self.crowd.written} <= self._stored() and not self.mailbox.messages("INBOX")

    def forget_old_texts(self) -> None:
        """As Twilio lists them all again at each start, and takes its time."""
        stored = self._stored()
        came = [text for text in self.twilio.texts if text.direction == "inbound"]
        gone = {text.sid for text in came[:-LISTED_ANEW] if text.sid in stored}
        self.twilio.forget(gone)
