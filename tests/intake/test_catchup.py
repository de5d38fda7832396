"""Texts that the webhook missed are fetched from Twilio, each once, and answered unless they are old; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from twilio.base.exceptions import TwilioException

from db import models
from db.engine import Database
from db.schema import migrate
from intake import catchup, sms
from intake.catchup import CatchUp
from intake.service import House
from intake.settings import settings_from
from notifier.given import Given
from tests.fakes import CountedIds, HeldClock
from tests.intake.test_doorway import COORDINATED
from tests.servers.twilio_api import TwilioApi
from tests.servers.twilio_faults import Fault

ANA, BEN = "+14065550111", "+14065550112"


@dataclass
class Programme:
    """A programme whose webhook misses what it is not given."""

    house: House
    clock: HeldClock
    api: TwilioApi
    catch_up: CatchUp

    def webhook(self, form: dict[str, str]) -> None:
        self.house.doorway.receive(sms.arrival(urlencode(form).encode(), channel="sms", received_at=self.clock()))

    def received(self) -> list[tuple[str, datetime]]:
        with self.house.database.read() as session:
            rows = session.execute(select(models.Inbound.external_id, models.Inbound.received_at).order_by(models.Inbound.id))
            return [(row.external_id, row.received_at) for row in rows]

    def answered(self) -> list[str]:
        """To whom answers were queued."""
        with self.house.database.read() as session:
            found = select(models.Outgoing.recipient).where(models.Outgoing.address_id.is_not(None)).order_by(models.Outgoing.id)
            return list(session.execute(found).scalars())

    def told(self) -> list[str]:
        """The subjects of what the first coordinator was told."""
        with self.house.database.read() as session:
            found = select(models.Outgoing.subject).where(models.Outgoing.recipient == "sam@example.org").order_by(models.Outgoing.id)
            return list(session.execute(found).scalars())


@pytest.fixture
def programme(database_url: str) -> Iterator[Programme]:
    clock, database = HeldClock(), Database(database_url)
    migrate(database)
    with TwilioApi(clock) as api:
        settings = settings_from(COORDINATED | api.settings)
        house = House(settings, Given(clock=clock, ids=CountedIds(), jitter=lambda: 0.5), database)
        yield Programme(house, clock, api, house.catch_up())
        assert api.violations == []
    database.close()


def test_a_text_that_the_webhook_missed_is_taken_in_and_answered(programme: Programme) -> None:
    programme.catch_up.read_once()
    sent_at = programme.clock.advance(minutes=3)
    programme.api.receive(ANA, "I want to be a mentor")
    programme.clock.advance(minutes=7)
    assert programme.catch_up.read_once() == 1
    assert [at for _, at in programme.received()] == [sent_at]
    assert programme.answered() == [ANA]


def test_what_the_webhook_brought_is_not_taken_again(programme: Programme) -> None:
    """Whichever comes first, the second is a repeat."""
    programme.catch_up.read_once()
    programme.clock.advance(minutes=1)
    programme.webhook(programme.api.receive(ANA, "I want to be a mentor"))
    missed = programme.api.receive(BEN, "I want to find a mentor")
    assert programme.catch_up.read_once() == 1
    programme.webhook(missed)
    assert programme.catch_up.read_once() == 0
    assert len(programme.received()) == 2
    assert programme.answered() == [ANA, BEN]


def test_nothing_from_before_the_first_start_is_taken(programme: Programme) -> None:
    programme.api.receive(ANA, "an old text")
    programme.clock.advance(minutes=1)
    assert programme.catch_up.read_once() == 0
    programme.clock.advance(days=1)
    assert programme.catch_up.read_once() == 0


def test_a_host_that_was_off_for_a_day_answers_everybody(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several pages, in the order in which they were written."""
    monkeypatch.setattr(catchup, "PAGE", 50)
    programme.catch_up.read_once()
    people = [f"+1406556{number:04}" for number in range(120)]
    for person in people:
        programme.clock.advance(minutes=1)
        programme.api.receive(person, "I can host a shadow")
    programme.clock.advance(hours=22)
    assert programme.catch_up.read_once() == len(people)
    assert programme.answered() == people


def test_a_text_that_is_older_than_two_days_is_told_of_and_not_answered(programme: Programme) -> None:
    programme.catch_up.read_once()
    programme.clock.advance(hours=1)
    programme.api.receive(ANA, "I want to be a mentor")
    programme.api.receive(BEN, "see u at the picnic")
    programme.clock.advance(hours=60)
    assert programme.catch_up.read_once() == 2
    assert programme.answered() == []
    assert len(programme.told()) == 2


def test_a_pass_that_broke_is_made_up_for(programme: Programme) -> None:
    """What it has not seen to its end does not count as seen."""
    programme.catch_up.read_once()
    programme.clock.advance(hours=1)
    programme.api.receive(ANA, "I want to be a mentor")
    programme.api.fail(Fault(status=500, code=20500), reads=True, times=1)
    with pytest.raises(TwilioException):
        programme.catch_up.read_once()
    programme.clock.advance(hours=50)
    programme.api.receive(BEN, "I want to be a mentor")
    assert programme.catch_up.read_once() == 2
    assert programme.answered() == [BEN]


def test_only_texts_to_our_number_are_ours(programme: Programme) -> None:
    programme.catch_up.read_once()
    programme.clock.advance(minutes=1)
    programme.api.number = "+14065550199"
    programme.api.receive(ANA, "this is for somebody else")
    programme.api.number = "+14065550100"
    programme.clock.advance(minutes=1)
    assert programme.catch_up.read_once() == 0


def test_a_lagging_list_loses_nothing(programme: Programme) -> None:
    """A text that the list showed late, after a pass beyond its date, is found by a later one."""
    programme.catch_up.read_once()
    programme.clock.advance(hours=1)
    programme.api.receive(ANA, "I want to be a mentor")
    late = programme.api.texts.pop()
    programme.clock.advance(hours=1)
    assert programme.catch_up.read_once() == 0
    programme.api.texts.append(late)
    programme.clock.advance(hours=30)
    assert programme.catch_up.read_once() == 1
