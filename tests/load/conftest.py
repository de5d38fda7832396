"""What the tests of load share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.load.station import Station


@pytest.fixture
def station(database_url: str) -> Iterator[Station]:
    """One coordinator, mail and texts, on either database."""
    opened = Station(database_url)
    yield opened
    opened.close()
