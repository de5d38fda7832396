"""Every word that the parsers know, read from the TOML files beside this one; a new language is a new file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAIL = "mail"  # mail.toml: how mail programs of all languages quote, sign and answer by themselves


class VocabularyError(ValueError):
    """A vocabulary file is malformed; says which file and which entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The files as they were read. Modules compile what they need of it once, in a cache keyed by this object."""

    languages: Mapping[str, Mapping[str, Any]]  # by ISO 639-1 code
    mail: Mapping[str, Any]


def load() -> Vocabulary:
    """Read the built-in files.

    Raises:
        VocabularyError: a file is not TOML.

    """
    tables = {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.toml"))}
    mail = tables.pop(MAIL, {})
    return Vocabulary(languages=tables, mail=mail)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: {error}") from error
