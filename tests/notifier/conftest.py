"""What the tests of sending and of the digest share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.schema import migrate
from tests.notifier.days import Day


@pytest.fixture
def day(database_url: str) -> Iterator[Day]:
    database = Database(database_url)
    migrate(database)
    yield Day(database)
    database.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """SQLite; that the outbox does alike on PostgreSQL is its own tests' matter."""
    made = Database(f"sqlite:///{tmp_path / 'peer-intake.db'}")
    migrate(made)
    yield made
    made.close()
