"""A signature block is told from the words above it: a name, and below it a title, an organisation or a telephone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.folding import fold, tokens
from parsers.footers import MOST_SIGNATURE_LINES, at_delimiter, at_disclaimer, at_footer, is_picture, trimmed, without_banner
from parsers.layout import Line
from parsers.lexicon import Lexicon

_PHONE = re.compile(r"(?<!\d)(?:\+?\d{1,3}[\s.-]{0,2})?(?:\(\d{3}\)|\d{3})[\s.·-]{0,2}\d{3}[\s.·-]{0,2}\d{4}(?!\d)|\+\d[\d\s().-]{7,18}\d")
_LINK = re.compile(r"\S@\S{1,100}\.\w|https?://|www\.|\.(?:org|com|gov|net|edu)\b")
_NAME_WORD = re.compile(r"^[A-ZÀ-ÖØ-ÞĀ-ž][\w'\u2019.\-]{0,24}$|^[\"(]\w{1,20}[\")]$")
_GRADE = re.compile(r"\s(?:I{1,3}|IV|V)$")  # "Peer Support Specialist I" is nobody speaking of themself
_CREDENTIAL = re.compile(r"^[A-Z][A-Za-z]{0,3}\.?[A-Z][A-Za-z.\-]{0,8}$|^[A-Z]{2,8}(?:-[A-Z]{1,6})?$")
LONGEST_NAME = 70
LONGEST_TITLE = 6  # words, of one in small letters
LONGEST_SIGNATURE_LINE = 140


@dataclass(frozen=True, slots=True)
class Parted:
    own: list[Line]
    signature: list[Line]


def part(lines: Sequence[Line], sender_name: str, words: Lexicon, *, first: bool) -> Parted:
    """Own lines and signature of one stretch of unquoted lines; `first` where the mail begins with it."""
    rest, cut = _without_marked(lines)
    rest = without_banner(trimmed(rest, words), words)
    if not first and rest and words.disclaimer.match(rest[0].folded):
        return Parted([], [*rest, *cut])
    for step in (at_delimiter, at_footer, at_disclaimer):
        rest, more = step(rest, words)
        cut = [*more, *cut]
    rest = trimmed([line for line in rest if not is_picture(line, words)], words)
    rest, more = _at_name(rest, frozenset(fold(sender_name).replace(",", " ").split()), words)
    return Parted(trimmed(rest, words), [*more, *cut])


def _without_marked(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Some people write into the signature that their program offers; then it is no signature."""
    marked = [line for line in lines if line.mark == "signature"]
    rest = [line for line in lines if line.mark != "signature"]
    return (rest, marked) if any(not line.blank for line in rest) else (list(lines), [])


def _at_name(lines: list[Line], sender: frozenset[str], words: Lexicon) -> tuple[list[Line], list[Line]]:
    """A name line with title, organisation or telephone below it begins the signature."""
    filled = [at for at, line in enumerate(lines) if not line.blank]
    for order, at in enumerate(filled):
        if len(filled) - order > MOST_SIGNATURE_LINES or not _is_name(lines, at, sender, words):
            continue
        if _is_card(lines[at], words) and at == filled[-1]:
            return lines[:at], lines[at:]
        below = filled[order + 1 : order + 3]
        if not below:
            break
        if below[0] - at > 2 or not _is_professional(lines, at, below, sender, words):
            continue
        end = _end_of_signature(lines, below[0], words)
        if any(words.times & tokens(line.folded) and not words.contact.match(line.folded) for line in lines[at + 1 : end]):
            continue
        return [*lines[:at], *lines[end:]], lines[at:end]
    return lines, []


def _is_card(line: Line, words: Lexicon) -> bool:
    """Tell "Ann Lee | Peer Mentor | Hope House", a whole signature on one line, from "Ann Lee, CPS"."""
    return "|" in line.text and _is_strong(line, words)


def _is_professional(lines: list[Line], at: int, below: list[int], sender: frozenset[str], words: Lexicon) -> bool:
    first = lines[below[0]]
    # "Simone", a blank line, "Simone Baptiste, CPS": the first is typed, the second is the signature's.
    if _is_name(lines, below[0], sender, words) and (not _is_strong(first, words) or tokens(lines[at].folded) & tokens(first.folded)):
        return False
    if _is_strong(first, words):
        return True
    if len(sender & tokens(lines[at].folded)) > 1 and words.work & tokens(first.folded) and not _is_speech(first, words):
        return len(first.text.split()) <= LONGEST_TITLE
    return len(below) > 1 and below[1] - below[0] == 1 and _is_weak(first, words) and _is_strong(lines[below[1]], words)


def _end_of_signature(lines: list[Line], at: int, words: Lexicon) -> int:
    """Find where somebody speaks again; that is no part of it."""
    for position in range(at + 1, len(lines)):
        line = lines[position]
        speaks = (
            bool(words.speaking & _said(line))
            and not line.text.lstrip().startswith(('"', "“", "«", "*"))
            and not (_is_motto(line, words) or _is_slogan(line, words))
        )
        if words.postscript.match(line.folded) or speaks:
            return position
    return len(lines)


