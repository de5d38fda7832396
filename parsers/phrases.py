"""A text as tokens, with every phrase of the vocabularies' field tables found in it in one pass."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from parsers.vocabulary import Vocabulary

CHARACTERS = 20_000
LINES = 2_000
WRAPPED = 55  # a line this long was broken by its mail program, not by its writer
SENTENCE_ENDS = frozenset(".!?;\n¡¿…")

# A table of values names its marks by itself ("setting"); a table of cues by itself and the key ("times.after").
_VALUES = ("setting", "population", "modality", "languages", "days", "parts")
_CUES = (
    "setting_short", "setting_block", "population_block", "modality_block", "language_cues", "times", "times_glue", "times_block",
    "capacity", "channel", "consent_words", "names", "places", "other_people", "own_number",
)  # fmt: skip
_FORGIVEN = 6  # letters from which a slip is forgiven
_TOKEN = re.compile(r"\d{1,2}:\d{2}(?:[ap]m?\b)?|[^\W_]+(?:'[^\W_]+)*|\n|[^\w\s]", re.IGNORECASE)
_INITIALS = re.compile(r"\b([A-Za-z])\.\s?([A-Za-z])\.(?!\w)")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,100}|(?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]{0,2}\d{3}[ .-]?\d{4}\b")
_MARKS = str.maketrans(dict.fromkeys("’‘ʼ´`", "'") | dict.fromkeys("–—−‐‑", "-") | dict.fromkeys("\u200b\u200c\u200d\ufeff\u2060", " ") | {"\u00a0": " ", "\t": " "})


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


class Entry(NamedTuple):
    rest: tuple[str, ...]
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Text:
    plain: str
    tokens: tuple[Token, ...]
    marks: Mapping[str, Mapping[int, Mark]]  # by kind, then by the token with which a mark begins
    cased: bool  # capitals tell something: the text is neither all small nor all capitals

    def of(self, kind: str) -> tuple[Mark, ...]:
        return tuple(self.marks.get(kind, {}).values())

    def word(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def at(self, kind: str, index: int) -> Mark | None:
        """Return the mark of a kind that begins here."""
        found = self.marks.get(kind)
        return found.get(index) if found else None

    def ends(self, kind: str, index: int, *, longest: int = 4) -> Mark | None:
        """Return the mark of a kind that ends here."""
        marks = (self.at(kind, index - length) for length in range(1, longest + 1))
        return next((mark for mark in marks if mark and mark.end == index), None)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    entries: Mapping[str, tuple[Entry, ...]]  # by first word, the longest first
    words: frozenset[str]
    forgiven: tuple[str, ...]  # the words in which a slip is forgiven
    comma: frozenset[str]
    stop: re.Pattern[str] | None


def scan(text: str, vocabulary: Vocabulary) -> Text:
    known = lexicon(vocabulary)
    plain = _plain(text, known)
    tokens = tuple(_tokens(plain, known))
    letters = [character for character in plain if character.isalpha()]
    capitals = sum(map(str.isupper, letters))
    return Text(plain, tokens, _marks(tokens, known), cased=0 < capitals < 0.6 * len(letters))


def fold(word: str) -> str:
    """Write a word as the vocabularies do: small, without accents and apostrophes; a longer word loses its possessive."""
    word = word.lower()
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    if word.endswith("'s") and len(word) > 5:
        return word[:-2]
    return word.replace("'", "")


@functools.cache
def lexicon(vocabulary: Vocabulary) -> Lexicon:
    entries: dict[str, dict[Entry, None]] = {}
    for phrase, kind, value in _phrases(vocabulary):
        first, *rest = phrase.split()
        entries.setdefault(first, {})[Entry(tuple(rest), kind, value)] = None
    ordered = {first: tuple(sorted(found, key=lambda entry: -len(entry.rest))) for first, found in entries.items()}
    words = frozenset(entries) | {word for found in entries.values() for entry in found for word in entry.rest}
    right = {word for table in vocabulary.languages.values() for word in table["look_alike"]["right"]}
    values = {word for phrase, kind, _ in _phrases(vocabulary) if kind in _VALUES for word in phrase.split()}
    spoken = [table["spoken_marks"] for table in vocabulary.languages.values()]
    stops = sorted((re.escape(phrase) for table in spoken for phrase in table["stop"]), key=len, reverse=True)
    return Lexicon(
        entries=ordered,
        words=words | right,
        forgiven=tuple(sorted(word for word in values if len(word) >= _FORGIVEN and word.isalpha())),
        comma=frozenset(word for table in spoken for word in table["comma"]),
        stop=re.compile(rf"(?<=[\w)]) (?:{'|'.join(stops)})(?=\s|$)", re.IGNORECASE) if stops else None,
    )


def table(vocabulary: Vocabulary, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield a table of that name from each language."""
    return (language[name] for language in vocabulary.languages.values())


@functools.cache
def word_set(vocabulary: Vocabulary, name: str, key: str) -> frozenset[str]:
    """Return a list of the vocabularies, all languages together."""
    return frozenset(word for found in table(vocabulary, name) for word in found[key])


def _phrases(vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    for language in vocabulary.languages.values():
        for name in (*_VALUES, *_CUES):
            for key, phrases in language[name].items():
                if isinstance(phrases, list) and not (name in ("names", "places") and key in ("stop", "credentials", "pronouns", "titles")):
                    kind = name if name in _VALUES else f"{name}.{key}"
                    yield from ((phrase, kind, key) for phrase in phrases if phrase and phrase[0] != " ")


def _plain(text: str, known: Lexicon) -> str:
    text = "\n".join(text[:CHARACTERS].splitlines()[:LINES])
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = _INITIALS.sub(r"\1\2", text.translate(_MARKS))
    text = _ADDRESS.sub(lambda found: "#".ljust(len(found[0])), text)
    if known.stop:
        text = known.stop.sub(" .", text)
    return text


def _tokens(plain: str, known: Lexicon) -> Iterator[Token]:
    begun = 0
    for found in _TOKEN.finditer(plain):
        raw = found[0]
        if raw == "\n":
            wrapped = found.start() - begun >= WRAPPED and plain[found.end() : found.end() + 1] not in ("\n", "")
            begun = found.end()
            if not wrapped:
                yield Token("\n", raw, found.start(), found.end())
            continue
        word = fold(raw)
        yield Token("," if word in known.comma else _spelt(word, known), raw, found.start(), found.end())


@functools.lru_cache(maxsize=8_192)
def _spelt(word: str, known: Lexicon) -> str:
    """Undo one slip in a long word that means something here; a first letter is seldom wrong."""
    if len(word) < _FORGIVEN - 1 or word in known.words or not word.isalpha():
        return word
    slips = 1 if len(word) < 9 else 2
    near = [(OSA.distance(word, right, score_cutoff=slips), right) for right in known.forgiven if right[0] == word[0] and abs(len(right) - len(word)) <= slips]
    distance, right = min(near, default=(slips + 1, word))
    return right if distance <= slips else word


def _marks(tokens: tuple[Token, ...], known: Lexicon) -> dict[str, dict[int, Mark]]:
    marks: dict[str, dict[int, Mark]] = {}
    taken: dict[str, int] = {}
    entries = known.entries
    for index, token in enumerate(tokens):
        found = entries.get(token.word)
        if not found:
            continue
        for rest, kind, value in found:
            end = _end(tokens, index + 1, rest) if rest else index + 1
            if end and taken.get(kind, 0) <= index:
                marks.setdefault(kind, {})[index] = Mark(index, end, value)
                taken[kind] = end
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
