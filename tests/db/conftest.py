"""What the database's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.engine import Database
from db.schema import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    migrate(opened)
    yield opened
    opened.close()
