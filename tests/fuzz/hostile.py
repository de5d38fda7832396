"""Texts made to slow down what reads them: of every kind that people can send, and near-matches of one pattern."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from itertools import islice
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

SIZE = 100_000
LONGEST_PIECE = 200
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_ALPHABET = " " + string.ascii_letters + string.digits + string.punctuation + "\t\n\u00a0\u00e9\u2019\u00ab\u2014\U0001f600"
_CATEGORIES = {
    codes.CATEGORY_DIGIT: "7",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_NOT_WORD: "-",
}


def filled(piece: str, *, size: int = SIZE) -> str:
    return (piece * (size // len(piece) + 1))[:size] if piece else ""


KINDS = {
    "one letter": filled("a"),
    "a a a": filled("a "),
    "words": filled("i want to be a mentor and "),
    "and and": filled(" y "),
    "commas": filled("a, "),
    "spaces": filled(" "),
    "tabs and spaces": filled(" \t"),
    "empty lines": filled("\n"),
    "blank lines": filled(" \n"),
    "one word a line": filled("Ana\n"),
    "digits": filled("7"),
    "numbers": filled("406 555 0111 "),
    "times": filled("9:30-10am, "),
    "quotation marks": filled('"'),
    "marks of a quotation": filled(">"),
    "quoted lines": filled("> a\n"),
    "quoted by turns": filled("> a\nb\n"),
    "From lines": filled("From: a@example.org\n"),
    "headers": filled("From: a\nSent: b\nTo: c\nSubject: d\n"),
    "introductions": filled("On Tue, Feb 4, 2025 at 9:02 AM Ana <a@example.org> wrote:\n"),
    "halves of introductions": filled("On Tue, Feb 4, 2025 at 9:02 AM\n"),
    "rules": filled("-" * 9 + "\n"),
    "dashes": filled("-"),
    "delimiters": filled("-- \n"),
    "addresses": filled("a@b.c "),
    "halves of addresses": filled("a@"),
    "dots": filled("."),
    "letters and dots": filled("a."),
    "angles": filled("<"),
    "brackets": filled("("),
    "nested brackets": "(" * (SIZE // 2) + ")" * (SIZE // 2),
    "backslashes": filled("\\"),
    "entities": filled("&amp;"),
    "halves of entities": filled("&#1"),
    "nested tags": filled("<div>"),
    "nested quotations": filled("<blockquote>"),
    "halves of tags": filled("<style "),
    "hidden tags": filled('<p style="display:'),
    "emojis": filled("\U0001f642"),
    "combining marks": filled("e\u0301"),
    "hidden letters": filled("\u200b"),
    "apostrophes": filled("a'"),
    "commands": filled("close 12; "),
    "numbers of commands": filled("12, 13 and "),
    "a long command": "close " + filled("12 ", size=SIZE - 6),
    "notes": filled("note 12: a\n"),
    "parameters": filled("; a=b"),
    "results": filled("; dkim=pass header.d=a"),
    "encoded words": filled("=?utf-8?q?a?="),
    "halves of encoded words": filled("=?utf-8?q?"),
    "links": filled("https://a.b/c "),
    "a long link": "https://" + filled("a", size=SIZE - 8),
    "nested multiparts": filled("Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    "names": filled("Ana Ruiz, "),
    "signatures": filled("Ana Ruiz, CPSS\nPeer Support Specialist | Hope House\n406-555-0123\n\n"),
    "questions": filled("is it? "),
    "risk": filled("i want to kill myself and "),
    "risk of long ago": filled("years ago i tried to kill myself and "),
    "idioms": filled("i am dying of laughter and "),
    "complaints": filled("my mentor keeps touching me and "),
    "asides": filled(", how do i start"),
    "wishes": filled("stop texting me and "),
    "what is denied": filled("i can't be a mentor but "),
    "answers to somebody": "answer 12: " + filled("it is\n", size=SIZE - 11),
    "a year": filled("2026-03-0"),
    "reference marks": filled("<a@b> "),
}


def against(pattern: re.Pattern[Any], *, most: int) -> Iterator[str]:
    """Texts that nearly match a pattern: its beginning, each thing that it repeats, and all of it but the end, over and over."""
    tree = parser.parse(
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1"), pattern.flags & ~re.UNICODE
    )
    whole = _sample(tree)
    pieces = [whole, whole[:-1], f"{whole[:-1]}\x00", *_repeated(tree, "")]
    yield from map(filled, islice(dict.fromkeys(filter(None, pieces)), most))
    for before, body in islice(_pumped(tree, ""), most - 1):
        yield before + filled(body, size=SIZE - len(before))


def _repeated(tree: Any, before: str) -> Iterator[str]:  # noqa: ANN401 - the standard library's own trees
    """What stands before a thing that may be repeated, with some of it: a beginning that never comes to its end."""
    for stem, body in _pumped(tree, before):
        yield stem + body
        yield stem + body * 3
        yield body


def _pumped(tree: Any, before: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    for code, value in tree:
        if code in _REPEATS:
            _, most, inner = value
            body = _sample(inner)
            if most > 1 and body:
                yield before, body
            yield from _pumped(inner, before)
        elif code is codes.SUBPATTERN:
            yield from _pumped(value[3], before)
        elif code is codes.BRANCH:
            for alternative in value[1]:
                yield from _pumped(alternative, before)
        before = (before + _sample([(code, value)]))[-LONGEST_PIECE:]


def _sample(tree: Any) -> str:  # noqa: ANN401
    """A short text that the tree matches, or nearly."""
    return "".join(_of(code, value) for code, value in tree)[:LONGEST_PIECE]


def _of(code: Any, value: Any) -> str:  # noqa: ANN401
    match code:
        case codes.LITERAL:
            return chr(value)
        case codes.NOT_LITERAL | codes.ANY:
            return "b" if value == ord("a") else "a"
        case codes.IN:
            return next((character for character in _ALPHABET if _is_in(character, value)), "")
        case codes.SUBPATTERN:
            return _sample(value[3])
        case codes.BRANCH:
            return _sample(value[1][0])
        case _:
            return _sample(value[2]) * max(1, value[0]) if code in _REPEATS else ""


def _is_in(character: str, members: Any) -> bool:  # noqa: ANN401
    negated = bool(members) and members[0][0] is codes.NEGATE
    return any(_matches(ord(character), code, value) for code, value in members) is not negated


def _matches(character: int, code: Any, value: Any) -> bool:  # noqa: ANN401
    if code is codes.LITERAL:
        return bool(character == value)
    if code is codes.RANGE:
        return bool(value[0] <= character <= value[1])
    if code is codes.CATEGORY:
        return chr(character) == _CATEGORIES.get(value)
    return False
