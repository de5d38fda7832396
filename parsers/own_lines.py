"""Which lines of an answer are its writer's own, and not ours come back, marked or not, rewrapped or not."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.folding import fold
from parsers.layout import MOST_LINES, line_of

SHORTEST_RUN = 4  # words in a row that nobody types by chance as we wrote them
_WORD = re.compile(r"[^\W_]+")
_LINKED = re.compile(
    r"[<\[(](?:https?|mailto|tel):(?:[^<>\[\]\s(]|\((?!https?:|mailto:|tel:)){1,2000}[>\])]", re.IGNORECASE
)  # mail programs write it behind what it leads to
_MARKED = re.compile(r"\s{0,8}[>|¦»}]")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc"})
# In our mails the line above which one answers stands between dashes, in whatever words its template has; a volunteer's begins with `>`.
_RULED = re.compile(r"\s{0,8}[-–—_=*#~]{2,}\s?[^\W_].*[-–—_=*#~]{2,}\s*")  # noqa: RUF001 - dashes of every kind


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line that is the writer's own, or that they seem to have typed although it stands in our mail as well."""

    text: str
    taken: bool = False  # it stands in our mail: nobody may act on it, and the writer should hear of it


@dataclass(frozen=True, slots=True)
class _Ours:
    """What our mail says, made ready for comparison."""

    lines: frozenset[str]
    ends: frozenset[str]  # the lines above which one answers
    flow: str  # all its words, a blank around each
    near: frozenset[tuple[str, ...]]  # runs shorter than SHORTEST_RUN with a word of a volunteer's in them


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line of the answer and what was found of it."""

    text: str
    words: tuple[str, ...]
    marked: bool
    ours: bool
    place: int  # where in our mail it stands first; -1 where it does not as a whole

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def own_lines(text: str, ours: str) -> list[OwnLine]:
    """The lines that are the writer's own, blank ones among them, and those taken out that look typed.

    Args:
        text: what is left of an answer without its quotations and signature, and perhaps with some of them.
        ours: every mail of ours that it may quote; lines that begin with `>` are a volunteer's.

    """
    known = _known(ours)
    seen = _joined(_seen(text, known), known)
    quoted = next((at for at, line in enumerate(seen) if line.marked), len(seen))
    own: list[OwnLine] = []
    for at, line in enumerate(seen):
        if not line.ours and not line.marked:
            own.append(OwnLine(line.text))
        elif at < quoted and _looks_typed(line, seen[at + 1 :]):
            own.append(OwnLine(line.text, taken=True))
    return own


def _seen(text: str, known: _Ours) -> list[_Seen]:
    """Each line up to ours above which one answers, looked at by itself."""
    seen: list[_Seen] = []
    for raw in text.splitlines()[:MOST_LINES]:
        words = _words(raw)
        key = _key(raw, words)
        if key in known.ends:
            break
        plain = _plain(raw)
        marked = bool(_MARKED.match(plain)) or line_of(plain).depth > 0
        seen.append(_Seen(raw, tuple(words), marked, _is_ours(words, key, known), known.flow.find(_run(words))))
    return seen


def _joined(seen: Sequence[_Seen], known: _Ours) -> list[_Seen]:
    """The lines again, where a rewrapped line of ours is known by the lines around it."""
    filled = [at for at, line in enumerate(seen) if line.words]
    broken: set[int] = set()
    for first in range(len(filled)):
        for last in range(first + 2, min(first + SHORTEST_RUN, len(filled)) + 1):
            words = [word for at in filled[first:last] for word in seen[at].words]
            if _run(words) not in known.flow:
                break
            if len(words) >= SHORTEST_RUN:
                broken.update(filled[first:last])
    return [replace(line, ours=True) if at in broken else line for at, line in enumerate(seen)]


def _known(ours: str) -> _Ours:
    lines: set[str] = set()
    ends: set[str] = set()
    flow: list[str] = []
    volunteers: list[bool] = []
    for line in ours.splitlines():
        words = _words(line)
        theirs = line.lstrip().startswith(">")
        lines.add(_key(line, words))
        flow.extend(words)
        volunteers.extend([theirs] * len(words))
        if _RULED.fullmatch(line):
            ends.add(_key(line, words))
    near = {
        tuple(flow[at : at + length])
        for length in range(1, SHORTEST_RUN)
        for at in range(len(flow) - length + 1)
        if any(volunteers[at : at + length])
    }
    return _Ours(frozenset(lines - {""}), frozenset(ends - {""}), _run(flow), frozenset(near))


def _is_ours(words: Sequence[str], key: str, known: _Ours) -> bool:
    if key in known.lines:
        return True
    return _run(words) in known.flow if len(words) >= SHORTEST_RUN else tuple(words) in known.near


def _looks_typed(line: _Seen, following: Sequence[_Seen]) -> bool:
    """Whether a line of ours seems to be typed: what follows is not what follows it in our mail."""
    after = next((one for one in following if not one.blank), None)
    return after is None or not after.ours or after.place <= line.place


def _plain(line: str) -> str:
    """The line as it is seen, whatever its characters were written as, and however often that was done over."""
    for _ in range(3):
        line = html.unescape(line)
    if line.isascii():
        return line
    return "".join(one for one in unicodedata.normalize("NFKD", line) if one == "\t" or unicodedata.category(one) not in _INVISIBLE)


def _words(line: str) -> list[str]:
    return _WORD.findall(fold(_LINKED.sub(" ", _plain(line))))


def _key(line: str, words: Sequence[str]) -> str:
    """What is compared of a whole line: its words, or what it has where it has none."""
    return " ".join(words) or _plain(line).strip(" \t>|")


def _run(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
