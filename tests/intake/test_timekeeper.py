"""What time brings about, on both databases: once, whoever looks first, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db import history, inbox, people, records, urgent
from db.engine import Database
from db.history import CLOCK, Author
from db.outbox import OUTBOX
from db.schema import migrate
from intake.timekeeper import Timekeeper
from notifier.alerts import Alerts
from notifier.templates import Templates
from tests.fakes import CountedIds
from tests.notifier.samples import CASEY_PHONE, NOW, PROGRAMME, SAM


class Clockwork:
    """Two clocks on one database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        migrate(self.database)
        alerts = Alerts(PROGRAMME, Templates(PROGRAMME.languages), ids=CountedIds())
        self.rung = 0
        self.one, self.other = (
            Timekeeper(self.database, alerts, PROGRAMME, retention=timedelta(days=90), rung=self._ring) for _ in range(2)
        )

    def _ring(self) -> None:
        self.rung += 1

    def case(self, kind: str = "crisis") -> int:
        with self.database.write() as session:
            sender = people.find_or_make_sender(session, channel="sms", value=CASEY_PHONE, now=NOW)
            stored = inbox.store(session, channel="sms", external_id=str(self.rung), source=b"", received_at=NOW)
            return records.open_case(session, kind=kind, contact_id=sender.contact_id, inbox_id=stored.inbox_id, now=NOW)

    def told(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            query = select(OUTBOX.c.template, OUTBOX.c.recipient).order_by(OUTBOX.c.id)
            return [(row.template, row.recipient) for row in session.execute(query)]


@pytest.fixture
def clockwork(database_url: str) -> Iterator[Clockwork]:
    made = Clockwork(database_url)
    yield made
    made.database.close()


def test_a_pause_ends_by_itself(clockwork: Clockwork) -> None:
    """On its day and not before, by the clock's hand; where nothing is due nobody is woken."""
    until = NOW + timedelta(days=7)
    with clockwork.database.write() as session:
        sender = people.find_or_make_sender(session, channel="sms", value=CASEY_PHONE, now=NOW)
        said: dict[str, Any] = {"contact_id": sender.contact_id, "kind": "mentor_offer", "channel": "sms", "details": {}}
        opened = records.open_record(session, author=Author(), status="open", now=NOW, **said)
        records.change(session, opened, author=Author(), now=NOW, status="paused", paused_until=until)
    clockwork.one.keep(until - timedelta(seconds=1))
    assert clockwork.rung == 0
    clockwork.one.keep(until)
    clockwork.other.keep(until)
    with clockwork.database.read() as session:
        (record,) = records.active(session, sender.contact_id)
        assert (record.status, record.paused_until) == ("open", None)
        assert [entry.author for entry in history.of(session, record.number)] == ["", "", CLOCK]


def test_a_change_leaves_a_pause_as_it_is(clockwork: Clockwork) -> None:
    """Whoever tells us more while they rest still rests until their day."""
    until = NOW + timedelta(days=7)
    with clockwork.database.write() as session:
        sender = people.find_or_make_sender(session, channel="sms", value=CASEY_PHONE, now=NOW)
        said: dict[str, Any] = {"contact_id": sender.contact_id, "kind": "mentor_offer", "channel": "sms", "details": {}}
        record = records.open_record(session, author=Author(), status="open", now=NOW, **said)
        record = records.change(session, record, author=Author(), now=NOW, status="paused", paused_until=until)
        record = records.change(session, record, author=Author(), now=NOW, details={"location": "Butte"})
        assert (record.status, record.paused_until) == ("paused", until)
        assert records.active(session, sender.contact_id) == [record]


def test_one_of_several_clocks_tells_again(clockwork: Clockwork) -> None:
    """After a quarter of an hour, the first coordinator by mail and text; then the second."""
    clockwork.case()
    for minutes in (14, 15, 15, 30):
        clockwork.one.keep(NOW + timedelta(minutes=minutes))
        clockwork.other.keep(NOW + timedelta(minutes=minutes))
    again = [recipient for template, recipient in clockwork.told() if template == "urgent_again"]
    assert again == [SAM.email, SAM.phone, "jo@example.org"]


def test_what_somebody_sees_to_is_not_told_again(clockwork: Clockwork) -> None:
    """Whatever else the same person wrote of it is seen to with it; whoever comes second sees to nothing."""
    first, second = clockwork.case(), clockwork.case()
    with clockwork.database.write() as session:
        author = Author(name=SAM.email)
        assert urgent.acknowledge(session, second, by=SAM.email, author=author, now=NOW) == [first, second]
        assert urgent.acknowledge(session, first, by="jo@example.org", author=author, now=NOW) == []
        assert [entry.author for entry in history.of(session, first)] == [SAM.email]
    clockwork.one.keep(NOW + timedelta(days=1))
    assert clockwork.told() == []


def test_a_complaint_is_told_once(clockwork: Clockwork) -> None:
    """It waits for no ambulance."""
    clockwork.case("safeguarding")
    clockwork.one.keep(NOW + timedelta(days=1))
    assert clockwork.told() == []
