"""The small language of the vocabulary's patterns, put into regular expressions: words, `<class>`, `(this|that)`, `word?`, `~` and `+`."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.errors import VocabularyError

_ATOM = re.compile(r"\(|\)\??|\||<[a-z_]+>\??|~[1-9]?|\+[1-9][0-9]?|[^\s()|<>~?+]+\??")
_WORD = re.compile(r"\w+|[.,&]")
_GAP = re.compile(r"[~+][^\s()|]*")
_WHOLE_GAP = re.compile(r"~[1-9]?|\+[1-9][0-9]?")
_EXAMPLE = "such as (this|that)"
_PHRASE_GAP = r"(?:(?!(?:%s|[.,?]) )[^ ]+ ){0,%s}?"
_WIDE_GAP = r"(?:(?![.?] )[^ ]+ ){0,%s}?"
_OR = frozenset(("|",))  # among needs: what stands on both sides of it is not needed together

Needs = tuple[frozenset[str], ...]


class Translated(NamedTuple):
    source: str
    needs: Needs  # of each of these sets a word must be there, or the search is not worth its time
    firsts: frozenset[str] | None  # with one of these words it begins; None where it may begin with any


class _Piece(NamedTuple):
    """A word, or a class in its place."""

    source: str
    words: frozenset[str]  # one of them is there wherever the piece is
    firsts: frozenset[str] | None


@dataclass(slots=True)
class _Beginning:
    """With which words a pattern, or an alternative in it, may begin, as far as it was read."""

    words: set[str] = field(default_factory=set)
    is_any: bool = False
    is_open: bool = True  # whatever comes next may still be the first

    def add(self, words: AbstractSet[str] | None, *, optional: bool) -> None:
        if self.is_open:
            self.is_any |= words is None
            self.words |= words or set()
            self.is_open = optional

    def add_any_of(self, others: Iterable[_Beginning], *, optional: bool) -> None:
        others = list(others)
        words = None if any(other.is_any for other in others) else set().union(*(other.words for other in others))
        self.add(words, optional=optional or any(other.is_open for other in others))

    @property
    def firsts(self) -> frozenset[str] | None:
        return None if self.is_any or self.is_open else frozenset(self.words)


class Grammar:
    """Puts patterns into regular expressions; each line, and each class within the lines, once."""

    def __init__(self, classes: Mapping[str, tuple[str, ...]]) -> None:
        self._classes = classes
        self._barrier = "|".join(re.escape(word) for word in classes.get("barrier", ("not",)))
        self._lines: dict[str, Translated] = {}
        self._plain: dict[str, _Piece] = {}
        self._put_in: dict[str, _Piece] = {}

    def translate(self, line: str, *, where: str, within: tuple[str, ...] = ()) -> Translated:
        """Translate a line.

        Raises:
            VocabularyError: the line is no pattern, or one that would be found in any text.

        """
        known = self._lines.get(line)
        if known is None:
            place = f"{where}: {line!r}"
            known = self._translate(_atoms(line, place), place, within)
            if not known.needs:
                raise VocabularyError(f"{place} would be found in every text: leave at least one word of it without ?")
            self._lines[line] = known
        return known

    def _translate(self, atoms: list[str], place: str, within: tuple[str, ...]) -> Translated:
        parts: list[str] = []
        needs: list[frozenset[str]] = []
        open_at: list[int] = []
        begins = [[_Beginning()]]  # for each bracket that is open, its alternatives
        for atom in atoms:
            bare = atom.removesuffix("?")
            if bare == "(":
                open_at.append(len(needs))
                begins.append([_Beginning()])
                parts.append("(?:")
            elif bare == ")":
                _close(parts, needs, open_at, optional=atom != bare, place=place)
                inner = begins.pop()
                begins[-1][-1].add_any_of(inner, optional=atom != bare)
            elif bare == "|":
                _or(parts, needs, open_at, place=place)
                begins[-1].append(_Beginning())
            elif bare[0] in "~+":
                parts.append(self._gap(bare))
                begins[-1][-1].add(None, optional=True)
            else:
                piece = self._word(bare, place, within)
                parts.append(f"(?:{piece.source})?" if atom != bare else piece.source)
                needs += [piece.words] if atom == bare else []
                begins[-1][-1].add(piece.firsts, optional=atom != bare)
        if open_at:
            raise VocabularyError(f"{place}: a bracket is not closed; put ) where it ends")
        return Translated("".join(parts), tuple(need for need in needs if need), begins[0][0].firsts)

    def _gap(self, bare: str) -> str:
        if bare[0] == "+":
            return _WIDE_GAP % bare[1:]
        return _PHRASE_GAP % (self._barrier, bare[1:] or "3")

    def _word(self, bare: str, place: str, within: tuple[str, ...]) -> _Piece:
        if not bare.startswith("<"):
            known = self._plain.get(bare)
            if known is None:
                known = self._plain[bare] = _plain(bare, place)
            return known
        name = bare[1:-1]
        if name in within:
            raise VocabularyError(f"{place}: the class <{name}> holds itself; take it out of its own entries")
        if name not in self._put_in:
            self._put_in[name] = self._class(name, place, within)
        return self._put_in[name]

    def _class(self, name: str, place: str, within: tuple[str, ...]) -> _Piece:
        lines = self._classes.get(name)
        if not lines:
            near = difflib.get_close_matches(name, self._classes, n=1)
            advice = f"did you mean <{near[0]}>?" if near else f"add it to the table [class], or write the words themselves, {_EXAMPLE}"
            raise VocabularyError(f"{place}: there is no class <{name}>; {advice}")
        inner = (*within, name)
        translated = [self.translate(line, where=place, within=inner) for line in sorted(lines, key=len, reverse=True)]
        # A class is there if any of its alternatives is: one word of each alternative stands for it.
        needs = frozenset[str]().union(*(min(line.needs, key=commonness) for line in translated))
        begin = _Beginning()
        begin.add_any_of((_Beginning(set(line.firsts or ()), line.firsts is None, is_open=False) for line in translated), optional=False)
        return _Piece("(?:" + "|".join(line.source for line in translated) + ")", needs, begin.firsts)


def _plain(word: str, place: str) -> _Piece:
    if not _WORD.fullmatch(word):
        advice = " ".join(re.findall(r"\w+", word))
        raise VocabularyError(f"{place}: {word!r} would never be found, since messages are cut at such marks; write {advice!r}")
    itself = frozenset((word,))
    return _Piece(re.escape(word) + " ", itself, itself)


@functools.cache
def commonness(words: frozenset[str]) -> int:
    """Weigh how often one of the words is there, by their length."""
    return sum(8 if len(word) < 3 else 4 if len(word) < 4 else 2 if len(word) < 5 else 1 for word in words) or 1_000


def _atoms(line: str, place: str) -> list[str]:
    atoms = _ATOM.findall(line)
    for gap in _GAP.findall(line):
        if not _WHOLE_GAP.fullmatch(gap):
            raise VocabularyError(f"{place}: {gap!r} is not a gap; write ~2 or +5 with a number from 1 (to 9, or 99) and a space behind it")
    if not atoms or "".join(atoms) != "".join(line.split()):
        unread = next(iter(_ATOM.sub(" ", line).split()), line)
        raise VocabularyError(f"{place}: {unread!r} cannot be read there; a pattern is written {_EXAMPLE}, word?, <class>, ~2, +5")
    return atoms


def _close(parts: list[str], needs: list[frozenset[str]], open_at: list[int], *, optional: bool, place: str) -> None:
    if not open_at:
        raise VocabularyError(f"{place}: a bracket is closed that was not opened; put ( where it begins, or take ) out")
    parts.append(")?" if optional else ")")
    began = open_at.pop()
    inside, needs[began:] = needs[began:], []
    if optional:
        return
    if _OR not in inside:
        needs += inside
        return
    # Of the alternatives one is there: the rarest word of each, together, is needed.
    rarest = [min(alternative, key=commonness, default=frozenset()) for alternative in _split(inside)]
    if all(rarest):
        needs.append(frozenset[str]().union(*rarest))


def _split(needs: Iterable[frozenset[str]]) -> Iterator[list[frozenset[str]]]:
    alternative: list[frozenset[str]] = []
    for need in needs:
        if need == _OR:
            yield alternative
            alternative = []
        else:
            alternative.append(need)
    yield alternative


def _or(parts: list[str], needs: list[frozenset[str]], open_at: list[int], *, place: str) -> None:
    if not open_at:
        raise VocabularyError(f"{place}: | stands outside brackets; write (this|that)")
    parts.append("|")
    needs.append(_OR)
