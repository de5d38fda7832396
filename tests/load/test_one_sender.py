"""One who sends without end: all of it is kept, they are answered within bounds, and neither the coordinators nor the others suffer."""

from __future__ import annotations

from collections import Counter

from intake.arrival import Arrival
from intake.doorway import BATCH
from intake.identity import identity
from notifier.compose import ALERTS_A_DAY, MAILS_A_DAY, TEXTS_A_DAY
from tests.load.station import SAM, SAM_PHONE, Station, letter, phone

MANY = 60
ONE = "+14065550111"
ONE_BY_MAIL = "casey@example.org"
SAID = ("MENTOR", "is there parking at the drop-in", "thanks", "I can do evenings at the warmline")
AT_RISK = "I want to kill myself"


def _to(station: Station, who: str) -> Counter[str]:
    """How many messages of each template somebody is to get."""
    found: Counter[str] = Counter()
    for (recipient, template, _), number in station.outbox().items():
        if recipient == who:
            found[template] += number
    return found


def test_texts_of_one_number(station: Station) -> None:
    """Somebody else who writes in the middle of it is answered as ever."""
    for number in range(MANY):
        assert station.text(number, SAID[number % len(SAID)], sender=ONE) == 200
        if number == MANY // 2:
            assert station.text(number + 10 * MANY) == 200
    assert station.inbox() == {("sms", "handled"): MANY + 1}
    assert _to(station, ONE).total() <= TEXTS_A_DAY
    assert _to(station, phone(MANY // 2 + 10 * MANY)).total() == 1
    told = _to(station, SAM)
    assert told["capped"] == 1
    assert told.total() <= ALERTS_A_DAY + 2  # theirs, that there were more, and of the other


def test_mails_of_one_address(station: Station) -> None:
    sources = [letter(number, SAID[number % len(SAID)], sender=ONE_BY_MAIL) for number in range(MANY)]
    now = station.clock()
    arrivals = [Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=now) for source in sources]
    for start in range(0, MANY, BATCH):
        station.house.doorway.receive_many(arrivals[start : start + BATCH])
    assert station.inbox() == {("email", "handled"): MANY}
    assert _to(station, ONE_BY_MAIL).total() <= MAILS_A_DAY
    assert _to(station, SAM).total() <= ALERTS_A_DAY + 1


def test_texts_of_risk_without_end(station: Station) -> None:
    """One answer in half an hour; the coordinators are told a few times, and then once a quarter of an hour, until they see to it."""
    for number in range(MANY):
        assert station.text(number, AT_RISK, sender=ONE) == 200
    assert _to(station, ONE) == {"crisis": 1}
    told = _to(station, SAM), _to(station, SAM_PHONE)
    assert [one["urgent"] for one in told] == [ALERTS_A_DAY, ALERTS_A_DAY]
    station.clock.advance(minutes=16)
    station.house.timekeeper.keep(station.clock())
    assert _to(station, SAM)["urgent_again"] == 1
    assert station.text(MANY, AT_RISK, sender=ONE) == 200
    assert _to(station, SAM)["urgent"] == ALERTS_A_DAY + 1


def test_texts_of_many_numbers_of_one_block(station: Station) -> None:
    """Each may be a person's: each is answered, once."""
    for number in range(MANY):
        assert station.text(number) == 200
    assert {_to(station, phone(number)).total() for number in range(MANY)} == {1}
