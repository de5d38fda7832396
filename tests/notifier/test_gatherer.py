"""Many alerts within an hour: the first go by themselves, the others wait for a quarter of an hour and go together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.gatherer import MOST_AN_HOUR
from tests.intake.office import BO, CY, JO, SAM, Office
from tests.stories import RecordingSender


class Desk(Office):
    def __init__(self, database_url: str, **settings: str) -> None:
        super().__init__(database_url, **settings)
        self.sender = RecordingSender("email")
        self._delivery = self.house.delivery(self.sender)
        self._people = 0

    def write(self, number: int, body: str = "MENTOR") -> None:
        """So many people write, each once."""
        for _ in range(number):
            self._people += 1
            self.text(body, f"+1406555{self._people:04}")

    def deliver(self, *, minutes: float = 0) -> list[str]:
        """The templates of what goes to Sam now."""
        self.clock.advance(minutes=minutes)
        began = len(self.sender.sent)
        while self._delivery.send_next():
            pass
        return [draft.template for draft in self.sender.sent[began:] if draft.recipient == SAM]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    opened = Desk(database_url)
    yield opened
    opened.database.close()


def test_a_few_go_as_they_come(desk: Desk) -> None:
    desk.write(MOST_AN_HOUR)
    assert desk.deliver() == ["alert"] * MOST_AN_HOUR


def test_many_are_told_of_together(desk: Desk) -> None:
    """Once the quarter of an hour is over; one that is alone then goes as it is, and each coordinator gets all of them."""
    desk.write(MOST_AN_HOUR + 1)
    assert desk.deliver() == ["alert"] * MOST_AN_HOUR
    assert desk.deliver(minutes=14) == []
    assert desk.deliver(minutes=1) == ["alert"]
    desk.write(8)
    desk.write(2, "does my insurance matter?")
    assert desk.deliver(minutes=14) == []
    assert desk.deliver(minutes=1) == ["gathered"]
    mail = desk.last_to(SAM)
    assert mail.subject.startswith("10 more")
    assert all(f"#{number}" in mail.body for number in range(MOST_AN_HOUR + 2, MOST_AN_HOUR + 12))
    assert desk.last_to(JO).template == "gathered"
    assert {one.status for one in desk.sent() if one.channel == "email"} == {"sent", "gathered"}


def test_what_is_told_together_can_be_acted_upon(desk: Desk) -> None:
    """By its number, in an answer to that mail."""
    desk.write(MOST_AN_HOUR + 5)
    desk.deliver()
    desk.deliver(minutes=15)
    last = MOST_AN_HOUR + 5
    assert desk.last_to(SAM).template == "gathered"
    desk.say(f"close {last}\n\nOn Monday Peer Support wrote:\n" + "".join(f"> {line}\n" for line in desk.last_to(SAM).body.splitlines()))
    assert desk.status(last) == "closed"
    assert desk.status(last - 1) == "unconfirmed"


def test_who_is_at_risk_waits_for_nobody(desk: Desk) -> None:
    desk.write(MOST_AN_HOUR + 5)
    desk.deliver()
    desk.text("I want to kill myself", BO)
    assert desk.deliver() == ["urgent"]


def test_what_comes_back_for_a_command_does_not_wait(desk: Desk) -> None:
    desk.write(MOST_AN_HOUR + 5)
    desk.deliver()
    desk.say("list")
    assert desk.deliver() == ["result"]


def test_after_an_hour_they_go_as_they_come_again(desk: Desk) -> None:
    desk.write(MOST_AN_HOUR + 5)
    desk.deliver()
    assert desk.deliver(minutes=15) == ["gathered"]
    desk.clock.advance(minutes=50)
    desk.text("MENTOR", CY)
    assert desk.deliver() == ["alert"]


def test_where_few_may_go_half_are_for_the_others(tmp_path: Path) -> None:
    """Of ten an hour, four to two coordinators."""
    desk = Desk(f"sqlite:///{tmp_path / 'peer-intake.db'}", SENDS_PER_HOUR="10")
    desk.write(10)
    assert desk.deliver() == ["alert"] * 2
    assert desk.deliver(minutes=15) == ["gathered"]
    desk.database.close()


def test_those_that_an_outage_held_up_go_together(desk: Desk) -> None:
    """Each of them has waited long enough; the mail server was away."""
    desk.write(MOST_AN_HOUR + 1)
    assert desk.deliver(minutes=60) == ["gathered"]


def test_where_they_cannot_be_put_together_each_goes(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever breaks there, nothing else waits for it."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    desk.write(MOST_AN_HOUR + 5)
    monkeypatch.setattr("db.alerts.kinds", broken)
    assert desk.deliver(minutes=15) == ["alert"] * (MOST_AN_HOUR + 5)
    assert "not gathered, ZeroDivisionError" in caplog.text
