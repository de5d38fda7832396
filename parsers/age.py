"""Whom a number of years makes young or old: "I'm 71 years old", "tengo 68 años", "any young queer person"."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.phrases import SENTENCE_ENDS, Text

_OLD = range(60, 105)
_YOUNG = range(12, 25)
_APART = 3  # words between "young" and those who are
_ASIDE = 3  # words behind an age in which it may turn out to be another's, or of something else


def ages(text: Text, *, skipped: frozenset[int] = frozenset()) -> Iterator[str]:
    """Yield `older` and `youth` for the ages that a writer gives."""
    young = "age.young" in text.kinds
    for place, word in enumerate(text.words):
        if place in skipped:
            continue
        if word.isdecimal() and len(word) < 4 and _is_age(text, place):
            years = int(word)
            yield from ["older"] * (years in _OLD) + ["youth"] * (years in _YOUNG)
        elif young and text.at("age.young", place) and any(_people_follow(text, place, words) for words in range(1, _APART + 1)):
            yield "youth"


def _is_age(text: Text, place: int) -> bool:
    behind = text.at("age.behind", place + 1) or text.at("age.behind", place + 2 * (text.word(place + 1) == "-"))
    before = text.ends("age.before", place)
    end = behind.end if behind else place + 1
    if any(text.at("age.not", near) for near in (*range(place - _ASIDE, place), *range(end, end + _ASIDE))):
        return False
    aside = text.word(place - 1) == "," and int(text.word(place)) in _OLD and _closes(text, place + 1)  # "a widower, 74, alone"
    return aside or behind is not None or (before is not None and _closes(text, end))


def _closes(text: Text, at: int) -> bool:
    """Say whether the clause ends, a word for "years" aside: "im 72", "tengo 68 años y…"."""
    at += text.at("times_glue.units", at) is not None
    return text.word(at) in SENTENCE_ENDS or text.word(at) in ("", ",") or text.at("times_glue.and", at) is not None


def _people_follow(text: Text, place: int, words: int) -> bool:
    between = range(place + 1, place + words)
    return all(text.word(word).isalpha() for word in between) and text.at("capacity.people", place + words) is not None
