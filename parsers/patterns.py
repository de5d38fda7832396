"""The vocabulary's tables of patterns, each found in a text by the rarest words that it must hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from typing import NamedTuple

from parsers.alphabet import Alphabet
from parsers.grammar import Grammar, Needs
from parsers.vocabulary import PATTERNS, Vocabulary

# These are asked of nearly every text as a whole, so that one look at its words serves them all.
_TOGETHER = ("crisis", "alarm", "cue", "safeguarding", "domain", "kind", "wish", "want", "unclear", "keyword")
_ALWAYS = 0  # a need that every text meets


class Hit(NamedTuple):
    name: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Pattern:
    table: str
    name: str
    source: str  # a regular expression over the letters that stand for words
    search: Callable[..., re.Match[str] | None] | None = None  # compiled when a text needs it: most of the patterns are needed by few


class _Known(NamedTuple):
    """What it says of a text that a letter is in it."""

    meets: Sequence[int]  # needs, by their numbers
    patterns: Sequence[tuple[int, Pattern]]  # those of which this letter is the rarest, each with the rarest of what else it needs


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """The patterns of one or several tables, by the rarest letter that each must hold."""

    alphabet: Alphabet
    by_letter: Mapping[str, _Known]


class _Spelt(NamedTuple):
    """A text in letters, one for each word between two spaces, and where each word begins."""

    letters: str
    different: frozenset[str]
    places: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of one table of the vocabularies."""

    table: str
    index: _Index

    def find(self, text: str) -> Iterator[Hit]:
        """Yield every place of every pattern, in no order; `text` is as `plain_words` gives it."""
        return iter(_found(self, text))

    def names(self, text: str) -> frozenset[str]:
        return frozenset([hit.name for hit in _found(self, text)])


@lru_cache(maxsize=128)  # one reading asks the same of the same sentence several times
def _found(patterns: Patterns, text: str) -> tuple[Hit, ...]:
    worthwhile = _worthwhile(patterns.index, text).get(patterns.table)
    if worthwhile is None:
        return ()
    letters, _, places = _spelt(text, patterns.index.alphabet)
    hits: list[Hit] = []
    for pattern in worthwhile:
        search = pattern.search
        if search is None:
            search = pattern.search = re.compile(pattern.source).search
        found = search(letters)
        while found:
            start, end = found.span(found.lastindex or 0)
            hits.append(Hit(pattern.name, places[start], places[end]))
            found = search(letters, end)
    return tuple(hits)


@lru_cache(maxsize=32)  # each table of an index asks for them
def _worthwhile(index: _Index, text: str) -> Mapping[str, Iterable[Pattern]]:
    """Return by their tables the patterns that may be in a text, going by the words that they need."""
    by_letter = index.by_letter
    known = [by_letter[letter] for letter in _spelt(text, index.alphabet).different & by_letter.keys()]
    met = {_ALWAYS}.union(*[meets for meets, _ in known])
    found: dict[str, dict[Pattern, None]] = {}
    for _, patterns in known:
        for needed, pattern in patterns:
            if needed in met:
                found.setdefault(pattern.table, {})[pattern] = None
    return found


@lru_cache(maxsize=64)  # each index asks for them
def _spelt(text: str, alphabet: Alphabet) -> _Spelt:
    """No space stands ahead of what the text begins with, nor behind what it ends with, so they are no words."""
    ahead, *words = text.split(" ")[:-1] or [""]
    letters = alphabet.spell(words)
    return _Spelt(letters, frozenset(letters), list(accumulate([len(word) + 1 for word in words], initial=len(ahead) + 1)))


def patterns_of(vocabulary: Vocabulary, table: str) -> Patterns:
    return tables_of(vocabulary)[table]


@lru_cache(maxsize=8)
def tables_of(vocabulary: Vocabulary) -> Mapping[str, Patterns]:
    """Make every table ready, each language's patterns beside the others': people mix them within a sentence."""
    grammar = Grammar(classes_of(vocabulary))
    grammar.check_classes()
    translated = {
        table: [
            (Pattern(table, name, source), needs)
            for language, words in vocabulary.languages.items()
            for name, lines in words.get(table, {}).items()
            for source, needs in [grammar.translate(line, where=f"{language}.toml: [{table}] {name}") for line in lines]
        ]
        for table in PATTERNS
    }
    index = partial(_indexed, alphabet=grammar.alphabet, written=grammar.written())
    together = index([found for table in _TOGETHER for found in translated[table]])
    return {table: Patterns(table, together if table in _TOGETHER else index(found)) for table, found in translated.items()}


def _indexed(patterns: Iterable[tuple[Pattern, Needs]], *, alphabet: Alphabet, written: Mapping[str, int]) -> _Index:
    rarity: dict[str, int] = {}
    numbers: dict[str, int] = {}
    meets: dict[str, list[int]] = {}
    by_letter: dict[str, list[tuple[int, Pattern]]] = {}
    for pattern, needs in patterns:
        rarity |= {need: sum(map(written.__getitem__, need)) for need in needs if need not in rarity}
        rarest, *others = sorted(set(needs), key=rarity.__getitem__)
        for need in others[:1]:
            if need not in numbers:
                numbers[need] = len(numbers) + 1
                for letter in map(sys.intern, need):  # each taken from a string is a string of its own, of which there are many
                    meets.setdefault(letter, []).append(numbers[need])
        needed = numbers[others[0]] if others else _ALWAYS
        for letter in map(sys.intern, rarest):
            by_letter.setdefault(letter, []).append((needed, pattern))
    known = by_letter.keys() | meets.keys()
    return _Index(alphabet, {letter: _Known(tuple(meets.get(letter, ())), tuple(by_letter.get(letter, ()))) for letter in known})


@lru_cache(maxsize=8)
def classes_of(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for words in vocabulary.languages.values():
        for name, lines in words.get("class", {}).items():
            classes[name] = classes.get(name, ()) + tuple(lines)
    return classes


def class_words(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(classes_of(vocabulary).get(name, ()))
