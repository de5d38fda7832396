"""The words of coordinators' commands, read from the TOML files in vocabulary/coordinator."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parsers.vocabulary import VocabularyError

FOLDER = Path(__file__).parent / "vocabulary" / "coordinator"
TABLES = ("command", "small", "kind", "group", "status", "shown", "field", "nearly")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OrderWords:
    """Phrases of all languages by table: each phrase with the name that it stands for."""

    tables: Mapping[str, Mapping[Phrase, str]]
    longest: int  # words of the longest phrase
    shown: Mapping[str, Mapping[str, str]]  # by language and command, the word that help shows

    def at(self, table: str, words: Sequence[str], start: int = 0) -> tuple[str, int] | None:
        """The name of the longest phrase that begins at a place, and where it ends."""
        phrases = self.tables[table]
        for end in range(min(len(words), start + self.longest), start, -1):
            if name := phrases.get(tuple(words[start:end])):
                return name, end
        return None

    def is_small(self, name: str, words: Sequence[str], start: int = 0) -> int | None:
        """Where a small word's phrase ends that begins at a place; several of them may share a spelling."""
        for end in range(min(len(words), start + self.longest), start, -1):
            if tuple(words[start:end]) in self.tables[f"small.{name}"]:
                return end
        return None


@functools.cache
def order_words() -> OrderWords:
    """Read the built-in files.

    Raises:
        VocabularyError: a file is malformed; says which and where.

    """
    tables: dict[str, dict[Phrase, str]] = {}
    shown: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        read = _read(path)
        shown[path.stem] = {name: phrases[0] for name, phrases in read["command"].items()}
        for table, name, phrase in _phrases(read):
            tables.setdefault(table, {}).setdefault(tuple(phrase.split()), name)
    longest = max(len(phrase) for table in tables.values() for phrase in table)
    return OrderWords(tables=tables, longest=longest, shown=shown)


def _phrases(read: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[tuple[str, str, str]]:
    for table in TABLES:
        for name, phrases in read[table].items():
            for phrase in phrases:
                yield (f"small.{name}" if table == "small" else table), name, phrase


def _read(path: Path) -> Mapping[str, Mapping[str, Sequence[str]]]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"coordinator/{path.name}: {error}") from error
    for table in TABLES:
        if not isinstance(read.get(table), dict):
            raise VocabularyError(f"coordinator/{path.name}: [{table}] is missing")
        for name, phrases in read[table].items():
            if not isinstance(phrases, list) or not all(isinstance(phrase, str) and phrase == phrase.lower().strip() for phrase in phrases):
                raise VocabularyError(f"coordinator/{path.name}: [{table}] {name} must be a list of phrases in small letters")
    return read
