"""A coordinator's lines become orders: which command, for which numbers, with what words behind; what only looks like one is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from parsers.folding import fold
from parsers.order_words import OrderWords, order_words

FREE = ("note", "ask", "answer", "new")  # they take the rest of the line as it is written
COLON = ("answer", "new")  # and these want a colon, since people begin sentences with them
BEFORE_THE_FIRST = 3  # lines of prose that may stand above the first command
LONGEST_LINE = 2_000
_TOKEN = re.compile(r"#?\d+(?![\w/-])|[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\w/-]*|\S")
_NUMBER = re.compile(r"#?(\d{1,9})")
_BULLET = re.compile(r"^\s{0,20}(?:[-*•·]|\(?\d{1,2}[.)](?=\s+\D))\s{1,9}")
_SENTENCE = re.compile(r"(?<=[^\s.])\.\s+(?=\S)")
_FEW_SLIPS = {1: 0, 2: 0, 3: 1, 4: 1, 5: 1}  # by the length of a word; longer ones may have two


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command as it was written."""

    name: str  # the command's
    numbers: tuple[int, ...]  # of the items, in the order written; none where it was left out
    rest: str  # what stands behind, as written
    line: str  # the whole of it, for the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """A line that begins like a command and is none."""

    line: str
    nearest: str  # a command's name


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


def orders(lines: Sequence[str]) -> list[Order | Misread]:
    """Read commands from the first lines of a mail, or from a text.

    A greeting is passed over, and so are a few lines of prose above the first command; behind it, prose ends the reading.
    """
    found: list[Order | Misread] = []
    words = order_words()
    passed = at = 0
    while at < len(lines):
        line = _BULLET.sub("", lines[at][:LONGEST_LINE]).strip()
        at += 1
        if not line or _is_only(line, words, "greeting"):
            continue
        if _is_only(line, words, "close"):
            break
        read = list(_line(line, words))
        if not read:
            if found or passed == BEFORE_THE_FIRST:
                break
            passed += 1
            continue
        last = read[-1]
        if isinstance(last, Order) and last.name in FREE:
            more, at = _continued(lines, at, words, whole=last.name == "answer")
            read[-1] = Order(name=last.name, numbers=last.numbers, rest="\n".join([last.rest, *more]).strip(), line=last.line)
        found.extend(read)
    return found


def _continued(lines: Sequence[str], at: int, words: OrderWords, *, whole: bool) -> tuple[list[str], int]:
    """The lines that a mail program wrapped, or, of an answer to somebody, all that follow; up to the next command."""
    more: list[str] = []
    while at < len(lines):
        line = lines[at].strip()
        if (not line and not whole) or (line and any(isinstance(one, Order) for one in _line(line, words))):
            break
        more.append(line)
        at += 1
    return more, at


def _line(line: str, words: OrderWords) -> Iterator[Order | Misread]:
    """The commands of one line, which `;` or a full stop may part."""
    while line:
        piece, behind = _first_piece(line)
        whole = _piece(line, words)
        if isinstance(whole, Order) and whole.name in FREE:
            yield whole
            return
        read = _piece(piece, words)
        if read is None:
            return
        yield read
        line = behind


def _first_piece(line: str) -> tuple[str, str]:
    stops = [match for match in (re.search(r"\s*;\s*", line), _SENTENCE.search(line)) if match]
    if not stops:
        return line, ""
    stop = min(stops, key=lambda match: match.start())
    return line[: stop.start()], line[stop.end() :]


def _piece(text: str, words: OrderWords) -> Order | Misread | None:
    tokens = [_Token(fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    said = [token.word for token in tokens]
    at = _skip(said, 0, words, "lead", ",", "!")
    numbers, verb_at = _numbers(said, at, words)
    verb_at = _skip(said, verb_at, words, "lead", ":", "-", ",", "/") if numbers else at
    verb = words.at("command", said, verb_at)
    if verb is None:
        return _misread(text, said, at, verb_at, words)
    name, end = verb
    if not numbers:
        numbers, end = _numbers(said, end, words)
    end = (words.is_small("it", said, end) or end) if not numbers and name not in FREE else end
    if name in COLON and (end >= len(said) or ":" not in said[end : end + 8]):
        return None
    rest = text[tokens[end].start :] if end < len(tokens) else ""
    return Order(name=name, numbers=tuple(dict.fromkeys(numbers)), rest=_bare(rest, words, free=name in FREE), line=text.strip())


def _bare(rest: str, words: OrderWords, *, free: bool) -> str:
    """What stands behind a command, without the marks before it and the courtesies after it."""
    rest = rest.lstrip(" :,-\u2013\u2014.!").strip()
    if free:
        return rest
    rest = rest.rstrip(" .!,")
    tokens = list(_TOKEN.finditer(rest))
    said = [fold(match[0]) for match in tokens]
    for start in range(len(said)):
        end: int | None = start
        while end is not None and end < len(said):
            end = words.is_small("trail", said, end) or (end + 1 if said[end] in (",", "!", ".") else None)
        if end is not None and end >= len(said):
            return rest[: tokens[start].start()].rstrip(" ,.!")
    return rest


def _numbers(said: Sequence[str], at: int, words: OrderWords) -> tuple[list[int], int]:
    """Items' numbers in a row: "#12", "12 and 14", "number 12, 13"; a number of days is none of them."""
    numbers: list[int] = []
    place = at
    while place < len(said):
        place = _skip(said, place, words, "and", ",") if numbers else place
        place = _skip(said, place, words, "number")
        found = _NUMBER.fullmatch(said[place]) if place < len(said) else None
        if found is None or words.is_small("unit", said, place + 1):
            break
        numbers.append(int(found[1]))
        place += 1
        at = place
    return numbers, at


def _skip(said: Sequence[str], at: int, words: OrderWords, name: str, *marks: str) -> int:
    while at < len(said):
        end = words.is_small(name, said, at) or (at + 1 if said[at] in marks else None)
        if end is None:
            return at
        at = end
    return at


def _misread(text: str, said: Sequence[str], start: int, verb_at: int, words: OrderWords) -> Misread | None:
    """A line beside whose number, or at whose start, stands what is nearly a command."""
    near = [said[at] for at in {start, verb_at} if at < len(said)]
    numbered = any(_NUMBER.fullmatch(word) for word in said)
    commands = words.tables["command"]
    for word in near:
        slips = _FEW_SLIPS.get(len(word), 2)
        best = min(commands, key=lambda phrase: (_slips(word, phrase[0]), len(phrase)))
        if word.isalpha() and slips and _slips(word, best[0]) <= slips and (numbered or len(said) < 3):
            return Misread(line=text.strip(), nearest=commands[best])
    if numbered and verb_at > start:  # a number of ours, and behind it nothing that we know
        return Misread(line=text.strip(), nearest="show")
    return None


def _slips(word: str, command: str) -> int:
    """How far a word is from a command; another form of the same verb ("closing") is one slip away."""
    same_stem = len(command) > 3 and word[:4] == command[:4]
    return min(OSA.distance(word, command), 1 if same_stem else len(word))


def _is_only(line: str, words: OrderWords, name: str) -> bool:
    """Whether a line is a greeting, or a closing, and at most a name or two."""
    said = [fold(match[0]) for match in _TOKEN.finditer(line)]
    end = words.is_small(name, said)
    return end is not None and len([word for word in said[end:] if word.isalpha()]) <= 2 and not any(word.isdigit() for word in said)
