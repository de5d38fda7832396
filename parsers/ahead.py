"""What comes next in a timeline, where the sense of a word depends on it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from parsers.phrases import Text
from parsers.timeline import Item

TIMES = ("days", "parts", "clock")


def time_follows(items: Sequence[Item], within: int) -> bool:
    heard = [item for item in items[: within * 3] if item.kind not in ("filler", "and")][:within]
    for item in heard:
        if item.kind in TIMES:
            return True
        if item.kind in ("break", "comma", "but"):
            return False
    return False


def bound_follows(items: Sequence[Item]) -> bool:
    """Say whether hours with one end only come next: "after 4", "not past 8"."""
    item = next((item for item in items if item.kind != "filler"), None)
    return item is not None and item.clock is not None and item.clock.kind in ("after", "before")


def opens_late(text: Text, item: Item) -> bool:
    """Say whether hours behind a refusal tell when it ends: "until 6", "until after 6"."""
    late = item.clock is not None and item.clock.kind in ("after", "until")
    return late and any(text.at("times.until", place) for place in range(item.start, item.end))


def kind_of_next(items: Sequence[Item]) -> str:
    return next((item.kind for item in items if item.kind != "filler"), "")


def good_follows(items: Sequence[Item]) -> bool:
    for item in items:
        if item.kind in ("good", "break", "comma", "but"):
            return item.kind == "good"
    return False


def says_something_else(text: Text, item: Item, rest: Sequence[Item], joint: str) -> bool:
    """Say whether a refusal behind a time is of something else: "Monday 9 to 1, and I don't do zoom", "weekdays, not on the 14th"."""
    following = next((near for near in rest if near.kind != "filler"), None)
    if item.kind != "not" or following is None or following.kind != "word":
        return False
    return joint == "and" or (joint == "comma" and text.word(following.start)[:1].isdigit())


def leads_on(rest: Sequence[Item]) -> bool:
    """Say whether the work is what comes after a time: "Monday mornings, I clean the church after that"."""
    before = itertools.takewhile(lambda item: item.kind not in (*TIMES, "comma", "break"), rest)
    return any(item.kind == "then" for item in before)


def looks_back(item: Item, rest: Sequence[Item], joint: str) -> bool:
    """Say whether a refusal is of the time before it, which `joint` ties to it: "Tuesdays are bad, Fridays work"."""
    if not time_follows(rest, 3):
        return True
    return item.kind == "bad" and joint != "comma" and not (joint == "and" and time_follows(rest, 1))


def beside_time(item: Item, rest: Sequence[Item]) -> bool:
    """Say whether a bare number stands right before a time, or opens the text."""
    beside = [near for near in rest[:3] if near.kind not in ("comma", "filler")][:1]
    return any(near.kind in TIMES for near in beside) or not item.start
