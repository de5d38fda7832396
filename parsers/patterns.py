"""The vocabulary's tables of patterns, each found in a text by the rarest words that it must hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from parsers.grammar import Grammar
from parsers.vocabulary import PATTERNS, Vocabulary

_WORD = re.compile(r"\w+")


class Hit(NamedTuple):
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    name: str
    source: str
    firsts: frozenset[str] | None


class _Placed(NamedTuple):
    """The words of a text that stand between spaces, and where each of them begins."""

    words: frozenset[str]
    places: Mapping[str, Sequence[int]]
    all: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of one table of the vocabularies, found by the rarest word that each must hold, beside what else it needs."""

    by_word: Mapping[str, tuple[int, Sequence[tuple[int, _Pattern]]]]  # which needs the word meets, and the patterns, each with its needs

    def find(self, text: str) -> Iterator[Hit]:
        """Yield every place of every pattern, in no order; `text` is as `plain_words` gives it."""
        return iter(_found(self, text))

    def names(self, text: str) -> frozenset[str]:
        return frozenset([hit.name for hit in _found(self, text)])


@lru_cache(maxsize=128)  # one reading asks the same of the same sentence several times
def _found(patterns: Patterns, text: str) -> tuple[Hit, ...]:
    placed = _placed(text)
    by_word = patterns.by_word
    known = [by_word[word] for word in placed.words & by_word.keys()]
    met = 0
    for meets, _ in known:
        met |= meets
    looked: set[_Pattern] = set()
    hits: list[Hit] = []
    for _, found in known:
        for needed, pattern in found:
            if needed & met == needed and pattern not in looked:
                looked.add(pattern)
                _look(pattern, text, placed, hits)
    return tuple(hits)


def _look(pattern: _Pattern, text: str, placed: _Placed, hits: list[Hit]) -> None:
    """Look where a first word of the pattern stands, and nowhere else: most of a text is none, and no pattern begins within a word."""
    places: Sequence[int] = placed.all if pattern.firsts is None else ()
    for word in placed.words & pattern.firsts if pattern.firsts else ():
        places = sorted([*places, *placed.places[word]]) if places else placed.places[word]
    match = _compiled(pattern.source).match
    end = 0
    for place in places:
        if place >= end and (found := match(text, place)):
            end = found.end()
            hits.append(Hit(pattern.name, place, end))


@lru_cache(maxsize=64)  # each table asks for them
def _placed(text: str) -> _Placed:
    places: dict[str, list[int]] = {}
    everywhere: list[int] = []
    at = 0
    for word in text.split(" ")[:-1]:
        if word and at:  # no space stands ahead of what the text begins with
            places.setdefault(word, []).append(at)
            everywhere.append(at)
        at += len(word) + 1
    return _Placed(frozenset(places), places, everywhere)


@cache  # most of the patterns are needed by few texts, and compiling is what takes its time
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


@lru_cache(maxsize=64)
def patterns_of(vocabulary: Vocabulary, table: str) -> Patterns:
    """Make one table ready, each language's patterns beside the others': people mix them within a sentence."""
    grammar, written = grammar_of(vocabulary), _written(vocabulary)
    rarity: dict[frozenset[str], int] = {}
    bits: dict[frozenset[str], int] = {}
    begins: dict[frozenset[str], frozenset[str]] = {}  # many patterns begin with the same class: one set serves them all
    meets: dict[str, int] = {}
    by_word: dict[str, list[tuple[int, _Pattern]]] = {}
    for language, words in vocabulary.languages.items():
        for name, lines in words.get(table, {}).items():
            for line in lines:
                source, needs, firsts = grammar.translate(line, where=f"{language}.toml: [{table}] {name}")
                rarity |= {need: sum(written[word] + 1 for word in need) for need in needs if need not in rarity}
                rarest, *others = sorted(needs, key=rarity.__getitem__)
                needed = 0
                for need in others:
                    if need not in bits:
                        bits[need] = 1 << len(bits)
                        meets |= {word: meets.get(word, 0) | bits[need] for word in need}
                    needed |= bits[need]
                pattern = _Pattern(name, r"(?<= )" + source, firsts and begins.setdefault(firsts, firsts))
                for word in rarest:
                    by_word.setdefault(word, []).append((needed, pattern))
    return Patterns({word: (meets.get(word, 0), tuple(by_word.get(word, ()))) for word in by_word.keys() | meets.keys()})


@lru_cache(maxsize=8)
def _written(vocabulary: Vocabulary) -> Counter[str]:
    """Count how often each word is written in patterns, which tells how often people write it."""
    names = (*PATTERNS, "class")
    lines = (line for words in vocabulary.languages.values() for name in names for lines in words.get(name, {}).values() for line in lines)
    return Counter(word for line in lines for word in _WORD.findall(line))


def compile_all(patterns: Patterns) -> None:
    """Compile what the texts so far had no need of."""
    for _, found in patterns.by_word.values():
        for _, pattern in found:
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
