"""What a vocabulary file may hold: which tables, which names within them, and what stands behind a name."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from parsers.errors import VocabularyError

Tables = Mapping[str, Any]

BASE = "en.toml"  # the other languages have this one's tables and names
WITHOUT = "without"  # in an addition: what it takes out
PATTERNS = (
    *("kind", "composed", "unclear", "keyword", "meant", "role", "around", "refusal", "subject", "hope", "domain", "newcomer"),
    *("wish", "final", "called", "asking", "reply", "junk", "want"),
    *("crisis", "alarm", "cue", "harmless", "past", "present", "partner", "safeguarding"),
)
NEEDED = ("class", "kind", "wish", "crisis", "harmless", "safeguarding", "asking", "reply", "command", "language")
_LOOKED_UP = (
    *(
        "setting",
        "setting_short",
        "setting_block",
        "population",
        "population_block",
        "population_pairs",
        "modality",
        "modality_block",
        "languages",
    ),
    *(
        "want_words",
        "language_cues",
        "days",
        "day_letters",
        "parts",
        "times_block",
        "times",
        "times_glue",
        "number_words",
        "capacity",
        "channel",
    ),
    *("consent_words", "names", "places", "verbs", "other_people", "own_number", "spoken_marks", "look_alike", "age", "until"),
)
_TABLES = (*PATTERNS, "class", "spelling", "twilio", "command", "together", "reply_words", "language", "turned", *_LOOKED_UP)
_OPEN = ("class", "languages")  # any name may be added
_OFFERING = ("kind", "composed", "unclear", "keyword", "meant", "role", "called")  # what is found here makes a record
_ENDS = ("opt_out", "help")  # of [twilio]: what it acts on by itself


def check_languages(files: Mapping[str, Tables]) -> None:
    """Refuse what would fail, or be silently ignored, when a message is read.

    Raises:
        VocabularyError: names the file, the table and the entry.

    """
    if BASE not in files:
        raise VocabularyError(f"{BASE}: is missing; every other language is held against it")
    for where, tables in files.items():
        _check_needed(tables, where=where)
        if where != BASE:
            _check_mirrored(files[BASE], tables, where=BASE, mirror=where)
    for where, tables in files.items():
        _check_tables(tables, files, where=where)


def check_addition(tables: Tables, files: Mapping[str, Tables], *, where: str, whole: bool) -> None:
    """Check a programme's own file: a language's addition, or a `whole` language."""
    if whole:
        _check_needed(tables, where=where)
        if WITHOUT in tables:
            raise VocabularyError(f"{where}: [{WITHOUT}] takes out of a built-in language, and this one is not; take it out")
    elif "twilio" in tables:
        raise VocabularyError(f"{where}: [twilio] holds the words that Twilio itself acts on, which nobody can add to; use [command]")
    _check_tables({name: table for name, table in tables.items() if name != WITHOUT}, files, where=where)


def filled(tables: Tables, files: Mapping[str, Tables]) -> Tables:
    """Put an empty list, text or table where a language has no words for something that another has, and take capitals and accents off."""
    full = {name: _plain(table) for name, table in tables.items()}
    for name, table in files[BASE].items():
        full[name] = _filled(full.get(name, {}), table)
    return full


def _filled(value: Any, base: Any) -> Any:  # noqa: ANN401 - TOML's values
    if not isinstance(base, Mapping) or _is_map_of_words(base):
        return value
    empty = {name: type(one)() for name, one in base.items()}
    return {**empty, **{name: _filled(one, base.get(name, one)) for name, one in value.items()}}


def _plain(value: Any) -> Any:  # noqa: ANN401 - TOML's values
    """Messages lose capitals and accents before they are read, so a word with one would never be found."""
    if isinstance(value, str):
        if value.isascii():
            small = value.lower()
            return value if value == small else small  # the very same one, of which there are tens of thousands
        return "".join(letter for letter in unicodedata.normalize("NFKD", value.lower()) if not unicodedata.combining(letter))
    if isinstance(value, Mapping):
        return {_plain(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _check_needed(tables: Tables, *, where: str) -> None:
    for name in NEEDED:
        if name not in tables:
            raise VocabularyError(f"{where}: [{name}] is missing; a language needs it, as docs/vocabulary.md tells")


def _check_mirrored(base: Tables, other: Tables, *, where: str, mirror: str) -> None:
    """What another built-in language has, and lists there, is a list here too: so a slip in the first file is told as one of its own."""
    for name in _LOOKED_UP:
        for key, value in other.get(name, {}).items() if isinstance(other.get(name), Mapping) else ():
            if name not in base:
                raise VocabularyError(f"{where}: [{name}] is missing; {mirror} has it")
            if isinstance(base[name], Mapping) and isinstance(value, list) and not isinstance(base[name].get(key, []), list):
                raise VocabularyError(f"{where}: [{name}] {key} must be a list, not a {_kind(base[name][key])}")


def _check_tables(tables: Tables, files: Mapping[str, Tables], *, where: str) -> None:
    base = files[BASE]
    reserved = frozenset(word for name, words in base.get("twilio", {}).items() if name in _ENDS for word in words)
    for name, table in tables.items():
        if name not in _TABLES:
            raise VocabularyError(f"{where}: [{name}] is not a table that anything reads{_nearest(name, _TABLES)}")
        if not isinstance(table, Mapping):
            raise VocabularyError(f"{where}: [{name}] must be a table, not a {_kind(table)}")
        _check(table, base.get(name, {}), where=f"{where}: [{name}]", within="", is_open=name in _OPEN)
        if name in PATTERNS or name == "class":
            _check_listed(table, where=f"{where}: [{name}]")
        if name in _OFFERING:
            _check_offers(table, reserved, where=f"{where}: [{name}]")
    cues = {name for own in files.values() for name in own.get("cue", {})}
    for lines in tables.get("together", {}).values():
        for cue in (cue.removeprefix("-") for line in lines for cue in line.split()):
            if cue not in cues:
                raise VocabularyError(f"{where}: [together] {cue} is not a name of [cue]{_nearest(cue, cues)}")


def _check(value: object, base: object, *, where: str, within: str, is_open: bool = False) -> None:
    """Hold a value against what the first language has in its place."""
    if within and type(value) is not type(base):
        raise VocabularyError(f"{where} {within} must be a {_kind(base)}, not a {_kind(value)}")
    if isinstance(value, list):
        _check_entries(value, where=f"{where} {within}")
    elif isinstance(value, Mapping):
        names = base if isinstance(base, Mapping) else {}
        is_of_words = _is_map_of_words(names)
        for name, inner in value.items():
            if name not in names and not (is_open or is_of_words):
                raise VocabularyError(f"{where} {_dotted(within, name)} is not a name of that table in {BASE}{_nearest(name, names)}")
            one = _commonest(names) if is_of_words or name not in names else names[name]
            _check(inner, one, where=where, within=_dotted(within, name))


def _dotted(within: str, name: str) -> str:
    return f"{within}.{name}" if within else name


def _check_listed(table: Mapping[str, object], *, where: str) -> None:
    for name, entries in table.items():
        if not isinstance(entries, list):
            raise VocabularyError(f"{where} {name} must be a list, not a {_kind(entries)}")


def _check_entries(entries: list[object], *, where: str) -> None:
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, str) or not entry.strip():
            raise VocabularyError(f"{where}, entry {number}: {entry!r} is not a phrase; write words in quotation marks")
        if entry != entry.lower():
            raise VocabularyError(f"{where}, entry {number}: {entry!r} must be in small letters: {entry.lower()!r}")
        if "'" in entry or "\u2019" in entry:
            advice = "write contractions out in patterns (i am), in the other tables leave it out (im)"
            raise VocabularyError(f"{where}, entry {number}: {entry!r} has an apostrophe, and would never be found; {advice}")


def _check_offers(table: Mapping[str, list[str]], reserved: Collection[str], *, where: str) -> None:
    for name, entries in table.items():
        for number, entry in enumerate(entries, start=1):
            if entry.strip() in reserved:
                raise VocabularyError(f"{where} {name}, entry {number}: {entry!r} is a word that Twilio itself acts on; choose another")


def _is_map_of_words(table: Mapping[str, object]) -> bool:
    """Say whether the names of a table are words themselves, each with a text or a number behind it."""
    return bool(table) and all(isinstance(value, str | int) for value in table.values())


def _commonest(table: Mapping[str, object]) -> object:
    """Return a value of the kind that most values of a table are: the few others are the slips."""
    kinds = Counter(map(type, table.values()))
    return next(value for value in table.values() if type(value) is kinds.most_common(1)[0][0])


def _nearest(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; {BASE} tells which there are"


def _kind(value: object) -> str:
    return {"str": "text", "dict": "table", "int": "number", "bool": "truth value"}.get(type(value).__name__, type(value).__name__)


def patterns_in(tables: Tables) -> Iterator[tuple[str, str, int, str]]:
    """Yield every pattern with its table, its name and its number there; classes first, since they stand within others."""
    for table in ("class", *PATTERNS):
        for name, lines in tables.get(table, {}).items():
            for number, line in enumerate(lines, start=1):
                yield table, name, number, line
