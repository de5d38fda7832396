"""A programme's own words over the built-in ones: lists grow, a word with a meaning gets the new one, `[without]` takes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parsers.errors import VocabularyError
from parsers.vocabulary.shape import WITHOUT, Tables

_KEPT = ("crisis", "alarm", "cue", "together", "safeguarding", "twilio", WITHOUT)
_BETWEEN = ";"


def merged(base: Tables, added: Tables, *, where: str) -> Tables:
    """Take out what `[without]` names, then put the rest behind what is there.

    Raises:
        VocabularyError: what shall be taken out is not there, or must stay.

    """
    left = base
    taken_out = added.get(WITHOUT, {})
    if not isinstance(taken_out, Mapping):
        raise VocabularyError(f"{where}: [{WITHOUT}] must be a table; write [{WITHOUT}.wish] and below it the entries to take out")
    for name, table in taken_out.items():
        if name in _KEPT:
            raise VocabularyError(
                f"{where}: [{WITHOUT}.{name}]: nothing is taken out of this table; add what is harmless after all to [harmless]"
            )
        left = {**left, name: _less(left.get(name, {}), table, where=f"{where}: [{WITHOUT}.{name}]")}
    return {**left, **{name: _more(left.get(name, {}), table) for name, table in added.items() if name != WITHOUT}}


def _more(old: Any, new: Any) -> Any:  # noqa: ANN401 - TOML's values
    if isinstance(old, list):
        return [*old, *new]
    if isinstance(old, str):
        return f"{old}\n{new}"  # a long list of names, in one text
    return {**old, **{name: _joined(old, name, value) for name, value in new.items()}}


def _joined(old: Mapping[str, Any], name: str, value: Any) -> Any:  # noqa: ANN401 - TOML's values
    is_meaning = name not in old or isinstance(value, int) or all(isinstance(other, str) for other in old.values())
    return value if is_meaning else _more(old[name], value)


def _less(old: Any, out: Any, *, where: str) -> Any:  # noqa: ANN401 - TOML's values
    """Leave out the listed entries of a list, words of a text, or names of a table."""
    if isinstance(out, Mapping) and isinstance(old, Mapping):
        if gone := out.keys() - old.keys():
            raise VocabularyError(f"{where} {min(gone)} is not there to take from")
        return {**old, **{name: _less(old[name], entries, where=f"{where} {name}") for name, entries in out.items()}}
    if not isinstance(out, list):
        raise VocabularyError(f"{where} must be a list of what shall be taken out")
    known = old if isinstance(old, list | Mapping) else _words(old)
    for entry in out:
        if entry not in known:
            raise VocabularyError(f"{where}: {entry!r} is not there to be taken out; write it exactly as it stands in the built-in file")
    if isinstance(old, Mapping):
        return {word: meaning for word, meaning in old.items() if word not in out}
    left = [entry for entry in known if entry not in out]
    return left if isinstance(old, list) else (_BETWEEN if _BETWEEN in old else " ").join(left)


def _words(text: str) -> list[str]:
    """Cut a long text of names: towns, which may have several words, stand between semicolons."""
    return [word.strip() for word in text.replace("\n", _BETWEEN).split(_BETWEEN)] if _BETWEEN in text else text.split()
