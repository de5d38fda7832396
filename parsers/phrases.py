"""A text as tokens, with every phrase of the vocabularies' field tables found in it in one pass."""

from __future__ import annotations

import functools
import html
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from parsers.phrasebook import Lexicon, fold, lexicon, spelt
from parsers.tokens import CHARACTERS, LINES, WORDS
from parsers.vocabulary import Vocabulary

WRAPPED = 55  # a line this long was broken by its mail program, not by its writer
SENTENCE_ENDS = frozenset(".!?;\n¡¿…")

_TOKEN = re.compile(r"\d{1,2}:\d{2}(?:[apAP][mM]?\b)?|[^\W_]+(?:'[^\W_]+)*|\n|[^\w\s]")
_INITIALS = re.compile(r"\b([A-Za-z])\.\s?([A-Za-z])\.(?!\w)")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,100}|(?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]{0,2}\d{3}[ .-]?\d{4}\b"
)
_MAY_BE_ADDRESS = re.compile(r"\d{3}|@|://|www\.")  # every address holds one of these, and most texts none
_NO_CAPITALS = bytes(set(range(128)) - set(string.ascii_uppercase.encode()))
_NO_LETTERS = bytes(set(range(128)) - set(string.ascii_letters.encode()))
_MARKS = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u00b4`", "'")
    | dict.fromkeys("\u2013\u2014\u2212\u2010\u2011", "-")
    | dict.fromkeys("\u200b\u200c\u200d\ufeff\u2060", " ")
    | {"\u00a0": " ", "\t": " "}
)


class Token(NamedTuple):
    word: str  # small letters, no accents, no apostrophes
    raw: str
    start: int
    end: int


class Mark(NamedTuple):
    """A phrase of the vocabulary, from one token up to (not with) another."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Text:
    plain: str
    tokens: tuple[Token, ...]
    marks: Mapping[int, Mapping[str, Mark]]  # by the token with which a mark begins, then by kind
    kinds: Mapping[str, Sequence[Mark]]  # the same marks by kind, in their order
    cased: bool  # capitals tell something: the text is neither all small nor all capitals

    def of(self, kind: str) -> Sequence[Mark]:
        return self.kinds.get(kind, ())

    def within(self, kind: str, start: int, end: int) -> Sequence[Mark]:
        """Return the marks of a kind that begin in this stretch."""
        return [mark for mark in self.kinds.get(kind, ()) if start <= mark.start < end]

    def word(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def at(self, kind: str, index: int) -> Mark | None:
        """Return the mark of a kind that begins here."""
        found = self.marks.get(index)
        return found.get(kind) if found else None

    def ends(self, kind: str, index: int, *, longest: int = 4) -> Mark | None:
        """Return the mark of a kind that ends here."""
        if kind in self.kinds:
            for length in range(1, longest + 1):
                mark = self.at(kind, index - length)
                if mark and mark.end == index:
                    return mark
        return None


@functools.lru_cache(maxsize=2)  # the fields are read once to weigh the acts and once more when they are settled
def scan(text: str, vocabulary: Vocabulary) -> Text:
    known = lexicon(vocabulary)
    plain = _plain(text, known)
    tokens = tuple(islice(_tokens(plain, known), WORDS))
    marks = _marks(tokens, known)
    kinds: dict[str, list[Mark]] = {}
    for found in marks.values():
        for kind, mark in found.items():
            kinds.setdefault(kind, []).append(mark)
    return Text(plain, tokens, marks, kinds, cased=_is_cased(plain))


def _is_cased(plain: str) -> bool:
    if plain.isascii():
        raw = plain.encode()
        return 0 < len(raw.translate(None, _NO_CAPITALS)) < 0.6 * len(raw.translate(None, _NO_LETTERS))
    letters = "".join(filter(str.isalpha, plain))
    return 0 < sum(map(str.isupper, letters)) < 0.6 * len(letters)


def _plain(text: str, known: Lexicon) -> str:
    text = "\n".join(text[:CHARACTERS].splitlines()[:LINES])
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = text.replace("`", "'").replace("\t", " ") if text.isascii() else text.translate(_MARKS)
    if text.count(".") > 1:
        text = _INITIALS.sub(r"\1\2", text)
    if _MAY_BE_ADDRESS.search(text):
        text = _ADDRESS.sub(lambda found: "#".ljust(len(found[0])), text)
    if known.stop:
        text = known.stop.sub(" .", text)
    return text


def _tokens(plain: str, known: Lexicon) -> Iterator[Token]:
    begun = 0
    for found in _TOKEN.finditer(plain):
        raw = found[0]
        start, end = found.span()
        if raw == "\n":
            wrapped = start - begun >= WRAPPED and plain[end : end + 1] not in ("\n", "")
            begun = end
            if not wrapped:
                yield Token("\n", raw, start, end)
            continue
        yield Token(_word(raw, known), raw, start, end)


@functools.lru_cache(maxsize=8_192)  # words come again, though messages do not
def _word(raw: str, known: Lexicon) -> str:
    word = fold(raw)
    return "," if word in known.comma else spelt(word, known)


def _marks(tokens: tuple[Token, ...], known: Lexicon) -> dict[int, dict[str, Mark]]:
    """Find every phrase, of each kind the longest, none over another of its kind."""
    marks: dict[int, dict[str, Mark]] = {}
    taken: dict[str, int] = {}
    last = len(tokens) - 1
    begun = known.phrases
    for index, token in enumerate(tokens):
        if (phrases := begun.get(token.word)) is None:
            continue
        singles, longer = phrases
        here: dict[str, Mark] = {}
        if longer and index < last:
            second = tokens[index + 1].word
            if second in ("-", "/") and index + 1 < last:
                second = tokens[index + 2].word
            for rest, kind, value in longer.get(second, ()):
                if kind not in here and taken.get(kind, 0) <= index and (end := _end(tokens, index + 1, rest)):
                    here[kind] = Mark(index, end, value)
        for _, kind, value in singles:
            if kind not in here and taken.get(kind, 0) <= index:
                here[kind] = Mark(index, index + 1, value)
        if here:
            marks[index] = here
            taken.update((kind, mark.end) for kind, mark in here.items())
    return marks


def _end(tokens: tuple[Token, ...], at: int, rest: tuple[str, ...]) -> int:
    """Return where a phrase ends that goes on here, or 0; a hyphen or a stroke between its words does not count."""
    for word in rest:
        if at < len(tokens) and tokens[at].word != word and tokens[at].word in ("-", "/"):
            at += 1
        if at >= len(tokens) or tokens[at].word != word:
            return 0
        at += 1
    return at
