"""The numbers of items in a coordinator's line, wherever they stand, told from the numbers of days."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.folding import fold
from parsers.order_words import OrderWords

TOKEN = re.compile(r"#?\d+(?![\w/-])|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|\d[\w/-]*|\S")
NUMBER = re.compile(r"#?(\d{1,9})")


def numbers_at(said: Sequence[str], at: int, words: OrderWords, *, joined: bool = False, units: bool = True) -> tuple[list[int], int]:
    """Items' numbers in a row: "#12", "12 and 14", "number 12, 13"; a number of days is none of them."""
    numbers: list[int] = []
    place = at
    while place < len(said):
        place = skip(said, place, words, "and", ",") if numbers else place
        place = skip(said, place, words, "to") if numbers and joined else place
        place = skip(said, place, words, "number")
        found = NUMBER.fullmatch(said[place]) if place < len(said) else None
        counts = units and found is not None and not said[place].startswith("#") and words.is_small("unit", said, place + 1)
        if found is None or counts:
            break
        numbers.append(int(found[1]))
        place += 1
        at = place
    return numbers, at


def number_inside(rest: str, words: OrderWords, name: str) -> tuple[list[int], str]:
    """The number that stands further back: "remind me on Friday about 12", "set the town of 12 to Billings"."""
    if name not in ("snooze", "set"):
        return [], rest
    tokens = list(TOKEN.finditer(rest))
    said = [fold(token[0]) for token in tokens]
    for at in range(1, len(said)):
        end = words.is_small("about", said, at)
        numbers, behind = numbers_at(said, end, words) if end else ([], at)
        if numbers and (name == "set" or behind == len(said)):
            after = rest[tokens[behind].start() :] if behind < len(said) else ""
            return numbers, f"{rest[: tokens[at].start()].rstrip()} {after}".strip()
    return [], rest


def skip(said: Sequence[str], at: int, words: OrderWords, name: str, *marks: str) -> int:
    while at < len(said):
        end = words.is_small(name, said, at) or (at + 1 if said[at] in marks else None)
        if end is None:
            return at
        at = end
    return at
