"""Hours of the day as people write them ("9-1", "after 5", "7a-3p", "hasta las 5") become parts of the day."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from itertools import product
from typing import Literal

from parsers.phrasebook import table
from parsers.phrases import Text
from parsers.vocabulary import Vocabulary

PARTS = {"morning": (6, 12), "afternoon": (12, 17), "evening": (17, 22), "overnight": (22, 30)}
Lead = Literal["after", "before", "until", "at", "from", ""]
Meridiem = Literal["am", "pm", ""]

_DIGITS = re.compile(r"(\d{1,2})(?::?([0-5]\d))?(a|am|p|pm)?(?:h|hrs?|ish)?")
_DAY = 24
_NOON, _LATE = 12, 21
NIGHT = frozenset({"evening"})  # what "nights" are on a plain day
_LEADS: tuple[tuple[Lead, str], ...] = (
    ("after", "times.after"), ("before", "times.before"), ("until", "times.until"), ("at", "times.at"), ("from", "times.from"),
)  # fmt: skip
_LED = frozenset(kind for _, kind in _LEADS)
_TWELVE = frozenset(("times.noon", "times.midnight"))
HOURS_BEGIN = _LED | _TWELVE  # or with a number


@dataclass(frozen=True, slots=True)
class Hour:
    hour: float  # as written, 0 to 24
    meridiem: Meridiem = ""

    @property
    def certain(self) -> bool:
        return bool(self.meridiem)

    def readings(self) -> tuple[float, ...]:
        if self.hour > 12 or self.hour == 0:
            return (self.hour,)
        half = self.hour % 12
        match self.meridiem:
            case "am":
                return (half,)
            case "pm":
                return (half + 12,)
        return (half, half + 12)


@dataclass(frozen=True, slots=True)
class Clock:
    """A statement about hours; `certain` where nothing else can be meant by its numbers."""

    kind: Literal["range", "after", "before", "until", "at"]
    first: Hour
    last: Hour | None = None
    certain: bool = True

    def parts(self, hint: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the parts of the day; a part that was named beside the hours decides between morning and evening."""
        if self.last is not None:
            return _touched(*self._span(self.last, hint))
        hours = self.first.readings()
        hour = min(hours, key=lambda reading: self._open_oddness(reading, hint)) if len(hours) > 1 else hours[0]
        match self.kind:
            case "after":
                return _touched(hour, 22) if hour < 21 else _touched(hour, max(22, hour + 1))
            case "before" | "until":
                return _touched(min(6, hour - 1), hour)
        return _touched(hour, hour + 1) if hour < 22 else frozenset({"overnight"})

    def afterwards(self) -> frozenset[str]:
        """Return the parts of the day that are left when these hours are over."""
        if self.last is not None:
            over = self._span(self.last, frozenset())[1]
        elif self.kind == "until":
            over = min(self.first.readings(), key=lambda reading: self._open_oddness(reading, frozenset()))
        else:
            return frozenset()
        return _touched(over, 22) if over < 21 else frozenset()

    def _span(self, last: Hour, hint: frozenset[str]) -> tuple[float, float]:
        spans = [(start, end if end > start else end + _DAY) for start, end in product(self.first.readings(), last.readings())]
        return min(spans, key=lambda span: _oddness(span, hint))

    def _open_oddness(self, hour: float, hint: frozenset[str]) -> float:
        if hint:
            named = _touched(hour, hour + 1) if self.kind in ("after", "at") else _touched(hour - 1, hour)
            if named & hint:
                return 0
        earliest = {"after": 9, "before": 6, "until": 9, "at": 8}[self.kind]
        return 1 if earliest <= hour < earliest + 12 else 2


def clock_at(text: Text, index: int, vocabulary: Vocabulary) -> tuple[Clock, int] | None:
    """Read a statement about hours that begins at this token; return it and where it ends."""
    for lead, kind in () if _LED.isdisjoint(text.kinds_at(index)) else _LEADS:
        mark = text.at(kind, index)
        if mark and (first := _hours(text, mark.end, vocabulary)):
            return _range(text, lead, first, vocabulary) or _open(text, lead, first)
    first = _hours(text, index, vocabulary)
    return (_range(text, "", first, vocabulary) or _open(text, "", first)) if first else None


