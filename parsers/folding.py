"""Letters are made alike before they are compared, and lists of phrases become one fast pattern."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

_MARKS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_][\w'.\-]{0,40}")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u00b4`\u2032"), "'") | {0xA0: " ", 0x202F: " ", 0x2011: "-", 0xFF1A: ":"}


def fold(text: str) -> str:
    """Lower case, without accents, with straight apostrophes; the lines stay where they are."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))).casefold()


def tokens(folded: str) -> set[str]:
    """The words of a folded text, for comparison with a set of words."""
    return {word.strip(".'-") for word in _WORD.findall(folded)}


def pattern(phrases: Iterable[str], *, before: str = "", after: str = "") -> re.Pattern[str]:
    """Any of the phrases as whole words, the longest first; `*` in a phrase stands for a few words."""
    ordered = sorted({fold(phrase) for phrase in phrases}, key=len, reverse=True)
    # Those that begin a word go together behind one look at what stands ahead: no other begins with the same letter.
    words = "|".join(_ended(phrase) for phrase in ordered if _is_lettered(phrase[:1]))
    marks = "|".join(_ended(phrase) for phrase in ordered if not _is_lettered(phrase[:1]))
    any_of = "|".join(found for found in (words and rf"(?<!\w)(?:{words})", marks) if found)
    return re.compile(f"{before}(?:{any_of or '(?!)'}){after}")


class Sought:
    """Any of the phrases anywhere in a folded text; most texts hold none, which is told without the pattern."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = tuple(phrases)
        # The first piece of a phrase stands in a text wherever the phrase does.
        self._pieces = tuple(dict.fromkeys(fold(phrase).partition("*")[0] for phrase in self._phrases))

    def search(self, folded: str, start: int = 0) -> re.Match[str] | None:
        for piece in self._pieces:
            if piece in folded:
                return self.pattern.search(folded, start)
        return None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return pattern(self._phrases)


def _ended(phrase: str) -> str:
    inner = re.escape(phrase).replace(r"\*", r"[^\n]{1,60}?").replace(r"\ ", " ")
    return inner + (r"(?!\w)" if _is_lettered(phrase[-1:]) else "")


def _is_lettered(character: str) -> bool:
    """Chinese and Japanese put no space between words."""
    return character.isalnum() and character < "\u3000"
