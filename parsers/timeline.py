"""What a text says of days and hours, in the order in which it says it."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Literal, NamedTuple

from parsers.clock import HOURS_BEGIN, PARTS, Clock, clock_at, number_words
from parsers.day_letters import DAYS, day_letters, days_in_letters, span
from parsers.occasions import behind, is_aside, of_one_day, past_part, today
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, Mark, Text
from parsers.vocabulary import Vocabulary

WAKING = frozenset(("morning", "afternoon", "evening"))
WEEKEND = frozenset(DAYS[5:])

Kind = Literal[
    "days", "parts", "clock", "and", "comma", "break", "but", "except", "other", "then", "not", "idle", "good", "bad", "busy", "release",
    "resume", "filler", "word",
]  # fmt: skip

_SPANS = {
    "weekdays": frozenset(DAYS[:5]),
    "early_week": frozenset(DAYS[:3]),
    "late_week": frozenset(DAYS[3:5]),
    "weekends": WEEKEND,
    "daily": frozenset(DAYS),
}
_PARTS = {
    "day": frozenset(("morning", "afternoon")),
    "late": frozenset(("afternoon", "evening")),
    "any": WAKING,
    "always": frozenset(PARTS),
}
_HABITS = {"times_glue.bedtime": frozenset(("evening",)), "times_glue.away": _PARTS["day"]}
_ORDER: tuple[Kind, ...] = ("bad", "except", "other", "then", "idle", "busy", "not", "good", "release", "resume", "but", "and", "filler")
_CUES = {kind: f"times_glue.{kind}" for kind in _ORDER}
_TIMED = frozenset((*HOURS_BEGIN, "parts", "days", "times_glue.when"))
_CUED = frozenset((*_CUES.values(), *(f"times_glue.{kind}" for kind in ("on_duty", "all_but", "except_beside", "bad_behind"))))
_SHORT = 5  # letters of a day that is written short
_TO_BED = 7  # words after "after" within which somebody goes to bed
_NAMED = 5  # words behind "two nights a week" within which the days are named
_PAUSES = frozenset(",:()/|")


class Item(NamedTuple):
    kind: Kind
    start: int
    end: int
    days: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    clock: Clock | None = None
    broad: bool = False  # "any day", "weekdays", "anytime": what is left out of it may follow


def timeline(text: Text, vocabulary: Vocabulary, *, host: bool, skipped: frozenset[int]) -> list[Item]:
    """Read days, parts and hours and the words that tie them; what a day passes by in ("last Friday") is not read."""
    items: list[Item] = []
    index = 0
    while index < len(text.tokens):
        item = Item("break", index, index + 1) if index in skipped else _item(text, index, vocabulary)
        if item.kind == "days":
            item = _through(text, item, vocabulary)
            if of_one_day(text, item.start, item.end, item.days, vocabulary, host=host):
                end = past_part(text, item.end)
                item = Item("word", item.start, behind(text, end, vocabulary) if len(item.days) == 1 and end == item.end else end)
        if item.kind in ("days", "parts") and text.at("times_glue.quantifier", item.start - 1):
            item = item._replace(broad=True)
        if item.kind == "parts" and (_counted(text, items, item.end, vocabulary) or is_aside(text, item.start, item.end)):
            item = Item("word", item.start, item.end)
        if item.kind in ("parts", "clock") and today(text, item.start):
            item = Item("word", item.start, item.end)
        if items and item.clock and item.clock.kind == "after" and _same_end(text, items[-1], item):
            items[-1] = Item("filler", items[-1].start, items[-1].end)
        items.append(item)
        index = item.end
    return items


def _same_end(text: Text, item: Item, clock: Item) -> bool:
    """Say whether hours tell when "after class" is: "after class lets out at 2"."""
    return item.kind == "parts" and item.end == clock.start and text.at("times_glue.when", item.start) is not None


def _shortens(text: Text, index: int) -> bool:
    """Tell the point of "Tues." from a full stop."""
    before = text.at("days", index - 1)
    if before is None or text.word(index) != "." or len(text.word(index - 1)) > _SHORT or index + 1 >= len(text.tokens):
        return False
    return not text.tokens[index + 1].raw[:1].isupper() or text.at("days", index + 1) is not None


def _counted(text: Text, items: list[Item], end: int, vocabulary: Vocabulary) -> bool:
    """Tell "90 days" and "two nights a week" from days and nights, and from "two nights a week, Mondays and Thursdays"."""
    if (per := text.at("times_glue.per", end)) and any(text.at("days", place) for place in range(per.end, per.end + _NAMED)):
        return False
    before = text.word(items[-1].start) if items and items[-1].kind in ("word", "filler") else ""
    return before.isdigit() or before in number_words(vocabulary)


def _item(text: Text, index: int, vocabulary: Vocabulary) -> Item:
    word = text.words[index]
    if word in SENTENCE_ENDS:
        return Item("filler" if _shortens(text, index) else "break", index, index + 1)
    here = text.kinds_at(index)
    if not here and word.isalpha() and word not in unmarked(vocabulary):
        return Item("word", index, index + 1)
    blocked = text.at("times_block.any", index) if "times_block.any" in here else None
    longest = blocked.end if blocked else index
    # "any time after that", of which "any time" is not all
    if "times_glue.then" in here and (then := text.at("times_glue.then", index)):
        return Item("then", index, then.end)
    for found in _times(text, index, here, vocabulary=vocabulary):
        if found.end >= longest and (found.end > longest or not blocked):
            return found
    cue = None if _CUED.isdisjoint(here) else _cue(text, index, here)
    if blocked and (cue is None or cue.end <= longest):
        return Item("word", index, longest)
    plain: Kind = "comma" if word in _PAUSES else "word" if word.isalnum() else "filler"
    return cue or Item(plain, index, index + 1)


def _times(text: Text, index: int, here: Collection[str], *, vocabulary: Vocabulary) -> list[Item]:
    """Return what this place, with these kinds of marks, may say of time, the longest first where a longer one wins."""
    word, found = text.words[index], list[Item]()
    numbered = word[:1].isdigit() or word in unmarked(vocabulary)
    if not numbered and _TIMED.isdisjoint(here):
        return found
    if (numbered or not HOURS_BEGIN.isdisjoint(here)) and (clock := clock_at(text, index, vocabulary)):
        found.append(Item("clock", index, clock[1], clock=clock[0]))
    if "parts" in here and (mark := text.at("parts", index)):
        found.append(_part(mark))
    if habit := _habit(text, index):
        found.append(habit)
    if "days" in here and (mark := text.at("days", index)) and not _is_verb(text, mark, vocabulary):
        found.append(Item("days", index, mark.end, days=_SPANS.get(mark.value) or frozenset((mark.value,)), broad=mark.value in _SPANS))
    if numbered and (lettered := days_in_letters(text, index, vocabulary)):
        found.append(Item("days", index, lettered.end, days=lettered.days))
    return sorted(found, key=lambda item: -item.end) if len(found) > 1 else found


def _habit(text: Text, index: int) -> Item | None:
    """Read "after the twins are finally in bed" as the evening, "once the kids are at school" as the day."""
    lead = None if text.kinds.isdisjoint(_HABITS) else text.at("times_glue.when", index)
    for place in range(lead.end, lead.end + _TO_BED) if lead else ():
        if not text.word(place).isalpha() or text.at("days", place):
            return None
        for kind, parts in _HABITS.items():
            if mark := text.at(kind, place):
                return Item("parts", index, mark.end, parts=parts)
    return None


def _part(mark: Mark) -> Item:
    if mark.value == "weeknights":
        return Item("days", mark.start, mark.end, days=_SPANS["weekdays"], parts=frozenset(("evening",)), broad=True)
    parts = _PARTS.get(mark.value) or frozenset((mark.value,))
    return Item("parts", mark.start, mark.end, parts=parts, broad=mark.value in ("any", "always"))


def _cue(text: Text, index: int, here: Collection[str]) -> Item | None:
    duty = text.at("times_glue.on_duty", index) if "times_glue.on_duty" in here else None
    if duty and any(text.at(kind, place) for kind in ("parts", "days") for place in (duty.end - 1, duty.end)):
        return Item("busy", index, duty.end)
    if "times_glue.all_but" in here and (all_but := text.at("times_glue.all_but", index)):
        return Item("except", index, all_but.end, broad=True)
    beside = text.at("times_glue.except_beside", index) if "times_glue.except_beside" in here else None
    if beside and text.at("days", beside.end + (text.at("times_glue.filler", beside.end) is not None)):  # "all days save Saturday"
        return Item("except", index, beside.end)
    closing = text.at("times_glue.bad_behind", index) if "times_glue.bad_behind" in here else None
    if closing and text.ends("days", index) and not text.word(closing.end).isalnum():
        return Item("bad", index, closing.end)
    best: Item | None = None
    for kind, name in _CUES.items():
        mark = text.at(name, index) if name in here else None
        if mark and (best is None or mark.end > best.end):
            best = Item(kind, index, mark.end)
    return best


def _through(text: Text, item: Item, vocabulary: Vocabulary) -> Item:
    """Extend one day to a span of days: "mon-fri", "de lunes a jueves"."""
    if len(item.days) != 1:
        return item
    joint = text.at("times_glue.through", item.end + (text.word(item.end) == "." and _shortens(text, item.end)))
    switched = any(text.at("times_glue.switch", place) for place in range(item.start - 4, item.start))
    if joint is None and switched:
        joint = text.at("times_glue.exchange", item.end)
    if joint is None and text.at("times.from", item.start - 1):
        joint = text.at("times_glue.and", item.end)
    last = text.at("days", joint.end) if joint else None
    if last is None or last.value not in DAYS or last.value in item.days or _is_verb(text, last, vocabulary):
        return item
    (first,) = item.days
    if switched:
        return Item("days", item.start, last.end, days=frozenset((last.value,)))
    return Item("days", item.start, last.end, days=span(DAYS.index(first), DAYS.index(last.value)))


def _is_verb(text: Text, mark: Mark, vocabulary: Vocabulary) -> bool:
    """Tell "I sat with", "the sun" and "we'd" from days of the week, not "wed and sat"."""
    if text.tokens[mark.start].raw.lower().replace("\u2019", "'").endswith("'d"):
        return True
    if mark.value not in WEEKEND or len(text.word(mark.start)) != 3 or text.ends("days", mark.start - 1):
        return False
    if text.at("times_glue.and", mark.start - 1) and (text.at("parts", mark.end) or text.at("times.until", mark.end)):
        return False  # "and sun mornings", "and sat till 3"
    return text.word(mark.start - 1) in word_set(vocabulary, "verbs", "sit")


@functools.cache
def unmarked(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the words of time that the scan does not mark."""
    letters, words = day_letters(vocabulary)
    return frozenset((*letters, *words, *number_words(vocabulary)))
