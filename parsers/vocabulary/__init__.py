"""Every word that the parsers know, read from the TOML files beside this one; a new language is a new file."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAIL = "mail"  # mail.toml: how mail programs of all languages quote, sign and answer by themselves
BASE = "en"  # every language has this one's tables of acts and risk
NEEDED = ("class", "kind", "wish", "crisis", "harmless", "safeguarding", "asking", "reply", "command", "language")
PATTERNS = (
    *("kind", "composed", "unclear", "keyword", "meant", "role", "around", "subject", "hope", "domain", "newcomer", "wish", "final"),
    *("asking", "reply", "junk", "crisis", "alarm", "cue", "harmless", "past", "present", "partner", "safeguarding", "want"),
)


class VocabularyError(ValueError):
    """A vocabulary file is malformed; says which file and which entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The files as they were read. Modules compile what they need of it once, in a cache keyed by this object."""

    languages: Mapping[str, Mapping[str, Any]]  # by ISO 639-1 code
    mail: Mapping[str, Any]


@functools.cache
def load(additions: Path | None = None) -> Vocabulary:
    """Read the built-in files and, over them, those of a folder.

    Lists of an addition are put behind the built-in ones, its other values replace them; a file of a new name is a new language.

    Raises:
        VocabularyError: a file is not TOML, or an entry is not what it should be.

    """
    tables = _folder(Path(__file__).parent)
    base = tables[BASE]
    if additions is not None:
        for name, table in _folder(additions).items():
            tables[name] = _merge(tables.get(name, {}), table, where=f"{name}.toml")
    _check(tables, base)
    mail = tables.pop(MAIL, {})
    vocabulary = Vocabulary(languages=tables, mail=mail)
    if additions is not None:
        from parsers.patterns import verify  # built-in patterns are verified by the tests, somebody's own ones at start

        verify(vocabulary)
    return vocabulary


def _folder(folder: Path) -> dict[str, Mapping[str, Any]]:
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: {error}") from error


def _merge(base: Mapping[str, Any], added: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in added.items():
        old = merged.get(key)
        if old is not None and type(old) is not type(value):
            raise VocabularyError(f"{where}: {key} must be a {_kind(old)}, not a {_kind(value)}")
        if isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(old, value, where=f"{where}: {key}")
        else:
            merged[key] = value
    return merged


def _check(tables: Mapping[str, Mapping[str, Any]], base: Mapping[str, Any]) -> None:
    """Refuse what would fail, or be silently ignored, when a message is read."""
    for language, tables_of_language in tables.items():
        if language == MAIL:
            continue
        for name in NEEDED:
            if name not in tables_of_language:
                raise VocabularyError(f"{language}.toml: [{name}] is missing")
        for name in ("class", *PATTERNS):
            _check_lists(tables_of_language.get(name, {}), where=f"{language}.toml: [{name}]")
            unknown = tables_of_language.get(name, {}).keys() - base.get(name, {}).keys()
            if unknown and name != "class":
                raise VocabularyError(f"{language}.toml: [{name}] {min(unknown)} is not a name of that table")
        _check_lists(tables_of_language.get("together", {}), where=f"{language}.toml: [together]")
        named = {
            cue.removeprefix("-") for lines in tables_of_language.get("together", {}).values() for line in lines for cue in line.split()
        }
        if unknown := named - base.get("cue", {}).keys():
            raise VocabularyError(f"{language}.toml: [together] {min(unknown)} is not a name of [cue]")


def _check_lists(table: object, *, where: str) -> None:
    if not isinstance(table, Mapping):
        raise VocabularyError(f"{where} must be a table, not a {_kind(table)}")
    for name, entries in table.items():
        if not isinstance(entries, list):
            raise VocabularyError(f"{where} {name} must be a list, not a {_kind(entries)}")
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, str) or not entry.strip():
                raise VocabularyError(f"{where} {name}, entry {number}: {entry!r} is not a phrase")
            if entry != entry.lower():
                raise VocabularyError(f"{where} {name}, entry {number}: {entry!r} must be in small letters")


def _kind(value: object) -> str:
    return {"str": "text", "dict": "table"}.get(type(value).__name__, type(value).__name__)
