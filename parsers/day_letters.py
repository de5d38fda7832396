"""Days of one letter each: "MWF", "T/Th", "m-f", "M thru Th"."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

from parsers.clock import clock_at
from parsers.phrasebook import table
from parsers.phrases import Text
from parsers.vocabulary import Vocabulary

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PAUSES = frozenset(",:()/|")


class Lettered(NamedTuple):
    """Where such days end, and which they are."""

    end: int
    days: frozenset[str]


def days_in_letters(text: Text, index: int, vocabulary: Vocabulary) -> Lettered | None:
    """Read days of one letter each: "MWF", "M W F", "T/Th"."""
    letters, words = day_letters(vocabulary)
    word, raw = text.word(index), text.tokens[index].raw
    if word in words and (raw.isupper() or raw[:1].isupper() or len(raw) > 2):
        return Lettered(index + 1, frozenset(words[word].split()))
    if word not in letters:
        return None
    days, end = _joined(text, index, letters, by="-")
    if len(days) > 2:  # "m-w-f": two days with a hyphen are a span, three are a list
        return Lettered(end, days)
    return _capitals(text, index, letters, vocabulary) if raw[:1].isupper() else _small_letters(text, index, letters)


def _capitals(text: Text, index: int, letters: Mapping[str, str], vocabulary: Vocabulary) -> Lettered | None:
    if spanned := _to_another(text, index, letters):
        return spanned
    words, at, end = list[str](), index, index
    while text.word(at) in letters and text.tokens[at].raw[:1].isupper():
        words.append(text.word(at))
        at = end = at + 1
        if text.word(at) == "-" and text.word(at + 1) in letters and len(words) == 1:
            first, last = DAYS.index(letters[words[0]]), DAYS.index(letters[text.word(at + 1)])
            return Lettered(at + 2, span(first, last))
        if text.word(at) in _PAUSES or text.at("times_glue.and", at):
            at += 1
    days = _named(words, letters)
    timed = len(days) == 1 and text.tokens[index].raw.isupper() and (text.at("parts", index + 1) or clock_at(text, index + 1, vocabulary))
    return Lettered(end if len(days) > 1 else index + 1, days) if len(days) > 1 or timed else None


def _to_another(text: Text, index: int, letters: Mapping[str, str]) -> Lettered | None:
    """Read "M thru Th" and "M to Fri"."""
    joint = text.at("times_glue.through", index + 1)
    if joint is None or text.word(index + 1) == "-":
        return None
    mark = text.at("days", joint.end)
    last = letters.get(text.word(joint.end)) or (mark.value if mark else "")
    if last not in DAYS:
        return None
    return Lettered(mark.end if mark else joint.end + 1, span(DAYS.index(letters[text.word(index)]), DAYS.index(last)))


def _small_letters(text: Text, index: int, letters: Mapping[str, str]) -> Lettered | None:
    """Read "t/th" and "m/w/f", which are days where nothing parts them, and "m-f" and "m-th", from an earlier to a later day."""
    days, end = _joined(text, index, letters, by="/")
    if len(days) > 1 and days != {"mon", "fri"}:
        return Lettered(end, days)
    if spaced := _spaced(text, index, letters):
        return spaced
    if text.word(index + 1) != "-" or text.word(index + 2) not in letters or text.tokens[index].end != text.tokens[index + 1].start:
        return None
    first, last = DAYS.index(letters[text.word(index)]), DAYS.index(letters[text.word(index + 2)])
    return Lettered(index + 3, span(first, last)) if first < last else None


def _spaced(text: Text, index: int, letters: Mapping[str, str]) -> Lettered | None:
    """Read "m w f" and "w th": three in a row, or two of which one has two letters."""
    end = index + 1
    while text.word(end) in letters:
        end += 1
    enough = end - index > 2 or any(len(text.word(place)) > 1 for place in range(index, end))
    return Lettered(end, frozenset(letters[text.word(place)] for place in range(index, end))) if end - index > 1 and enough else None


def _joined(text: Text, index: int, letters: Mapping[str, str], *, by: str) -> tuple[frozenset[str], int]:
    """Return the days that such a sign holds together, without a space, and where they end."""
    words, at = [text.word(index)], index
    while text.word(at + 1) == by and text.word(at + 2) in letters and text.tokens[at].end + 1 == text.tokens[at + 2].start:
        at += 2
        words.append(text.word(at))
    return _named(words, letters), at + 1


def _named(words: list[str], letters: Mapping[str, str]) -> frozenset[str]:
    """Return the days; M is a Monday, but between L and V it is miércoles."""
    return frozenset("wed" if word == "m" and "l" in words and "v" in words else letters[word] for word in words)


def span(first: int, last: int) -> frozenset[str]:
    """Return the days from one to another, over the week's end where they lie so."""
    return frozenset(DAYS[first : last + 1] if first <= last else DAYS[first:] + DAYS[: last + 1])


@functools.cache
def day_letters(vocabulary: Vocabulary) -> tuple[dict[str, str], dict[str, str]]:
    letters: dict[str, str] = {}
    words: dict[str, str] = {}
    for found in table(vocabulary, "day_letters"):
        letters |= found["letters"]
        words |= found["words"]
    return letters, words
