"""A form of Twilio's, as it was posted or is stored, becomes an InboundMessage."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from parsers.message import InboundMessage

MOST_FIELDS = 1000
LONGEST_TEXT = 10_000  # characters that are read; Twilio hands over 1,600 at the most
PERSON = re.compile(r"\+[0-9]{7,15}")  # E.164; short codes and names of firms are machines, and never answered


@functools.lru_cache(16)  # one message asks twice: is it signed, and who is it
def pairs(body: bytes) -> list[tuple[str, str]]:
    """Read a form as it was posted: pairs in their order, blank ones too, bytes that are no UTF-8 replaced."""
    text = body.decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)


def values(body: bytes) -> Mapping[str, str]:
    """What a form says, by its names; of what is said twice the first counts."""
    return dict(reversed(pairs(body)))


def read_text(source: bytes) -> InboundMessage:
    """A stored text as a message."""
    posted = values(source)
    sender = _number(posted.get("From", ""))
    return InboundMessage(
        channel="sms",
        sender=sender,
        recipient=_plain(posted.get("To", "")),
        body=_plain(posted.get("Body", "")[:LONGEST_TEXT]),
        automatic="" if PERSON.fullmatch(sender) or not sender else "short code",
        attachments=_count(posted.get("NumMedia", "0")),
    )


def read_call(source: bytes) -> InboundMessage:
    """A stored phone call as a message."""
    posted = values(source)
    return InboundMessage(channel="voice", sender=_number(posted.get("From", "")), recipient=_plain(posted.get("To", "")))


def _number(text: str) -> str:
    """A telephone number in E.164; whoever tries the webhook by hand loses the plus sign where a form is not encoded."""
    number = _plain(text)
    return f"+{number}" if number.isdecimal() and 10 <= len(number) <= 15 else number


def _plain(text: str) -> str:
    """Without the control characters that no store and no log wants, but with its line breaks."""
    if text.isprintable():
        return text.strip()
    return "".join(character for character in text if character in "\n\t" or character.isprintable() or ord(character) > 0x9F).strip()


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0
