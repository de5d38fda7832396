"""A second reader: a small linear model, learned from labelled messages, of how likely a message of such words means each act."""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import repeat
from operator import itemgetter, mul
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

LEARNED = Path(__file__).parent / "learned.bin"  # made by `make learn`
WORDS = 400  # of a longer letter
SCALE = 10  # rarities and weights are whole tenths
_KNOWN = 0.6  # of the words; of a language that it has not learned it says nothing


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """Logistic regressions, one a label, over words and pairs and threes of them, each weighed by its rarity, of unit length (tf-idf).

    A table with open addressing holds them: tens of thousands of texts would take as many megabytes as all else that is read.
    """

    bias: Mapping[str, float]
    keys: Sequence[int]  # the checksum of the feature in each slot, or 0; their number is a power of two
    rarity: Sequence[int]  # by slot
    weights: Mapping[str, Sequence[int]]  # by label, then by slot

    def of(self, words: str) -> Likely:
        """Look up what the words are made of; nothing is likely, nor unlikely, where most of them are unknown or they are very many."""
        said = words.split()
        if len(said) > WORDS or sum(map(_knows, repeat(self), said)) < _KNOWN * len(said):
            return UNSAID
        keys, last, found = self.keys, len(self.keys) - 1, []
        for key in map(crc32, features(said)):  # as `slot_of` does, of which a call for each would take as long again
            slot = key & last
            while held := keys[slot]:
                if held == key:
                    found.append(slot)
                    break
                slot = slot + 1 & last
        return Likely(self, found) if len(found) > 1 else UNSAID


@lru_cache(maxsize=8_192)  # words come again, though messages do not
def _knows(learned: Opinion, word: str) -> bool:
    return learned.keys[slot_of(crc32(word.encode()), learned.keys)] != 0


class Likely:
    """How likely each label is, from 0 to 1, worked out when it is asked for."""

    __slots__ = ("_bias", "_found", "_length", "_rarities", "_take", "_weights")

    def __init__(self, learned: Opinion, slots: Sequence[int]) -> None:
        self._bias, self._weights = learned.bias, learned.weights
        self._take = itemgetter(*slots)  # of two slots and more a tuple
        self._rarities: tuple[int, ...] = self._take(learned.rarity)
        self._length = math.hypot(*self._rarities) * SCALE
        self._found: dict[str, float] = {}

    def get(self, label: str, default: float) -> float:
        if label not in self._weights:
            return default
        if label not in self._found:
            weighed = sum(map(mul, self._take(self._weights[label]), self._rarities))
            self._found[label] = 1 / (1 + math.exp(-self._bias[label] - weighed / self._length))
        return self._found[label]


UNSAID = Likely(Opinion({}, (), (0, 0), {}), (0, 1))  # nothing can be told


def features(words: Sequence[str]) -> set[bytes]:
    """Return each word, each two and three in a row, and each two with one between; the message's edges are words too."""
    said = [b"^", *map(str.encode, words), b"$"]
    second, third = said[1:], said[2:]
    return {
        *said,
        *map(b" ".join, zip(said, second, strict=False)),
        *map(b" ".join, zip(said, second, third, strict=False)),
        *map(b" _ ".join, zip(said, third, strict=False)),
    }


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
    with path.open("rb") as file:
        told = json.loads(file.readline())
        keys = _column("I", file, told["slots"])
        if sys.byteorder == "big":
            keys.byteswap()
        rarity, *weights = (_column("b", file, told["slots"]) for _ in range(1 + len(told["bias"])))
    return Opinion(told["bias"], keys, rarity, dict(zip(told["bias"], weights, strict=True)))


def _column(kind: str, file: BinaryIO, slots: int) -> array[int]:
    column = array(kind)
    column.fromfile(file, slots)
    return column
