"""What was found in a writer's words and what is known of them: what the acts are weighed from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from parsers.direction import Spoken
from parsers.patterns import Hit

KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
OFFERS = ("mentor_offer", "shadow_offer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the sender, as far as the acts hang on it."""

    asked: str | None = None
    records: Collection[str] = ()
    match: str | None = None
    options: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Told:
    """What was found in the words, before it is weighed."""

    words: str
    places: list[Spoken]
    wishes: dict[str, list[Hit]]
    kinds: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)  # those of them that a set phrase said, none that ends anything
    guessed: bool = False
    sure: bool = False  # with words of the field
    vague: bool = False  # not a word of the field and no day: "come with us" may be said of anything
    denied: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # kinds that somebody else would be
    question: bool = False
    forwarded: bool = False
    peer: bool = False
