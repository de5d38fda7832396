"""How many people somebody can take on: a number that was stated, never "a mentee"."""

from __future__ import annotations

import functools

from parsers.clock import number_words
from parsers.phrasebook import table
from parsers.phrases import SENTENCE_ENDS, Text
from parsers.vocabulary import Vocabulary

_MOST = 30
_BEHIND = ("times_glue.and", "times_glue.good", "capacity.polite", "other_people.self")  # what may follow a number that counts people
_CLAUSE_ENDS = SENTENCE_ENDS | {",", ":"}
_SURE = 4  # weight of a number with its limit
_SHORT = 4  # words of an answer that is little but the number


def read_capacity(text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int] = frozenset(), sure_only: bool = False) -> int | None:
    """Read the number that most surely counts people; with `sure_only` one of which it is said how far it goes: "two at most"."""
    best: tuple[int, int] | None = None
    known = _counting(vocabulary)
    for index, word in enumerate(text.words):
        counts = (word in known or word.isdecimal()) and index not in skipped
        number = _number(text, index, vocabulary) if counts else None
        if number is None:
            continue
        value, end = number
        weight = 0 if _stands_in(text, index, end) else _weight(text, index, end, several=value > 1)
        if weight and (best is None or weight > best[0]):
            best = (weight, value)
    return best[1] if best and best[0] >= (_SURE if sure_only else 1) else None


def _number(text: Text, index: int, vocabulary: Vocabulary) -> tuple[int, int] | None:
    word = text.word(index)
    for phrase, value in _couples(vocabulary).get(word, ()):
        if all(text.word(index + offset) == word for offset, word in enumerate(phrase)):
            return (value, index + len(phrase)) if value else None
    if word.isdecimal() and len(word) < 3 and 0 < int(word) <= _MOST and not _of_a_clock(text, index):
        return int(word), index + 1
    named = number_words(vocabulary).get(word) if text.word(index - 1) != "-" else None  # not "fifty-eight"
    return (named, index + 1) if named else None


def _stands_in(text: Text, start: int, end: int) -> bool:
    """Tell "this one" and "una persona" from a count."""
    if text.at("capacity.pronoun", start - 1) and not text.at("capacity.people", end) and not text.word(start).isdigit():
        return True
    counted = text.ends("capacity.sole", start) or text.at("capacity.sole", end) or text.at("capacity.once", end)
    behind = text.at("capacity.people", end)
    counted = counted or (behind and text.at("capacity.once", behind.end))
    return text.at("capacity.article", start) is not None and end == start + 1 and not counted


def _of_a_clock(text: Text, index: int) -> bool:
    if text.word(index - 1) == "-" and text.word(index - 2).isdigit() and text.at("capacity.people", index + 1):  # "1-2 mentees"
        return False
    token = text.tokens[index]
    around = text.plain[max(0, token.start - 1) : token.start] + text.plain[token.end : token.end + 1]
    return any(mark in around for mark in "-:/#$")


def _weight(text: Text, start: int, end: int, *, several: bool) -> int:
    """Say how surely this number counts people to take on; 0 for one that counts something else."""
    after = _past_more(text, end, several=several)
    people = text.at("capacity.people", end) or text.at("capacity.people", after)
    if _counts_else(text, start, after, people=people is not None):
        return 0
    behind = end if text.at("capacity.once", end) else people.end if people else after
    lead_only = text.ends("capacity.lead_only", start) is not None
    if _near(text, "capacity.total", behind, behind + 2):
        return 5
    if _near(text, "capacity.once", behind, behind + 3) and (people or text.at("capacity.once", behind) or not text.word(behind).isalpha()):
        return 4 if people or lead_only or _near(text, "capacity.lead", start - 4, start) else 1
    begins = several or not text.word(start - 1).isalpha() or (people is not None and text.at("times_glue.and", start - 1) is not None)
    if text.at("capacity.could", behind) and not text.at("times.from", start - 1) and begins:
        return 3 if people else 2
    if people:
        sole = text.at("capacity.sole", end) or text.ends("capacity.sole", start)
        return 3 if sole or lead_only or _near(text, "capacity.lead", start - 4, start) else int(_short_sentence(text, start))
    return 2 * _alone_counts(text, start, end, after, lead_only=lead_only)


def _past_more(text: Text, at: int, *, several: bool) -> int:
    """Return where the people are, behind "more", "newly certified" or the "of your" of "two of your new folks"."""
    while not text.at("capacity.people", at) and (
        mark := text.at("capacity.more", at) or (text.at("capacity.among", at) if several else None)
    ):
        at = mark.end
    return at


def _alone_counts(text: Text, start: int, end: int, after: int, *, lead_only: bool) -> bool:
    """Say whether a number with no people behind it counts some: "room for 2", "space on my plate for two more"."""
    if after > end and _near(text, "capacity.lead", start - 6, start):
        return True
    ends = not text.word(end).isalpha() or any(text.at(kind, end) for kind in _BEHIND)
    return lead_only and (after > end or ends)


def _counts_else(text: Text, start: int, after: int, *, people: bool) -> bool:
    """Say whether the number counts years, hours, clients of old, or is one that was refused."""
    if text.at("times_glue.units", after) and not people and not text.at("capacity.once", after):
        return True
    timed = any(text.ends(f"times.{kind}", start) for kind in ("after", "before", "until", "at", "from"))
    timed = timed or (text.at("times.to", start - 1) is not None and text.word(start - 2).isdigit())  # "12 to 5"
    if timed and not people and not text.ends("capacity.lead_only", start):
        return True
    refused = text.at("times_glue.not", start - 1) is not None and text.ends("capacity.lead_only", start) is None
    before = _near(text, "capacity.not_people", start - 5, start)
    return refused or before or any(text.at("capacity.not_people", place) for place in (start, after))


def _near(text: Text, kind: str, first: int, last: int) -> bool:
    """Say whether a cue begins in this stretch, with no end of a sentence in it."""
    for place in range(last - 1, first - 1, -1) if kind.endswith(("lead", "people")) else range(first, last):
        if text.word(place) in SENTENCE_ENDS:
            return False
        if text.at(kind, place):
            return True
    return False


def _short_sentence(text: Text, index: int) -> bool:
    first = last = index
    while first and text.word(first - 1) not in _CLAUSE_ENDS:
        first -= 1
    while last < len(text.tokens) and text.word(last) not in _CLAUSE_ENDS:
        last += 1
    return last - first <= _SHORT


@functools.cache
def _counting(vocabulary: Vocabulary) -> frozenset[str]:
    """Return every word, but for digits, with which a number may begin."""
    return frozenset((*_couples(vocabulary), *number_words(vocabulary)))


@functools.cache
def _couples(vocabulary: Vocabulary) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Return the phrases that stand for a number, by their first word, the longest first."""
    found = {phrase: value for capacity in table(vocabulary, "capacity") for phrase, value in capacity["couple"].items()}
    by_first: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for phrase in sorted(found, key=len, reverse=True):
        by_first.setdefault(phrase.split()[0], []).append((tuple(phrase.split()), found[phrase]))
    return by_first
