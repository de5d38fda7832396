"""Every word that the parsers know, read from the TOML files beside this one; a new language is a new file."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parsers.errors import VocabularyError
from parsers.vocabulary.additions import merged
from parsers.vocabulary.kept import kept, key_of
from parsers.vocabulary.shape import PATTERNS, Tables, check_addition, check_languages, filled

__all__ = ["ADDITION", "BUILT_IN", "PATTERNS", "Vocabulary", "VocabularyError", "load"]

BUILT_IN = Path(__file__).parent
ADDITION = "vocabulary.toml"  # in a folder named after its language
MAIL = "mail.toml"  # how mail programs of all languages quote, sign and answer by themselves
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The files as they were read. Modules make ready what they need of it once, in a cache keyed by this object."""

    languages: Mapping[str, Tables]  # by ISO 639-1 code
    mail: Tables
    files: dict[str, Tables] = field(default_factory=dict)  # by name, as somebody wrote them
    key: bytes = b""  # of all files, under which what is made of them is kept; none where nothing is


@functools.cache
def load(additions: Path | None = None, *, built_in: Path = BUILT_IN) -> Vocabulary:
    """Read the built-in files and, over them, `<language>/vocabulary.toml` of a folder; a language of its own is a whole file.

    Raises:
        VocabularyError: a file is not TOML, or an entry is not what it should be.

    """
    contents = {path.name: _content(path, path.name) for path in sorted(built_in.glob("*.toml"))}
    own = {f"{language}/{path.name}": _content(path, f"{language}/{path.name}") for language, path in _own(additions).items()}
    key = key_of(contents | own)
    languages, mail, files = kept("words", key, functools.partial(_checked, contents, own))
    return Vocabulary(languages=languages, mail=mail, files=files, key=key)


def _checked(contents: Mapping[str, bytes], own: Mapping[str, bytes]) -> tuple[dict[str, Tables], Tables, dict[str, Tables]]:
    files = {name: _read(content, name) for name, content in contents.items()}
    mail = files.pop(MAIL, {})
    check_languages(files)
    languages = {name.removesuffix(".toml"): tables for name, tables in files.items()}
    for name, content in own.items():
        language = name.partition("/")[0]
        tables = files[name] = _read(content, name)
        known = languages.get(language)
        check_addition(tables, files, where=name, whole=known is None)
        languages[language] = merged(known, tables, where=name) if known else tables
    return {name: filled(tables, files) for name, tables in languages.items()}, mail, files


def _own(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise VocabularyError(f"{folder}: is not a folder")
    found = {path.parent.name: path for path in sorted(folder.glob(f"*/{ADDITION}"))}
    if (folder / ADDITION).exists():
        raise VocabularyError(f"{ADDITION}: must lie in a folder named after its language, such as en/{ADDITION}")
    for name in found:
        if not _LANGUAGE.fullmatch(name):
            raise VocabularyError(f"{name}/{ADDITION}: the folder must be named after its language in two or three letters, such as en")
    return found


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VocabularyError(f"{name}: cannot be read ({error.strerror})") from error


def _read(content: bytes, name: str) -> Mapping[str, Any]:
    import tomllib  # most starts find what was read before

    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{name}: is not plain text in UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(
            f'{name}: is not TOML: {error}; look there for a straight quotation mark ("), comma or bracket that is missing'
        ) from error
