"""The one door: each message once, in one transaction, or kept aside with an alert; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import DeclarativeBase

from db import inbox, models
from db.engine import Database
from db.schema import migrate
from intake import doorway as doors
from intake import handlers, offers, sms
from intake.arrival import PORTION, Arrival, NotStored, Ready, Receipt
from intake.service import House
from intake.settings import settings_from
from intake.turn import Turn
from notifier.given import Given
from parsers.reading import Heard
from tests.fakes import CountedIds, HeldClock
from tests.servers.waiting import wait_until

COORDINATED = {
    "COORDINATORS": "Sam <sam@example.org> +14065550188; Jo <jo@example.org>",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "SMTP_HOST": "localhost",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_PHONE_NUMBER": "+14065550100",
    "TIMEZONE": "UTC",
}


@dataclass
class Door:
    """A house, and what its tables hold."""

    house: House
    clock: HeldClock

    def text(self, body: str, *, sid: str = "SM1", sender: str = "+14065550111") -> Receipt:
        return self.house.doorway.receive(self.arrival(body, sid=sid, sender=sender))

    def arrival(self, body: str, *, sid: str = "SM1", sender: str = "+14065550111") -> Arrival:
        posted = urlencode({"MessageSid": sid, "From": sender, "Body": body}).encode()
        return sms.arrival(posted, channel="sms", received_at=self.clock())

    def mail(self, source: bytes, *, key: str = "1", deadly: bool = False) -> Arrival:
        return Arrival(channel="email", external_id=key, source=source, received_at=self.clock(), deadly=deadly)

    def count(self, model: type[DeclarativeBase]) -> int:
        with self.house.database.read() as session:
            return session.execute(select(func.count()).select_from(model)).scalar_one()

    def queued(self) -> list[tuple[str, str]]:
        """The template and the recipient of each message that waits, in order."""
        with self.house.database.read() as session:
            found = session.execute(select(models.Outgoing.template, models.Outgoing.recipient).order_by(models.Outgoing.id))
            return [(row.template, row.recipient) for row in found]

    def inbox(self) -> list[models.Inbound]:
        with self.house.database.read() as session:
            return list(session.execute(select(models.Inbound).order_by(models.Inbound.id)).scalars())


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    clock = HeldClock()
    database = Database(database_url)
    migrate(database)
    given = Given(clock=clock, ids=CountedIds(), jitter=lambda: 0.5)
    yield Door(House(settings_from(COORDINATED), given, database), clock)
    database.close()


def test_a_message_its_record_and_its_answer_are_one(door: Door) -> None:
    """The raw source, the record, the answer and the alerts to each coordinator are there together."""
    receipt = door.text("I want to be a mentor")
    (row,) = door.inbox()
    assert (receipt.outcome, receipt.repeat, row.id) == ("handled", False, receipt.inbox_id)
    assert (row.channel, row.external_id, row.acts) == ("sms", "SM1", "mentor_offer")
    assert b"mentor" in (row.source or b"")
    assert door.queued() == [("recorded", "+14065550111"), ("alert", "sam@example.org"), ("alert", "jo@example.org")]
    assert door.count(models.Record) == 1


def test_a_repeat_changes_nothing(door: Door) -> None:
    """The same message again finds what became of the first."""
    first = door.text("I want to be a mentor")
    again = door.text("I want to be a mentor")
    assert (again.inbox_id, again.outcome, again.repeat) == (first.inbox_id, "handled", True)
    assert (door.count(models.Inbound), door.count(models.Record), len(door.queued())) == (1, 1, 3)


@pytest.mark.usefixtures("patient")
def test_the_same_message_from_many_threads_is_taken_once(door: Door) -> None:
    """However many bring it at once, there is one record and one answer."""
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: door.text("I want to be a mentor"), range(16)))
    assert sum(not receipt.repeat for receipt in receipts) == 1
    assert len({receipt.inbox_id for receipt in receipts}) == 1
    assert (door.count(models.Record), len(door.queued())) == (1, 3)


@pytest.mark.usefixtures("patient")
def test_different_messages_of_one_new_sender_at_once(door: Door) -> None:
    """Both are handled, and the sender is one person with one record of the kind."""
    gate = threading.Barrier(2)

    def bring(number: int) -> Receipt:
        gate.wait()
        return door.text("I want to be a mentor", sid=f"SM{number}")

    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(bring, range(2)))
    assert [receipt.outcome for receipt in receipts] == ["handled", "handled"]
    assert (door.count(models.Contact), door.count(models.Address), door.count(models.Record)) == (1, 1, 1)


def test_what_raises_is_kept_aside_with_an_alert(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row stays, with the kind and place of the error; half-done work is undone; the alert names the id alone."""
    tried = []

    def break_down(*_: object) -> Iterator[None]:
        tried.append(1)
        raise ZeroDivisionError("the words of the writer")

    monkeypatch.setitem(handlers.HANDLERS, "mentor_offer", break_down)
    receipt = door.text("I want to be a mentor")
    assert len(tried) == 1
    (row,) = door.inbox()
    assert (receipt.outcome, row.outcome) == ("quarantined", "quarantined")
    assert (row.error or "").startswith("ZeroDivisionError at test_doorway.py:")
    assert door.queued() == [("quarantined", "sam@example.org"), ("quarantined", "jo@example.org")]
    assert (door.count(models.Contact), door.count(models.Record)) == (0, 0)
    with door.house.database.read() as session:
        body = session.execute(select(models.Outgoing.body)).scalars().first() or ""
    assert str(receipt.inbox_id) in body
    assert "+14065550111" not in body
    assert door.text("I want to be shadowed", sid="SM2").outcome in ("handled", "quarantined")


