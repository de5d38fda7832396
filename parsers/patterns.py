"""The small language of the vocabulary's patterns: words, `<class>`, `(this|that)`, `word?` and `~` for a few words of any kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from parsers.vocabulary import PATTERNS, Vocabulary, VocabularyError

_ATOM = re.compile(r"\(|\)\??|\||<[a-z_]+>\??|~[1-9]?|\+[1-9][0-9]?|[^\s()|<>~?+]+\??")
_PHRASE_GAP = r"(?:(?!(?:%s|[.,?]) )[^ ]+ ){0,%s}?"
_WIDE_GAP = r"(?:(?![.?] )[^ ]+ ){0,%s}?"
_DEEP = 6
_OR = frozenset(("|",))  # among needs: what stands on both sides of it is not needed together


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    name: str
    search: re.Pattern[str]
    needs: tuple[frozenset[str], ...]  # of each of these sets a word must be there, or the search is not worth its time


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of one table of the vocabularies, found by the rarest word that each must hold."""

    by_word: Mapping[str, tuple[_Pattern, ...]]
    always: tuple[_Pattern, ...]

    def find(self, text: str) -> Iterator[Hit]:
        """Yield every place of every pattern, in no order; `text` is as `plain_words` gives it."""
        return iter(_found(self, text))

    def names(self, text: str) -> frozenset[str]:
        return frozenset(hit.name for hit in _found(self, text))


@lru_cache(maxsize=128)  # one reading asks the same of the same sentence several times
def _found(patterns: Patterns, text: str) -> tuple[Hit, ...]:
    words = set(text.split())
    worth = dict.fromkeys(patterns.always)
    for word in words & patterns.by_word.keys():
        worth |= dict.fromkeys(patterns.by_word[word])
    return tuple(
        Hit(pattern.name, found.start(), found.end())
        for pattern in worth
        if not any(need.isdisjoint(words) for need in pattern.needs)
        for found in pattern.search.finditer(text)
    )


@lru_cache(maxsize=64)
def patterns_of(vocabulary: Vocabulary, table: str) -> Patterns:
    """Compile one table, each language's patterns beside the others': people mix them within a sentence."""
    classes = classes_of(vocabulary)
    by_word: dict[str, list[_Pattern]] = {}
    always: list[_Pattern] = []
    for language, words in vocabulary.languages.items():
        for name, lines in words.get(table, {}).items():
            for line in lines:
                pattern = _compile(name, line, classes, where=f"{language}.toml: {table}.{name}")
                rarest = min(pattern.needs, key=_commonness, default=frozenset())
                if not rarest:
                    always.append(pattern)
                for word in rarest:
                    by_word.setdefault(word, []).append(pattern)
    return Patterns({word: tuple(found) for word, found in by_word.items()}, tuple(always))


