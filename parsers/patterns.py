"""The vocabulary's tables of patterns, each found in a text by the rarest words that it must hold."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from itertools import accumulate
from operator import or_
from typing import NamedTuple

from parsers.alphabet import spell
from parsers.grammar import Grammar, Translated
from parsers.memo import Memo
from parsers.vocabulary import PATTERNS, Vocabulary
from parsers.vocabulary.kept import kept

# What is asked for one of these is asked for the others too, so that one look at a text serves them all.
_TOGETHER = (("crisis", "alarm", "cue", "safeguarding"), ("kind", "wish", "domain", "junk", "want", "unclear", "keyword"))
_MOST_LETTERS = 2_048  # whose bits are held; each takes three kilobytes
_MOST_TEXTS = 64  # each table asks for them
_RANKS = 3  # that `worthwhile` puts together, of what a pattern needs, the rarest first; a fourth would rule out hardly anything besides


class Hit(NamedTuple):
    name: str
    start: int
    end: int


_hit = partial(tuple.__new__, Hit)  # a text has many, which a call of Hit's own would make twice as dear


# The letters of words; of each pattern its table, name and source; for each letter what it speaks for, as numbers of characters, which
# take a third of a list's room; what needs fewer than others.
_Made = tuple[dict[str, str], list[str], list[str], list[str], dict[str, str], int]


_Search = Callable[[str, int, int], "re.Match[str] | None"]
_Try = tuple[_Search, str, str]  # with the table and the name of what it looks for


class _Entry(NamedTuple):
    table: str
    name: str
    translated: Translated


class _Index:
    """All patterns, and which of them a letter speaks for, a bit for each: by the rarest of their needs, the next, and the one after."""

    def __init__(self, made: _Made) -> None:
        self.letters, self._tables, self._names, self._sources, self._noted, self.unneeded = made
        self.bits = Memo(self._bits, _MOST_LETTERS)  # put together when a text first has the letter: few people write most words
        self.texts = Memo(self._spelt, _MOST_TEXTS)
        self._tries: list[_Try | None] = [None] * len(self._tables)  # compiled when a text needs it: most are needed by few

    def worthwhile(self, letters: Iterable[str]) -> int:
        """Return those patterns, a bit for each, of which all that they need is among these letters."""
        met, patterns = reduce(or_, map(self.bits.__getitem__, letters), self.unneeded), len(self._tables)
        return met >> 2 * patterns & met >> patterns & met

    def numbers(self, tables: Sequence[str]) -> range:
        """Return the numbers of the patterns of tables that stand beside one another."""
        own = [number for number, table in enumerate(self._tables) if table in tables]
        return range(min(own, default=0), max(own, default=-1) + 1)

    def compiled(self, number: int) -> _Try:
        made = self._tries[number] = re.compile(self._sources[number]).search, self._tables[number], self._names[number]
        return made

    def search(self, spelt: _Spelt, tries: Iterable[_Try], first: int, last: int) -> dict[str, list[Hit]]:
        """Return by their tables the places of those patterns in this stretch of a text's words."""
        hits: dict[str, list[Hit]] = {}
        letters, places = spelt.letters, spelt.places
        for search, table, name in tries:
            found = search(letters, first, last)
            while found:
                start, end = found.span(found.lastindex or 0)
                hits.setdefault(table, []).append(_hit((name, places[start], places[end])))
                found = search(letters, end, last) if end < last else None
        return hits

    def tries(self, spelt: _Spelt, numbers: range) -> Sequence[_Try]:
        """Return those of the patterns that may be in a text."""
        known = spelt.tries.get(numbers)
        if known is not None:
            return known
        worthwhile = spelt.worthwhile >> numbers.start & (1 << len(numbers)) - 1
        tries: list[_Try] = []
        while worthwhile:
            number = worthwhile.bit_length() - 1
            worthwhile ^= 1 << number
            number += numbers.start
            tries.append(self._tries[number] or self.compiled(number))
        spelt.tries[numbers] = tries
        return tries

    def _bits(self, letter: str) -> int:
        bits = 0
        for noted in map(ord, self._noted.get(letter, "")):
            bits |= 1 << noted
        return bits

    def _spelt(self, text: str) -> _Spelt:
        """No space stands ahead of what the text begins with, nor behind what it ends with, so they are no words."""
        ahead, *words = text.split(" ")[:-1] or [""]
        letters = spell(words, self.letters)
        places = list(accumulate([len(word) + 1 for word in words], initial=len(ahead) + 1))
        return _Spelt(letters, places, self.worthwhile(set(letters)), {}, {})


