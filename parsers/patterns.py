"""The vocabulary's tables of patterns, each found in a text by the rarest words that it must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from parsers.grammar import Grammar, Needs, commonness
from parsers.vocabulary import Vocabulary

_WORD = re.compile(r"(?<= )[^ ]+(?= )")


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    name: str
    source: str
    others: Needs  # besides the rarest, by which it is found
    firsts: frozenset[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of one table of the vocabularies, found by the rarest word that each must hold."""

    by_word: Mapping[str, tuple[_Pattern, ...]]

    def find(self, text: str) -> Iterator[Hit]:
        """Yield every place of every pattern, in no order; `text` is as `plain_words` gives it."""
        return iter(_found(self, text))

    def names(self, text: str) -> frozenset[str]:
        return frozenset(hit.name for hit in _found(self, text))


@lru_cache(maxsize=128)  # one reading asks the same of the same sentence several times
def _found(patterns: Patterns, text: str) -> tuple[Hit, ...]:
    places = _places(text)
    words = frozenset(places)
    worth: dict[_Pattern, None] = {}
    for word in words & patterns.by_word.keys():
        worth |= dict.fromkeys(patterns.by_word[word])
    hits: list[Hit] = []
    for pattern in worth:
        for need in pattern.others:
            if need.isdisjoint(words):
                break
        else:
            hits += _hits(pattern, text, places, words)
    return tuple(hits)


def _hits(pattern: _Pattern, text: str, places: Mapping[str, list[int]], words: frozenset[str]) -> Iterator[Hit]:
    """Look where a first word of the pattern stands, and nowhere else: most of a text is none."""
    search = _compiled(pattern.source)
    if pattern.firsts is None:
        yield from (Hit(pattern.name, found.start(), found.end()) for found in search.finditer(text))
        return
    end = 0
    for place in sorted(place for word in pattern.firsts & words for place in places[word]):
        if place >= end and (found := search.match(text, place)):
            end = found.end()
            yield Hit(pattern.name, place, end)


@lru_cache(maxsize=64)  # each table asks for them
def _places(text: str) -> dict[str, list[int]]:
    """Say where each word begins that stands between spaces."""
    places: dict[str, list[int]] = {}
    for found in _WORD.finditer(text):
        places.setdefault(found[0], []).append(found.start())
    return places


@cache  # most of the patterns are needed by few texts, and compiling is what takes its time
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


@lru_cache(maxsize=64)
def patterns_of(vocabulary: Vocabulary, table: str) -> Patterns:
    """Make one table ready, each language's patterns beside the others': people mix them within a sentence."""
    grammar = grammar_of(vocabulary)
    by_word: dict[str, list[_Pattern]] = {}
    for language, words in vocabulary.languages.items():
        for name, lines in words.get(table, {}).items():
            for line in lines:
                translated = grammar.translate(line, where=f"{language}.toml: [{table}] {name}")
                rarest, *others = sorted(translated.needs, key=commonness)
                pattern = _Pattern(name, r"(?<= )" + translated.source, tuple(others), translated.firsts)
                for word in rarest:
                    by_word.setdefault(word, []).append(pattern)
    return Patterns({word: tuple(found) for word, found in by_word.items()})


def compile_all(patterns: Patterns) -> None:
    """Compile what the texts so far had no need of."""
    for found in patterns.by_word.values():
        for pattern in found:
            _compiled(pattern.source)


@lru_cache(maxsize=8)
def grammar_of(vocabulary: Vocabulary) -> Grammar:
    return Grammar(classes_of(vocabulary))


@lru_cache(maxsize=8)
def classes_of(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for words in vocabulary.languages.values():
        for name, lines in words.get("class", {}).items():
            classes[name] = classes.get(name, ()) + tuple(lines)
    return classes


def class_words(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(classes_of(vocabulary).get(name, ()))
