"""Below the writer's words: delimiters, device footers, disclaimers; above them: a server's banner; among them: pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parsers.folding import tokens
from parsers.layout import Line
from parsers.lexicon import Lexicon

MOST_SIGNATURE_LINES = 30
LONGEST_FOOTER = 200
LONGEST_AFTERTHOUGHT = 240
FEWEST_LEGAL_TERMS = 3
SHORTEST_LEGAL = 80
_DELIMITER = re.compile(r"^\s{0,3}(?:--|\u2014|\u2013|__{1,80})\s{0,3}$")
_RULE = re.compile(r"^\s{0,10}[\-\u2014\u2013_=+~#*ᐧ.]{1,200}\s{0,10}$")


def trimmed(lines: list[Line], words: Lexicon) -> list[Line]:
    """Blank lines, rules and pictures at either end are nobody's words."""
    first, last = 0, len(lines)
    while first < last and (lines[first].blank or is_picture(lines[first], words)):
        first += 1
    while last > first and (lines[last - 1].blank or _RULE.match(lines[last - 1].text) or is_picture(lines[last - 1], words)):
        last -= 1
    return lines[first:last]


def is_picture(line: Line, words: Lexicon) -> bool:
    return bool(words.picture.match(line.folded))


def is_delimiter(line: Line) -> bool:
    return bool(_DELIMITER.match(line.text))


def is_footer(line: Line, words: Lexicon) -> bool:
    return len(line.folded) <= LONGEST_FOOTER and bool(words.device.match(line.folded))


def without_banner(lines: list[Line], words: Lexicon) -> list[Line]:
    """A server's warning stands in a paragraph of its own above the words; `[EXTERNAL]` stands on a line of its own."""
    if not lines or not words.banner.match(lines[0].folded):
        return lines
    end = next((at for at, line in enumerate(lines) if line.blank), len(lines))
    return trimmed(lines[end:], words) if end < len(lines) else lines


def at_delimiter(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    for at, line in enumerate(lines):
        if not _DELIMITER.match(line.text) or (at and not lines[at - 1].blank and line.text.strip().startswith("_")):
            continue
        below = [later for later in lines[at + 1 :] if not later.blank]
        # Some people part their paragraphs with dashes; the standard's own mark has a space behind it.
        goes_on = bool(below) and line.raw != "-- " and len(below[0].text.split()) > 4 and bool(words.speaking & tokens(below[0].folded))
        if len(below) <= MOST_SIGNATURE_LINES and not goes_on:
            return lines[:at], lines[at + 1 :]
    return lines, []


def at_footer(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    """Device footers go; what follows the last of them stays only where it is short, or where nothing stands above."""
    footers = [at for at, line in enumerate(lines) if is_footer(line, words)]
    if not footers:
        return lines, []
    above = trimmed(lines[: footers[0]], words)
    below = trimmed(lines[footers[-1] + 1 :], words)
    if not above and not any(not line.blank for line in below):
        return [], []
    if not above or _is_afterthought(below, words):
        between = [line for line in lines[footers[0] : footers[-1]] if not is_footer(line, words)] if not above else []
        return [*above, *between, *([_BLANK] if above else []), *below], []
    return above, below


def _is_afterthought(lines: list[Line], words: Lexicon) -> bool:
    if not lines:
        return False
    short = len(lines) <= 2 and sum(len(line.text) for line in lines) <= LONGEST_AFTERTHOUGHT
    return bool(words.postscript.match(lines[0].folded)) or (
        short and bool(words.speaking & tokens(" ".join(line.folded for line in lines)))
    )


def at_disclaimer(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    for at, line in enumerate(lines):
        opens = at > 0 and (lines[at - 1].blank or bool(_RULE.match(lines[at - 1].text)))
        if at and words.disclaimer.match(line.folded) and (opens or len(line.text) > 60):
            return trimmed(lines[:at], words), lines[at:]
        if opens and not line.blank and _is_legal(lines[at:], words):
            return trimmed(lines[:at], words), lines[at:]
    return lines, []


def _is_legal(lines: Sequence[Line], words: Lexicon) -> bool:
    """Lawyers begin in many ways; three of their terms in one paragraph are no accident."""
    found: set[str] = set()
    paragraph = list(_paragraph(lines))
    if sum(len(line.text) for line in paragraph) < SHORTEST_LEGAL:
        return False
    for line in paragraph:
        if words.speaking & tokens(line.folded):
            return False
        found.update(words.legal.findall(line.folded))
    return len(found) >= FEWEST_LEGAL_TERMS


def _paragraph(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines[:MOST_SIGNATURE_LINES]:
        if line.blank:
            return
        yield line


_BLANK = Line("", "", "")
