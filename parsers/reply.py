"""The writer's own words: quotations, signatures and footers are cut away."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.folding import fold
from parsers.layout import MOST_HEAD, Line, lines_of, resolved
from parsers.lexicon import Lexicon, lexicon
from parsers.message import InboundMessage
from parsers.quotation import Stretch, divide
from parsers.signature import part
from parsers.vocabulary import Vocabulary

LONGEST_STUB = 300
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is left of a message when everything that somebody else or a machine wrote is gone."""

    text: str  # the reply text of the reading guide
    said: str = ""  # what acts and fields are read from: `text` with entities resolved and without any quoted line
    signature: str = ""  # the block that was cut off; only a name is ever read from it
    inline: tuple[tuple[str, str], ...] = ()  # (quoted lines, the answer below them), where answers stand inline
    forwarded: bool = False  # the message passes on somebody else's mail
    original: str = ""  # the mail that is passed on or answered, as it stands below the writer's words


def own_words(message: InboundMessage, vocabulary: Vocabulary) -> Words:
    if message.channel != "email":
        # A reaction is shown as the telephone sent it, invisible marks and all.
        return Words(text=message.body.replace("\0", "").strip()[:MOST_HEAD], said=_joined(lines_of(message.body)))
    words = lexicon(vocabulary)
    lines = _lines(message, words)
    forward_subject = bool(words.forward_subject.match(fold(message.subject)))
    stretches = divide(lines, words, forwarded=forward_subject)
    return _assemble(stretches, message, words)


def visible_lines(message: InboundMessage, vocabulary: Vocabulary) -> list[Line]:
    """Every line that a mail shows, whoever wrote it."""
    return _lines(message, lexicon(vocabulary))


def _lines(message: InboundMessage, words: Lexicon) -> list[Line]:
    """The plain part, unless there is none worth reading."""
    body = message.body
    stub = not body.strip() or (len(body) < LONGEST_STUB and words.stub.search(fold(body)))
    if not stub or not message.html.strip():
        return lines_of(body)
    from parsers.markup import lines_of_html  # most mails need no HTML parser

    return lines_of_html(message.html)


def _assemble(stretches: list[Stretch], message: InboundMessage, words: Lexicon) -> Words:
    texts: list[str] = []
    said: list[str] = []
    signature: list[str] = []
    inline: list[tuple[str, str]] = []
    original: list[str] = []
    quoted = ""
    for stretch in stretches:
        match stretch.kind:
            case "own":
                parted = part(stretch.lines, message.sender_name, words, first=stretch is stretches[0])
                own = _joined(parted.own)
                signature.extend(line.text for line in parted.signature)
                texts.append(own)
                said.append(own)
                if quoted and own:
                    inline.append((quoted, resolved(own)))
                    quoted = ""
            case "kept":
                texts.append(_joined(stretch.lines))
                original.append(_plain(stretch.lines))
            case "quoted":
                quoted = _plain(stretch.lines)
                original.append(quoted)
            case "original":
                original.append(_plain(stretch.lines))
    return Words(
        text="\n".join(text for text in texts if text),
        said=resolved("\n".join(text for text in said if text)),
        signature=resolved("\n".join(signature)).strip(),
        inline=tuple(inline),
        forwarded=any(stretch.forwarded for stretch in stretches),
        original="\n".join(original).strip(),
    )


def _joined(lines: list[Line]) -> str:
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.raw.rstrip() for line in lines)).strip()


def _plain(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines).strip()
