"""However much is stored, no statement that runs for a message, a command, a send, a look of the clock or a digest reads a whole table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db import inbox, mailboxes, originals
from db.base import Base
from db.engine import Database
from db.outbox import Draft
from intake.web import create_app
from notifier.senders import SendError
from tests.fakes import signed_form
from tests.intake.office import BO, PROOF, SAM_PHONE, Office
from tests.stories import RecordingSender

# Of the rows of a query within a query there is nothing to say here: that query has lines of its own.
SCAN = re.compile(r"SCAN (?!CONSTANT|\(|anon_)(\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?(?: LEFT-JOIN)?")
PUBLIC_URL = "https://intake.example.org"
READING = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")
TEXTS = (
    "MENTOR; 1; Ana Ruiz; tuesdays after 5; Butte; hi, someone can shadow me on the warmline fridays; STATUS; pause until june 1; resume; "
    "withdraw the shadow offer; how do I get reimbursed?; thanks; asdf qwer; STOP; START; no; I want to kill myself"
)
# All but `export`, which reads everything because that is what it is for.
COMMANDS = (
    "show 1; list offers; list mine; list late; note 1 called; ask 1 which days?; take 1; give 1 to Jo; set 1 town Billings; snooze 1 5d; "
    "pause 1; resume 1; withdraw 1; undo; close 1; reopen 1; kind 1 shadow offer; ack 3; merge 1 2; digest; "
    "new mentor offer: Cy, 406-555-0113, Tuesday evenings; erase 2"
)

# What may be read from one end to the other: few rows, however old the programme is.
SHORT = {
    "ix_asks_unanswered": "holds the questions that are out and no others",
    "uq_records_one_active_kind": "holds the records that are active and no others",
    "uq_outbox_one_in_flight": "holds what is being sent and nothing else",
    "ix_outbox_erased": "holds what was being sent when somebody was erased, and nothing else",
    "mailboxes": "has a row for each mailbox",
    "heartbeats": "has a row for each thing that beats",
    "digests": "has a row for each day",
    "mail_attempts": "has a row for each mail that is taken up and not yet filed",
}
# A table, or an index, that a statement may go through, by words of that statement.
EXCUSED = {
    ("ix_inbox_received_at", "ORDER BY inbox.received_at DESC"): "the newest alone is taken, from the end of the index",
    ("inbox", "inbox.source IS NOT NULL"): "once an hour it is looked up whose words nobody needs any more, and no index tells who has any",
    ("outbox", "outbox.body != "): "the same of what was sent",
}
# A search by one of these alone finds a share of the table, and not some rows.
SHARED = {"channel", "outcome", "kind"}


class WatchedOffice(Office):
    """Keeps each statement that the house runs, with the parameters that it first had; what the test itself asks does not count."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, PUBLIC_URL=PUBLIC_URL)
        self.statements: dict[str, Any] = {}
        self._watching = True
        event.listen(self.database.engine, "before_cursor_execute", self._keep)

    def sent(self, inbox_id: int | None = None) -> list[Any]:
        self._watching = False
        try:
            return list(super().sent(inbox_id))
        finally:
            self._watching = True

    def _keep(self, _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:  # noqa: ANN401, FBT001
        if self._watching and statement.startswith(READING):
            self.statements.setdefault(statement, parameters[0] if many else parameters)

    def stop(self) -> None:
        event.remove(self.database.engine, "before_cursor_execute", self._keep)


@pytest.fixture
def watched(database_url: str) -> Iterator[WatchedOffice]:
    office = WatchedOffice(database_url)
    if not office.database.is_sqlite:
        _count_nothing(office.database)
    yield office
    office.database.close()


def _count_nothing(database: Database) -> None:
    """PostgreSQL counts rows by itself, at any moment; once it knows how few a test has, a whole index costs no more than a part of it."""
    with database.write() as session:
        for table in Base.metadata.tables:
            session.connection().exec_driver_sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


def test_nothing_reads_a_whole_table(watched: WatchedOffice) -> None:
    """Each statement is explained by the database itself; on PostgreSQL as if there were too many rows to read them all."""
    _live(watched)
    watched.stop()
    assert len(watched.statements) > 100
    reads = _reads_of_sqlite if watched.database.is_sqlite else _reads_of_postgresql
    with watched.database.engine.connect() as connection:
        found = {read: statement for statement, given in watched.statements.items() for read in reads(connection, statement, given)}
    assert not found, "\n\n".join(f"{read}:\n{statement}" for read, statement in found.items())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM outbox WHERE body = 'hello'",
        "SELECT count(*) FROM records",
        "UPDATE inbox SET error = 'none' WHERE id IN (SELECT inbox_id FROM outbox WHERE template = 'help')",
        "SELECT id FROM history ORDER BY id LIMIT 1",
    ],
)
def test_a_statement_that_does_is_seen(database_url: str, statement: str) -> None:
    """Or the test above would hold whatever the statements are."""
    database = Database(database_url)
    reads = _reads_of_sqlite if database.is_sqlite else _reads_of_postgresql
    with database.engine.connect() as connection:
        assert list(reads(connection, statement, {}))
    database.close()


