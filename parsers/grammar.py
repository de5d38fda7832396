"""The small language of the vocabulary's patterns, put into regular expressions: words, `<class>`, `(this|that)`, `word?`, `~` and `+`."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
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


class Grammar:
    """Puts patterns into regular expressions; each line, and each class within the lines, once."""

    def __init__(self, classes: Mapping[str, tuple[str, ...]]) -> None:
        self._classes = classes
        self._barrier = "|".join(re.escape(word) for word in classes.get("barrier", ("not",)))
        self._lines: dict[str, Translated] = {}
        self._plain: dict[str, tuple[str, frozenset[str]]] = {}
        self._put_in: dict[str, tuple[str, frozenset[str]]] = {}

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
        for atom in atoms:
            bare = atom.removesuffix("?")
            if bare == "(":
                open_at.append(len(needs))
                parts.append("(?:")
            elif bare == ")":
                _close(parts, needs, open_at, optional=atom != bare, place=place)
            elif bare == "|":
                _or(parts, needs, open_at, place=place)
            elif bare[0] in "~+":
                parts.append(self._gap(bare))
            else:
                source, words = self._word(bare, place, within)
                parts.append(f"(?:{source})?" if atom != bare else source)
                needs += [words] if atom == bare else []
        if open_at:
            raise VocabularyError(f"{place}: a bracket is not closed; put ) where it ends")
        return Translated("".join(parts), tuple(need for need in needs if need))

    def _gap(self, bare: str) -> str:
        if bare[0] == "+":
            return _WIDE_GAP % bare[1:]
        return _PHRASE_GAP % (self._barrier, bare[1:] or "3")

    def _word(self, bare: str, place: str, within: tuple[str, ...]) -> tuple[str, frozenset[str]]:
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

    def _class(self, name: str, place: str, within: tuple[str, ...]) -> tuple[str, frozenset[str]]:
        lines = self._classes.get(name)
        if not lines:
            near = difflib.get_close_matches(name, self._classes, n=1)
            advice = f"did you mean <{near[0]}>?" if near else f"add it to the table [class], or write the words themselves, {_EXAMPLE}"
            raise VocabularyError(f"{place}: there is no class <{name}>; {advice}")
        inner = (*within, name)
        translated = [self.translate(line, where=place, within=inner) for line in sorted(lines, key=len, reverse=True)]
        # A class is there if any of its alternatives is: one word of each alternative stands for it.
        needs = frozenset[str]().union(*(min(line.needs, key=commonness) for line in translated))
        return "(?:" + "|".join(line.source for line in translated) + ")", needs


def _plain(word: str, place: str) -> tuple[str, frozenset[str]]:
    if not _WORD.fullmatch(word):
        advice = " ".join(re.findall(r"\w+", word))
        raise VocabularyError(f"{place}: {word!r} would never be found, since messages are cut at such marks; write {advice!r}")
    return re.escape(word) + " ", frozenset((word,))


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
