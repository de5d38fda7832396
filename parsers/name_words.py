"""What a name looks like: its words, capitals and length, and which words never are one."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from parsers.phrasebook import table, word_set
from parsers.phrases import Text
from parsers.towns import named_place
from parsers.vocabulary import Vocabulary

_LONGEST = 3  # words of a name, a title not counted
_VALUES = frozenset(("setting", "setting_short.er", "setting_short.va", "population", "days", "parts", "languages", "modality"))


@dataclass(frozen=True, slots=True)
class Name:
    called: str
    end: int = 0  # the token behind it, in the writer's own words; 0 for a name that stood elsewhere


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    given: frozenset[str]
    given_words: frozenset[str]  # names that are plain words as well
    stop: frozenset[str]
    credentials: frozenset[str]
    titles: frozenset[str]
    offices: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameReader:
    text: Text
    vocabulary: Vocabulary
    known: Known
    greeted: frozenset[str] = frozenset()
    asked: bool = False  # then even "Sunday" may be one

    def take(self, index: int, *, sure: bool = False, towns: bool = True) -> tuple[int, int] | None:
        """Take a name that begins here; `sure` where something before it says that a name comes."""
        at, longest = index, index + _LONGEST
        if self.text.word(at) in self.known.titles:
            behind = at + 1 + (self.text.word(at + 1) == ".")
            if self.is_given(behind) or (behind > at + 1 and self._capital(behind) and self._may_be_name(behind)):
                at, longest = behind, behind + _LONGEST
        if not self._first(at, sure=sure):
            return None
        at += 1
        while at < longest and at < len(self.text.tokens):
            joined = self.text.word(at) in ("-", ".") and self._joins(at)
            if not self._goes_on(at + joined, index, towns=towns):
                break
            at += 1 + joined
        return index, at

    def _first(self, at: int, *, sure: bool) -> bool:
        if not self._may_be_name(at):
            return False
        word = self.text.word(at)
        if self._capital(at) or word in self.known.given:
            return True
        return sure or (word in self.known.given_words and (self._ends(at + 1) or self._leads_on(at + 1)))

    def _leads_on(self, at: int) -> bool:
        return any(self.text.at(kind, at) for kind in ("places.near", "names.here"))

    def _goes_on(self, at: int, start: int, *, towns: bool) -> bool:
        if not self._may_be_name(at):
            return False
        if not towns and named_place(self.text, at, self.vocabulary) and self.text.word(at + 1) != ",":
            return False
        if self._capital(start):
            return self._capital(at) or (not self.text.cased and self._surname(at))
        return self._surname(at)

    def _surname(self, at: int) -> bool:
        near = any(self.text.at(kind, at) for kind in ("places.near", "places.self"))
        return (self.asked or self._ends(at + 1)) and not near and len(self.text.word(at)) > 1

    def _joins(self, at: int) -> bool:
        """Say whether a hyphen or the point of an initial holds two parts of a name together."""
        before, mark = self.text.tokens[at - 1], self.text.tokens[at]
        after = self.text.tokens[at + 1] if at + 1 < len(self.text.tokens) else mark
        if mark.word == "-":
            return before.end == mark.start and mark.end == after.start
        return len(before.word) == 1 and before.end == mark.start

    def _may_be_name(self, at: int) -> bool:
        word = self.text.word(at)
        if not word.isalpha() or word in self.greeted:
            return False
        plain = word in self.known.stop and not (word in self.known.given_words and self._capital(at))
        whose = at < len(self.text.tokens) and self.text.tokens[at].raw.endswith(("'s", "\u2019s"))  # "this is Steve's wife"
        if plain or whose:
            return False
        return self.asked or word in self.known.given or _VALUES.isdisjoint(self.text.kinds_at(at))

    def is_given(self, at: int) -> bool:
        return self.text.word(at) in self.known.given or self.text.word(at) in self.known.given_words

    def _capital(self, at: int) -> bool:
        if at >= len(self.text.tokens):
            return False
        first = self.text.tokens[at].raw[:1]
        return first.isalpha() and (first.upper() == first.lower() or (self.text.cased and first.isupper()))

    def _ends(self, at: int) -> bool:
        return at >= len(self.text.tokens) or not self.text.word(at).isalnum()

    def spelt(self, start: int, end: int) -> Name:
        written = self.text.plain[self.text.tokens[start].start : self.text.tokens[end - 1].end]
        return Name(written if self.text.cased and len(written) == 2 else capitalised(written), end)


def capitalised(written: str) -> str:
    return " ".join(_capital_word(word) for word in written.replace("\n", " ").split())


def _capital_word(word: str) -> str:
    if not (word.islower() or word.isupper()) or (len(word) == 2 and word[1] == "."):
        return word[:1].upper() + word[1:]
    pieces = [piece[:1].upper() + piece[1:].lower() for piece in word.split("-")]
    whole = "-".join(pieces)
    head, mark, tail = whole.partition("'")
    return head + mark + tail[:1].upper() + tail[1:] if mark and len(tail) > 2 else whole


@functools.cache
def known_names(vocabulary: Vocabulary) -> Known:
    given = frozenset(word for found in table(vocabulary, "names") for word in found["given"].split())
    stop = word_set(vocabulary, "names", "stop")
    words = frozenset(word for found in table(vocabulary, "names") for word in found["given_words"].split()) | (given & stop)
    return Known(
        given=given - words,
        given_words=words,
        stop=stop,
        credentials=word_set(vocabulary, "names", "credentials"),
        titles=word_set(vocabulary, "names", "titles"),
        offices=word_set(vocabulary, "names", "offices"),
    )
