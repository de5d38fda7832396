"""Questions that the programme has answered beforehand, in `faq.toml` beside the templates or in the programme's own folder."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notifier.templates import BUILT_IN
from parsers.errors import IntakeError
from parsers.folding import fold

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BESIDE = 8  # words that a question may hold besides those of the entry: a longer one asks something else


@dataclass(frozen=True, slots=True)
class Entry:
    """One question: any of the `words`, each a few words that all have to be there, leads to the answer."""

    question: str
    words: tuple[frozenset[str], ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Faq:
    """The answers by language."""

    entries: Mapping[str, tuple[Entry, ...]]

    def answer(self, text: str, language: str) -> str:
        """Give the one answer that fits a question; "" where none does, several do, or more than one thing is asked."""
        asked = [sentence for sentence in _SENTENCE.split(text) if sentence.rstrip().endswith("?")]
        if len(asked) > 1:
            return ""
        said = _WORD.findall(fold(asked[0] if asked else text))
        fitting = {entry.answer for entry in self.entries.get(language, ()) if any(_fits(words, said) for words in entry.words)}
        return fitting.pop() if len(fitting) == 1 else ""


@functools.cache
def load(own: Path | None) -> Faq:
    """Read the answers; a language in the programme's own file stands in place of the built-in one.

    Raises:
        IntakeError: an entry is not what it should be; says which.

    """
    entries = _read(BUILT_IN / "faq.toml")
    if own is not None and (own / "faq.toml").is_file():
        entries |= _read(own / "faq.toml")
    return Faq(entries)


def _fits(words: frozenset[str], said: list[str]) -> bool:
    return words <= set(said) and len(said) <= len(words) + _BESIDE


def _read(path: Path) -> dict[str, tuple[Entry, ...]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IntakeError(f"{path}: {error}") from None
    return {
        language: tuple(_entry(path, language, place, row) for place, row in _rows(path, language, rows))
        for language, rows in tables.items()
    }


def _rows(path: Path, language: str, rows: Any) -> list[tuple[int, Any]]:  # noqa: ANN401
    if not isinstance(rows, list):
        raise IntakeError(f"{path}: write [[{language}]], not [{language}]")
    return list(enumerate(rows, start=1))


def _entry(path: Path, language: str, place: int, row: Any) -> Entry:  # noqa: ANN401
    where = f"{path}: [[{language}]], entry {place}"
    if not isinstance(row, dict) or set(row) != {"question", "words", "answer"}:
        raise IntakeError(f"{where}: it needs question, words and answer, and nothing else")
    question, words, answer = row["question"], row["words"], row["answer"]
    if not (isinstance(question, str) and question.strip() and isinstance(answer, str) and answer.strip()):
        raise IntakeError(f"{where}: question and answer must be text")
    if not isinstance(words, list) or not words or not all(isinstance(line, str) and line.strip() for line in words):
        raise IntakeError(f"{where}: words must be a list of texts")
    return Entry(question, tuple(frozenset(_WORD.findall(fold(line))) for line in words), " ".join(answer.split()))
