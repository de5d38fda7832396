"""A mail is divided into what its writer wrote and what is quoted, passed on or answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from parsers.answers import answers_among
from parsers.attribution import introduction_at, is_attributed
from parsers.footers import is_delimiter
from parsers.layout import Line, line_of
from parsers.lexicon import Lexicon

# own: the writer's; quoted: marked as somebody else's; original: below an introduction, unmarked;
# kept: somebody else's, but part of what the writer says, so that it is shown and yet not read
Kind = Literal["own", "quoted", "original", "kept"]
LONGEST_ANNOUNCEMENT = 600
SHORTEST_REPEAT = 15
LONGEST_REMNANT = 45
SHORTEST_WRAPPED = 60
_LINK_REMNANT = re.compile(r"^\s{0,4}[(<]?https?://\S{1,500}\s{0,2}>?\s{0,3}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    kind: Kind
    lines: list[Line]
    attributed: bool = False  # something says whose words they are
    woven: bool = False  # its introduction runs on from a sentence of the writer's
    forwarded: bool = False

    @property
    def empty(self) -> bool:
        return all(line.blank for line in self.lines)


def divide(lines: Sequence[Line], words: Lexicon, *, forwarded: bool) -> list[Stretch]:
    """The stretches of a mail in their order; `forwarded` where its subject says that it passes something on."""
    stretches = [stretch for stretch in _walk(list(lines), words, forwarded=forwarded) if not stretch.empty]
    if forwarded and any(stretch.kind != "own" for stretch in stretches):
        return [replace(stretch, forwarded=True, kind="original" if stretch.kind == "kept" else stretch.kind) for stretch in stretches]
    return list(_with_kept(stretches))


def _walk(lines: list[Line], words: Lexicon, *, forwarded: bool) -> Iterator[Stretch]:
    own: list[Line] = []
    attributed = woven = passed_on = False
    spoken = False
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.depth:
            end = _end_of_quotation(lines, at)
            said = attributed or is_attributed(lines[at:end], words)
            yield Stretch(kind="own", lines=own)
            yield Stretch(
                kind="quoted", lines=lines[at:end], attributed=said, woven=woven, forwarded=passed_on or _passes_on(lines[at:end], words)
            )
            own, attributed, woven, passed_on, at = [], False, False, False, end
            continue
        if spoken and words.above.search(line.folded):
            yield Stretch(kind="own", lines=own)
            yield Stretch(kind="original", lines=lines[at:])
            return
        if not (introduction := introduction_at(lines, at, words)):
            own.append(line)
            spoken = spoken or not line.blank
            at += 1
            continue
        if introduction.own:
            own.append(line_of(introduction.own))
            spoken = True
        woven = at > 0 and not lines[at - 1].blank and not introduction.headers and not introduction.own
        attributed, passed_on = True, introduction.forwarded
        at += introduction.length
        if not _is_marked(lines, at):
            yield Stretch(kind="own", lines=own)
            yield from _unmarked(lines[at:], own if spoken else [], words, forwarded=passed_on or forwarded)
            return
    yield Stretch(kind="own", lines=own)


def _unmarked(rest: list[Line], own: list[Line], words: Lexicon, *, forwarded: bool) -> Iterator[Stretch]:
    """What stands below an introduction without marks is somebody else's to the end, but for answers put among it."""
    if own and not forwarded and _announces_answers(own, words):
        for question, answer in answers_among(rest):
            yield Stretch(kind="quoted", lines=question, attributed=True)
            yield Stretch(kind="own", lines=answer)
        return
    if not own and forwarded:
        yield Stretch(kind="kept", lines=rest, forwarded=True)
    elif not own and _answered_later(rest):
        yield from _all_but_introductions(rest, words)
    else:
        yield Stretch(kind="original", lines=rest, attributed=True, forwarded=forwarded)