def _live(office: WatchedOffice) -> None:
    """A little of everything: volunteers, coordinators, senders, the clock, the mailbox reader, a monitor."""
    for text in TEXTS.split("; "):
        office.text(text)
        office.clock.advance(minutes=1)
    office.text("looking for a mentor, mondays", BO)
    office.mail("I would like to be a mentor, Tuesdays after 5.\n\nAna")
    office.mail("I would like to be a mentor.", "Auto-Submitted: auto-replied")
    office.mail("Please take me off your list.")
    office.mail("---------- Forwarded message ---------\nFrom: Cy <cy@example.net>\n\nI can mentor.", PROOF, sender="Sam <sam@example.org>")
    office.bring_mail(b"\xff broken")
    office.text("ok I see to it", sender=SAM_PHONE)
    for command in COMMANDS.split("; "):
        office.say(command)
        office.clock.advance(minutes=1)
    _send(office)
    office.clock.advance(days=1)
    _call(office)
    with office.database.write() as session:
        now = office.clock()
        assert office.house.digests.queue_if_due(session, now)
        inbox.known(session, "sms", ["SM1"])
        place = mailboxes.enter(session, "intake", uidvalidity=1, uidnext=3, now=now)
        mailboxes.find(session, "intake", uidvalidity=1)
        mailboxes.mark(session, place, [1, 2])
        mailboxes.attempts(session, place)
        mailboxes.unmark(session, place, [1])
        mailboxes.conclude(session, place, {2: "handled"})
        mailboxes.forget(session, place, [2])
        mailboxes.mark_read(session, place, now)
        originals.any_known(session, now)
        originals.left(session, originals.TWILIO)
        originals.settle(session, [], now)
    office.house.timekeeper.keep(office.clock())
    office.house.timekeeper.forget(office.clock())
    office.house.watch.look(office.clock())


def _send(office: WatchedOffice) -> None:
    """What waits goes, but for one that is refused, one whose recipient has opted out and one of which nobody knows."""
    failures = [SendError("later"), SendError("opted out", permanent=True, opted_out=True), SendError("lost", unknown=True)]
    for channel in ("sms", "email"):
        delivery = office.house.delivery(FailingSender(channel, failures))
        while delivery.send_next():
            pass


def _call(office: WatchedOffice) -> None:
    """Twilio reports on a text that went, and a monitor asks how things are."""
    client = create_app(office.house.webhook()).test_client()
    path = f"/sms/status?key={next(one.key for one in office.sent() if one.channel == 'sms')}"
    form = signed_form(f"{PUBLIC_URL}{path}", {"MessageSid": "SM1", "MessageStatus": "delivered"}, office.house.settings.TWILIO_AUTH_TOKEN)
    assert client.post(path, data=form.body, headers=form.headers).status_code == 200
    assert client.get("/healthz").status_code == 200


class FailingSender(RecordingSender):
    def __init__(self, channel: str, failures: Sequence[SendError]) -> None:
        super().__init__(channel)
        self._failures = list(failures)

    def send(self, draft: Draft, **given: Any) -> str:  # noqa: ANN401
        if self._failures:
            raise self._failures.pop()
        return super().send(draft, **given)


def _reads_of_sqlite(connection: Connection, statement: str, parameters: Any) -> Iterator[str]:  # noqa: ANN401
    """What it says that it would go through from one end to the other."""
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
        plan = str(row.detail)
        scanned = SCAN.fullmatch(plan)
        if scanned and not _may_be_read(set(scanned.groups()), statement):
            yield plan
        searched = re.fullmatch(r"SEARCH .*\((.*)\)", plan)
        if searched and set(searched[1].replace("=?", "").split(" AND ")) <= SHARED:
            yield plan


def _reads_of_postgresql(connection: Connection, statement: str, parameters: Any) -> Iterator[str]:  # noqa: ANN401
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()[0]["Plan"]
    # By how many rows there are it reads a query within a query once or looks each row up: in an empty table that says nothing.
    either_way = set(re.findall(r"hashed (SubPlan \d+)", json.dumps(plan)))
    for node in _nodes(plan, either_way):
        names = {node.get("Relation Name"), node.get("Index Name")}
        of_index = node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") and "Index Cond" not in node
        if (node["Node Type"] == "Seq Scan" or of_index) and not _may_be_read(names, statement):
            yield f"{node['Node Type']} {names}"


def _may_be_read(names: set[str | None], statement: str) -> bool:
    return bool(SHORT.keys() & names) or any(table in names and words in statement for table, words in EXCUSED)


def _nodes(node: Mapping[str, Any], without: set[str]) -> Iterator[Mapping[str, Any]]:
    if node.get("Subplan Name") not in without:
        yield node
        for below in node.get("Plans", ()):
            yield from _nodes(below, without)
