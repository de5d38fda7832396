"""One letter for each word of the vocabulary's patterns: a pattern of words becomes one of letters, shorter and found sooner."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby, repeat

NOTHING = "\0"  # stands for what is not there between two spaces
UNKNOWN = "\1"  # for a word that no pattern knows
_FIRST = 0x100  # beyond all that means something in a regular expression
_SURROGATES = 0xD800, 0x800  # where they begin, and how many they are: no regular expression holds one


class Alphabet:
    def __init__(self) -> None:
        self.letters_of = {"": NOTHING}  # by the words
        self._common: dict[str, int] = {}

    def letter(self, word: str) -> str:
        letter = self.letters_of.get(word)
        if letter is None:
            at = _FIRST + len(self.letters_of)
            letter = self.letters_of[word] = sys.intern(chr(at if at < _SURROGATES[0] else at + _SURROGATES[1]))
            self._common[letter] = 8 if len(word) < 3 else 4 if len(word) < 4 else 2 if len(word) < 5 else 1
        return letter

    def letters(self, words: Iterable[str]) -> str:
        return "".join([self.letter(word) for word in words])

    def rarest(self, needs: Iterable[str]) -> str:
        """Return the set whose words are there least often, by their length."""
        return min(needs, key=lambda need: sum(map(self._common.__getitem__, need)), default="")


def spell(words: Iterable[str], letters_of: Mapping[str, str]) -> str:
    """Put a text into an alphabet's letters."""
    return "".join(map(letters_of.get, words, repeat(UNKNOWN)))


def united(sets: Iterable[str]) -> str:
    """All letters of several sets; a set is a string of letters in their order, which takes a fraction of a real one's room."""
    return "".join(sorted(set("".join(sets))))


def ranges(letters: str) -> str:
    """Write a set of letters shortly: those that follow one another from the first to the last."""
    ordered = sorted(map(ord, set(letters)))
    runs = groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])
    return "".join(_range([code for _, code in run]) for _, run in runs)


def _range(codes: list[int]) -> str:
    return chr(codes[0]) if len(codes) == 1 else f"{chr(codes[0])}-{chr(codes[-1])}"
