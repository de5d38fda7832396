"""What stands below the writer's own words is cut off: signature blocks, device footers, disclaimers, banners, pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.folding import fold, tokens
from parsers.layout import Line
from parsers.lexicon import Lexicon

_DELIMITER = re.compile(r"^\s{0,3}(?:--|—|–|__{1,80})\s{0,3}$")
_RULE = re.compile(r"^\s{0,10}[\-—–_=+~#*ᐧ.]{1,200}\s{0,10}$")
_PICTURE = re.compile(r"^\s{0,10}(?:\[(?:image|cid|imagen|logo)\b[^\]]{0,200}\]|<https?://[^>\s]{1,1500}>)")
_PHONE = re.compile(r"(?<!\d)(?:\+?\d{1,3}[\s.-]{0,2})?(?:\(\d{3}\)|\d{3})[\s.·-]{0,2}\d{3}[\s.·-]{0,2}\d{4}(?!\d)|\+\d[\d\s().-]{7,18}\d")
_LINK = re.compile(r"\S@\S{1,100}\.\w|https?://|www\.|\.(?:org|com|gov|net|edu)\b")
_NAME_WORD = re.compile(
    r"^(?:[A-ZÀ-ÖØ-ÞĀ-ž][\w'’.\-]{0,24}|(?:de|del|de la|la|las|los|van|von|der|den|da|dos|y|e|bin|al|\"\w{1,20}\"|\(\w{1,20}\)))$"
)
_CREDENTIAL = re.compile(
    r"^(?:[A-Z][A-Za-z]{0,3}\.?[A-Z][A-Za-z.\-]{0,8}|[A-Z]{2,8}(?:-[A-Z]{1,6})?|M\.?A\.?|R\.?N\.?|II|III|IV|Jr\.?|Sr\.?)$"
)
_PRONOUNS = re.compile(r"\s{0,3}[(\[|]?\s{0,2}(?:she|he|they|ella|él|elle)\s?/[^)\]]{1,20}[)\]]?\s{0,3}$", re.IGNORECASE)
MOST_SIGNATURE_LINES = 30
LONGEST_NAME = 70
LONGEST_SIGNATURE_LINE = 140


@dataclass(frozen=True, slots=True)
class Parted:
    own: list[Line]
    signature: list[Line]


def part(lines: Sequence[Line], sender_name: str, words: Lexicon) -> Parted:
    """Own lines and signature of one stretch of unquoted lines."""
    rest, cut = _without_marked(lines)
    rest = _without_banner(_trimmed(rest), words)
    for step in (_at_delimiter, _at_footer, _at_disclaimer):
        rest, more = step(rest, words)
        cut = [*more, *cut]
    rest = _trimmed([line for line in rest if not _is_picture(line)])
    rest, more = _at_name(rest, frozenset(fold(sender_name).replace(",", " ").split()), words)
    return Parted(_trimmed(rest), [*more, *cut])


def is_delimiter(line: Line) -> bool:
    return bool(_DELIMITER.match(line.text))


def is_footer(line: Line, words: Lexicon) -> bool:
    return len(line.folded) <= LONGEST_SIGNATURE_LINE + 60 and bool(words.device.match(line.folded))


def _without_marked(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Some people write into the signature that their program offers; then it is no signature."""
    marked = [line for line in lines if line.mark == "signature"]
    rest = [line for line in lines if line.mark != "signature"]
    return (rest, marked) if any(not line.blank for line in rest) else (list(lines), [])


def _trimmed(lines: list[Line]) -> list[Line]:
    """Blank lines, rules and pictures at either end are nobody's words."""
    first, last = 0, len(lines)
    while first < last and (lines[first].blank or _is_picture(lines[first])):
        first += 1
    while last > first and (lines[last - 1].blank or _RULE.match(lines[last - 1].text) or _is_picture(lines[last - 1])):
        last -= 1
    return lines[first:last]


def _is_picture(line: Line) -> bool:
    return bool(_PICTURE.match(line.folded))


def _without_banner(lines: list[Line], words: Lexicon) -> list[Line]:
    """A server's warning stands in a paragraph of its own above the words; `[EXTERNAL]` stands on a line of its own."""
    if not lines or not words.banner.match(lines[0].folded):
        return lines
    end = next((at for at, line in enumerate(lines) if line.blank), len(lines))
    return _trimmed(lines[end:]) if end < len(lines) else lines


