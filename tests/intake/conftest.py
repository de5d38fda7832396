"""What the tests of the intake share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.office import Office


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """A programme with two coordinators, on either database."""
    opened = Office(database_url)
    yield opened
    opened.database.close()
