"""What happened becomes one answer at the most: who gets one, how often, in which thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from db import inbox, outbox, people, records
from db.engine import Database
from db.outbox import ANSWER, CRISIS, OUTBOX
from db.people import Sender
from db.schema import migrate
from notifier.compose import Composer
from notifier.outcomes import (
    CaseOpened,
    HelpWanted,
    NotUnderstood,
    OptedIn,
    OptedOut,
    Outcome,
    RecordChanged,
    RecordOpened,
    RecordWithdrawn,
)
from notifier.programme import Programme
from notifier.templates import Templates
from parsers.message import InboundMessage
from parsers.reading import Reading
from tests.fakes import CountedIds, HeldClock
from tests.notifier.samples import CASEY_MAIL, CASEY_PHONE, NOW, PROGRAMME, casey, happened, kept

OPENED = RecordOpened(kept())
SAID = Reading(reply_text="I can be a mentor", acts=("mentor_offer",))


@dataclass
class Desk:
    """A composer, its database, and the answers that came of it."""

    database: Database
    programme: Programme = PROGRAMME
    clock: HeldClock = field(default_factory=lambda: HeldClock(NOW))
    ids: CountedIds = field(default_factory=CountedIds)

    def tell(
        self,
        *outcomes: Outcome,
        channel: str = "sms",
        reading: Reading = SAID,
        message: InboundMessage | None = None,
        urgent_number: int | None = None,
        value: str = "",
    ) -> list[Row[Any]]:
        """One message came and did this: what was queued for its writer."""
        composer = Composer(self.programme, Templates(self.programme.languages), ids=self.ids)
        with self.database.write() as session:
            sender = casey(session, channel, now=self.clock(), value=value)
            stored = inbox.store(session, channel=channel, external_id=self.ids(), source=b"", received_at=self.clock())
            told = happened(sender, *outcomes, reading=reading, message=message, inbox_id=stored.inbox_id, urgent_number=urgent_number)
            known = set(session.execute(select(OUTBOX.c.id)).scalars())
            composer.queue(session, told, now=self.clock())
            rows = session.execute(select(OUTBOX).where(OUTBOX.c.id.not_in(known)).order_by(OUTBOX.c.id)).all()
        return [row for row in rows if row.recipient == sender.value]

    def alerts(self, template: str) -> list[Row[Any]]:
        with self.database.read() as session:
            return list(session.execute(select(OUTBOX).where(OUTBOX.c.template == template, OUTBOX.c.address_id.is_(None))).all())

    def sender(self, channel: str = "sms") -> Sender:
        with self.database.write() as session:
            return casey(session, channel, now=NOW)

    def opt_out(self, channel: str = "sms") -> None:
        with self.database.write() as session:
            people.opt_out(session, casey(session, channel).address_id, NOW)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'peer-intake.db'}")
    migrate(database)
    with database.write() as session:
        stored = inbox.store(session, channel="sms", external_id="before", source=b"", received_at=NOW)
        for _ in range(15):  # the numbers that the samples name
            records.open_case(session, kind="question", contact_id=None, inbox_id=stored.inbox_id, now=NOW)
    yield Desk(database)
    database.close()


@pytest.mark.parametrize(
    ("outcome", "template"),
    [
        (OPENED, "recorded"),
        (RecordChanged(kept()), "changed"),
        (RecordWithdrawn(kept()), "withdrawn"),
        (CaseOpened(12, "question"), "question"),
        (CaseOpened(12, "referral"), "referral"),
        (CaseOpened(12, "service_seeker"), "service_seeker"),
        (OptedOut(confirm=True), "opted_out"),
        (OptedIn(confirm=True), "opted_in"),
        (HelpWanted(answer=True), "help"),
        (NotUnderstood(empty=False), "not_understood"),
        (NotUnderstood(empty=True), "empty"),
        (OptedOut(confirm=False), None),
        (OptedIn(confirm=False), None),
        (HelpWanted(answer=False), None),
        (CaseOpened(12, "call"), None),
        (None, None),
    ],
)
def test_each_outcome_has_its_answer(desk: Desk, outcome: Outcome | None, template: str | None) -> None:
    """By the channel that the message came by; silence where the provider answers, or nothing is to be said."""
    outcomes = (outcome,) if outcome else ()
    for channel in ("sms", "email"):
        rows = desk.tell(*outcomes, channel=channel)
        assert [(row.channel, row.template, row.priority) for row in rows] == ([(channel, template, ANSWER)] if template else [])


def test_a_message_that_does_several_things_gets_one_answer(desk: Desk) -> None:
    """It names every record, and says that the question was passed on."""
    (row,) = desk.tell(OPENED, RecordOpened(kept("shadow_offer", number=13)), CaseOpened(14, "question"), channel="email")
    assert "you can be a mentor and new peers can shadow you" in row.body
    assert "Your question went to the coordinator" in row.body


def test_only_the_first_text_introduces_us(desk: Desk) -> None:
    """Who we are and how to stop is said once to each address."""
    first, second = desk.tell(OPENED)[0], desk.tell(OPENED)[0]
    assert first.body.startswith("Peer Support: ")
    assert "STOP" in first.body
    assert "Peer Support" not in second.body
    assert "STOP" not in second.body


@pytest.mark.parametrize(
    ("outcomes", "reading"),
    [((), replace(SAID, urgent="crisis")), ((OptedOut(confirm=True),), SAID)],
    ids=["crisis", "farewell"],
)
def test_an_answer_that_does_not_introduce_us_leaves_it_to_the_next(desk: Desk, outcomes: tuple[Outcome, ...], reading: Reading) -> None:
    """The crisis answer and the farewell have no room for it."""
    assert len(desk.tell(*outcomes, reading=reading, urgent_number=1 if reading.urgent else None)) == 1
    assert desk.tell(OPENED)[0].body.startswith("Peer Support: ")


def test_they_are_answered_in_their_language(desk: Desk) -> None:
    """Each message in the language of its own words; one that the programme does not speak in its first."""
    assert "¡Gracias" in desk.tell(OPENED, reading=replace(SAID, language="es"))[0].body
    assert "Thanks" in desk.tell(OPENED, reading=replace(SAID, language="en"))[0].body
    assert "Thanks" in desk.tell(OPENED, reading=replace(SAID, language="fr"))[0].body


def test_the_name_they_give_now_is_used(desk: Desk) -> None:
    """Before the one that is known."""
    assert "Thanks Robin!" in desk.tell(OPENED, reading=replace(SAID, fields={"name": "Robin"}))[0].body


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_machine_is_never_answered(desk: Desk, channel: str) -> None:
    """Whatever its mail says, and whatever it brought about."""
    automatic = replace(SAID, acts=("automatic", "mentor_offer"))
    assert desk.tell(OPENED, channel=channel, reading=automatic) == []
    assert desk.tell(channel=channel, reading=replace(automatic, urgent="crisis"), urgent_number=1) == []


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_an_opted_out_address_is_not_answered(desk: Desk, channel: str) -> None:
    """But at risk, and when they come back."""
    desk.opt_out(channel)
    assert desk.tell(OPENED, channel=channel) == []
    assert desk.tell(channel=channel, reading=replace(SAID, urgent="safeguarding"), urgent_number=1) == []
    (crisis,) = desk.tell(channel=channel, reading=replace(SAID, urgent="crisis"), urgent_number=1)
    assert (crisis.template, crisis.despite_opt_out, crisis.priority) == ("crisis", True, CRISIS)
    (back,) = desk.tell(OptedIn(confirm=True), channel=channel)
    assert back.template == "opted_in"


def test_the_message_that_opts_out_is_answered_by_its_confirmation_alone(desk: Desk) -> None:
    """Another answer could never go, and would stand in the digest as waiting for ever."""
    (row,) = desk.tell(OptedOut(confirm=True), CaseOpened(12, "question"))
    assert (row.template, row.despite_opt_out) == ("opted_out", True)
    assert desk.tell(OptedOut(confirm=False), reading=replace(SAID, urgent="safeguarding"), urgent_number=1) == []


def test_risk_is_answered_before_all_else(desk: Desk) -> None:
    """The fixed answer stands in place of any other, and nothing is asked."""
    reading = replace(SAID, urgent="crisis")
    (row,) = desk.tell(RecordOpened(kept(status="unconfirmed")), reading=reading, urgent_number=1)
    assert (row.template, row.priority) == ("crisis", CRISIS)
    assert "988" in row.body
    (row,) = desk.tell(OPENED, channel="email", reading=replace(SAID, urgent="safeguarding"), urgent_number=2)
    assert row.template == "safeguarding"
    assert "Sam will be in touch" in row.body


def test_the_crisis_answer_goes_once_in_half_an_hour(desk: Desk) -> None:
    """However much was answered before; every message is told to the coordinators."""
    for _ in range(15):
        desk.tell(OPENED)
    crisis = replace(SAID, urgent="crisis")
    assert len(desk.tell(reading=crisis, urgent_number=1)) == 1
    desk.clock.advance(minutes=29, seconds=59)
    assert desk.tell(reading=crisis, urgent_number=2) == []
    desk.clock.advance(seconds=1)
    assert len(desk.tell(reading=crisis, urgent_number=3)) == 1
    assert len(desk.alerts("urgent")) == 3 * 3  # two mails and one text each


def test_the_same_mail_goes_once_a_day(desk: Desk) -> None:
    """A loop with a machine that nobody recognised ends after its first turn; another answer still goes."""
    assert len(desk.tell(NotUnderstood(empty=False), channel="email")) == 1
    desk.clock.advance(hours=23, minutes=59)
    assert desk.tell(NotUnderstood(empty=False), channel="email") == []
    assert len(desk.tell(OPENED, channel="email")) == 1
    desk.clock.advance(minutes=1)
    assert len(desk.tell(NotUnderstood(empty=False), channel="email")) == 1


@pytest.mark.parametrize(("channel", "cap"), [("sms", 12), ("email", 5)])
def test_after_so_many_a_day_there_is_silence_and_one_alert(desk: Desk, channel: str, cap: int) -> None:
    """Then the day passes, and they are answered again; another address never was held up."""

    def tell(at: int, value: str = "") -> int:
        return len(desk.tell(OPENED, channel=channel, reading=replace(SAID, fields={"name": f"Casey {at}"}), value=value))

    assert [tell(at) for at in range(cap)] == [1] * cap
    assert desk.alerts("capped") == []
    desk.clock.advance(minutes=1)
    assert [tell(at) for at in range(cap, cap + 5)] == [0] * 5
    assert sorted(row.recipient for row in desk.alerts("capped")) == ["jo@example.org", "sam@example.org"]
    assert tell(0, value="+14065550199" if channel == "sms" else "robin@example.org") == 1
    desk.clock.advance(hours=23, minutes=59)
    assert tell(99) == 1


def test_confirmations_pass_the_caps(desk: Desk) -> None:
    """Whoever wants no more texts is told so once, however many there were."""
    for _ in range(12):
        desk.tell(OPENED)
    assert desk.tell(OPENED) == []
    assert [row.template for row in desk.tell(OptedOut(confirm=True))] == ["opted_out"]
    assert [row.template for row in desk.tell(OptedIn(confirm=True))] == ["opted_in"]


def test_a_coordinators_alerts_are_no_answers(desk: Desk) -> None:
    """A coordinator who tries the intake address is answered, however many alerts the day brought."""
    for at in range(10):
        desk.tell(RecordOpened(kept(number=at + 1)), value=f"+1406555010{at}")
    rows = desk.tell(OPENED, channel="email", value="sam@example.org")
    assert [row.template for row in rows] == ["recorded", "alert"]


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_channel_that_cannot_send_queues_nothing(desk: Desk, channel: str) -> None:
    """A row that nobody would ever take up."""
    desk.programme = replace(PROGRAMME, texts=channel != "sms", mail_address="" if channel == "email" else PROGRAMME.mail_address)
    assert desk.tell(OPENED, channel=channel) == []


def _mail(subject: str = "Mentoring", **more: Any) -> InboundMessage:  # noqa: ANN401
    return InboundMessage(channel="email", sender=CASEY_MAIL, subject=subject, message_id="<q@example.net>", **more)


def test_a_mail_is_answered_in_its_thread(desk: Desk) -> None:
    """With its subject, its References and itself; from nobody, under a Message-ID of our own domain."""
    (row,) = desk.tell(OPENED, channel="email", message=_mail(references=("<a@example.net>", "<b@example.net>")))
    assert row.subject == "Re: Mentoring"
    assert row.references == "<a@example.net> <b@example.net> <q@example.net>"
    assert row.message_id == f"<{row.key}@example.org>"
    assert (row.null_sender, row.reply_to) == (True, "")


@pytest.mark.parametrize(
    ("subject", "answered"),
    [
        ("RE: Mentoring", "RE: Mentoring"),
        ("re:Mentoring", "re:Mentoring"),
        ("", "Thank you, we have you down"),
        ("  \r\n ", "Thank you, we have you down"),
        ("Mentoring\r\nBcc: all@example.org", "Re: Mentoring Bcc: all@example.org"),
        ("x" * 5000, "Re: " + "x" * 200),
    ],
)
def test_the_subject_is_theirs_in_one_line(desk: Desk, subject: str, answered: str) -> None:
    """Once marked as an answer; our own where they wrote none."""
    assert desk.tell(OPENED, channel="email", message=_mail(subject))[0].subject == answered


def test_a_long_thread_keeps_its_beginning_and_its_end(desk: Desk) -> None:
    """So that readers still find its root."""
    chain = tuple(f"<{at}@example.net>" for at in range(300))
    (row,) = desk.tell(OPENED, channel="email", message=_mail(references=chain))
    assert row.references.split() == [chain[0], *chain[-20:], "<q@example.net>"]


def test_a_text_has_no_mail_about_it(desk: Desk) -> None:
    """Nor any name of the one that it goes to."""
    (row,) = desk.tell(OPENED)
    assert (row.recipient, row.subject, row.html, row.message_id, row.references, row.null_sender) == (CASEY_PHONE, "", "", "", "", False)


def test_nothing_is_queued_by_a_transaction_that_fails(desk: Desk) -> None:
    """The answer is committed with what it answers, or not at all."""
    composer = Composer(PROGRAMME, Templates(PROGRAMME.languages), ids=desk.ids)

    def fail() -> None:
        with desk.database.write() as session:
            stored = inbox.store(session, channel="sms", external_id="y", source=b"", received_at=NOW)
            composer.queue(session, happened(casey(session), OPENED, inbox_id=stored.inbox_id), now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with desk.database.read() as session:
        assert outbox.depth(session) == (0, None)
