"""What the tests of the digest share."""

from __future__ import annotations

from collections.abc import Iterator

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
