"""A message's text as lines that know how deep they are quoted, before anybody asks what they say."""

from __future__ import annotations

import html
import re
from functools import partial
from typing import Literal, NamedTuple

from parsers.charsets import clean_body
from parsers.folding import fold

MOST_HEAD = 40_000  # characters kept of a longer text's start,
MOST_TAIL = 20_000  # and of its end, where an answer below a long quotation stands
MOST_LINES = 3_000
LONGEST_LINE = 2_000  # what is looked at of a line; the line itself stays whole
Mark = Literal["", "attribution", "original", "signature"]
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_QUOTE = re.compile(r"\s{0,3}(?:(?:>\s?)+|[A-Z]{1,3}>(?:\s|$))")
_MARKED = 7  # characters in which a mark of quotation stands, if there is one


class Line(NamedTuple):
    raw: str  # as it came
    text: str  # without quotation marks, entities resolved
    folded: str  # that, made alike for comparison
    depth: int = 0  # how many times it is quoted
    mark: Mark = ""  # what the structure of an HTML mail said of it

    @property
    def blank(self) -> bool:
        return not self.folded.strip()


_line = partial(tuple.__new__, Line)  # a mail has many, which a call of Line's own would make twice as dear


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text; some gateways hand over plain text with HTML entities in it."""
    text = clean_body(text)
    if len(text) > MOST_HEAD + MOST_TAIL:
        text = f"{text[:MOST_HEAD]}\n{text[-MOST_TAIL:]}"
    raws = text.split("\n")
    if len(raws) > MOST_LINES:
        raws = raws[: MOST_LINES * 2 // 3] + raws[-MOST_LINES // 3 :]
    escaped = "&" in text and bool(_ENTITY.search(text))
    return [line_of(raw, escaped=True) if escaped else _simple_line(raw) for raw in raws]


def _simple_line(raw: str) -> Line:
    """What `line_of` makes of a line, sooner where it is as most are."""
    if raw.isascii() and len(raw) <= LONGEST_LINE:
        if ">" not in raw[:_MARKED]:
            return _line((raw, raw, raw.lower(), 0, ""))
        if raw == ">":
            return _line((raw, "", "", 1, ""))
        if raw.startswith("> ") and raw[2:3] != ">" and "<<" not in raw:
            text = raw[2:]
            return _line((raw, text, text.lower(), 1, ""))
    return line_of(raw)


def line_of(raw: str, *, escaped: bool = False) -> Line:
    plain = resolved(raw) if escaped else raw
    looked = plain[:LONGEST_LINE].replace("\u00a0", " ")
    found = _QUOTE.match(looked)
    # ">>> look here <<<" is shouting, not a quotation.
    if found is None or (looked.rstrip().endswith("<") and "<<" in looked):
        return Line(raw, plain, fold(looked))
    text = looked[found.end() :]
    return Line(raw, text, fold(text), depth=max(1, found[0].count(">")))


def resolved(text: str) -> str:
    """Entities resolved, on as many lines as before."""
    if "&" not in text:
        return text.replace("\r", " ").replace("\u00a0", " ")
    return "\n".join(html.unescape(line).replace("\n", " ").replace("\r", " ") for line in text.split("\n")).replace("\u00a0", " ")
