"""People who write all the time, by text and by mail, whether anybody listens or not."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import requests
from imapclient import IMAPClient

from intake.identity import identity
from tests.fakes import fixed_random
from tests.servers.dovecot import Mailbox
from tests.servers.twilio_api import TwilioApi

PUBLIC = "https://intake.example.org"
OFFER = "Hi, I can be a mentor thursday evenings at the warmline in Butte"
RISK = "i want to kill myself"
POISON = "xyzzy"
TEXTERS, MAILERS = 3, 1
PAUSE = 0.15  # seconds between two messages of one of them
BACKLOG = 20  # answers that are not sent, at which they wait: what is counted is kills, not throughput
MISSED, TWICE = 7, 5  # every so manieth text is missed by the webhook, or comes twice
REPORTED = 2  # every so manieth text is said to be delivered; of the others Twilio's callback is lost
AT_RISK = 5  # people at risk in a series: their coordinators are told of them again and again


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message, and who ought to be answered."""

    channel: Literal["sms", "email"]
    writer: str
    external_id: str
    what: Literal["offer", "risk", "poison"]
    during: int  # which life of the process it was written in
    acknowledged: bool = False


@dataclass(slots=True)
class Crowd:
    """Keeps what it wrote; `flowing()` has it write in several threads."""

    twilio: TwilioApi
    mailbox: Mailbox
    here: list[str]  # where webhooks listen, one or more behind what balances their load
    waiting: Callable[[], int]  # how many answers are not sent yet
    life: int = 0
    hushed: bool = False
    written: list[Written] = field(default_factory=list)
    reports: int = 0
    _chance: random.Random = field(default_factory=fixed_random)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _failed: list[BaseException] = field(default_factory=list)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        stop = threading.Event()
        work = [self._text] * TEXTERS + [self._mails] * MAILERS + [self._report]
        threads = [threading.Thread(target=self._guarded, args=(one, stop), daemon=True) for one in work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        if self._failed:
            raise self._failed[0]

    def text(self, what: Literal["offer", "risk", "poison"] = "offer") -> Written:
        """One text; whether it was acknowledged, nobody promised anything else."""
        number = next(self._numbers)
        sender = f"+1999{number:07}"
        form = self.twilio.receive(sender, {"offer": OFFER, "risk": RISK, "poison": f"{OFFER} {POISON}"}[what])
        acknowledged = False
        for _ in range(0 if number % MISSED == 0 and what != "poison" else 2 if number % TWICE == 0 else 1):
            acknowledged |= self._post(form)
        written = Written(
            channel="sms", writer=sender, external_id=form["MessageSid"], what=what, during=self.life, acknowledged=acknowledged
        )
        self.written.append(written)
        return written

    def _post(self, form: dict[str, str]) -> bool:
        """As a load balancer does it: to one that does not listen nothing is brought, so another may have it."""
        for here in self._chance.sample(self.here, len(self.here)):
            try:
                return self.twilio.post(f"{PUBLIC}/sms", form, via=here) == requests.codes.ok
            except requests.RequestException as error:
                if "NewConnectionError" not in repr(error):
                    return False
        return False

    def _guarded(self, work: Callable[[threading.Event], None], stop: threading.Event) -> None:
        try:
            work(stop)
        except BaseException as error:
            self._failed.append(error)
            raise

    def _text(self, stop: threading.Event) -> None:
        while not stop.wait(PAUSE):
            if not self.hushed and self.waiting() < BACKLOG:
                self.text("risk" if sum(one.what == "risk" for one in self.written) < AT_RISK else "offer")

    def _mails(self, stop: threading.Event) -> None:
        with self.mailbox.client() as client:
            while not stop.wait(PAUSE):
                if not self.hushed and self.waiting() < BACKLOG:
                    self._mail(client)

    def _mail(self, client: IMAPClient) -> None:
        number = next(self._numbers)
        writer = f"writer{number}@example.org"
        lines = (f"From: {writer}", "To: intake@example.org", "Subject: Re: Peer Update", f"Message-ID: <{number}@mail.example.org>", "")
        raw = "\r\n".join((*lines, OFFER, "")).encode()
        client.append("INBOX", raw)
        self.written.append(
            Written(
                channel="email",
                writer=writer,
                external_id=identity(raw, len(raw)),
                what="offer",
                during=self.life,
                acknowledged=True,  # it is in the mailbox, and ours to read
            )
        )

    def _report(self, stop: threading.Event) -> None:
        """Twilio tells what became of a text, once, and not always to somebody who hears it."""
        while not stop.wait(PAUSE):
            sent = self.twilio.sent
            for number in range(self.reports, len(sent)):
                if number % REPORTED and sent[number].status_callback:
                    with suppress(requests.RequestException):
                        self.twilio.report(sent[number], "delivered", via=self._chance.choice(self.here))
            self.reports = len(sent)
