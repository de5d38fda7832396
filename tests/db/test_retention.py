"""Words are deleted when nothing needs them any more, and not before; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db import claims, inbox, outbox, people, records, retention
from db.claims import Terms
from db.engine import Database
from db.history import Author
from db.models import Inbound, Outgoing, Record
from db.records import Kept
from db.schema import migrate
from tests.notifier.samples import CASEY_PHONE, NOW, text_draft

KEPT_FOR = timedelta(days=90)


@dataclass
class Store:
    database: Database

    def message(self, at: datetime, *, key: str = "1") -> int:
        """A text that came, and its answer that went."""
        with self.database.write() as session:
            stored = inbox.store(session, channel="sms", external_id=key, source=b"Body=hello", received_at=at)
            sent = text_draft(f"id-{key}", recipient=f"+1406555{stored.inbox_id:04}")
            outbox.queue(session, sent, inbox_id=stored.inbox_id, now=at)
            (held,) = claims.claim(session, Terms(channel="sms", name="me", until=at + timedelta(minutes=5)), at)
            claims.sent(session, held, now=at)
            return stored.inbox_id

    def record(self, inbox_id: int, at: datetime, *, phone: str = CASEY_PHONE) -> Kept:
        with self.database.write() as session:
            sender = people.find_or_make_sender(session, channel="sms", value=phone, now=at)
            return records.open_record(
                session,
                contact_id=sender.contact_id,
                author=Author(inbox_id=inbox_id),
                kind="mentor_offer",
                status="open",
                channel="sms",
                details={},
                now=at,
            )

    def close(self, record: Kept, at: datetime, *, by: int | None = None) -> None:
        with self.database.write() as session:
            records.change(session, record, author=Author(inbox_id=by), now=at, status="closed")

    def forget(self, now: datetime) -> int:
        with self.database.write() as session:
            before = now - KEPT_FOR
            return retention.forget_old(session, retention.find_old(session, before), before)

    def words(self) -> list[tuple[bool, bool]]:
        """Of each message whether its source, and the body of its answer, is there."""
        with self.database.read() as session:
            query = select(Inbound.source, Outgoing.body).join(Outgoing, Outgoing.inbox_id == Inbound.id).order_by(Inbound.id)
            return [(row.source is not None, row.body != "") for row in session.execute(query)]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    database = Database(database_url)
    migrate(database)
    yield Store(database)
    database.close()


def test_what_made_no_record_goes_so_long_after_it_came(store: Store) -> None:
    store.message(NOW)
    assert store.forget(NOW + timedelta(days=89)) == 0
    assert store.words() == [(True, True)]
    assert store.forget(NOW + timedelta(days=91)) == 2
    assert store.words() == [(False, False)]
    assert store.forget(NOW + timedelta(days=91)) == 0


def test_what_made_a_record_stays_as_long_as_that_is_open(store: Store) -> None:
    """And then as long again as anything is kept."""
    message = store.message(NOW)
    record = store.record(message, NOW)
    assert store.forget(NOW + timedelta(days=400)) == 0
    store.close(record, NOW + timedelta(days=400))
    assert store.forget(NOW + timedelta(days=489)) == 0
    assert store.forget(NOW + timedelta(days=491)) == 2
    with store.database.read() as session:
        assert session.execute(select(Record.kind, Record.status)).all() == [("mentor_offer", "closed")]


def test_what_changed_a_record_stays_with_it(store: Store) -> None:
    first, second = store.message(NOW, key="1"), store.message(NOW, key="2")
    record = store.record(first, NOW)
    with store.database.write() as session:
        record = records.change(session, record, author=Author(inbox_id=second), now=NOW, details={"location": "Helena"})
    assert store.forget(NOW + timedelta(days=91)) == 0
    store.close(record, NOW + timedelta(days=91))
    assert store.forget(NOW + timedelta(days=182)) == 4
    assert store.words() == [(False, False), (False, False)]


def test_what_still_waits_to_be_sent_keeps_its_words(store: Store) -> None:
    with store.database.write() as session:
        outbox.queue(session, text_draft("waiting"), inbox_id=None, now=NOW)
    assert store.forget(NOW + timedelta(days=91)) == 0


def test_a_little_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a year's deletions; the rest comes the next time."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(3):
        store.message(NOW, key=str(number))
    later = NOW + timedelta(days=91)
    assert [store.forget(later) for _ in range(3)] == [4, 2, 0]


def test_what_somebody_else_keeps_open_keeps_no_others_words(store: Store) -> None:
    """Nor does a record that stays open keep what was written about another, or about none."""
    kept, other, gone = (store.message(NOW, key=key) for key in "123")
    store.record(kept, NOW)
    closed = store.record(other, NOW, phone="+14065550199")
    store.close(closed, NOW, by=gone)
    assert store.forget(NOW + timedelta(days=91)) == 4
    assert store.words() == [(True, True), (False, False), (False, False)]


def test_what_is_needed_again_meanwhile_stays(store: Store) -> None:
    """It was found without a lock: a record that is opened before its words are deleted keeps them."""
    old = NOW - KEPT_FOR - timedelta(days=1)
    message = store.message(old)
    with store.database.read() as session:
        found = retention.find_old(session, NOW - KEPT_FOR)
    store.record(message, NOW)
    with store.database.write() as session:
        assert (list(found.came), retention.forget_old(session, found, NOW - KEPT_FOR)) == ([message], 0)