class _Spelt(NamedTuple):
    """A text in letters, one for each word between two spaces."""

    letters: str
    places: Sequence[int]  # where each word begins, and the end
    worthwhile: int  # a bit for each pattern of which all that it needs is there
    tries: dict[range, Sequence[_Try]]  # those patterns, by the numbers among which they are
    found: dict[str, Sequence[Hit]]  # by the table


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of one table of the vocabularies."""

    table: str
    index: _Index
    numbers: range  # of the patterns
    together: range  # of those as well that are looked for at the same time
    nothing: dict[str, Sequence[Hit]]  # found in any of those tables

    def find(self, text: str) -> Iterator[Hit]:
        """Yield every place of every pattern, in no order; `text` is as `plain_words` gives it."""
        hits = self.index.texts[text].found.get(self.table)
        return iter(self._found(text) if hits is None else hits)

    def compile(self) -> None:
        """Make ready at once, all of it, what is else made ready when a text needs it: for all tables two seconds' work and 8 MB."""
        for number in self.numbers:
            self.index.compiled(number)

    def names(self, text: str) -> frozenset[str]:
        return frozenset([hit.name for hit in self.find(text)])

    def within(self, text: str, start: int, end: int, *names: str) -> Sequence[Hit]:
        """Return what would be found if the text were but the words that begin in this stretch; of those names, where there are any."""
        spelt = self.index.texts[text]
        tries = self.index.tries(spelt, self.numbers)
        if names:
            tries = [one for one in tries if one[-1] in names]
        if not tries:
            return ()
        first, last = bisect_left(spelt.places, start), bisect_left(spelt.places, end)
        return self.index.search(spelt, tries, first, last).get(self.table, ())

    def _found(self, text: str) -> Sequence[Hit]:
        spelt = self.index.texts[text]
        spelt.found.update(self.nothing | self.index.search(spelt, self.index.tries(spelt, self.together), 0, len(spelt.letters)))
        return spelt.found[self.table]


@lru_cache(maxsize=64)
def patterns_of(vocabulary: Vocabulary, table: str) -> Patterns:
    return tables_of(vocabulary)[table]


@lru_cache(maxsize=8)
def tables_of(vocabulary: Vocabulary) -> Mapping[str, Patterns]:
    """Make every table ready, each language's patterns beside the others': people mix them within a sentence."""
    groups = (*_TOGETHER, *((table,) for table in PATTERNS if not any(table in group for group in _TOGETHER)))
    make = partial(_made, vocabulary, [table for group in groups for table in group])
    index = _Index(kept("patterns", vocabulary.key, make))
    return {
        table: Patterns(table, index, index.numbers((table,)), index.numbers(group), dict.fromkeys(group, ()))
        for group in groups
        for table in group
    }


def _made(vocabulary: Vocabulary, tables: Sequence[str]) -> _Made:
    """Translate every pattern, and note for each letter which need it, each in one number of which there are tens of thousands."""
    grammar = Grammar(classes_of(vocabulary))
    grammar.check_classes()
    entries = list(_entries(vocabulary, grammar, tables))
    written = grammar.written()
    rarity: dict[str, int] = {}
    noted: dict[str, list[int]] = {}
    unneeded = 0
    for number, entry in enumerate(entries):
        needs = set(entry.translated.needs)
        rarity |= {need: sum(map(written.__getitem__, need)) for need in needs if need not in rarity}
        ordered = sorted(needs, key=rarity.__getitem__)[:_RANKS]
        for rank in range(_RANKS):
            note = rank * len(entries) + number
            if rank >= len(ordered):
                unneeded |= 1 << note
            for letter in map(sys.intern, ordered[rank] if rank < len(ordered) else ""):
                noted.setdefault(letter, []).append(note)
    names, sources = [entry.name for entry in entries], [entry.translated.source for entry in entries]
    marks = {letter: "".join(map(chr, notes)) for letter, notes in noted.items()}
    return grammar.alphabet.letters_of, [entry.table for entry in entries], names, sources, marks, unneeded


def _entries(vocabulary: Vocabulary, grammar: Grammar, tables: Sequence[str]) -> Iterator[_Entry]:
    for table in tables:
        for language, words in vocabulary.languages.items():
            for name, lines in words.get(table, {}).items():
                for line in lines:
                    yield _Entry(table, name, grammar.translate(line, where=f"{language}.toml: [{table}] {name}"))


@lru_cache(maxsize=8)
def classes_of(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for words in vocabulary.languages.values():
        for name, lines in words.get("class", {}).items():
            classes[name] = classes.get(name, ()) + tuple(lines)
    return classes


@lru_cache(maxsize=64)
def class_words(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(classes_of(vocabulary).get(name, ()))