def _is_name(lines: list[Line], at: int, sender: frozenset[str], words: Lexicon) -> bool:
    pieces = _name_in(lines[at], words)
    if not pieces:
        return False
    folded = fold(" ".join(pieces))
    known = {fold(piece).strip('."()') for piece in pieces} & sender
    if known:
        return len(pieces) - len(known) <= 3 and not words.speaking & tokens(folded)
    if (words.work | words.times) & tokens(folded) or words.closing.match(lines[at].folded):
        return False
    if not all(_NAME_WORD.match(piece) or piece in words.particles for piece in pieces):
        return False
    apart = at > 0 and (lines[at - 1].blank or bool(words.closing.match(lines[at - 1].folded)))
    return (len(pieces) > 1 or apart) and not _is_introduced(lines, at, words)


def _name_in(line: Line, words: Lexicon) -> list[str]:
    """The words of a name, without pronouns and credentials, where the line holds no more."""
    if len(line.text) > LONGEST_NAME + 30:
        return []
    text = _without_pronouns(line, words).strip().lstrip("-\u2013\u2014~*• ").rstrip("*_ ,|")
    if not text or len(text) > LONGEST_NAME or text[-1] in "?!:;":
        return []
    name, *credentials = (piece.strip() for piece in re.split(r",|\s\|\s|\s[-\u2013\u2014]\s", text))
    pieces = name.split()
    while len(pieces) > 1 and _is_suffix(pieces[-1], words):
        pieces.pop()
    return pieces if len(pieces) <= 5 and all(len(piece.split()) <= 6 for piece in credentials) else []


def _is_introduced(lines: list[Line], at: int, words: Lexicon) -> bool:
    """Tell somebody whom the writer names ("You should ask:") from the writer."""
    before = next((line for line in reversed(lines[:at]) if not line.blank), None)
    return before is not None and (before.text.rstrip().endswith(":") or _is_strong(before, words))


def _without_pronouns(line: Line, words: Lexicon) -> str:
    found = words.pronouns.search(line.folded) if "/" in line.text or "," in line.text else None
    return line.text[: found.start()] if found and len(line.folded) == len(line.text) else line.text


def _is_suffix(piece: str, words: Lexicon) -> bool:
    return (piece.isupper() and bool(_CREDENTIAL.match(piece))) or fold(piece).replace(".", "") in words.suffixes


def _is_strong(line: Line, words: Lexicon) -> bool:
    """A title, an organisation, a number, an address: what nobody says in a sentence of their own."""
    if _is_motto(line, words):
        return True
    if len(line.text) > LONGEST_SIGNATURE_LINE or _is_speech(line, words):
        return False
    if _PHONE.search(line.text) or words.contact.match(line.folded) or _LINK.search(line.folded):
        return len(line.text.split()) <= 14
    return bool(words.work & tokens(line.folded)) and _is_capitalised(line)


def _is_motto(line: Line, words: Lexicon) -> bool:
    """Behind a title and a bar stands what the house says of itself: `Site Manager | We welcome visitors!`."""
    title, bar, motto = line.text.partition(" | ")
    if not bar:  # behind a dash stands much else besides
        title, _, motto = line.text.partition(" - ")
        if not _is_slogan(_line_of(motto), words):
            return False
    if "|" in motto or not _is_speech(line, words):
        return False
    return _is_strong(_line_of(title), words) and not words.times & _said(line)


def _line_of(text: str) -> Line:
    return Line(text, text, fold(text))


def _is_slogan(line: Line, words: Lexicon) -> bool:
    """What a house tells everybody below a name, `Ask me about becoming a mentor!`; nobody speaks of themself or asks in it."""
    slogan = words.slogan.match(line.folded)
    if not slogan or "?" in line.text or len(line.text) > LONGEST_SIGNATURE_LINE:
        return False
    return (words.speaking | words.asking | words.times).isdisjoint(tokens(line.folded[slogan.end() :]))


def _is_weak(line: Line, words: Lexicon) -> bool:
    return len(line.text) <= LONGEST_NAME and not _is_speech(line, words) and _is_capitalised(line)


def _is_speech(line: Line, words: Lexicon) -> bool:
    text = line.text.strip()
    if text.endswith(("?", "!")) or (words.times | words.speaking | words.asking) & _said(line):
        return True
    return text.endswith(".") and len(text.split()) > 8


def _said(line: Line) -> set[str]:
    return tokens(fold(_GRADE.sub("", line.text.rstrip(" .,"))))


def _is_capitalised(line: Line) -> bool:
    letters = [word for word in re.findall(r"[^\W\d_][\w'\u2019\-]*", line.text) if len(word) > 3]
    return bool(letters) and 2 * sum(word[0].isupper() for word in letters) >= len(letters)