def test_a_batch_is_taken_anew_with_savepoints_where_one_breaks(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fifty mails one raises: forty-nine are handled, one is kept aside, in the same pass, and only its own ten had savepoints."""
    mails = [door.mail(_mail(number), key=str(number)) for number in range(50)]

    def sometimes(session: object, heard: Heard, *rest: object, **more: object) -> object:
        if heard.message.sender == "p17@example.org":
            raise RuntimeError
        return handlers.act(session, heard, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(doors, "act", sometimes)
    statements: list[str] = []
    event.listen(door.house.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    outcomes = [receipt.outcome for receipt in door.house.doorway.receive_many(mails)]
    assert (outcomes.count("handled"), outcomes[17]) == (49, "quarantined")
    assert (door.count(models.Record), door.count(models.Inbound)) == (49, 50)
    assert statements.count("SAVEPOINT within") == PORTION


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_texts_that_wait_for_the_database_share_a_commit(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is acknowledged after it, and one that breaks is kept aside without touching the others."""
    monkeypatch.setattr("intake.offers.wished", _break_on("+14065550112"))
    commits: list[object] = []
    with ThreadPoolExecutor(4) as pool, door.house.database.write():
        futures = []
        for place in range(4):
            futures.append(pool.submit(door.text, "I want to be a mentor", sid=f"SM{place}", sender=f"+1406555011{place}"))
            wait_until(partial(_in_line, door, place), what="one more in line")
        event.listen(door.house.database.engine, "commit", commits.append)
    assert [future.result().outcome for future in futures] == ["handled", "handled", "quarantined", "handled"]
    assert len(commits) == 3  # what held them up, the first text, and the three that came meanwhile
    assert door.count(models.Record) == 3


def _in_line(door: Door, others: int) -> bool:
    gathering = door.house.doorway._gathering
    return gathering.busy and gathering.waiting >= others


def _break_on(number: str) -> Callable[..., object]:
    wished: Callable[..., object] = offers.wished

    def wish(session: object, turn: Turn) -> object:
        if turn.sender.value == number:
            raise ZeroDivisionError
        return wished(session, turn)

    return wish


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_mails_go_a_few_at_a_time_while_texts_want_the_database_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text must not wait for a mailbox, whose mails let it go first; with nobody else there more go together."""
    together: list[int] = []
    doorway = door.house.doorway

    def bring(ready: Sequence[Ready], *, patience: float) -> list[Receipt | Exception]:
        together.append(len(ready))
        assert bool(patience) == (ready[0].arrival.channel == "email")
        return doorway._take_in(ready)

    monkeypatch.setattr(doorway._gathering, "bring", bring)
    mails = [door.mail(b"From: p%d@example.org\n\nI want to be a mentor" % place, key=str(place)) for place in range(24)]
    assert len(doorway.receive_many(mails[:12])) == 12
    monkeypatch.setattr(doorway._gathering, "_taking", True)
    assert len(doorway.receive_many(mails[12:])) == 12
    door.text("MENTOR")
    assert together == [10, 2, *[2] * 6, 1]


def test_a_deadly_message_is_never_parsed_again(door: Door) -> None:
    """It is kept aside unparsed, and told of."""
    receipt = door.house.doorway.receive(door.mail(_mail(1), deadly=True))
    assert (receipt.outcome, door.inbox()[0].error) == ("quarantined", "deadly")


def test_no_sender_is_kept_aside(door: Door) -> None:
    """A mail that names nobody cannot be answered, so the coordinator is told."""
    receipt = door.house.doorway.receive(door.mail(b"Subject: x\r\n\r\nI want to be a mentor\r\n"))
    assert (receipt.outcome, door.inbox()[0].error) == ("quarantined", "nobody")


def test_machines_make_no_contact_and_get_no_answer(door: Door) -> None:
    """An automatic reply is recorded as such, and that is all."""
    receipt = door.house.doorway.receive(door.mail(b"Auto-Submitted: auto-replied\r\n" + _mail(1)))
    assert (receipt.outcome, door.queued(), door.count(models.Contact)) == ("automatic", [], 0)


@pytest.mark.parametrize(
    ("head", "body", "acts"),
    [
        ("Auto-Submitted: auto-replied", "Yes, I can be a mentor on Tuesdays.", "mentor_offer"),
        ("Precedence: list", "I need a mentor, and someone can shadow me on the warmline.", "shadow_offer;mentor_request"),
        ("Subject: Automatic reply: Peer Update", "Puedo ser mentor los martes.", "mentor_offer"),
        ("X-Plain: 1", "I am out of the office until May 1 and will reply when I return. I can be a mentor.", "mentor_offer"),
        ("Auto-Submitted: auto-replied", "I am out of the office. Please stop emailing me.", ""),
        ("Content-Type: multipart/report", "I can be a mentor on Tuesdays.", ""),
        ("X-Peer-Intake: 1", "I can be a mentor on Tuesdays.", ""),
        ("X-Plain: 1", "I can be a mentor on Tuesdays.", ""),
    ],
    ids=["header", "list", "subject", "words", "neither", "bounce", "our own", "person"],
)
def test_what_a_machine_says_is_noted_as_if_a_person_had(door: Door, head: str, body: str, acts: str) -> None:
    """For the digest alone: it makes no record and no answer; of a person's mail, a bounce and our own nothing is noted."""
    source = f"From: Tom <tom@example.org>\r\nMessage-ID: <1@example.org>\r\n{head}\r\n\r\n{body}\r\n".encode()
    receipt = door.house.doorway.receive(door.mail(source))
    assert (door.inbox()[0].resembles, receipt.outcome) == (acts, "handled" if head == "X-Plain: 1" and not acts else "automatic")
    assert door.count(models.Record) == (receipt.outcome == "handled")
    assert bool(door.queued()) == (receipt.outcome == "handled")


def test_a_database_in_trouble_takes_nothing_and_says_so(door: Door) -> None:
    """Nothing is quarantined, nothing half written; the same message later is taken as new."""
    with door.house.database.write() as session:
        session.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    with pytest.raises(NotStored):
        _in_trouble(door)
    with door.house.database.write() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO outbox"))
    assert door.inbox() == []
    assert not door.text("I want to be a mentor").repeat


def _in_trouble(door: Door) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "is_trouble", lambda _: True)
        door.text("I want to be a mentor")


