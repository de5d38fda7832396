"""What came in, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Channel = Literal["sms", "email", "voice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message as its channel's parser understood it, before anybody reads its words."""

    channel: Channel
    sender: str  # E.164, or an address in lower case; "" where the message names nobody
    sender_name: str = ""  # the display name of an e-mail's From
    recipient: str = ""
    subject: str = ""
    body: str = ""  # the plain text as it arrived, quotations and all
    html: str = ""  # the HTML alternative, where there is one
    message_id: str = ""  # RFC 5322, with its angle brackets
    references: tuple[str, ...] = ()  # References, then In-Reply-To where it is not among them
    automatic: str = ""  # why a machine wrote it, in the terms of parsers.mail; "" for a person
    attachments: int = 0  # parts or media that carry no words for us
