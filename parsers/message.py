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
    froms: tuple[str, ...] = ()  # the addresses in From, in lower case; none where they can be read in more ways than one
    recipient: str = ""
    recipients: tuple[str, ...] = ()  # every address that the mail went to, as its headers and its servers' have it
    subject: str = ""
    body: str = ""  # the plain text as it arrived, quotations and all
    html: str = ""  # the HTML alternative, where there is one
    message_id: str = ""  # RFC 5322, with its angle brackets
    references: tuple[str, ...] = ()  # References, then In-Reply-To where it is not among them
    authentication: tuple[str, ...] = ()  # the topmost run of Authentication-Results, as they came
    automatic: str = ""  # why a machine wrote it, in the terms of parsers.mail; "" for a person
    attachments: int = 0  # parts or media that carry no words for us
