"""What a fuzzer is let loose on reads its seeds, and hostile texts of each kind, without an error."""

from __future__ import annotations

import pytest

from tests.fuzz.hostile import KINDS
from tests.fuzz.targets import TARGETS, seeds

SHORT = 2_000  # characters: how long it takes for more is measured elsewhere


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read(name: str) -> None:
    given = seeds()[name]
    assert given
    for data in given:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_texts_are_read(name: str) -> None:
    for text in KINDS.values():
        TARGETS[name](text[:SHORT].encode())
