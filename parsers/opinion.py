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
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

LEARNED = Path(__file__).parent / "learned.bin"  # made by `make learn`
WORDS = 400  # of a longer letter
SCALE = 10  # rarities are whole tenths; what they make with a weight, whole hundredths
_KNOWN = 0.6  # of the words; of a language that it has not learned it says nothing


@dataclass(frozen=True, slots=True)
class Opinion:
    """Logistic regressions, one a label, over words and pairs and threes of them, each weighed by its rarity, of unit length (tf-idf).

    A table with open addressing holds them: tens of thousands of texts would take as many megabytes as all else that is read.
    """

    bias: Mapping[str, float]  # by label
    keys: Sequence[int]  # the checksum of the feature in each slot, or 0; their number is a power of two
    rows: Sequence[int]  # by slot
    rarity: Sequence[int]  # by row
    weighed: Mapping[str, Sequence[int]]  # the rarity times the label's weight, by label, then by row

    def of(self, words: str) -> Likely:
        """Look up what the words are made of; nothing is likely, nor unlikely, where most of them are unknown or they are very many."""
        said = words.split()
        if len(said) > WORDS:
            return UNSAID
        alone, every = checksums(said)
        keys, rows, last = self.keys, self.rows, len(self.keys) - 1
        found: dict[int, int] = {}
        for key in every:  # as `slot_of` does, of which a call for each would take as long again
            slot = key & last
            while held := keys[slot]:
                if held == key:
                    found[key] = rows[slot]
                    break
                slot = slot + 1 & last
        known = sum(map(found.__contains__, alone))
        return Likely(self, found.values()) if len(found) > 1 and known >= _KNOWN * len(said) else UNSAID


class Likely:
    """How likely each label is, from 0 to 1, worked out when it is asked for."""

    __slots__ = ("_bias", "_found", "_length", "_take", "_weighed")

    def __init__(self, learned: Opinion, rows: Iterable[int]) -> None:
        self._bias, self._weighed = learned.bias, learned.weighed
        self._take = itemgetter(*rows)  # of two rows and more a tuple
        self._length = math.hypot(*self._take(learned.rarity)) * SCALE
        self._found: dict[str, float] = {}

    def get(self, label: str, default: float) -> float:
        chance = self._found.get(label)
        if chance is not None:
            return chance
        weighed = self._weighed.get(label)
        if weighed is None:
            return default
        chance = self._found[label] = 1 / (1 + math.exp(-self._bias[label] - sum(self._take(weighed)) / self._length))
        return chance


UNSAID = Likely(Opinion({}, (), (), (0, 0), {}), (0, 1))  # nothing can be told


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
    """Read what was learned: a line of JSON, then the keys (32 bits), the rows (16), the rarities (8) and each label's numbers (16).

    All are little-endian.
    """
    with path.open("rb") as file:
        told = json.loads(file.readline())
        slots, rows = told["slots"], told["rows"]
        keys, places, rarity = _column("I", file, slots), _column("H", file, slots), _column("b", file, rows)
        weighed = {label: _column("h", file, rows) for label in told["bias"]}
    return Opinion(told["bias"], keys, places, rarity, weighed)


def _column(kind: str, file: BinaryIO, length: int) -> array[int]:
    column = array(kind)
    column.fromfile(file, length)
    if sys.byteorder == "big":
        column.byteswap()
    return column
