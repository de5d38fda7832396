"""A coordinator's lines become orders: which command, for which numbers, with what words behind; what only looks like one is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parsers.folding import fold
from parsers.near_misses import nearest
from parsers.order_greetings import closes, is_courtesy, is_only
from parsers.order_numbers import NUMBER, TOKEN, number_inside, numbers_at, skip
from parsers.order_words import OrderWords, order_words

FREE = ("note", "ask", "answer", "new")  # they take the rest of the line as it is written
ADDRESSED = ("ask", "answer")  # to somebody: "ask her"
COLON = ("answer", "new")  # and these want a colon, since people begin sentences with them
TOWARDS = (*ADDRESSED, "note")  # "ask to 12"; behind the others it may be a day: "pause to 15 June"
LEAST_OF_A_PHONE = 7  # digits
COLON_WITHIN = 8  # words
BEFORE_THE_FIRST = 3  # lines of prose that may stand above the first command
LONGEST_LINE = 2_000
MOST_LINES = 600  # of one message
MOST_ORDERS = 200
WIDTH = 70  # a line that the next one's first word would have made longer was wrapped by the mail program
_HASHED = re.compile(r"#\d{1,9}\b")
_POSSESSIVE = re.compile(r"^['\u2019]s\b")  # "12's town"
_BULLET = re.compile(r"^\s{0,20}(?:[-*•·]|\(?\d{1,2}[.)](?=\s+\D.*\d))\s{1,9}")
_SENTENCE = re.compile(r"(?<=[^\s.])(?<!\b[Nn][or])\.\s+(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command as it was written."""

    name: str  # the command's
    numbers: tuple[int, ...]  # of the items, in the order written; none where it was left out
    rest: str  # what stands behind, as written
    line: str  # the whole of it, for the answer
    is_elsewhere: bool = False  # it is about something else than the mail that is answered, though no number says what


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
    while at < min(len(lines), MOST_LINES) and len(found) < MOST_ORDERS:
        line = _BULLET.sub("", lines[at][:LONGEST_LINE]).strip()
        at += 1
        if found and closes(line, words):
            break
        if not line or is_only(line, words, "greeting"):
            continue
        if is_only(line, words, "close"):
            break
        read = list(_line(line, words))
        if not read or (found and _may_be_a_name(read[0])):
            if found and _HASHED.search(line):  # whoever writes #14 below a command will think it was read
                found.append(Misread(line=line, nearest="show"))
            if found or passed == BEFORE_THE_FIRST:
                break
            passed += 1
            continue
        last = read[-1]
        if isinstance(last, Order) and last.name in FREE:
            more, at = _continued(lines[:MOST_LINES], at, words, whole=last.name == "answer")
            read[-1] = Order(name=last.name, numbers=last.numbers, rest="\n".join([last.rest, *more]).strip(), line=last.line)
        found.extend(read)
    else:
        if found and at < len(lines):  # whoever writes so much is told where the reading ended
            found.append(Misread(line=lines[at][:WIDTH].strip(), nearest="show"))
    return found


def _continued(lines: Sequence[str], at: int, words: OrderWords, *, whole: bool) -> tuple[list[str], int]:
    """The lines that a mail program wrapped, or, of an answer to somebody, all that follow; up to the next command."""
    more: list[str] = []
    while at < len(lines):
        line = lines[at].strip()
        if not whole and (not line or closes(line, words)):
            break
        if line and not _wrapped(lines[at - 1], line) and any(isinstance(one, Order) for one in _line(line, words)):
            break
        more.append(line)
        at += 1
    return more, at


def _may_be_a_name(read: Order | Misread) -> bool:
    """Below a command, "Jake" is who wrote it and no `take`."""
    return isinstance(read, Misread) and not any(character.isdigit() for character in read.line)


def _wrapped(above: str, line: str) -> bool:
    above = above.rstrip()
    return above[-1:] not in (".", "?", "!") and len(above) + len(line.split(maxsplit=1)[0]) >= WIDTH


def _line(line: str, words: OrderWords) -> Iterator[Order | Misread]:
    """The commands of one line, which `;` or a full stop may part, or "and" where the second has a number of its own."""
    while line:
        piece, behind = _first_piece(line)
        read = _piece(piece, words)
        if not isinstance(read, Order) or read.name in FREE:
            whole = _piece(line, words)
            if isinstance(whole, Order) and whole.name in FREE:
                yield whole
                return
        if read is None and behind and is_courtesy(piece, words):  # "Thanks. Close 12."
            line = behind
            continue
        if read is None:
            return
        if isinstance(read, Order) and isinstance(second := _piece(read.rest, words), Order) and second.numbers:
            behind = line[piece.rindex(read.rest) :]
            read = replace(read, rest="", line=line.removesuffix(behind).rstrip(" ,"))
        yield read
        line = behind


