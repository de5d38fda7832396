"""An offer that is told of only to be turned down: `they want me to mentor, not happening`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from parsers.patterns import Hit, patterns_of
from parsers.phrasebook import day_words
from parsers.vocabulary import Vocabulary

_NAMED = {"no_mentor": "mentor_offer", "no_host": "shadow_offer"}
_FAR = 140  # letters behind an offer within which a refusal is one of it
_NEAR = 60  # letters ahead of an offer within which it is somebody else's wish, or one of long ago
_BESIDE = 24  # letters of a day beside a "not", which then speaks of that day


class _Place(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def refusals(words: str, vocabulary: Vocabulary) -> list[Hit]:
    """Find the refusals that nothing takes back, as `but here I am` does, and the wishes that are but reported."""
    words = words.replace(" ? ", " . ")  # a question may stand ahead of its answer
    hits = list(patterns_of(vocabulary, "refusal").find(words))
    if any(hit.name == "reported" for hit in hits):
        hits += [
            hit for hit in patterns_of(vocabulary, "around").find(words) if hit.name == "not" and not _of_a_day(words, hit, vocabulary)
        ]
    agreed = max((hit.start for hit in hits if hit.name == "agreed"), default=-1)
    return [hit for hit in hits if hit.name == "reported" or hit.start > agreed]


def refuses(place: _Place, found: Sequence[Hit]) -> bool:
    """Say whether an offer is turned down by what stands behind it; where it was but reported, any "no" will do."""
    if not place.kind.endswith("offer"):
        return False
    reported = any(hit.name == "reported" and hit.start < place.end and hit.end > place.start - _NEAR for hit in found)
    final = ("refused", "not") if reported else ("refused",)
    behind = any(hit.name in final and place.start <= hit.start < place.end + _FAR for hit in found)
    return behind or any(_NAMED.get(hit.name) == place.kind for hit in found)


def _of_a_day(words: str, hit: Hit, vocabulary: Vocabulary) -> bool:
    beside = words[max(0, hit.start - _BESIDE) : hit.end + _BESIDE].split(" ")[1:-1]
    return not day_words(vocabulary).isdisjoint(beside)
