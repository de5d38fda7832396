"""A text is written the way the vocabulary's patterns are: small letters, no accents, contractions and spellings undone."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, islice, pairwise
from typing import Any

from rapidfuzz.distance import OSA

from parsers.memo import Memo
from parsers.vocabulary import Vocabulary

CHARACTERS = 20_000
LINES = 2_000
WORDS = 5_000  # and marks; more than so many characters hold, unless somebody makes a text for it
LONG_LINE = 45  # a shorter line ended because its writer ended it, not because a mail program wrapped it

_APOSTROPHES = "\u2019\u2018\u02bc\u00b4\u0060\uff07\u201b\u2032"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f"
_QUOTES = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_INVISIBLE) | {"\u00a0": " "})
_DIGITS_AS_LETTERS = str.maketrans({"!": "i", "1": "i", "@": "a", "$": "s", "0": "o", "3": "e", "*": "i"})
_LINK = r"(?:https?://|www\.)[^\s]{1,2000}"
_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,100}"
_LETTERS = r"(?:[a-z]\.){2,6}"
_WORD = r"[^\W_]+(?:['!@$*][^\W_]+)*'?"
_PAUSES = r",:()\u2013\u2014/"
# A dot inside a number or an abbreviation ends nothing.
_OTHERS = rf"{_LETTERS}|{_WORD}|[!?;\u2026\n\u00bf\u00a1]|\.(?!\d)|[{_PAUSES}]|-(?=\s)|[&+]"
_TOKEN = re.compile(f"{_LINK}|{_MAIL}|{_OTHERS}")
_TOKEN_WITHOUT_MAIL = re.compile(f"{_LINK}|{_OTHERS}")  # each word costs one look less
_KIND = re.compile(f"(?P<link>{_LINK})|(?P<mail>{_MAIL})|(?P<letters>{_LETTERS})|(?P<word>{_WORD})|(?P<pause>[-{_PAUSES}])|(?P<and>[&+])")
_LEET = re.compile(r"[a-z][!@$*013][a-z]|^[!@$013][a-z]{3}")
ENDS = (" . ", " ? ")  # of sentences
_YEAR = re.compile(r"19[5-9]\d|20[0-4]\d")
_STRETCHED = re.compile(r"(.)\1{2,}")
_MOST_WRITTEN = 8_192  # words that are kept as they were written


@dataclass(frozen=True, slots=True, eq=False)
class Speller:
    """What the vocabularies say of spelling, ready for look-up."""

    expand: Mapping[str, str]
    endings: tuple[tuple[str, str], ...]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]  # by first word; the longest phrase first
    begun: frozenset[str | tuple[str, ...]]  # the first two words of each phrase, or its only one, and what may be dictated
    dictated: Mapping[str, str]
    undictated: frozenset[str]
    known: frozenset[str]
    keywords: tuple[str, ...]

    def words(self, token: str) -> Iterator[str]:
        if "'" in token:
            yield from self._contracted(token)
            return
        written = self._known_form(token)
        yield from self.expand.get(written, written).split()

    def _contracted(self, token: str) -> Iterator[str]:
        joined = token.replace("'", "")
        written = self.expand.get(token) or self.expand.get(joined)
        if written:
            yield from written.split()
            return
        for ending, meaning in self.endings:
            if token.endswith(ending) and len(token) > len(ending):
                yield from self.words(token[: -len(ending)].replace("'", ""))
                yield from meaning.split()
                return
        yield from self.words(joined)

    def _known_form(self, token: str) -> str:
        if token.isdigit():
            return "_year" if _YEAR.fullmatch(token) else token
        if token in self.known:
            return token
        if _LEET.search(token) and (plain := token.translate(_DIGITS_AS_LETTERS)) in self.known:
            return plain
        if token.endswith("in") and len(token) > 4 and token + "g" in self.known:  # "blowin"
            return token + "g"
        if _STRETCHED.search(token):
            twice, once = _STRETCHED.sub(r"\1\1", token), _STRETCHED.sub(r"\1", token)
            return twice if twice in self.known else once
        return self._nearest(token)

    def _nearest(self, token: str) -> str:
        if len(token) < 5 or len(token) > 20 or not token.isalpha():
            return token
        for keyword in self.keywords:
            allowed = 2 if len(keyword) > 8 else 1
            if keyword[0] == token[0] and OSA.distance(token, keyword, score_cutoff=allowed) <= allowed:
                return keyword
        return token


@lru_cache(maxsize=32)  # the reading asks again what the screening for risk asked a moment before
def plain_words(text: str, vocabulary: Vocabulary) -> str:
    """Return the words, each followed by a space and all led by one; `.`, `?` and `,` stand as words of their own."""
    speller = speller_of(vocabulary)
    words = _joined(list(islice(_spelled(_cap(text), speller), WORDS)), speller)
    return " " + " ".join(words) + " " if words else " "


def closed(words: str) -> str:
    """With a full stop at the end, which a text seldom has, and by which many a pattern tells "I am done."."""
    return words if words.endswith(ENDS) else f"{words}. "


@lru_cache(maxsize=8)
def speller_of(vocabulary: Vocabulary) -> Speller:
    tables = [language.get("spelling", {}) for language in vocabulary.languages.values()]
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for table in tables:
        for said, meant in table.get("phrases", {}).items():
            first, *_ = parts = said.split()
            phrases.setdefault(first, []).append((tuple(parts), tuple(meant.split())))
    expand, dictated = _merged(tables, "expand"), _merged(tables, "dictated")
    known = frozenset(_every_word(vocabulary.languages.values())) | expand.keys()
    return Speller(
        expand=expand,
        endings=tuple(sorted(_merged(tables, "endings").items(), key=lambda pair: -len(pair[0]))),
        phrases={first: tuple(sorted(found, key=lambda pair: -len(pair[0]))) for first, found in phrases.items()},
        begun=frozenset((*(said[:2] if len(said) > 1 else said[0] for found in phrases.values() for said, _ in found), *dictated)),
        dictated=dictated,
        undictated=frozenset(word for table in tables for word in table.get("undictated", ())),
        known=known,
        keywords=tuple(word for table in tables for word in table.get("fuzzy", ())),
    )


def flat(text: str) -> str:
    """Small letters without accents, straight quotes, no invisible characters."""
    if text.isascii():
        return text.replace("`", "'").lower()
    text = text.translate(_QUOTES).casefold()
    if text.isascii():
        return text
    # Marks that stand by themselves go first: to put thousands of them in order takes as many steps for each.
    return _unmarked(unicodedata.normalize("NFKD", _unmarked(text)))


def _unmarked(text: str) -> str:
    marks = list(filter(unicodedata.combining, set(text)))
    return text.translate(dict.fromkeys(map(ord, marks))) if marks else text


def _merged(tables: Iterable[Mapping[str, Any]], key: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for table in tables:
        merged |= {said: meant for said, meant in table.get(key, {}).items() if said not in merged}
    return merged


def _every_word(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r"[^\W_]+", flat(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _every_word(str(key))
            yield from _every_word(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _every_word(item)


def _cap(text: str) -> str:
    text = text[:CHARACTERS]
    if "&" in text:
        text = html.unescape(text)
    text = flat(text)
    if "\n" not in text:
        return text.strip()
    lines = text.split("\n")[:LINES]
    joined: list[str] = []
    for line in lines:
        joined.append(line.strip())
        joined.append("\n" if len(line) < LONG_LINE else " ")
    return "".join(joined[:-1])


def _spelled(text: str, speller: Speller) -> Iterator[str]:
    """Yield words and marks."""
    tokens = (_TOKEN if "@" in text else _TOKEN_WITHOUT_MAIL).findall(text)
    return chain.from_iterable(map(_written_by(speller).__getitem__, tokens))


@lru_cache(maxsize=8)
def _written_by(speller: Speller) -> Memo[str, tuple[str, ...]]:
    """Words come again, though messages do not."""
    return Memo(partial(_written, speller=speller), _MOST_WRITTEN)


def _written(said: str, speller: Speller) -> tuple[str, ...]:
    found = _KIND.fullmatch(said)
    match found and found.lastgroup:
        case "word":
            return tuple(speller.words(said.removesuffix("'")))
        case "letters":
            return (said.replace(".", ""),)
        case "pause":
            return (",",)
        case "and":
            return tuple(speller.words("&"))
        case None:
            return ("?" if said == "?" else ".",)
        case kind:
            return (f"_{kind}",)


def _joined(words: list[str], speller: Speller) -> list[str]:
    """Undo dictated marks and misheard phrases, which few texts have."""
    if speller.begun.isdisjoint(pairwise(words)) and speller.begun.isdisjoint(words):
        return words
    return list(_join(words, speller))


def _join(words: list[str], speller: Speller) -> Iterator[str]:
    at = 0
    last = ""
    while at < len(words):
        word = words[at]
        if word in speller.dictated and last not in speller.undictated and words[at + 1 : at + 2] != ["of"]:
            words[at] = word = speller.dictated[word]
        for said, meant in speller.phrases.get(word, ()):
            if tuple(words[at : at + len(said)]) == said:
                words[at : at + len(said)] = meant
                break
        if at >= len(words):
            return
        last = words[at]
        yield last
        at += 1
