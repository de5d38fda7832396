"""Whom a number of years makes young or old: "I'm 71 years old", "at seventy-four", "tengo 68 años", "any young queer person"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from parsers.clock import number_words
from parsers.phrasebook import table
from parsers.phrases import SENTENCE_ENDS, Text
from parsers.vocabulary import Vocabulary

_OLD = range(60, 105)
_YOUNG = range(12, 25)
_APART = 3  # words between "young" and those who are
_ASIDE = 3  # words behind an age in which it may turn out to be another's, or of something else


class _Years(NamedTuple):
    number: int
    start: int
    end: int


def ages(text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int] = frozenset()) -> Iterator[str]:
    """Yield `older` and `youth` for the ages that a writer gives."""
    young, tens = "age.young" in text.kinds, _tens(vocabulary)
    for place, word in enumerate(text.words):
        if place in skipped:
            continue
        if word.isdecimal() or word in tens:
            years = _years(text, place, vocabulary)
            if years and _is_age(text, years):
                yield from ["older"] * (years.number in _OLD) + ["youth"] * (years.number in _YOUNG)
        elif young and text.at("age.young", place) and any(_people_follow(text, place, words) for words in range(1, _APART + 1)):
            yield "youth"


def _years(text: Text, place: int, vocabulary: Vocabulary) -> _Years | None:
    """Read "71", or "seventy-one" and "setenta y uno" from the tens on that make somebody old."""
    word = text.word(place)
    if word.isdecimal():
        return _Years(int(word), place, place + 1) if len(word) < 4 else None
    tens = _tens(vocabulary)[word]
    unit = place + 1 + (text.word(place + 1) == "-" or text.at("times_glue.and", place + 1) is not None)
    ones = number_words(vocabulary).get(text.word(unit), 0)
    return _Years(tens + ones, place, unit + 1) if 0 < ones < 10 else _Years(tens, place, place + 1)


def _is_age(text: Text, years: _Years) -> bool:
    after = years.end
    behind = text.at("age.behind", after) or text.at("age.behind", after + (text.word(after) == "-"))
    end = behind.end if behind else after
    if any(text.at("age.not", near) for near in (*range(years.start - _ASIDE, years.start), *range(end, end + _ASIDE))):
        return False
    old = years.number in _OLD
    if text.word(years.start - 1) in (",", "(") and old and _closes(text, after):  # "a widower, 74, alone"
        return True
    if behind:
        return True
    if text.ends("age.before", years.start):
        return _closes(text, end) or not _measures(text, end)
    return old and text.ends("age.at", years.start) is not None and _closes(text, end)


def _measures(text: Text, at: int) -> bool:
    """Tell "im 22 and new" from "im 22 miles out", "i am 12-5" and "im 20 months in"."""
    return not text.word(at).isalpha() or text.at("times_glue.units", at) is not None or text.at("age.measure", at) is not None


def _closes(text: Text, at: int) -> bool:
    """Say whether the clause ends, a word for "years" aside: "im 72", "tengo 68 años y…"."""
    at += text.at("age.years", at) is not None
    ended = text.word(at) in SENTENCE_ENDS or text.word(at) in ("", ",", ")")
    return ended or text.at("times_glue.and", at) is not None or text.at("times_glue.but", at) is not None


def _people_follow(text: Text, place: int, words: int) -> bool:
    between = range(place + 1, place + words)
    return all(text.word(word).isalpha() for word in between) and text.at("capacity.people", place + words) is not None


@cache
def _tens(vocabulary: Vocabulary) -> dict[str, int]:
    return {word: number for found in table(vocabulary, "age") for word, number in found["tens"].items()}