def test_trouble_that_passes_is_tried_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the database fails, the third time it takes the message; nobody notices."""
    failures = iter([True, True, False])
    store: Callable[..., inbox.Stored] = inbox.store

    def now_and_then(*arguments: object, **more: object) -> object:
        if next(failures):
            raise OperationalError("x", None, Exception("away"))
        return store(*arguments, **more)

    monkeypatch.setattr("db.inbox.store", now_and_then)
    assert door.text("I want to be a mentor").outcome == "handled"


def test_content_that_the_database_refuses_is_kept_aside(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message that no statement takes does not hold up its batch, and comes to rest in quarantine."""

    def refuse(session: object, heard: Heard, *rest: object, **more: object) -> object:
        if heard.message.sender == "p1@example.org":
            raise DataError("x", None, Exception("cannot be kept"))
        return handlers.act(session, heard, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(doors, "act", refuse)
    receipts = door.house.doorway.receive_many([door.mail(_mail(number), key=str(number)) for number in range(3)])
    assert [receipt.outcome for receipt in receipts] == ["handled", "quarantined", "handled"]


@pytest.mark.parametrize("body", ["", "\0\0", "\x07MENTOR\x1b", "hello there everybody " * 70, "zażółć gęślą jaźń", "{{ 7 * 7 }} %s <b>"])
def test_any_text_is_stored_and_answered(door: Door, body: str) -> None:
    """Nothing that a phone can send ends in quarantine."""
    assert door.text(body).outcome == "handled"
    assert door.queued()


def test_a_lone_emoji_is_stored_and_wants_no_answer(door: Door) -> None:
    """Nobody has to answer eight hundred smiles."""
    assert door.text("🙂" * 800).outcome == "handled"
    assert door.queued() == []


def _mail(number: int) -> bytes:
    return f"From: P <p{number}@example.org>\r\nMessage-ID: <{number}@example.org>\r\nSubject: x\r\n\r\nI want to be a mentor.\r\n".encode()


def test_risk_is_answered_even_where_the_message_breaks(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever broke, the fixed answer goes out, and the coordinators hear of it on every channel."""

    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(doors, "act", break_down)
    assert door.text("I want to kill myself").outcome == "quarantined"
    assert ("crisis", "+14065550111") in door.queued()
    assert {("urgent", "sam@example.org"), ("urgent", "jo@example.org"), ("urgent", "+14065550188")} <= set(door.queued())


def test_what_breaks_even_that_touches_nobody_else(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept aside and told of, and those who came with it are handled."""
    wished: Callable[..., object] = offers.wished

    def break_down(session: object, turn: Turn) -> object:
        if turn.reading.urgent:
            raise ZeroDivisionError
        return wished(session, turn)

    def break_again(*_: object, **__: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "half a character")

    monkeypatch.setattr("intake.offers.wished", break_down)
    monkeypatch.setattr(door.house.doorway._composer, "queue_for_risk", break_again)
    mails = [door.mail(_mail(number), key=str(number)) for number in (1, 2)]
    mails.insert(1, door.mail(_mail(3).replace(b"be a mentor", b"kill myself"), key="3"))
    assert [receipt.outcome for receipt in door.house.doorway.receive_many(mails)] == ["handled", "quarantined", "handled"]
    assert ("quarantined", "sam@example.org") in door.queued()
    assert door.count(models.Record) == 2


def test_mail_of_our_own_is_never_answered(door: Door) -> None:
    """The intake's own address, and subaddresses of it, are nobody's."""
    for number, sender in enumerate(("intake@example.org", "INTAKE+abc.def@example.org")):
        source = f"From: {sender}\r\nMessage-ID: <{number}@example.org>\r\n\r\nI want to be a mentor.\r\n".encode()
        assert door.house.doorway.receive(door.mail(source, key=str(number))).outcome == "automatic"
    assert door.queued() == []


@pytest.mark.parametrize("sender", ["<q0:vic@example.net>", "vic@example.net", '"Vic, <other@example.org>" <vic@example.net>'])
def test_an_opt_out_holds_however_the_address_is_written(door: Door, sender: str) -> None:
    """One address is one address: odd ways to write it are no way around it."""
    for number, (who, words) in enumerate([("vic@example.net", "STOP"), (sender, "I want to be a mentor")]):
        source = f"From: {who}\r\nMessage-ID: <{number}@example.org>\r\n\r\n{words}\r\n".encode()
        door.house.doorway.receive(door.mail(source, key=str(number)))
    assert [recipient for _, recipient in door.queued() if recipient.endswith("example.net")] == ["vic@example.net"]
    assert door.count(models.Address) == 1


def test_alerts_of_one_address_come_to_an_end(door: Door) -> None:
    """A machine that answers alerts with questions is heard twenty times a day, and then told of once."""
    for number in range(30):
        door.text(f"what does a mentor do number {number}?", sid=f"SM{number}")
    told = [template for template, recipient in door.queued() if recipient == "sam@example.org"]
    assert (told.count("case"), told.count("capped")) == (20, 1)
