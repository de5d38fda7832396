"""The writer's own words: quotations, signatures and footers are cut away."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.message import InboundMessage
from parsers.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is left of a message when everything that somebody else or a machine wrote is gone."""

    text: str  # the reply text of the reading guide
    signature: str = ""  # the block that was cut off; only a name is ever read from it
    inline: tuple[tuple[str, str], ...] = ()  # (quoted lines, the answer below them), where answers stand inline
    forwarded: bool = False  # the message passes on somebody else's mail
    original: str = ""  # the mail that is passed on or answered, as it stands below the writer's words


def own_words(message: InboundMessage, vocabulary: Vocabulary) -> Words:
    return Words(text=message.body.strip())
