"""The mail that somebody passes on: who wrote it, and what; read from the headers that mail programs put above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parsers.layout import Line
from parsers.lexicon import Lexicon, lexicon
from parsers.message import InboundMessage
from parsers.reply import visible_lines
from parsers.vocabulary import Vocabulary

MOST_HEADERS = 8  # lines; more are no header block
FEWEST_HEADERS = 2
_MARKS = re.compile(r"^[\s\"'*_]{1,9}|[\s\"'*_<\[(:]{1,9}(?:mailto:)?$")  # around a name
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


def forwarded(message: InboundMessage, vocabulary: Vocabulary) -> InboundMessage | None:
    """The topmost mail below the writer's own words, as if its writer had sent it; None where it says not who that is."""
    words = lexicon(vocabulary)
    lines = visible_lines(message, vocabulary)
    for at, line in enumerate(lines):
        if _kind(line, words) != "from":
            continue
        end, headers = _block(lines, at, words)
        sender = _ADDRESS.search(headers.get("from", ""))
        if len(headers) >= FEWEST_HEADERS and sender:
            name = _MARKS.sub("", headers["from"][: sender.start()])
            body = "\n".join(line.text for line in lines[end:]).strip()
            return replace(
                message,
                sender=sender[0].lower(),
                sender_name=name,
                subject=headers.get("subject", ""),
                body=body,
                html="",
                message_id="",
                references=(),
            )
    return None


def _kind(line: Line, words: Lexicon) -> str:
    found = words.header.match(line.folded)
    return words.header_kinds[found[1]] if found else ""


def _block(lines: Sequence[Line], start: int, words: Lexicon) -> tuple[int, dict[str, str]]:
    """The headers of a run of lines around From, and where it ends; some programs put the date or the subject first."""
    first = start
    while first > 0 and start - first < MOST_HEADERS and _kind(lines[first - 1], words):
        first -= 1
    headers: dict[str, str] = {}
    at, name = first, ""
    while at < len(lines) and at - first < MOST_HEADERS and not lines[at].blank:
        if kind := _kind(lines[at], words):
            name = kind
            headers.setdefault(name, lines[at].text.partition(":")[2].strip(" \t*_"))
        elif name and lines[at].text[:1].isspace():
            headers[name] += " " + lines[at].text.strip()
        else:
            break
        at += 1
    return at, headers
