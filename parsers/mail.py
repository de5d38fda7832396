"""Raw bytes of a mail become an InboundMessage, and machine-written mail is recognised."""

from __future__ import annotations

from parsers.message import InboundMessage
from parsers.vocabulary import Vocabulary


def read_mail(raw: bytes, vocabulary: Vocabulary, *, own_lists: tuple[str, ...] = ()) -> InboundMessage: ...
