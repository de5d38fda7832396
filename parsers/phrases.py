"""A text as tokens, with every phrase of the vocabularies' field tables found in it in one pass."""

from __future__ import annotations

import functools
import html
import re
import string
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from parsers.memo import Memo
from parsers.phrasebook import Begun, Lexicon, fold, lexicon, spelt
from parsers.tokens import CHARACTERS, LINES, WORDS
from parsers.vocabulary import Vocabulary

WRAPPED = 55  # a line this long was broken by its mail program, not by its writer
SENTENCE_ENDS = frozenset(".!?;\n¡¿…")
_BETWEEN = frozenset("-/")  # words of a phrase
_MOST_KNOWN = 8_192  # words that are kept with what they begin

_TOKEN = re.compile(r"\d{1,2}:\d{2}(?:[apAP][mM]?\b)?|[^\W_]+(?:'[^\W_]+)*|\n|[^\w\s]")
_INITIALS = re.compile(r"\b([A-Za-z])\.\s?([A-Za-z])\.(?!\w)")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,100}|(?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]{0,2}\d{3}[ .-]?\d{4}\b"
)
_THREE_DIGITS = re.compile(r"\d{3}")
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


# A text has many of both, which calls of their own would make twice as dear.
_token = functools.partial(tuple.__new__, Token)
_mark = functools.partial(tuple.__new__, Mark)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    plain: str
    tokens: Sequence[Token]
    words: Sequence[str]  # of the tokens
    marks: Mapping[int, Mapping[str, Mark | str]]  # by the token with which a mark begins, then by kind; of one word its value alone
    kinds: AbstractSet[str]  # of all marks
    cased: bool  # capitals tell something: the text is neither all small nor all capitals
    listed: dict[str, Sequence[Mark]] = field(default_factory=dict)  # the marks of the kinds that were asked for

    def of(self, kind: str) -> Sequence[Mark]:
        """Return the marks of a kind in their order."""
        if kind not in self.kinds:
            return ()
        if kind not in self.listed:
            found = [self.at(kind, index) for index, here in self.marks.items() if kind in here]
            self.listed[kind] = list(filter(None, found))
        return self.listed[kind]

    def within(self, kind: str, start: int, end: int) -> Sequence[Mark]:
        """Return the marks of a kind that begin in this stretch."""
        return [mark for mark in self.of(kind) if start <= mark.start < end] if kind in self.kinds else ()

    def kinds_at(self, index: int) -> Collection[str]:
        """Return the kinds of all marks that begin here."""
        return self.marks.get(index, ())

    def word(self, index: int) -> str:
        return self.words[index] if 0 <= index < len(self.words) else ""

    def at(self, kind: str, index: int) -> Mark | None:
        """Return the mark of a kind that begins here."""
        here = self.marks.get(index)
        if here is None:
            return None
        found = here.get(kind)
        return _mark((index, index + 1, found)) if isinstance(found, str) else found

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
    cut = list(islice(_cut(plain), WORDS))
    raws = [found[0] for found in cut]
    found = list(map(_known_by(known).__getitem__, raws))
    words, begun = [word for word, _ in found], [begins for _, begins in found]
    tokens = list(map(_token, zip(words, raws, map(re.Match.start, cut), map(re.Match.end, cut), strict=True)))
    marks = _marks(words, begun)
    return Text(plain, tokens, words, marks, frozenset().union(*marks.values()), cased=_is_cased(plain))


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
    if "@" in text or "://" in text or "www." in text or _THREE_DIGITS.search(text):  # as in every address, and in few texts
        text = _ADDRESS.sub(lambda found: "#".ljust(len(found[0])), text)
    if known.stop:
        text = known.stop.sub(" .", text)
    return text


def _cut(plain: str) -> Iterator[re.Match[str]]:
    found = _TOKEN.finditer(plain)
    return _unwrapped(found, plain) if "\n" in plain else found


def _unwrapped(tokens: Iterator[re.Match[str]], plain: str) -> Iterator[re.Match[str]]:
    begun = 0
    for found in tokens:
        if found[0] == "\n":
            start, end = found.span()
            wrapped = start - begun >= WRAPPED and plain[end : end + 1] not in ("\n", "")
            begun = end
            if wrapped:
                continue
        yield found


@functools.lru_cache(maxsize=8)
def _known_by(known: Lexicon) -> Memo[str, tuple[str, Begun | None]]:
    """Words come again, though messages do not."""
    return Memo(functools.partial(_known, known=known), _MOST_KNOWN)


def _known(raw: str, known: Lexicon) -> tuple[str, Begun | None]:
    """Return a word as the vocabularies write it, and what it begins."""
    word = fold(raw)
    word = "," if word in known.comma else spelt(word, known)
    return word, known.phrases.get(word)


def _marks(words: Sequence[str], begun: Sequence[Begun | None]) -> dict[int, Mapping[str, Mark | str]]:
    """Find every phrase, of each kind the longest, none over another of its kind."""
    marks: dict[int, Mapping[str, Mark | str]] = {}
    taken: dict[str, int] = {}
    last = 0  # where the longest phrase so far ends
    following = [*words[1:], ""] if _BETWEEN.isdisjoint(words) else [_second(words, index) for index in range(len(words))]
    for index, (begins, second) in enumerate(zip(begun, following, strict=False)):
        if begins is None:
            continue
        here: Mapping[str, Mark | str] = begins.values
        if index < last:
            here = {kind: value for kind, value in here.items() if taken.get(kind, 0) <= index}
        if phrases := begins.longer.get(second):
            found: dict[str, Mark] = {}
            for rest, kind, value in phrases:
                if kind not in found and taken.get(kind, 0) <= index and (end := _end(words, index + 1, rest)):
                    found[kind] = _mark((index, end, value))
                    last = max(last, end)
            if found:
                taken |= {kind: mark.end for kind, mark in found.items()}
                here = {**here, **found}
        if here:
            marks[index] = here
    return marks


def _second(words: Sequence[str], index: int) -> str:
    """Return the next word but for a hyphen or a stroke."""
    after = words[index + 1 : index + 3]
    return after[-1] if after and after[0] in _BETWEEN else after[0] if after else ""


def _end(words: Sequence[str], at: int, rest: tuple[str, ...]) -> int:
    """Return where a phrase ends that goes on here, or 0; a hyphen or a stroke between its words does not count."""
    for word in rest:
        if at < len(words) and words[at] != word and words[at] in _BETWEEN:
            at += 1
        if at >= len(words) or words[at] != word:
            return 0
        at += 1
    return at
