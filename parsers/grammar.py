"""The small language of the vocabulary's patterns, put into regular expressions: words, `<class>`, `(this|that)`, `word?`, `~` and `+`."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from parsers.alphabet import NOTHING, Alphabet, ranges, united
from parsers.errors import VocabularyError

_ATOM = re.compile(r"\(\w+(?:\|\w+)*\)\??|\(|\)\??|\||<[a-z_]+>\??|~[1-9]?|\+[1-9][0-9]?|[^\s()|<>~?+]+\??")
_WORD = re.compile(r"\w+|[.,&]")
_GAP = re.compile(r"[~+][^\s()|]*")
_WHOLE_GAP = re.compile(r"~[1-9]?|\+[1-9][0-9]?")
_NEAR = 6  # words of a gap that a pattern begins with, over which a look ahead is cheaper than a try
_EXAMPLE = "such as (this|that)"
_OUTSIDE = {
    ")": "a bracket is closed that was not opened; put ( where it begins, or take ) out",
    "|": "| stands outside brackets; write (this|that)",
}

Needs = tuple[str, ...]


class Translated(NamedTuple):
    source: str  # a regular expression; where it holds a group, that is what is found
    needs: Needs  # of each of these sets of letters one must be there, or the search is not worth its time


class _Piece(NamedTuple):
    """What a question mark may stand behind: a word, a class, a bracket."""

    source: str
    needs: Needs
    letters: str = ""  # where it is a word, all those that it may be
    firsts: str = ""  # with which it begins
    behind: str = ""  # or with which it goes on behind a gap
    gap: int = 0  # of so many words at most
    may_be_empty: bool = False


@dataclass(slots=True)
class _Run:
    """Pieces that follow one another."""

    sources: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    letters: str = ""  # where it is but one word, all those that it may be
    firsts: str = ""
    behind: str = ""
    gap: int = 0
    may_be_empty: bool = True

    def add(self, piece: _Piece, optional: bool) -> None:  # noqa: FBT001 - the pair that an atom stands for
        self.letters = "" if self.sources or optional else piece.letters
        self.sources.append(f"{piece.source}?" if optional else piece.source)
        if self.may_be_empty:
            if self.gap:
                self.behind += piece.firsts
            else:
                self.firsts += piece.firsts
            self.behind += piece.behind
            self.gap += piece.gap
            self.may_be_empty = optional or piece.may_be_empty
        if not optional:
            self.needs += piece.needs


class Grammar:
    """Puts patterns into regular expressions over the letters of its alphabet; each class within them once."""

    def __init__(self, classes: Mapping[str, tuple[str, ...]]) -> None:
        self.alphabet = Alphabet()
        self._classes = classes
        self._put_in: dict[str, _Piece] = {}
        self._known: dict[str, tuple[_Piece, bool]] = {}  # what an atom stands for, and whether it may be left out
        self._written: Counter[str] = Counter()
        ends = self.alphabet.letters(".?") + NOTHING
        self._wide = f"[^{ends}]"
        self._narrow = self._of_phrase(ends + self.alphabet.letter(","))

    def translate(self, line: str, *, where: str) -> Translated:
        """Translate a line.

        Raises:
            VocabularyError: the line is no pattern, or one that would be found in any text.

        """
        run = self._run(line, where, ())
        return Translated(_searchable(run), tuple(run.needs))

    def check_classes(self) -> None:
        """Translate every class, those too that no pattern names.

        Raises:
            VocabularyError: an entry of one is no pattern.

        """
        for name, lines in self._classes.items():
            if lines:
                self._class(name, "[class]", ())

    def written(self) -> Mapping[str, int]:
        """Count for each letter how often its word is written in what was translated, which tells how often people write it."""
        counts: Counter[str] = Counter()
        for atom, (piece, _) in self._known.items():
            if atom[0] != "<":
                counts.update(dict.fromkeys(piece.letters, self._written[atom]))
        return counts

    def _of_phrase(self, ends: str) -> str:
        """Any word but those that end a phrase."""
        barriers = [self.alphabet.letters(words.split()) for words in self._classes.get("barrier", ("not",))]
        several = "|".join(barrier for barrier in barriers if len(barrier) > 1)
        one = f"[^{ranges(ends + ''.join(barrier for barrier in barriers if len(barrier) == 1))}]"
        return f"(?:(?!{several}){one})" if several else one

    def _run(self, line: str, where: str, within: tuple[str, ...]) -> _Run:
        place = f"{where}: {line!r}"
        open_at = [[_Run()]]  # for each bracket that is open, its alternatives
        atoms = _atoms(line, place)
        self._written.update(atoms)
        for atom in atoms:
            if known := self._known.get(atom):
                open_at[-1][-1].add(*known)
            elif atom == "(":
                open_at.append([_Run()])
            elif atom not in (")", ")?", "|"):
                self._known[atom] = self._piece(atom.removesuffix("?"), place, within), atom[-1] == "?"
                open_at[-1][-1].add(*self._known[atom])
            elif len(open_at) == 1:
                raise VocabularyError(f"{place}: {_OUTSIDE[atom[0]]}")
            elif atom == "|":
                open_at[-1].append(_Run())
            else:
                inner = self._any_of(open_at.pop())
                open_at[-1][-1].add(inner, atom == ")?")
        if len(open_at) > 1:
            raise VocabularyError(f"{place}: a bracket is not closed; put ) where it ends")
        run = open_at[0][0]
        if not run.needs:
            raise VocabularyError(f"{place} would be found in every text: leave at least one word of it without ?")
        return run

    def _piece(self, atom: str, place: str, within: tuple[str, ...]) -> _Piece:
        match atom[0]:
            case "(":
                return _one_of(self.alphabet.letters(atom[1:-1].split("|")))
            case "<":
                return self._class(atom[1:-1], place, within)
            case "~":
                return _Piece(f"{self._narrow}{{0,{atom[1:] or 3}}}?", (), gap=int(atom[1:] or 3), may_be_empty=True)
            case "+":
                return _Piece(f"{self._wide}{{0,{atom[1:]}}}?", (), gap=int(atom[1:]), may_be_empty=True)
        if not _WORD.fullmatch(atom):
            advice = " ".join(re.findall(r"\w+", atom))
            raise VocabularyError(f"{place}: {atom!r} would never be found, since messages are cut at such marks; write {advice!r}")
        return _one_of(self.alphabet.letter(atom))

    def _class(self, name: str, place: str, within: tuple[str, ...]) -> _Piece:
        if name in within:
            raise VocabularyError(f"{place}: the class <{name}> holds itself; take it out of its own entries")
        lines = self._classes.get(name)
        if not lines:
            near = difflib.get_close_matches(name, self._classes, n=1)
            advice = f"did you mean <{near[0]}>?" if near else f"add it to the table [class], or write the words themselves, {_EXAMPLE}"
            raise VocabularyError(f"{place}: there is no class <{name}>; {advice}")
        if name not in self._put_in:
            runs = [self._run(line, place, (*within, name)) for line in sorted(lines, key=len, reverse=True)]
            self._put_in[name] = self._any_of(runs)
        return self._put_in[name]

    def _any_of(self, runs: list[_Run]) -> _Piece:
        """Put alternatives together in their order; neighbours that are but one word each are one set of letters."""
        empty = any(run.may_be_empty for run in runs)
        firsts, behind = united(run.firsts for run in runs), united(run.behind for run in runs)
        gap = max(run.gap for run in runs)
        if len(runs) == 1:
            return _Piece(f"(?:{''.join(runs[0].sources)})", tuple(runs[0].needs), "", firsts, behind, gap, empty)
        sources: list[str] = []
        for is_word, some in groupby(runs, key=lambda run: bool(run.letters)):
            alternatives = list(some)
            if is_word:
                sources.append(_set("".join(run.letters for run in alternatives)))
            else:
                sources += ["".join(run.sources) for run in alternatives]
        letters = "".join(run.letters for run in runs) if all(run.letters for run in runs) else ""
        # One of the alternatives is there: the rarest word of each, together, is needed.
        rarest = [self.alphabet.rarest(run.needs) for run in runs]
        needs = (united(rarest),) if all(rarest) else ()
        return _Piece(f"(?:{'|'.join(sources)})", needs, letters, firsts, behind, gap, empty)


def _one_of(letters: str) -> _Piece:
    these = united([letters])
    return _Piece(_set(letters), (these,), letters, these)


def _set(letters: str) -> str:
    return letters if len(letters) == 1 else f"[{ranges(letters)}]"


def _searchable(run: _Run) -> str:
    """Have the search run ahead to a letter with which the pattern may begin, which it does by itself only where that is plain.

    Behind that letter it looks back by one, and from there ahead: so what is found is what the pattern alone would have found.
    One that may begin with a gap is tried only where what follows the gap is near.
    """
    source = "".join(run.sources)
    if run.behind and run.gap <= _NEAR:
        begins = f"[{ranges(run.firsts)}]|" if run.firsts else ""
        return f"(?={begins}.{{0,{run.gap}}}?[{ranges(run.behind)}]){source}"
    is_plain = not source.startswith("(?:") and not run.sources[0].endswith("?")
    return source if is_plain or run.gap else f"[{ranges(run.firsts)}](?<=(?=({source})).)"


def _atoms(line: str, place: str) -> list[str]:
    atoms = _ATOM.findall(line)
    for gap in _GAP.findall(line) if "~" in line or "+" in line else ():
        if not _WHOLE_GAP.fullmatch(gap):
            raise VocabularyError(f"{place}: {gap!r} is not a gap; write ~2 or +5 with a number from 1 (to 9, or 99) and a space behind it")
    if not atoms or "".join(atoms) != "".join(line.split()):
        unread = next(iter(_ATOM.sub(" ", line).split()), line)
        raise VocabularyError(f"{place}: {unread!r} cannot be read there; a pattern is written {_EXAMPLE}, word?, <class>, ~2, +5")
    return atoms
