"""A message is read: what its writer does with it, says of themself, and whether anybody is at risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from parsers.message import InboundMessage
from parsers.reply import Words
from parsers.vocabulary import Vocabulary

Kind = Literal["mentor_offer", "shadow_offer", "mentor_request", "shadow_request"]
Act = Literal[
    "mentor_offer", "shadow_offer", "mentor_request", "shadow_request", "update", "withdraw", "answer", "question",
    "opt_out", "opt_in", "help", "referral", "service_seeker", "automatic", "spam", "other",
]
Urgent = Literal["crisis", "safeguarding"]
FieldValue = str | int | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the sender before the message is read."""

    asked: str | None = None  # the open question: role, name, availability, setting, consent
    records: tuple[Kind, ...] = ()  # kinds of the sender's open records
    match: str | None = None  # an open introduction's code
    options: tuple[Kind, ...] = ()  # the kinds offered to choose from, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The half of the reading that needs no context, so that it is done before any lock is held."""

    message: InboundMessage
    words: Words
    urgent: Urgent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a careful coordinator would make of one message."""

    reply_text: str
    acts: tuple[Act, ...]  # sorted, never empty
    urgent: Urgent | None = None
    clarify: bool = False  # the kind of record is a guess that the answer must put as a question
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    language: str = "en"  # of the words themselves, for the answer: a key of the vocabulary
    keyword: bool = False  # the whole text is a word that Twilio itself acts on (STOP, START, HELP and their sisters)
    courtesy: bool = False  # thanks, a greeting, a reaction, a lone emoji: it wants no answer


def hear(message: InboundMessage, vocabulary: Vocabulary) -> Heard: ...


def read(heard: Heard, vocabulary: Vocabulary, context: Context) -> Reading: ...