def _at_delimiter(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    for at, line in enumerate(lines):
        if not _DELIMITER.match(line.text) or (at and not lines[at - 1].blank and line.text.strip().startswith("_")):
            continue
        below = [later for later in lines[at + 1 :] if not later.blank]
        if len(below) <= MOST_SIGNATURE_LINES:
            return lines[:at], lines[at + 1 :]
    return lines, []


def _at_footer(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    """Device footers go; what follows the last of them stays only where it is short, or where nothing stands above."""
    footers = [at for at, line in enumerate(lines) if is_footer(line, words)]
    if not footers:
        return lines, []
    above = _trimmed(lines[: footers[0]])
    below = _trimmed(lines[footers[-1] + 1 :])
    if not above and not any(not line.blank for line in below):
        return [], []
    if not above or _is_afterthought(below, words):
        between = [line for line in lines[footers[0] : footers[-1]] if not is_footer(line, words)] if not above else []
        return [*above, *between, *([_BLANK] if above else []), *below], []
    return above, below


def _is_afterthought(lines: list[Line], words: Lexicon) -> bool:
    if not lines:
        return False
    short = len(lines) <= 2 and sum(len(line.text) for line in lines) <= 240
    return bool(words.postscript.match(lines[0].folded)) or (short and bool(words.speaking & tokens(" ".join(line.folded for line in lines))))


def _at_disclaimer(lines: list[Line], words: Lexicon) -> tuple[list[Line], list[Line]]:
    for at, line in enumerate(lines):
        if at and words.disclaimer.match(line.folded) and (lines[at - 1].blank or _RULE.match(lines[at - 1].text) or len(line.text) > 60):
            return _trimmed(lines[:at]), lines[at:]
    return lines, []


def _at_name(lines: list[Line], sender: frozenset[str], words: Lexicon) -> tuple[list[Line], list[Line]]:
    """A name line with title, organisation or telephone below it begins the signature."""
    filled = [at for at, line in enumerate(lines) if not line.blank]
    for order, at in enumerate(filled[:-1]):
        if len(filled) - order > MOST_SIGNATURE_LINES or not _is_name(lines, at, sender, words):
            continue
        below = filled[order + 1 : order + 3]
        if below[0] - at > 2 or not _is_professional(lines, below, sender, words):
            continue
        end = _end_of_signature(lines, below[0], words)
        return [*lines[:at], *lines[end:]], lines[at:end]
    return lines, []


def _is_professional(lines: list[Line], below: list[int], sender: frozenset[str], words: Lexicon) -> bool:
    first = lines[below[0]]
    if _is_name(lines, below[0], sender, words) and not _is_strong(first, words):
        return False
    if _is_strong(first, words):
        return True
    return len(below) > 1 and below[1] - below[0] == 1 and _is_weak(first, words) and _is_strong(lines[below[1]], words)


def _end_of_signature(lines: list[Line], at: int, words: Lexicon) -> int:
    """A paragraph further down in which somebody speaks is no part of it."""
    for position in range(at + 1, len(lines)):
        line = lines[position]
        opens = lines[position - 1].blank
        if words.postscript.match(line.folded) or (
            opens and words.speaking & tokens(line.folded) and not line.text.lstrip().startswith(('"', "“", "«", "*"))
        ):
            return position
    return len(lines)


def _is_name(lines: list[Line], at: int, sender: frozenset[str], words: Lexicon) -> bool:
    text = _PRONOUNS.sub("", lines[at].text).strip().lstrip("-–—~*• ").rstrip("*_ ,|")
    if not text or len(text) > LONGEST_NAME or text[-1] in "?!:;":
        return False
    name, *credentials = (piece.strip() for piece in re.split(r",|\s\|\s|\s[-–—]\s", text))
    pieces = name.split()
    while len(pieces) > 1 and _CREDENTIAL.match(pieces[-1]) and pieces[-1].isupper():
        pieces.pop()
    if not 1 <= len(pieces) <= 5 or any(len(piece.split()) > 6 for piece in credentials):
        return False
    known = {fold(token).strip('."()') for token in pieces} & sender
    if known:
        return len(pieces) - len(known) <= 3 and not words.speaking & tokens(fold(name))
    if words.work & tokens(fold(name)) or not all(_NAME_WORD.match(token) for token in pieces):
        return False
    after_closing = at > 0 and bool(words.closing.match(next((line.folded for line in reversed(lines[:at]) if not line.blank), "")))
    return (len(pieces) > 1 or after_closing) and not words.closing.match(lines[at].folded) and not words.times & tokens(fold(name))


def _is_strong(line: Line, words: Lexicon) -> bool:
    """A title, an organisation, a number, an address: what nobody says in a sentence of their own."""
    if len(line.text) > LONGEST_SIGNATURE_LINE or _is_speech(line, words):
        return False
    if _PHONE.search(line.text) or words.contact.match(line.folded) or _LINK.search(line.folded):
        return len(line.text.split()) <= 14
    return bool(words.work & tokens(line.folded)) and _is_capitalised(line)


def _is_weak(line: Line, words: Lexicon) -> bool:
    return len(line.text) <= LONGEST_NAME and not _is_speech(line, words) and _is_capitalised(line)


def _is_speech(line: Line, words: Lexicon) -> bool:
    text = line.text.strip()
    if text.endswith(("?", "!")) or (words.times | words.speaking) & tokens(line.folded):
        return True
    return text.endswith(".") and len(text.split()) > 8


def _is_capitalised(line: Line) -> bool:
    letters = [word for word in re.findall(r"[^\W\d_][\w'’\-]*", line.text) if len(word) > 3]
    return bool(letters) and 2 * sum(word[0].isupper() for word in letters) >= len(letters)


_BLANK = Line("", "", "")
