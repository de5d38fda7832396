"""Whom a writer is one of, or works with, as two words beside one another tell it: "out of the pen", "got three kids"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from parsers.clock import number_words
from parsers.phrasebook import word_set
from parsers.phrases import Mark, Text
from parsers.vocabulary import Vocabulary

_PAIRS = (
    ("reentry", "release", "prison"),
    ("reentry", "spent", "prison"),
    ("reentry", "served", "prison"),
    ("unhoused", "sleeping", "outdoors"),
    ("parents", "have", "children"),
    ("youth", "serving", "minors"),
)
_BETWEEN = 4  # words between the two


def belongings(text: Text, vocabulary: Vocabulary) -> Iterator[Mark]:
    """Yield each population with all the words that tell of it."""
    for population, lead, told in _PAIRS:
        if f"population_pairs.{told}" not in text.kinds:
            continue
        for mark in text.of(f"population_pairs.{lead}"):
            end = _reached(text, mark.end, f"population_pairs.{told}", vocabulary)
            if end and _meant(text, mark, end, lead, vocabulary):
                yield Mark(mark.start, end, population)


def _reached(text: Text, start: int, kind: str, vocabulary: Vocabulary) -> int:
    """Return where the second word ends, or 0 where there is another thing in between."""
    for place in range(start, start + _BETWEEN + 1):
        found = text.at(kind, place)
        if found:
            return found.end
        if not (text.word(place) in _fillers(vocabulary) or _counts(text, place, vocabulary)):
            return 0
    return 0


def _meant(text: Text, lead: Mark, end: int, kind: str, vocabulary: Vocabulary) -> bool:
    """Tell "did 8 in the pen" from what somebody did in the jail, and their own kids from those whom they work with."""
    between = range(lead.end, end)
    if any(text.at("population_block.any", place) for place in between):  # "new kids"
        return False
    match kind:
        case "spent":
            return any(_counts(text, place, vocabulary) for place in between)
        case "serving":
            return not any(text.at("other_people.self", place) for place in between)
        case _:
            return not text.at("population_pairs.elsewhere", lead.start - 1)


def _counts(text: Text, place: int, vocabulary: Vocabulary) -> bool:
    word = text.word(place)
    return word.isdecimal() or word in number_words(vocabulary) or text.at("times_glue.units", place) is not None


@cache
def _fillers(vocabulary: Vocabulary) -> frozenset[str]:
    return word_set(vocabulary, "population_pairs", "between")
