"""Runs a conversation as people read it over the real doorway and outbox, with a held clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from db import export
from db.engine import Database
from db.outbox import Draft
from db.schema import migrate
from intake import sandbox, sms
from intake.arrival import Arrival
from intake.identity import identity
from intake.service import House
from notifier.given import Given
from notifier.senders import nothing
from tests.fakes import CountedIds, HeldClock

LINE = re.compile(r"^(?P<who>\S+) (?P<way><|>>?) ?(?P<said>.*)$", re.DOTALL)
COORDINATORS = {"coordinator": "coordinator@example.org", "colleague": "colleague@example.org"}
TICK = timedelta(minutes=5)
NOTHING = "(nothing)"
GAP = "..."
ANSWERS = "In-Reply-To: the last mail"  # the first line of a mail that answers one of ours


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story, with the lines that continue it."""

    number: int
    text: str


@dataclass(slots=True)
class RecordingSender:
    """Keeps what would be sent."""

    channel: str
    sent: list[Draft] = field(default_factory=list)
    deadline: float = 1.0

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:  # noqa: ARG002
        leaving()
        self.sent.append(draft)
        return f"sent-{len(self.sent)}"

    def close(self) -> None:
        """Nothing is kept open."""


class Story:
    """A programme of which Sam is the coordinator, and the people who write to it; with a colleague, Jo is a second one."""

    def __init__(self, folder: Path, *, colleague: bool = False) -> None:
        self.clock = HeldClock()
        ids = CountedIds()
        settings = sandbox.settings(folder, port=0)
        if colleague:
            both = f"{settings.COORDINATORS}; Jo <{COORDINATORS['colleague']}> +14065550189"
            settings = settings.model_copy(update={"COORDINATORS": both})
        self.database = Database(settings.DATABASE_URL)
        migrate(self.database)
        self.house = House(settings, Given(clock=self.clock, ids=ids, jitter=lambda: 0.5), self.database)
        self.senders = [RecordingSender("sms"), RecordingSender("email")]
        self._deliveries = [self.house.delivery(sender) for sender in self.senders]
        self._received = 0
        self._last_mail = ""
        self._unheard: list[Draft] = []

    def play(self, text: str) -> None:
        for step in steps(text):
            try:
                self._do(step.text)
            except AssertionError as error:
                raise AssertionError(f"line {step.number}: {step.text}\n{error}") from None
        self._all_heard()

    def _do(self, line: str) -> None:
        if found := LINE.match(line):
            if found["way"] == "<":
                self._hear(found["who"], found["said"])
            else:  # after >> the next message comes before this one is answered
                self._all_heard()
                self._receive(found["who"], found["said"])
                if found["way"] == ">":
                    self._deliver()
        elif line.endswith(" calls"):
            self._all_heard()
            self._call(line.removesuffix(" calls"))
            self._deliver()
        elif line.startswith("wait "):
            self._all_heard()
            self._wait(line)
        elif line == "the digest goes out":
            self._all_heard()
            self._send_digest()
        elif line.startswith("record "):
            self._record(line)
        elif line == "no records":
            assert not self._records()
        else:
            raise AssertionError("a line that no story has")

    def _receive(self, who: str, said: str) -> None:
        self._received += 1
        if who in COORDINATORS:
            address = COORDINATORS[who]
            self._bring_mail(_mail(address, self._answering(address, said), self._received, vouched=True))
            return
        if "@" in who:
            source = _mail(who, said.replace(ANSWERS, f"In-Reply-To: {self._last_mail}"), self._received)
            arrival = Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=self.clock())
        else:
            posted = {"MessageSid": f"SM{self._received:032}", "From": who, "To": "+14065550100", "Body": said}
            arrival = sms.arrival(urlencode(posted).encode(), channel="sms", received_at=self.clock())
        self._bring(arrival)

    def _answering(self, address: str, said: str) -> str:
        """A coordinator's words, in answer to the last mail that they got, or the last about #12 after `(#12)`; no answer after `(new)`."""
        if said.startswith("(new) "):
            return said.removeprefix("(new) ")
        wanted, said = said.removeprefix("(#").split(") ", 1) if said.startswith("(#") else ("", said)
        told = [draft for draft in self.senders[1].sent if draft.recipient == address]
        answered = next(draft for draft in reversed(told) if not wanted or draft.number == int(wanted))
        return f"Re: {answered.subject.removeprefix('Re: ')}\nIn-Reply-To: {answered.message_id}\n{said}"

    def _bring_mail(self, source: bytes) -> None:
        self._bring(Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=self.clock()))

    def _call(self, who: str) -> None:
        self._received += 1
        posted = {"CallSid": f"CA{self._received:032}", "From": who, "To": "+14065550100"}
        self._bring(sms.arrival(urlencode(posted).encode(), channel="voice", received_at=self.clock()))

    def _send_digest(self) -> None:
        with self.database.write() as session:
            assert self.house.digests.queue_if_due(session, self.clock()), "its hour has not come, or it went out today"
        self._deliver()

    def _bring(self, arrival: Arrival) -> None:
        receipt = self.house.doorway.receive(arrival)
        assert receipt.outcome != "quarantined"

    def _deliver(self) -> None:
        for delivery, sender in zip(self._deliveries, self.senders, strict=True):
            while delivery.send_next():
                self._unheard.append(sender.sent[-1])
                self._last_mail = sender.sent[-1].message_id or self._last_mail
                self.clock.advance(seconds=1 / self.house.settings.TWILIO_RATE)  # the next one's turn

    def _hear(self, who: str, said: str) -> None:
        to = COORDINATORS.get(who, who)
        heard = [draft for draft in self._unheard if draft.recipient == to]
        if said == NOTHING:
            assert not heard, _shown(heard)
            return
        match = next((draft for draft in heard if _says(draft, said)), None)
        assert match is not None, f"was told:\n{_shown(heard)}"
        self._unheard.remove(match)

    def _all_heard(self) -> None:
        assert not self._unheard, f"nobody expected:\n{_shown(self._unheard)}"

    def _wait(self, line: str) -> None:
        number, unit = line.removeprefix("wait ").split()
        until = self.clock() + timedelta(**{unit if unit.endswith("s") else f"{unit}s": float(number)})
        while self.clock() < until:
            self.clock.set(min(self.clock() + TICK, until))
            self.house.timekeeper.keep(self.clock())
        self._deliver()

    def _record(self, line: str) -> None:
        number, kind, status, *said = line.removeprefix("record #").split(" ", 3)
        row = next((row for row in self._records() if row["id"] == int(number)), None)
        assert row is not None, f"the records are {self._records()}"
        assert (row["kind"], row["status"]) == (kind, status), f"it is {row['kind']} {row['status']}"
        for pair in " ".join(said).split(", ") if said else ():
            key, _, value = pair.partition(" ")
            found = row[key]
            assert (";".join(found) if isinstance(found, list) else str(found)) == value, f"{key} is {found}"

    def _records(self) -> list[dict[str, object]]:
        with self.database.read() as session:
            return list(export.rows(session))


