"""What the digest asks the database for is found by indexes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from db import figures, lately, report
from db.engine import Database
from db.lately import Period
from db.schema import migrate

NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
PERIOD = Period(NOW - timedelta(days=1), NOW)


@pytest.fixture
def plans(tmp_path: Path) -> Iterator[tuple[Database, list[str]]]:
    """A database that writes down how SQLite goes about each query."""
    database = Database(f"sqlite:///{tmp_path / 'peer-intake.db'}")
    migrate(database)
    steps: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:  # noqa: ANN401
        if statement.startswith("SELECT"):
            found = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            steps.extend(row[3] for row in found)

    event.listen(database.engine, "before_cursor_execute", explain)
    yield database, steps
    database.close()


def test_no_table_is_read_from_end_to_end(plans: tuple[Database, list[str]]) -> None:
    """However many records, messages and people there are, each query begins where an index tells it to."""
    database, steps = plans
    with database.read() as session:
        report.urgent(session, NOW)
        report.standing(session, NOW, most=30)
        report._oldest(session, NOW, "sam@example.org", 30)
        report.awaited(session, NOW, most=30)
        list(figures.groups(session, NOW))
        figures.month(session, PERIOD.since, PERIOD.until)
        for query in (lately.opted_out, lately.unread, lately.undelivered, lately.resembling):
            query(session, PERIOD, most=30)
        lately.unsent(session, NOW)
    tables = ("records", "cases", "asks", "addresses", "inbox", "outbox", "contacts", "conversations")
    assert {step.split()[1] for step in steps if step.startswith(("SEARCH", "SCAN"))} >= set(tables)
    # The index of unanswered questions holds those alone, so that reading all of it is reading little.
    assert [step for step in steps if step.startswith("SCAN") and step.split()[1] in tables and "ix_asks_unanswered" not in step] == []


def test_the_oldest_are_taken_from_an_index_in_its_order(plans: tuple[Database, list[str]]) -> None:
    """Thirty lines of a hundred thousand records are not sorted out of all of them."""
    database, steps = plans
    with database.read() as session:
        report._oldest(session, NOW, "", 30)
    assert len(steps) > 3
    assert not [step for step in steps if "TEMP B-TREE" in step and "LAST TERM" not in step.upper() and "RIGHT PART" not in step.upper()]