@lru_cache(maxsize=8)
def classes_of(vocabulary: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    classes: dict[str, tuple[str, ...]] = {}
    for words in vocabulary.languages.values():
        for name, lines in words.get("class", {}).items():
            classes[name] = classes.get(name, ()) + tuple(lines)
    return classes


def class_words(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(classes_of(vocabulary).get(name, ()))


def verify(vocabulary: Vocabulary) -> None:
    """Compile every table, so that a malformed pattern stops the start and not a message.

    Raises:
        VocabularyError: names the file, the table and the entry.

    """
    for table in PATTERNS:
        patterns_of(vocabulary, table)


def _compile(name: str, line: str, classes: Mapping[str, tuple[str, ...]], *, where: str) -> _Pattern:
    source, needs = _translate(line, classes, where=where, depth=0)
    try:
        return _Pattern(name, re.compile(r"(?<= )" + source), needs)
    except re.error as error:
        raise VocabularyError(f"{where}: {line!r}: {error}") from error


def _translate(line: str, classes: Mapping[str, tuple[str, ...]], *, where: str, depth: int) -> tuple[str, tuple[frozenset[str], ...]]:
    if depth > _DEEP:
        raise VocabularyError(f"{where}: {line!r}: a class that holds itself")
    atoms = _ATOM.findall(line)
    if not atoms or "".join(atoms) != "".join(line.split()):
        raise VocabularyError(f"{where}: {line!r} is not a pattern")
    parts: list[str] = []
    needs: list[frozenset[str]] = []
    open_at: list[int] = []
    place = f"{where}: {line!r}"
    for atom in atoms:
        bare = atom.removesuffix("?")
        if bare == "(":
            open_at.append(len(needs))
            parts.append("(?:")
        elif bare == ")":
            _close(parts, needs, open_at, optional=atom != bare, where=place)
        elif bare == "|":
            _or(parts, needs, open_at, where=place)
        elif bare[0] in "~+":
            parts.append(_gap(bare, classes))
        else:
            source, words = _word(bare, classes, where=place, depth=depth)
            parts.append(f"(?:{source})?" if atom != bare else source)
            needs += [words] if atom == bare else []
    if open_at:
        raise VocabularyError(f"{place}: a bracket is not closed")
    return "".join(parts), tuple(need for need in needs if need)


def _gap(bare: str, classes: Mapping[str, tuple[str, ...]]) -> str:
    if bare[0] == "+":
        return _WIDE_GAP % bare[1:]
    barrier = "|".join(re.escape(word) for word in classes.get("barrier", ("not",)))
    return _PHRASE_GAP % (barrier, bare[1:] or "3")


def _word(bare: str, classes: Mapping[str, tuple[str, ...]], *, where: str, depth: int) -> tuple[str, frozenset[str]]:
    if not bare.startswith("<"):
        return re.escape(bare) + " ", frozenset((bare,))
    name = bare[1:-1]
    if name not in classes:
        raise VocabularyError(f"{where}: there is no class <{name}>")
    return _class(name, classes, where, depth)


def _class(name: str, classes: Mapping[str, tuple[str, ...]], where: str, depth: int) -> tuple[str, frozenset[str]]:
    translated = [_translate(line, classes, where=where, depth=depth + 1) for line in sorted(classes[name], key=len, reverse=True)]
    # A class is there if any of its alternatives is: one word of each alternative stands for it.
    needs: set[str] = set()
    for _, needed in translated:
        if not needed:
            return _either(translated), frozenset()
        needs |= min(needed, key=_commonness)
    return _either(translated), frozenset(needs)


def _either(translated: Iterable[tuple[str, tuple[frozenset[str], ...]]]) -> str:
    return "(?:" + "|".join(source for source, _ in translated) + ")"


def _close(parts: list[str], needs: list[frozenset[str]], open_at: list[int], *, optional: bool, where: str) -> None:
    if not open_at:
        raise VocabularyError(f"{where}: a bracket is closed that was not opened")
    parts.append(")?" if optional else ")")
    began = open_at.pop()
    inside, needs[began:] = needs[began:], []
    if optional:
        return
    if _OR not in inside:
        needs += inside
        return
    # Of the alternatives one is there: the rarest word of each, together, is needed.
    rarest = [min(alternative, key=_commonness, default=frozenset()) for alternative in _split(inside)]
    if all(rarest):
        needs.append(frozenset[str]().union(*rarest))


def _split(needs: list[frozenset[str]]) -> Iterator[list[frozenset[str]]]:
    alternative: list[frozenset[str]] = []
    for need in needs:
        if need == _OR:
            yield alternative
            alternative = []
        else:
            alternative.append(need)
    yield alternative


def _or(parts: list[str], needs: list[frozenset[str]], open_at: list[int], *, where: str) -> None:
    if not open_at:
        raise VocabularyError(f"{where}: | stands outside brackets")
    parts.append("|")
    needs.append(_OR)


def _commonness(words: AbstractSet[str]) -> float:
    return sum(8 if len(word) < 3 else 4 if len(word) < 4 else 2 if len(word) < 5 else 1 for word in words) or 1_000
