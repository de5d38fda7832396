"""Twilio's form becomes an InboundMessage; its signature tells whether it is Twilio's."""

from __future__ import annotations

import functools
import hashlib
import re
from datetime import datetime
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from intake.arrival import Arrival
from parsers.message import Channel, InboundMessage

MOST_FIELDS = 1000
LONGEST_TEXT = 10_000  # characters that are read; Twilio hands over 1,600 at the most
PERSON = re.compile(r"\+[0-9]{7,15}")  # E.164; short codes and names of firms are machines, and never answered


@functools.lru_cache(16)  # one message asks three times: is it signed, who is it, what does it say
def form(body: bytes) -> MultiDict[str, str]:
    """Read a form as it was posted: pairs in their order, blank ones too, bytes that are no UTF-8 replaced."""
    text = body.decode("utf-8", "replace")
    return MultiDict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))


def is_signed(token: str, url: str, *, body: bytes, signature: str) -> bool:
    """Whether Twilio signed this request (https://www.twilio.com/docs/usage/security#validating-requests).

    Args:
        token: the account's auth token.
        url: the address that Twilio called, with the query string to the letter.
        body: the form to the letter.
        signature: the header `X-Twilio-Signature`; "" where there is none.

    """
    try:
        return bool(signature) and bool(RequestValidator(token).validate(url, form(body), signature))
    except ValueError:  # a URL or a form that cannot be taken apart was not signed by Twilio
        return False


def arrival(body: bytes, *, channel: Channel, received_at: datetime, late: bool = False) -> Arrival:
    """A text or a call as it came. Twilio's own id of it tells a repeat."""
    posted = form(body)
    external_id = posted.get("MessageSid") or posted.get("SmsSid") or posted.get("CallSid") or hashlib.sha256(body).hexdigest()
    return Arrival(channel=channel, external_id=external_id[:255].replace("\0", ""), source=body, received_at=received_at, late=late)


def read_text(source: bytes) -> InboundMessage:
    """A stored text as a message."""
    posted = form(source)
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
    posted = form(source)
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