def _announces_answers(own: list[Line], words: Lexicon) -> bool:
    above = " ".join(line.folded for line in own)[-LONGEST_ANNOUNCEMENT:]
    return bool(words.inline.search(above) or (words.answers.search(above) and words.below.search(above)))


def _all_but_introductions(lines: list[Line], words: Lexicon) -> Iterator[Stretch]:
    """Whose words are whose cannot be told: all is shown, and what stands below the last marks is taken for the writer's."""
    kept: list[Line] = []
    at = last = 0
    while at < len(lines):
        introduction = None if lines[at].depth else introduction_at(lines, at, words)
        if introduction:
            at += introduction.length
            continue
        kept.append(lines[at])
        last = len(kept) if lines[at].depth else last
        at += 1
    yield Stretch(kind="kept", lines=kept[:last])
    yield Stretch(kind="own", lines=kept[last:])


def _with_kept(stretches: list[Stretch]) -> Iterator[Stretch]:
    """A quotation that nothing introduces, or that is woven into a sentence, belongs to what the writer shows."""
    quoted = [stretch for stretch in stretches if stretch.kind == "quoted"]
    others = any(stretch.kind in ("original", "kept") for stretch in stretches)
    answered = [first for first, second in pairwise(stretches) if first.kind == "quoted" and _answers(second)]
    for at, stretch in enumerate(stretches):
        following = stretches[at + 1] if at + 1 < len(stretches) else None
        apart = following is None or following.lines[0].blank
        bare = at == 0 and len(quoted) == 1 and not stretch.attributed and not others and not (following and _asks(stretch.lines))
        woven = stretch.woven and len(answered) == 1 and stretch is answered[0]
        yield replace(stretch, kind="kept") if stretch.kind == "quoted" and apart and (bare or woven) else stretch


def _answers(stretch: Stretch) -> bool:
    first = next(line for line in stretch.lines if not line.blank)
    return stretch.kind == "own" and not is_delimiter(first)


def _asks(lines: list[Line]) -> bool:
    filled = [line for line in lines if not line.blank]
    return len(filled) <= 3 and max(line.depth for line in filled) == 1 and filled[-1].text.rstrip().endswith("?")


def _end_of_quotation(lines: list[Line], at: int) -> int:
    """The quoted lines from here on, blank lines and remnants of wrapped ones among them included."""
    end = at + 1
    seen = [lines[at].folded]
    for position in range(at + 1, len(lines)):
        line = lines[position]
        if line.depth:
            seen.append(line.folded)
            end = position + 1
        elif not line.blank and not _is_remnant(lines, position, seen):
            break
    return end


def _is_remnant(lines: list[Line], at: int, seen: list[str]) -> bool:
    """A mail program that wraps quoted lines leaves their ends without a mark."""
    line, before = lines[at], lines[at - 1]
    text = line.text.strip()
    if _LINK_REMNANT.match(line.folded) or (before.depth and text.endswith(" >")):
        return True
    if at + 1 >= len(lines) or not before.depth or not lines[at + 1].depth:
        return False
    wrapped = len(before.raw) >= SHORTEST_WRAPPED and before.text.rstrip()[-1:] not in ".?!:"
    if wrapped and len(text) <= LONGEST_REMNANT and not text[:1].isupper():
        return True
    return len(text) >= SHORTEST_REPEAT and any(line.folded.strip(" .!") in earlier for earlier in seen[-40:])


def _is_marked(lines: list[Line], at: int) -> bool:
    following = next((line for line in lines[at:] if not line.blank), None)
    return following is None or following.depth > 0


def _answered_later(lines: list[Line]) -> bool:
    last = max((at for at, line in enumerate(lines) if line.depth), default=None)
    return last is not None and last + 1 < len(lines) and any(not line.blank for line in lines[last + 1 :])


def _passes_on(lines: list[Line], words: Lexicon) -> bool:
    return any(words.forward.match(line.folded) for line in lines[:4])
