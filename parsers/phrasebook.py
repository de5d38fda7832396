"""The vocabularies' field tables, ready for look-up: phrases by their words, single words as sets, and misspelt words put right."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from parsers.vocabulary import Vocabulary

# A table of values names its marks by itself ("setting"); a table of cues by itself and the key ("times.after").
_VALUES = ("setting", "population", "modality", "languages", "days", "parts")
_CUES = (
    "setting_short", "setting_block", "population_block", "population_pairs", "modality_block", "language_cues",
    "times", "times_glue", "times_block", "capacity", "channel", "consent_words", "names", "places", "other_people", "own_number", "age",
)  # fmt: skip
_SETS = ("stop", "credentials", "pronouns", "titles", "offices", "common", "no_ending")  # single words, looked up as they are
_FORGIVEN = 6  # letters from which a slip is forgiven
_LONG = 8  # letters from which two are
_SLIPS = 2


class Entry(NamedTuple):
    rest: tuple[str, ...]
    kind: str
    value: str


class Begun(NamedTuple):
    """What a word is, or begins."""

    values: Mapping[str, str]  # by kind
    longer: Mapping[str, tuple[Entry, ...]]  # by the second word, the longest first


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    phrases: Mapping[str, Begun]  # by first word
    words: frozenset[str]
    forgiven: Mapping[str, tuple[str, ...]]  # by first letter, the words in which a slip is forgiven
    comma: frozenset[str]
    stop: re.Pattern[str] | None


@functools.cache
def lexicon(vocabulary: Vocabulary) -> Lexicon:
    entries: dict[str, dict[Entry, None]] = {}
    for phrase, kind, value in _phrases(vocabulary):
        first, *rest = map(sys.intern, phrase.split())  # the same few thousand words stand in all of them
        entries.setdefault(first, {})[Entry(tuple(rest), kind, value)] = None
    words = frozenset(entries) | {word for found in entries.values() for entry in found for word in entry.rest}
    right = {word for table in vocabulary.languages.values() for word in table["look_alike"]["right"]}
    values = {phrase for phrase, kind, _ in _phrases(vocabulary) if kind in _VALUES} | word_set(vocabulary, "look_alike", "forgiven")
    forgiven: dict[str, list[str]] = {}
    for word in values:
        if len(word) >= _FORGIVEN and word.isalpha():
            forgiven.setdefault(word[0], []).append(word)
    spoken = [table["spoken_marks"] for table in vocabulary.languages.values()]
    stops = sorted((re.escape(phrase) for table in spoken for phrase in table["stop"]), key=len, reverse=True)
    return Lexicon(
        phrases={first: Begun(_by_kind(found), _by_second(found)) for first, found in entries.items()},
        words=words | right,
        forgiven={letter: tuple(sorted(words)) for letter, words in forgiven.items()},
        comma=frozenset(word for table in spoken for word in table["comma"]),
        stop=re.compile(rf" (?<=[\w)] )(?:{'|'.join(stops)})(?=\s|$)", re.IGNORECASE) if stops else None,
    )


def _by_kind(entries: Iterable[Entry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        if not entry.rest:
            found.setdefault(entry.kind, entry.value)
    return found


def _by_second(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: -len(entry.rest)):
        if entry.rest:
            found.setdefault(entry.rest[0], []).append(entry)
    return {second: tuple(these) for second, these in found.items()}


def table(vocabulary: Vocabulary, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield a table of that name from each language."""
    return (language[name] for language in vocabulary.languages.values())


@functools.cache
def word_set(vocabulary: Vocabulary, name: str, key: str) -> frozenset[str]:
    """Return a list of the vocabularies, all languages together."""
    return frozenset(word for found in table(vocabulary, name) for word in found[key])


@functools.cache
def day_words(vocabulary: Vocabulary) -> frozenset[str]:
    """Return every single word that names a day or days of the week."""
    return frozenset(word for days in table(vocabulary, "days") for words in days.values() for word in words)


def _phrases(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    for language in vocabulary.languages.values():
        for name in (*_VALUES, *_CUES):
            for key, phrases in language[name].items():
                if isinstance(phrases, list) and not (name in ("names", "places") and key in _SETS):
                    kind = name if name in _VALUES else f"{name}.{key}"
                    yield from ((phrase, kind, key) for phrase in phrases if phrase and phrase[0] != " ")


def spelt(word: str, known: Lexicon) -> str:
    """Undo one slip in a long word that means something here; a first letter is seldom wrong."""
    if len(word) < _FORGIVEN - 1 or word in known.words or not word.isalpha():
        return word
    best, near = word, _SLIPS + 1
    for right in known.forgiven.get(word[0], ()):
        slips = _SLIPS if len(right) >= _LONG and len(word) < len(right) and _left_out(word, right) else 1
        distance = OSA.distance(word, right, score_cutoff=slips) if abs(len(right) - len(word)) <= slips else near
        if distance <= slips and distance < near:
            best, near = right, distance
    return best


def _left_out(word: str, right: str) -> bool:
    """Say whether a word is another with letters left out, as shorthand has it: "recvry"."""
    letters = iter(right)
    return all(letter in letters for letter in word)


def fold(word: str) -> str:
    """Write a word as the vocabularies do: small, without accents and apostrophes; a longer word loses its possessive."""
    word = word.lower()
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    if word.endswith("'s") and len(word) > 5:
        return word[:-2]
    return word.replace("'", "")
