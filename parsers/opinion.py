"""A second reader: a small linear model, learned from labelled messages, of how likely a message of such words means each act."""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

LEARNED = Path(__file__).parent / "learned.bin"  # made by `make learn`
WORDS = 400  # of a longer letter
SCALE = 10  # rarities and weights are whole tenths
_KNOWN = 0.6  # of the words; of a language that it has not learned it says nothing


@dataclass(frozen=True, slots=True)
class Opinion:
    """Logistic regressions, one a label, over words and pairs and threes of them, each weighed by its rarity, of unit length (tf-idf).

    A table with open addressing holds them: tens of thousands of texts would take as many megabytes as all else that is read.
    """

    bias: Mapping[str, float]
    keys: Sequence[int]  # the checksum of the feature in each slot, or 0; their number is a power of two
    rarity: Sequence[int]  # by slot
    weights: Mapping[str, Sequence[int]]  # by label, then by slot

    def likely(self, words: str) -> Mapping[str, float]:
        """Return how likely each label is, from 0 to 1; nothing where most of the words are unknown."""
        said = words.split()[:WORDS]
        if sum(self._slot(word) is not None for word in said) < _KNOWN * len(said):
            return {}
        known = [slot for feature in features(said) if (slot := self._slot(feature)) is not None]
        values = [self.rarity[slot] for slot in known]
        length = math.hypot(*values) or 1.0
        return {
            label: _chance(self.bias[label] + sum(map(int.__mul__, map(weights.__getitem__, known), values)) / length / SCALE)
            for label, weights in self.weights.items()
        }

    def _slot(self, feature: str) -> int | None:
        slot = slot_of(checksum(feature), self.keys)
        return slot if self.keys[slot] else None


def features(words: Sequence[str]) -> set[str]:
    """Return each word, each two and three in a row, and each two with one or two between; the message's edges are words too."""
    said = ["^", *words, "$"]
    return {
        *said,
        *map(" ".join, pairwise(said)),
        *map(" ".join, zip(said, said[1:], said[2:], strict=False)),
        *map(" _ ".join, zip(said, said[2:], strict=False)),
        *map(" _ ".join, zip(said, said[3:], strict=False)),
    }


def checksum(feature: str) -> int:
    """Return a number of 32 bits, never 0."""
    return zlib.crc32(feature.encode()) or 1


def slot_of(key: int, keys: Sequence[int]) -> int:
    """Return the slot that holds the key, or else the empty one where it would be."""
    last = len(keys) - 1
    slot = key & last
    while keys[slot] not in (0, key):
        slot = (slot + 1) & last
    return slot


@cache
def opinion(path: Path = LEARNED) -> Opinion:
    """Read what was learned: a line of JSON, then the keys (32 bits, little-endian), the rarities and each label's weights (8 bits)."""
    head, _, table = path.read_bytes().partition(b"\n")
    told = json.loads(head)
    slots = told["slots"]
    keys = array("I", table[: 4 * slots])
    columns = [array("b", table[start : start + slots]) for start in range(4 * slots, len(table), slots)]
    return Opinion(told["bias"], keys, columns[0], dict(zip(told["bias"], columns[1:], strict=True)))


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-score))
