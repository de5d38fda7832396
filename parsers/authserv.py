"""One Authentication-Results header, read by the grammar of RFC 8601 and what providers have made of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 8_000  # characters of a header; the longest that providers write are a quarter of it
DEEPEST = 20
MICROSOFT = "microsoft"  # the setting that stands for Microsoft 365, whose header names no server
_PRINTABLE = re.compile(r"[\t\x20-\x7e]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_UNSAFE = re.compile(r"[^A-Za-z0-9.@_+/<>-]")
_ID = re.compile(r'([A-Za-z0-9._-]{1,255}|"[A-Za-z0-9._-]{1,255}")(?:\s+1)?')
_METHOD = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,60})(?:\s*/\s*1)?\s*=\s*([A-Za-z][A-Za-z0-9_-]{0,60})(?=\s|$)")
_PROPERTY = re.compile(r'\s+([A-Za-z][A-Za-z0-9_-]{0,60}(?:\s*\.\s*[A-Za-z][A-Za-z0-9_-]{0,60})?)\s*=\s*("[^"]*"|[^\s"]+)(?=\s|$)')
_PATTERN = re.compile(r"(?:\*\.(?=[^.]+\.))?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,10}")


@dataclass(frozen=True, slots=True)
class Result:
    """What a server found by one method; names in lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.properties if key == name), None)


@dataclass(frozen=True, slots=True)
class Checked:
    """What one header says, and which server it says it of."""

    authserv_id: str  # in lower case; "" where the header names none
    results: tuple[Result, ...]

    def of(self, method: str) -> list[Result]:
        return [result for result in self.results if result.method == method]


def checked(value: str) -> Checked | None:
    """Read a header's value; None for whatever does not keep to the grammar."""
    if len(value) > LONGEST or not _PRINTABLE.fullmatch(value):
        return None
    plain = _without_comments(value)
    if plain is None:
        return None
    first, *rest = (part.strip() for part in plain.split(";"))
    named = _ID.fullmatch(first)
    if named is None:
        first, rest = "", [first, *rest]
    elif not rest:
        return None
    if rest and not rest[-1]:  # some providers end with a semicolon
        rest.pop()
    results = [_result(part) for part in rest if part.lower() != "none"]
    if None in results or (len(results) < len(rest) and len(rest) > 1):
        return None
    return Checked(named[1].strip('"').lower() if named else "", tuple(result for result in results if result is not None))


def is_trusted(authserv_id: str, trusted: Sequence[str]) -> bool:
    """Whether a server is one of those that the setting names."""
    return any(_matches(authserv_id, pattern.strip().lower()) for pattern in trusted)


def is_pattern(text: str) -> bool:
    """Whether a setting names a server, all servers below a host, or Microsoft 365."""
    return bool(_PATTERN.fullmatch(text))


def example(pattern: str, said: str) -> str:
    """A header such as the servers that a setting names would write."""
    return said if pattern.lower() == MICROSOFT else f"{pattern.replace('*', 'mx')}; {said}"


def _matches(authserv_id: str, pattern: str) -> bool:
    if not authserv_id or pattern == MICROSOFT:
        return not authserv_id and pattern == MICROSOFT
    if pattern.startswith("*."):
        return is_pattern(pattern) and authserv_id.endswith(pattern[1:]) and authserv_id != pattern[1:]
    return authserv_id == pattern


def _result(text: str) -> Result | None:
    found = _METHOD.match(text)
    if not found:
        return None
    at = found.end()
    properties: list[tuple[str, str]] = []
    while at < len(text):
        said = _PROPERTY.match(text, at)
        if not said:
            return None
        properties.append(("".join(said[1].split()).lower(), said[2].strip('"')))
        at = said.end()
    names = [name for name, _ in properties if name.startswith("header.")]
    if len(names) > len(set(names)):
        return None
    return Result(found[1].lower(), found[2].lower(), tuple(properties))


def _without_comments(value: str) -> str | None:
    """The value with a space for each comment, and nothing in its quoted strings that means something outside of them."""
    pieces: list[str] = []
    at = depth = 0
    while at < len(value):
        character = value[at]
        if character == "\\":
            if not depth:
                return None
            at += 1
        elif character in "()":
            depth += 1 if character == "(" else -1
            if not 0 <= depth <= DEEPEST:
                return None
            pieces.append(" ")
        elif not depth and character == '"':
            quoted = _QUOTED.match(value, at)
            if not quoted:
                return None
            pieces.append(f'"{_UNSAFE.sub("?", quoted[1])}"')
            at = quoted.end() - 1
        elif not depth:
            pieces.append(character)
        at += 1
    return None if depth else "".join(pieces)
