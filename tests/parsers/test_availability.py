"""When people can and cannot: phrases and the grids they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.availability import read_availability
from parsers.day_letters import DAYS
from parsers.phrases import scan
from parsers.vocabulary import load

VOCABULARY = load()
PARTS = {"m": "morning", "a": "afternoon", "e": "evening", "o": "overnight"}


def phrases() -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / "times.txt").read_text(encoding="utf-8").splitlines()
    said = [line.rsplit("|", 1) for line in lines if line and not line.startswith("#")]
    return [(phrase.strip(), grid.strip()) for phrase, grid in said]


def slots(grid: str) -> set[str]:
    """Spell a short grid out: "mon,tue:ma" is four slots, "all:e" seven."""
    found: set[str] = set()
    for group in grid.split():
        days, parts = group.split(":")
        found |= {f"{day}:{PARTS[part]}" for day in (DAYS if days == "all" else days.split(",")) for part in parts}
    return found


@pytest.mark.parametrize(("phrase", "grid"), phrases())
def test_phrase_stands_for_its_grid(phrase: str, grid: str) -> None:
    """What was said to be possible is available; only where nothing was, the rest is unavailable."""
    read = read_availability(scan(phrase.removeprefix("H "), VOCABULARY), VOCABULARY, host=phrase.startswith("H "))
    can, _, cannot = grid.partition("!")
    assert set(read.available) == slots(can)
    assert set(read.unavailable) == slots(cannot)


def test_slots_are_sorted_as_plain_strings() -> None:
    """The order is that of strings, not of the week."""
    read = read_availability(scan("tuesdays and fridays after 5", VOCABULARY), VOCABULARY, host=False)
    assert read.available == ("fri:evening", "tue:evening")


def test_what_is_told_of_others_is_skipped() -> None:
    """Tokens that belong to somebody else's doings say nothing of the writer's time."""
    text = scan("fridays", VOCABULARY)
    assert not read_availability(text, VOCABULARY, host=False, skipped=frozenset({0})).available


def test_a_long_text_takes_little_time() -> None:
    """Nothing in the grammar grows out of hand with the length of a text."""
    text = scan("mondays and tuesdays but not 9-5 or after 6, " * 2_000, VOCABULARY)
    assert read_availability(text, VOCABULARY, host=False)
