"""The towns and states that the vocabularies know, a slip in their spelling forgiven."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from rapidfuzz.distance import OSA

from parsers.phrasebook import table, word_set
from parsers.phrases import Text
from parsers.vocabulary import Vocabulary

FORGIVEN = 5  # letters of a town above which a slip is forgiven
_LONGEST = 3  # words of a town before its last


def known_place(text: Text, index: int, vocabulary: Vocabulary) -> int:
    """Return where a town of the vocabulary that begins here ends, or 0; a slip of one letter is forgiven."""
    word = text.word(index)
    for rest in _known(vocabulary).get(word, ()):
        if end := _goes_on(text, index + 1, rest):
            return end
    if len(word) > FORGIVEN and word.isalpha() and _misspelt(word, vocabulary):
        return index + 1
    return index + 2 if _misspelt_ahead(word, text.word(index + 1), vocabulary) else 0


def _goes_on(text: Text, at: int, rest: tuple[str, ...]) -> int:
    """Return where the rest of a town's name ends, or 0; the point of "St." does not count."""
    for word in rest:
        at += text.word(at) == "."
        if text.word(at) != word:
            return 0
        at += 1
    return at


def named_place(text: Text, index: int, vocabulary: Vocabulary) -> int:
    """Return where a town that begins here ends, or 0: of all towns that are listed, the rarer ones as they are spelt."""
    for rest in _towns(vocabulary).get(text.word(index), ()):
        if (end := _goes_on(text, index + 1, rest)) and end > index + 1:
            return end
    return known_place(text, index, vocabulary) or (index + 1 if () in _towns(vocabulary).get(text.word(index), ()) else 0)


def within_place(text: Text, index: int, vocabulary: Vocabulary) -> bool:
    """Tell the Louis of "St. Louis" from a person."""
    return any(known_place(text, at, vocabulary) > index for at in range(max(0, index - _LONGEST), index))


def is_state(word: str, vocabulary: Vocabulary) -> bool:
    return word in _states(vocabulary)


@functools.cache
def _known(vocabulary: Vocabulary) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return _by_first(vocabulary, "known", "states")


@functools.cache
def _towns(vocabulary: Vocabulary) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return _by_first(vocabulary, "towns")


def _by_first(vocabulary: Vocabulary, *keys: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    places: dict[str, set[tuple[str, ...]]] = {}
    for line in (line for found in table(vocabulary, "places") for key in keys for line in found[key].replace("\n", ";").split(";")):
        if words := line.split():
            places.setdefault(words[0], set()).add(tuple(words[1:]))
    return {first: tuple(sorted(rests, key=len, reverse=True)) for first, rests in places.items()}


@functools.cache
def state_names(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for found in table(vocabulary, "places") for name in found["states"].split(";"))


@functools.cache
def _states(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(code for found in table(vocabulary, "places") for code in found["state_codes"].split())


@functools.lru_cache(maxsize=8_192)
def _misspelt(word: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word is a town's name but for a letter, and no word or first name that is right as it stands."""
    if word in _right(vocabulary):
        return False
    towns = (place for place, rests in _known(vocabulary).items() if () in rests and len(place) > FORGIVEN and place[0] == word[0])
    return any(OSA.distance(word, town, score_cutoff=1) <= 1 for town in towns)


def _misspelt_ahead(word: str, second: str, vocabulary: Vocabulary) -> bool:
    """Say whether a word is the first of a town's two but for its vowels: "grate falls"."""
    firsts = _of_two(vocabulary).get(second, ())
    if len(word) < FORGIVEN or not firsts or word in _right(vocabulary):
        return False
    return any(first[0] == word[0] and sorted(first) == sorted(word) for first in firsts) or (
        any(first[0] == word[0] and len(first) >= FORGIVEN and OSA.distance(word, first, score_cutoff=1) <= 1 for first in firsts)
    )


@functools.cache
def _of_two(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    firsts: dict[str, list[str]] = {}
    for first, rests in _known(vocabulary).items():
        for rest in rests:
            if len(rest) == 1:
                firsts.setdefault(rest[0], []).append(first)
    return {second: tuple(found) for second, found in firsts.items()}


@functools.cache
def _right(vocabulary: Vocabulary) -> frozenset[str]:
    given = frozenset(word for found in table(vocabulary, "names") for word in found["given"].split())
    return given | word_set(vocabulary, "names", "stop") | word_set(vocabulary, "places", "stop")
