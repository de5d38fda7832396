"""Whatever people write, in whatever order: what must never happen does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from db import history
from db.asked import Conversation
from db.base import Base
from db.engine import Database
from db.models import ACTIVE, Address, Inbound, Outgoing, Record
from db.schema import migrate
from db.statements import table
from intake import sandbox, sms
from intake.arrival import Arrival
from intake.identity import identity
from intake.service import House
from notifier.given import Given
from tests.fakes import START, CountedIds, HeldClock

TEXTS = (
    """
MENTOR|SHADOW|HOST|mentora|1|2|3|both|be one|I want to find one|no, I want to FIND a mentor|I meant I want to be a mentor
I want to be a mentor|I need a mentor|someone can shadow me on the warmline|I want to shadow someone|quiero ser mentora|busco mentor
Ana|this is Ben|hi it's Maria, I need a mentor|soy Lupe|I'd rather not say|tuesdays after 5|los martes|weekdays except friday
Helena|the drop-in|idk|thanks!|ok|👍|Liked “Thanks!”|hi|hola|I can only do mondays now
withdraw|withdraw everything|I can't mentor anymore|I can't host anymore
take me off the mentor list|the first one|pause me until June 1|pause|I need a break|I'm back|resume|pausa hasta el lunes|ya regrese|STATUS
what do you have me down for?|estado|STOP|stop texting me|ya no me escriban|START|ok to text me again|HELP|menu|what does a mentor do?
is there any pay?|my email is ana@example.org|my cell is 406-555-0102|email me instead|I want to kill myself|my mentor keeps touching me
my coworker Nadine would be a great mentor|my son is struggling with drugs, do you have a program?|the geese came back|yes|no|cancel|end
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
PEOPLE = ("+14065550101", "+14065550102", "ana@example.org", "+14065550188")  # the last is a coordinator's phone
STEPS = st.one_of(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(TEXTS)),
    st.tuples(st.sampled_from(PEOPLE[:1]), st.sampled_from(TEXTS)),
    st.tuples(st.just("wait"), st.sampled_from(["1", "20", "90", "1500", "5000"])),
)
DESPITE = {"crisis", "opted_out"}
RECORDS, OUTBOX, INBOX = table(Record), table(Outgoing), table(Inbound)


class Town:
    """A programme, and everything that was ever sent from it."""

    def __init__(self, folder: Path) -> None:
        given_settings = sandbox.settings(folder, port=0)
        self.database = Database(given_settings.DATABASE_URL)
        migrate(self.database)
        self.clock = HeldClock()
        self.house = House(given_settings, Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5), self.database)
        self._received = 0

    def empty(self) -> None:
        """Forget everybody, as if nobody had ever written."""
        self.clock.set(START)
        with self.database.write() as session:
            for each in reversed(Base.metadata.sorted_tables):
                session.execute(delete(each))

    def step(self, who: str, said: str) -> None:
        if who == "wait":
            self.clock.advance(minutes=float(said))
            self.house.timekeeper.keep(self.clock())
            return
        self._received += 1
        self.clock.advance(seconds=1)
        receipt = self.house.doorway.receive(self._arrival(who, said))
        assert receipt.outcome != "quarantined", said

    def _arrival(self, who: str, said: str) -> Arrival:
        if "@" in who:
            source = f"From: {who}\nTo: intake@example.org\nSubject: Hello\nMessage-ID: <{self._received}@example.net>\n\n{said}\n".encode()
            return Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=self.clock())
        posted = {"MessageSid": f"SM{self._received:032}", "From": who, "To": "+14065550100", "Body": said}
        return sms.arrival(urlencode(posted).encode(), channel="sms", received_at=self.clock())

    def rows(self, query: Any) -> list[Any]:  # noqa: ANN401
        with self.database.read() as session:
            return list(session.execute(query).all())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    yield made
    made.database.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=25))
def test_what_must_never_happen(town: Town, steps: list[tuple[str, str]]) -> None:
    """No exception, no two open records of a kind, one question at a time, no send after an opt-out, no change without a message."""
    town.empty()
    for who, said in steps:
        before = {row.id for row in town.rows(select(OUTBOX.c.id))}
        out = {row.id for row in town.rows(select(Address.id).where(Address.opted_out_at.is_not(None)))}
        town.step(who, said)
        _records_are_single(town)
        _questions_are_single(town)
        _opted_out_hear_nothing(town, before, out)
    _changes_have_their_message(town)


def _records_are_single(town: Town) -> None:
    active = town.rows(select(RECORDS.c.contact_id, RECORDS.c.kind).where(RECORDS.c.status.in_(ACTIVE)))
    assert max(Counter(active).values(), default=1) == 1


def _questions_are_single(town: Town) -> None:
    """Of each person at most one is kept in mind, at most three were put, and no text asks two things."""
    states = town.rows(select(Conversation.contact_id, Conversation.questions).where(Conversation.asked != "which"))
    writes_mail = {row.contact_id for row in town.rows(select(INBOX.c.contact_id).where(INBOX.c.channel == "email"))}
    assert all(state.questions <= 3 for state in states if state.contact_id not in writes_mail)
    answers = town.rows(select(OUTBOX.c.body).where(OUTBOX.c.channel == "sms", OUTBOX.c.template.in_(("recorded", "changed"))))
    questions = ("What is your name?", "Which days", "In what town", "Reply 1", "¿Como se llama?", "¿Qué dias", "¿En qué lugar", "Mande 1")
    assert all(sum(question in row.body for question in questions) <= 1 for row in answers)


def _opted_out_hear_nothing(town: Town, before: set[int], out: set[int]) -> None:
    still_out = {row.id for row in town.rows(select(Address.id).where(Address.opted_out_at.is_not(None)))}
    new = town.rows(select(OUTBOX).where(OUTBOX.c.id.not_in(before)))
    for row in new:
        if row.address_id in still_out:
            assert row.template in DESPITE
            assert row.template == "crisis" or row.address_id not in out, "confirmed twice"
    waiting = town.rows(select(OUTBOX).where(OUTBOX.c.address_id.in_(still_out), OUTBOX.c.status == "queued"))
    assert {row.template for row in waiting} <= DESPITE


def _changes_have_their_message(town: Town) -> None:
    """What stands on record is what the history says, and each change names its message, or the clock."""
    with town.database.read() as session:
        for row in session.execute(select(RECORDS)).all():
            entries = history.of(session, row.id)
            assert all(entry.inbox_id is not None or entry.author == history.CLOCK for entry in entries)
            told: dict[str, object] = {}
            for entry in entries:
                told |= entry.after
            assert (told["kind"], told["status"], told["details"]) == (row.kind, row.status, row.details)
