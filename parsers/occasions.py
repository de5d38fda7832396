"""Which days and hours are of one occasion ("last Friday", "I start Monday", "at 3 tomorrow") and say nothing of a week."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from parsers.clock import clock_at
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, Text
from parsers.vocabulary import Vocabulary

_DATE = 4  # words of a date, behind which its hours stand
_REACH = 9  # words in which "I start" and "see you" still speak of the day that follows


def of_one_day(text: Text, start: int, end: int, days: AbstractSet[str], vocabulary: Vocabulary, *, host: bool) -> bool:
    """Say whether the day is a single one ("last Friday", "Friday March 3", "my Thursday shadow") or somebody's event."""
    if _passing(text, start) and len(days) < 5:
        return True
    after = text.word(end + 1) if text.word(end) in (",", ".") else text.word(end)
    if after in word_set(vocabulary, "times_glue", "months") and len(days) == 1 and _dated(text, end):
        return True
    if len(days) == 1 and _led_by_occasion(text, start, end):
        return True
    owned = text.word(start - 1) in word_set(vocabulary, "times_glue", "owners")
    event = text.at("times_glue.events", past_part(text, end)) is not None
    if event and owned:
        return not host
    late = text.word(start - 1) in word_set(vocabulary, "times_glue", "events")
    return late and text.word(start - 2) in word_set(vocabulary, "times_glue", "owners") and not host


def _passing(text: Text, start: int) -> bool:
    """Tell "by Thursday" from "come by Thursdays"."""
    mark = text.ends("times_glue.passing", start)
    return mark is not None and text.ends("times_glue.come_by", start) is None


def past_part(text: Text, end: int) -> int:
    """Pass over the "night" of "the Thursday night group"."""
    part = text.at("parts", end)
    return part.end if part and text.at("times_glue.events", part.end) else end


def behind(text: Text, end: int, vocabulary: Vocabulary) -> int:
    """Pass over the part or the hours of a single day: "my interview Thursday morning", "I start Monday at 9"."""
    if part := text.at("parts", end):
        return part.end
    for place in range(end, end + _DATE):
        if clock := clock_at(text, place, vocabulary):
            return clock[1]
        word = text.word(place)
        if not word[:1].isdigit() and word not in word_set(vocabulary, "times_glue", "months"):
            break
    return end


def today(text: Text, index: int) -> bool:
    """Say whether a clause speaks of today or tomorrow: its hours are no habit then."""
    return "times_glue.today" in text.kinds and any(text.at("times_glue.today", place) for place in _clause(text, index))


def is_aside(text: Text, start: int, end: int) -> bool:
    """Tell the "all day" of "what a peer does all day" from that of "free all day" and "all day Saturday"."""
    if text.at("times_glue.all_day", start) is None:
        return False
    if any(text.at("days", place) for place in (start - 2, start - 1, end, end + 1) if text.word(end) != "," or place < end):
        return False
    return start > 0 and not any(text.at("times_glue.good", place) for place in _clause(text, start) if place < start)


def _led_by_occasion(text: Text, start: int, end: int) -> bool:
    """Say whether one day in the singular follows upon "I start" or "see you", with no end of a clause between."""
    if "times_glue.once" not in text.kinds or _plural(text, start, end):
        return False
    for place in range(start - 1, max(-1, start - 1 - _REACH), -1):
        if text.at("times_glue.once", place):
            return True
        if text.word(place) in SENTENCE_ENDS or text.word(place) == "," or text.at("days", place) or text.at("times_glue.good", place):
            return False
    return False


def _plural(text: Text, start: int, end: int) -> bool:
    """Tell "Mondays" and "los lunes" from "Monday" and "el lunes"."""
    return any(text.at("times_glue.many", place) for place in (start - 2, start - 1)) or text.word(end - 1).endswith("days")


def _clause(text: Text, index: int) -> range:
    first = last = index
    while first and text.word(first - 1) not in SENTENCE_ENDS and text.word(first - 1) != ",":
        first -= 1
    while last < len(text.tokens) and text.word(last) not in SENTENCE_ENDS and text.word(last) != ",":
        last += 1
    return range(first, last)


def _dated(text: Text, at: int) -> bool:
    """Say whether a date follows a day: "march 3", "the 12th", "3 de marzo"."""
    at += text.word(at) in (",", ".")
    return any(text.word(place)[:1].isdigit() for place in (at + 1, at + 2)) and text.at("times.at", at + 1) is None