def _first_piece(line: str) -> tuple[str, str]:
    stops = [match for match in (re.search(r"(?<!\s)\s*;\s*", line), _SENTENCE.search(line)) if match]
    stop = min(stops, key=lambda match: match.start(), default=None)
    if stop is None or NUMBER.fullmatch(line[: stop.start()]):  # "12. close" is about #12
        return line, ""
    return line[: stop.start()], line[stop.end() :]


def _piece(text: str, words: OrderWords) -> Order | Misread | None:
    tokens = [_Token(fold(match[0]), match.start(), match.end()) for match in TOKEN.finditer(text)]
    said = [token.word for token in tokens]
    at = skip(said, _greeted(said, words), words, "lead", ",", "!", "\u00bf", "\u00a1")
    numbers, verb_at = numbers_at(said, at, words)
    verb_at = skip(said, verb_at, words, "lead", ":", "-", ",", "/", ".", ")") if numbers else at
    name, numbers, end = _verb(said, verb_at, words, numbers)
    if not name:
        return _misread(text, said, at, verb_at, words)
    if name in COLON and not _announced(name, numbers, said[end:]):
        return None
    rest = _bare(text[tokens[end].start :] if end < len(tokens) else "", words, name)
    if not numbers:
        numbers, rest = number_inside(rest, words, name)
    return Order(name=name, numbers=tuple(dict.fromkeys(numbers)), rest=rest, line=text.strip())


def _greeted(said: Sequence[str], words: OrderWords) -> int:
    """Where "Hello Sam," ends at the start of a line."""
    end = words.is_small("greeting", said)
    marks = [at for at in range(end, min(end + 3, len(said))) if said[at] in (",", "!")] if end else []
    return marks[0] if marks else 0


def _verb(said: Sequence[str], at: int, words: OrderWords, numbers: list[int]) -> tuple[str, list[int], int]:
    """The command at a place, the numbers before or behind it, and where both end; no name where there is none."""
    inside, end = ([], at) if numbers else numbers_at(said, at + 1, words)
    around = words.at("command", [said[at], *said[end:]]) if inside else None
    if around and around[1] > 1:  # "take 12 off the list"
        return around[0], inside, end + around[1] - 1
    verb = words.at("command", said, at)
    if verb is None:
        return "", numbers, at
    name, end = verb
    if not numbers:
        start = skip(said, end, words, "towards") if name in TOWARDS else end
        numbers, behind = numbers_at(said, start, words, joined=name == "merge", units=name != "set")
        end = behind if numbers else end
    if not numbers and (name in ADDRESSED or name not in FREE):
        end = words.is_small("person" if name in ADDRESSED else "it", said, end) or end
    return name, numbers, end


def _announced(name: str, numbers: Sequence[int], behind: Sequence[str]) -> bool:
    """Whether a word with which people begin sentences is meant as a command here."""
    if name == "answer" and behind[:1] != [":"]:
        return bool(numbers)
    return ":" in behind[:COLON_WITHIN] or (name == "new" and _says_whom(behind))


def _says_whom(behind: Sequence[str]) -> bool:
    """Whether a kind, and after it how somebody is reached, stand behind "new", where the colon was forgotten."""
    digits = sum(character.isdigit() for word in behind for character in word)
    return order_words().at("kind", behind) is not None and (digits >= LEAST_OF_A_PHONE or "@" in behind)


def _bare(rest: str, words: OrderWords, name: str) -> str:
    """What stands behind a command, without the marks before it and the courtesies after it."""
    rest = _POSSESSIVE.sub("", rest).lstrip(" :,-\u2013\u2014.!").strip()
    if name in FREE:
        return rest
    marks = ".!," if name == "yes" else ".!,?"  # "yes?" agrees to nothing
    rest = rest.rstrip(f" {marks}")
    tokens = list(TOKEN.finditer(rest))
    said = [fold(match[0]) for match in tokens]
    for start in range(len(said)):
        end: int | None = start
        while end is not None and end < len(said):
            end = words.is_small("trail", said, end) or (end + 1 if said[end] in marks else None)
        if end is not None and end >= len(said):
            return rest[: tokens[start].start()].rstrip(" ,.!?")
    return rest


def _misread(text: str, said: Sequence[str], start: int, verb_at: int, words: OrderWords) -> Misread | None:
    """A line beside whose number, or at whose start, stands what is nearly a command."""
    numbered = any(NUMBER.fullmatch(word) for word in said)
    for at in sorted({start, verb_at}):
        near = _meant(said, at, words) or (nearest(said[at], words) if at < len(said) else None)
        if near and (numbered or (len(said[at]) > 3 and len(said) < 3)):
            return Misread(line=text.strip(), nearest=near)
    if numbered and verb_at > start:  # a number of ours, and behind it nothing that we know
        return Misread(line=text.strip(), nearest="show")
    return None


def _meant(said: Sequence[str], at: int, words: OrderWords) -> str | None:
    """The command meant by a word that is none, where a number follows it: "tell 12 that we called"."""
    found = words.at("nearly", said, at)
    return found[0] if found and numbers_at(said, skip(said, found[1], words, "towards"), words)[0] else None
