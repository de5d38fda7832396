"""A second reader: a small linear model, learned from labelled messages, of how likely a message of such words means each act."""

from __future__ import annotations

import json
import math
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, repeat
from operator import itemgetter, mul
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

LEARNED = Path(__file__).parent / "learned.bin"  # made by `make learn`
WORDS = 400  # of a longer letter
SCALE = 10  # rarities and weights are whole tenths
_KNOWN = 0.6  # of the words; of a language that it has not learned it says nothing


@dataclass(frozen=True, slots=True)
class Opinion:
    """Logistic regressions, one a label, over words and pairs and threes of them, each weighed by its rarity, of unit length (tf-idf).

    A table with open addressing holds them: tens of thousands of texts would take as many megabytes as all else that is read.
    """

    bias: Mapping[str, float]  # by label
    keys: Sequence[int]  # the checksum of the feature in each slot, or 0; their number is a power of two
    rarity: Sequence[int]  # by slot
    weights: Mapping[str, Sequence[int]]  # by label, then by slot

    def of(self, words: str) -> Likely:
        """Look up what the words are made of; nothing is likely, nor unlikely, where most of them are unknown or they are very many."""
        said = words.split()
        if len(said) > WORDS:
            return UNSAID
        alone, every = checksums(said)
        keys, last, slots = self.keys, len(self.keys) - 1, {}
        for key in every:  # as `slot_of` does, of which a call for each would take as long again
            slot = key & last
            while held := keys[slot]:
                if held == key:
                    slots[key] = slot
                    break
                slot = slot + 1 & last
        known = sum(map(slots.__contains__, alone))
        return Likely(self, slots.values()) if len(slots) > 1 and known >= _KNOWN * len(said) else UNSAID


class Likely:
    """How likely each label is, from 0 to 1, worked out when it is asked for."""

    __slots__ = ("_bias", "_found", "_length", "_rarities", "_take", "_weights")

    def __init__(self, learned: Opinion, slots: Iterable[int]) -> None:
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
    return {
        *said,
        *map(b" ".join, pairwise(said)),
        *map(b" ".join, zip(said, said[1:], said[2:], strict=False)),
        *map(b" _ ".join, zip(said, said[2:], strict=False)),
    }


def checksums(words: Sequence[str]) -> tuple[list[int], set[int]]:
    """Return those of the words, and of all `features`, each of which goes on from the checksum of what it begins with."""
    said = [b"^", *map(str.encode, words), b"$"]
    behind = list(map(b" ".__add__, said))
    second, third = behind[1:], behind[2:]
    alone = list(map(crc32, said))
    pairs = list(map(crc32, second, alone))
    apart = map(crc32, repeat(b" _"), alone)
    return alone[1:-1], {*alone, *pairs, *map(crc32, third, pairs), *map(crc32, third, apart)}


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
