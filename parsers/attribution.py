"""The lines with which a mail program introduces a quoted or forwarded mail are found, in any language of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from parsers.layout import Line
from parsers.lexicon import Lexicon

MOST_JOINED = 6  # lines over which one attribution may be broken
LONGEST = 500
LONGEST_CLOSE = 200  # characters in which the verb stands
LONGEST_ALONE = 200
MOST_HEADER_LINES = 16
_TIME = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{1,2}\s?[ap]\.?m")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]")
_DATED = re.compile(
    r"^[\s>]{0,8}\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ ,T]{1,3}\d{1,2}:\d{2}(?::\d{2})?)?\s{0,2}(?:(?:gmt|utc)\s?[+-]?[\d:]{0,5})?\s[^\n]{2,200}$"
)
_ENDS_IN_ADDRESS = re.compile(r"<[^<>]{0,20}[^\s<>@]{1,100}@[^\s<>@]{1,100}>?\s{0,2}>?\s{0,2}:[\s>]{0,4}$")
_RULE = re.compile(r"^\s{0,3}[-_=]{8,200}\s{0,5}$")
_ZONE = re.compile(r"\d{1,2}:\d{2}.{0,4}(?:gmt|utc)[+-]")


@dataclass(frozen=True, slots=True)
class Introduction:
    """Where somebody else's mail begins."""

    length: int  # lines that introduce it
    own: str = ""  # what the writer had put on the same line before it
    forwarded: bool = False
    headers: bool = False  # From, Sent, To, Subject


def introduction_at(lines: Sequence[Line], at: int, words: Lexicon) -> Introduction | None:
    """What begins at this line, or None where it is but a line."""
    line = lines[at]
    if line.mark == "attribution":
        return Introduction(_run_of_marked(lines, at), headers=True)
    if line.blank:
        return None
    folded = line.folded
    if words.original.match(folded) or words.forward.match(folded):
        return Introduction(1 + _headers_after(lines, at + 1, words), forwarded=bool(words.forward.match(folded)), headers=True)
    if words.verb_dashed.match(folded[:LONGEST]):
        return Introduction(1)
    if (headers := _header_block(lines, at, words)) and headers[1] >= (2 if at and _RULE.match(lines[at - 1].folded) else 3):
        return Introduction(headers[0], headers=True)
    return _attribution(lines, at, words)


def is_attributed(lines: Sequence[Line], words: Lexicon) -> bool:
    """Whether a block of quoted lines says itself whose mail it is, as Apple's programs have it."""
    if any(line.mark == "original" for line in lines):
        return True
    head = list(islice((line for line in lines if not line.blank), 4))
    bare = [Line(line.raw, line.text, line.folded) for line in head]
    return any(introduction_at(bare, at, words) for at in range(len(bare)))


def _attribution(lines: Sequence[Line], at: int, words: Lexicon) -> Introduction | None:
    folded = lines[at].folded[:LONGEST]
    opens = bool(words.opening.match(folded))
    if not opens:
        if not _ends_in_colon(folded):
            return None
        if (shared := words.shared_line.search(folded)) and _TIME.search(shared[0]):
            return Introduction(1, own=lines[at].text[: shared.start()].rstrip())
        return Introduction(1) if _introduces_alone(folded, words, quoted_next=_quoted_next(lines, at + 1)) else None
    joined = ""
    for count, line in enumerate(lines[at : at + MOST_JOINED], start=1):
        if line.blank and not _continues(lines, at + count):
            break
        joined = f"{joined} {line.folded.strip()}".strip()
        if len(joined) > LONGEST:
            break
        if _introduces(joined, words, quoted_next=_quoted_next(lines, at + count)):
            return Introduction(count)
    return None


def _introduces(joined: str, words: Lexicon, *, quoted_next: bool) -> bool:
    """Judge lines that begin as an attribution does: a date, an address or marks below, and a verb where there is one."""
    addressed, timed = bool(_ADDRESS.search(joined)), bool(_TIME.search(joined))
    colon = _ends_in_colon(joined)
    zoned = timed and bool(_ZONE.search(joined))
    if not (timed and (colon or addressed or quoted_next or zoned)) and not (colon and (addressed or quoted_next)):
        return False
    if words.verb_closes.search(joined[-LONGEST_CLOSE:]):
        return True
    if timed and addressed and _ENDS_IN_ADDRESS.search(joined):
        return True
    return bool(_DATED.match(joined)) and (addressed or zoned or quoted_next)


def _introduces_alone(folded: str, words: Lexicon, *, quoted_next: bool) -> bool:
    """Judge "Peer Update wrote on 4 February:" and its like, which begin with a name."""
    known = len(folded) < LONGEST_ALONE and (quoted_next or bool(_ADDRESS.search(folded)) or bool(_TIME.search(folded)))
    return known and bool(words.verb_closes.search(folded[-LONGEST_CLOSE:]))


def _ends_in_colon(text: str) -> bool:
    return text.rstrip(" >*_").endswith(":")


def _continues(lines: Sequence[Line], at: int) -> bool:
    """Some programs put blank lines before the address."""
    following = next((line for line in lines[at : at + 2] if not line.blank), None)
    return following is not None and following.folded.lstrip().startswith("<")


def _quoted_next(lines: Sequence[Line], at: int) -> bool:
    following = next((line for line in lines[at : at + 4] if not line.blank), None)
    return following is not None and following.depth > lines[at - 1].depth


def _header_block(lines: Sequence[Line], at: int, words: Lexicon) -> tuple[int, int] | None:
    """Length and number of kinds of a run of header lines that begins here, where From is among them."""
    first = words.header.match(lines[at].folded)
    if not first:
        return None
    kinds: set[str] = set()
    length = broken = 0
    for count, line in enumerate(lines[at : at + MOST_HEADER_LINES], start=1):
        found = words.header.match(line.folded)
        if found:
            kinds.update(_kinds(line.folded, found, words))
            length, broken = count, 0
        elif len(kinds) >= 4 and line.blank:
            break
        else:
            broken += 1
            if broken > 2:
                break
    return (length, len(kinds)) if "from" in kinds else None


def _kinds(folded: str, found: re.Match[str], words: Lexicon) -> set[str]:
    kinds = {words.header_kinds[found[1]]}
    if ":" not in folded[found.end() :]:
        return kinds
    # "To: a@b Subject: news" on one line comes out of some web mails.
    for later in re.finditer(r"(?<=\s)([^\s:]{2,12})\s?:\s", folded[found.end() : found.end() + 300]):
        if later[1] in words.header_kinds:
            kinds.add(words.header_kinds[later[1]])
    return kinds


def _headers_after(lines: Sequence[Line], at: int, words: Lexicon) -> int:
    """How many lines of headers follow a rule."""
    start = at
    while start < len(lines) and start < at + 3 and lines[start].blank:
        start += 1
    if start < len(lines) and (block := _header_block(lines, start, words)):
        return start - at + block[0]
    return 0


def _run_of_marked(lines: Sequence[Line], at: int) -> int:
    count = 0
    while at + count < len(lines) and lines[at + count].mark == "attribution":
        count += 1
    return count