def _range(text: Text, lead: Lead, found: tuple[Hour, int], vocabulary: Vocabulary) -> tuple[Clock, int] | None:
    first, end = found
    joint = text.at("times.to", end)
    until = _hours(text, joint.end, vocabulary) if joint and lead not in ("before", "until") else None
    if until is None or _counts_things(text, until[1]):
        return None
    last, behind = until
    certain = first.certain or last.certain or lead in ("after", "from") or ":" in text.word(behind - 1)
    listed = text.at("times.listing", end) is not None and not certain
    return None if listed or first == last else (Clock("range", first, last, certain), behind)


def _open(text: Text, lead: Lead, found: tuple[Hour, int]) -> tuple[Clock, int] | None:
    """Read hours with one end only."""
    first, end = found
    if _counts_things(text, end):
        return None
    if lead in ("before", "until"):
        return Clock(lead, first), end
    onward = text.at("times.onward", end)
    if onward and not any(text.at("days", place) for place in (onward.end, onward.end + 1)):  # not "noon on Wednesdays"
        return Clock("after", first), onward.end
    sure = first.certain or ":" in text.word(end - 1)
    match lead:
        case "after":
            return Clock("after", first), end
        case "from":
            return Clock("after", first, certain=sure), end
    return (Clock("at", first, certain=sure), end) if sure or lead == "at" else None


def _hours(text: Text, index: int, vocabulary: Vocabulary) -> tuple[Hour, int] | None:
    here = text.kinds_at(index)
    noon = None if _TWELVE.isdisjoint(here) else text.at("times.noon", index) or text.at("times.midnight", index)
    if noon:
        midday = text.at("times.noon", index) is not None
        return Hour(12, "pm") if midday else Hour(24), noon.end
    word = text.word(index)
    number = number_words(vocabulary).get(word)
    meridiem: Meridiem = ""
    if number is not None:
        hour = float(number)
    else:
        digits = _DIGITS.fullmatch(word)
        if digits is None:
            return None
        hour = int(digits[1]) + int(digits[2] or 0) / 60
        bare = not digits[3] and ":" not in word
        if hour > _DAY or (bare and hour >= 19):
            return None
        meridiem = "am" if (digits[3] or "").startswith("a") or _military(word) else "pm" if digits[3] else ""
    end = index + 1
    if clock := text.at("times.oclock", end):
        end = clock.end
    for half in ("am", "pm"):
        if not meridiem and (mark := text.at(f"times.{half}", end)):
            return Hour(hour, "am" if half == "am" else "pm"), mark.end
    return Hour(hour, meridiem), end


def _military(word: str) -> bool:
    """Say whether an hour before noon is written with four figures: "0600"."""
    return len(word) == 4 and word.isdigit() and word.startswith("0")


def _counts_things(text: Text, index: int) -> bool:
    return text.at("times_glue.units", index) is not None and text.at("times.onward", index) is None


def _oddness(span: tuple[float, float], hint: frozenset[str]) -> float:
    """Say how unlikely it is that somebody means these hours."""
    start, end = span
    odd = max(0, end - start - 12) * 1.5
    if hint == NIGHT and (start >= _LATE or start < _NOON):
        return odd + (0 if start >= _LATE else 5)  # "nights, 10 to 6" are hours of work
    if hint and not _touched(start, end) & hint:
        odd += 10
    if "overnight" in hint:
        return odd + (0 if end > _DAY else 3)
    if start < 6:
        odd += 4
    elif start < 8 and end < 12:
        odd += 2
    elif start >= 20:
        odd += 1.5
    if end > _DAY:
        odd += 4
    elif end > 22.5:
        odd += 1
    return odd


@functools.cache
def _touched(start: float, end: float) -> frozenset[str]:
    """Return the parts that hours reach into: an hour of them, or half of all there is; the edge of a night needs more."""
    found = set()
    for shift in (-_DAY, 0, _DAY):
        for part, (first, last) in PARTS.items():
            share = min(end, last + shift) - max(start, first + shift)
            edge = 1.01 if part == "overnight" or shift > 0 else 1
            half = share * 2 > end - start if edge > 1 else share * 2 >= end - start
            if share > 0 and (share >= edge or half):
                found.add(part)
    return frozenset(found)


@functools.cache
def number_words(vocabulary: Vocabulary) -> dict[str, int]:
    return {word: number for found in table(vocabulary, "number_words") for word, number in found.items()}
