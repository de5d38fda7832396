"""What was kept aside can be handled once more, or dropped; what was erased does not come back; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from db import models, quarantine
from db.engine import Database
from db.erase import erase, people_at
from db.schema import migrate
from intake import doorway as doors
from intake import looking_after
from intake.arrival import NotKept
from intake.service import House
from intake.settings import settings_from
from notifier.given import Given
from tests.fakes import CountedIds, HeldClock
from tests.intake.test_doorway import COORDINATED, Door

ANA = "+14065550111"
KEY = "a key of the tests"


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    clock, database = HeldClock(), Database(database_url)
    migrate(database)
    given = Given(clock=clock, ids=CountedIds(), jitter=lambda: 0.5)
    yield Door(House(settings_from(COORDINATED | {"SECRET_KEY": KEY}), given, database), clock)
    database.close()


@pytest.fixture
def kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> int:
    """A text that a defect kept aside; the defect is mended by now."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as defect:
        defect.setattr(doors, "act", broken)
        receipt = door.text("I want to be a mentor")
    assert receipt.outcome == "quarantined"
    return receipt.inbox_id


def test_what_was_kept_aside_is_listed_without_its_words(door: Door, kept: int) -> None:
    with door.house.database.read() as session:
        (listed,) = quarantine.waiting(session)
    assert (listed.inbox_id, listed.channel, listed.source) == (kept, "sms", None)
    assert listed.error.startswith("ZeroDivisionError")


@pytest.mark.parametrize(("language", "why"), [("en", "it names no sender"), ("es", "no dice de quién es")])
def test_why_it_was_kept_aside_is_said_in_the_coordinators_language(
    door: Door, language: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = door.house.doorway.receive(door.mail(b"Subject: x\r\n\r\nI want to be a mentor\r\n"))
    looking_after.list_kept(replace(door.house.programme, languages=(language,)), door.house.database)
    assert capsys.readouterr().out == f"{kept.inbox_id}  email  {door.clock():%Y-%m-%d %H:%M} UTC  {why}\n"


def test_it_is_handled_once_more(door: Door, kept: int) -> None:
    """The writer is answered, and a second time there is nothing left to do."""
    assert door.house.doorway.retry(kept).outcome == "handled"
    assert ("recorded", ANA) in door.queued()
    assert door.count(models.Record) == 1
    with pytest.raises(NotKept):
        door.house.doorway.retry(kept)


def test_after_two_days_nobody_is_answered_any_more(door: Door, kept: int) -> None:
    door.clock.advance(hours=49)
    assert door.house.doorway.retry(kept).outcome == "handled"
    assert ("recorded", ANA) not in door.queued()
    assert door.count(models.Record) == 1


def test_what_is_dropped_does_not_come_again(door: Door, kept: int) -> None:
    with door.house.database.write() as session:
        assert quarantine.drop(session, kept)
        assert not quarantine.drop(session, kept)
    assert door.text("I want to be a mentor").repeat
    assert door.inbox()[0].source is None
    with pytest.raises(NotKept):
        door.house.doorway.retry(kept)


def test_a_message_of_somebody_erased_does_not_come_back(door: Door) -> None:
    """Their next one does: whoever writes again is somebody new."""
    door.text("I want to be a mentor", sid="SM1")
    with door.house.database.write() as session:
        for contact_id in people_at(session, ANA):
            erase(session, contact_id, key=KEY)
    assert door.text("I want to be a mentor", sid="SM1").repeat
    assert door.count(models.Inbound) == 1
    assert not door.text("I want to be a mentor", sid="SM2").repeat
    assert door.count(models.Record) == 2


def test_an_opt_out_outlives_an_erasure(door: Door) -> None:
    door.text("STOP", sid="SM1")
    with door.house.database.write() as session:
        for contact_id in people_at(session, ANA):
            erase(session, contact_id, key=KEY)
    with door.house.database.read() as session:
        assert ANA not in set(session.execute(select(models.Address.value)).scalars())
    before = len(door.queued())
    door.text("I want to be a mentor", sid="SM2")
    assert all(recipient != ANA for _, recipient in door.queued()[before:])


def test_people_are_found_by_what_they_write_from_or_say_of_themselves(door: Door) -> None:
    door.text("I want to be a mentor. My email is Ana.R@example.org")
    with door.house.database.read() as session:
        assert people_at(session, "ana.r@EXAMPLE.org") == people_at(session, ANA) != []
        assert people_at(session, "+14065550999") == []
