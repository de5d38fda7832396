"""What a writer says of themself."""

from __future__ import annotations

from collections.abc import Collection

from parsers.message import InboundMessage
from parsers.reply import Words
from parsers.vocabulary import Vocabulary


def read_fields(
    words: Words, message: InboundMessage, vocabulary: Vocabulary, *, asked: str | None, acts: Collection[str]
) -> dict[str, str | int | list[str]]:
    return {}
