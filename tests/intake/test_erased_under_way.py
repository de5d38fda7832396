"""Somebody is erased while a text to them, or about them, is under way: it goes once at the most, and is deleted where it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from sqlalchemy import func, select

from db import originals
from db.erase import Erased, erase, people_at
from db.originals import TWILIO, Reach
from db.outbox import OUTBOX, Draft
from intake.originals import Originals
from notifier.reconciler import Reconciler
from notifier.senders import nothing
from notifier.senders.sent_texts import SentTexts
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.intake.office import ANA, SAM_PHONE, Office
from tests.servers import twilio_faults as faults
from tests.servers.twilio_api import TwilioApi
from tests.servers.twilio_faults import Fault

AT_RISK = "I want to kill myself"


class InterruptedSender(SmsSender):
    """Something happens just after a text has left."""

    left: Callable[[], object] = staticmethod(nothing)

    def __init__(self, account: TwilioAccount) -> None:
        super().__init__(account)
        self.tried: list[str] = []

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:
        def leave() -> None:
            leaving()
            self.tried.append(draft.recipient)
            left, self.left = self.left, nothing
            left()

        return super().send(draft, now=now, leaving=leave)


class Desk:
    def __init__(self, office: Office, api: TwilioApi) -> None:
        self.office, self.api, self.clock = office, api, office.clock
        account = TwilioAccount(account_sid=api.account_sid, auth_token=api.auth_token, phone_number=api.number, api_url=api.url)
        self.sender = InterruptedSender(account)
        self._delivery = office.house.delivery(self.sender)
        self._originals = Originals(office.database, twilio=account, mailbox=None, clock=office.clock)
        self._reconciler = Reconciler(office.database, {"sms": SentTexts(account)}, clock=office.clock, rung=lambda: None)

    def text(self, body: str) -> None:
        form = self.api.receive(ANA, body)
        self.office.text(body, ANA, sid=form["MessageSid"])

    def send(self) -> None:
        while self._delivery.send_next():
            self.clock.advance(seconds=1)

    def erase(self) -> Erased:
        with self.office.database.write() as session:
            (who,) = people_at(session, ANA)
            return erase(session, who, key="k", reach=Reach(places=(TWILIO,), now=self.clock()))

    def work(self, *, minutes: float = 0) -> None:
        self.clock.advance(minutes=minutes)
        self._reconciler.look()
        self.send()
        self._originals.work()

    def left(self) -> int:
        with self.office.database.read() as session:
            return originals.left(session, TWILIO)

    def held(self) -> int:
        """What still holds words of theirs or where they are reached."""
        with self.office.database.read() as session:
            texts = [OUTBOX.c.channel == "sms", (OUTBOX.c.body != "") | (OUTBOX.c.recipient == ANA)]
            return session.execute(select(func.count()).where(*texts)).scalar_one()


@pytest.fixture
def desk(database_url: str, twilio_api: TwilioApi) -> Iterator[Desk]:
    office = Office(database_url)
    twilio_api._clock = office.clock
    made = Desk(office, twilio_api)
    yield made
    made.sender.close()
    office.database.close()


def test_what_goes_all_the_same_is_deleted_there(desk: Desk) -> None:
    """The answer that Twilio is just taking; it counts as an original that is left until it is deleted."""
    desk.text("MENTOR Ana")
    erased: list[Erased] = []
    desk.sender.left = lambda: erased.append(desk.erase())
    desk.send()
    assert [text.to for text in desk.api.sent] == [ANA]
    assert [one.originals for one in erased] == [2]  # theirs and ours
    assert desk.left() == 2
    desk.work()
    assert (desk.api.texts, desk.left(), desk.held()) == ([], 0, 0)


@pytest.mark.parametrize("fault", [faults.TAKES_THEN_DROPS, faults.DROPS], ids=["taken", "not taken"])
@pytest.mark.parametrize("words", ["MENTOR Ana", AT_RISK], ids=["an answer", "at risk"])
def test_of_what_nobody_knows_whether_it_went(desk: Desk, fault: Fault, words: str) -> None:
    """It is looked for as ever and never repeated, not even the crisis answer; found, it is deleted."""
    desk.text(words)
    desk.api.fail(fault, times=1, to=ANA)
    desk.sender.left = desk.erase
    desk.send()
    for minutes in (1, 4, 10):
        assert desk.held() == 1 or fault.takes
        desk.work(minutes=minutes)
    assert desk.sender.tried == [ANA]
    assert (desk.api.texts, desk.left(), desk.held()) == ([], 0, 0)


def test_what_was_in_doubt_before_is_looked_for_too(desk: Desk) -> None:
    """The line broke, and they are erased before anybody has looked."""
    desk.text("MENTOR Ana")
    desk.api.fail(faults.TAKES_THEN_DROPS, times=1)
    desk.send()
    desk.erase()
    desk.work(minutes=2)
    assert (desk.api.texts, desk.left(), desk.held()) == ([], 0, 0)


def test_what_was_refused_is_not_tried_again(desk: Desk) -> None:
    desk.text("MENTOR Ana")
    desk.api.fail(faults.RATE_LIMITED, times=1)
    desk.sender.left = desk.erase
    desk.send()
    desk.work(minutes=60)
    assert (desk.api.texts, desk.left(), desk.held()) == ([], 0, 0)


def test_an_alert_about_them_is_deleted_too(desk: Desk) -> None:
    """It went to a coordinator's telephone, and tells of the person."""
    desk.text(AT_RISK)
    for _ in range(2):
        assert desk._delivery.send_next()
        desk.clock.advance(seconds=1)
    desk.sender.left = desk.erase
    desk.send()
    assert SAM_PHONE in {text.to for text in desk.api.sent}
    desk.work()
    assert (desk.api.texts, desk.left(), desk.held()) == ([], 0, 0)


def test_after_three_days_nothing_is_kept(desk: Desk) -> None:
    """Twilio cannot be asked: what would have been looked for goes too."""
    desk.text("MENTOR Ana")
    desk.api.fail(faults.TAKES_THEN_DROPS, times=1)
    desk.sender.left = desk.erase
    desk.send()
    desk.api.fail(faults.UNAVAILABLE, reads=True)
    desk.work(minutes=60)
    assert (desk.left() > 0, desk.held()) == (True, 1)
    desk.work(minutes=3 * 24 * 60 + 1)
    assert (desk.left(), desk.held()) == (0, 0)
    assert "unknown" not in {one.status for one in desk.office.sent()}