def steps(text: str) -> Iterator[Step]:
    """The lines of a story; an indented line continues the one before, `#` at the start of a line begins a comment."""
    current: Step | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if current is not None and (line.startswith("    ") or not line):
            current = Step(current.number, f"{current.text}\n{line.strip()}")
        elif line and not line.startswith("#"):
            if current is not None:
                yield Step(current.number, current.text.rstrip())
            current = Step(number, line.strip())
    if current is not None:
        yield Step(current.number, current.text.rstrip())


def _mail(who: str, said: str, number: int, *, vouched: bool = False) -> bytes:
    subject, _, body = said.partition("\n")
    answers, _, rest = body.partition("\n")
    thread, body = (f"{answers}\n", rest.lstrip()) if answers.startswith("In-Reply-To: ") else ("", body)
    name = who.partition("@")[0].capitalize()
    head = f"From: {name} <{who}>\nTo: intake@example.org\nSubject: {subject}\nMessage-ID: <{number}@example.net>\n{thread}"
    head += "Content-Type: text/plain; charset=utf-8\n"
    if vouched:  # as the sandbox's mail server would
        head = f"Authentication-Results: sandbox; dmarc=pass header.from={who.partition('@')[2]}\n{head}"
    return f"{head}\n{body}\n".encode()


def _says(draft: Draft, said: str) -> bool:
    """Whether a message says all the pieces between the gaps, in their order; a mail is looked at with its subject."""
    whole = " ".join((f"{draft.subject}\n{draft.body}" if draft.channel == "email" else draft.body).split())
    pieces = [re.escape(" ".join(piece.split())) for piece in said.split(GAP)]
    return re.fullmatch(".*".join(pieces), whole) is not None


def _shown(drafts: list[Draft]) -> str:
    return "\n".join(f"  {draft.recipient} < {draft.subject} {draft.body}".replace("\n", " / ") for draft in drafts) or "  nothing"
