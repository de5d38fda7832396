"""What a text says of days and hours, in the order in which it says it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Literal, NamedTuple

from parsers.clock import PARTS, Clock, clock_at, number_words
from parsers.phrases import SENTENCE_ENDS, Mark, Text, table, word_set
from parsers.vocabulary import Vocabulary

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WAKING = frozenset(("morning", "afternoon", "evening"))
WEEKEND = frozenset(DAYS[5:])

Kind = Literal[
    "days", "parts", "clock", "and", "comma", "break", "but", "except", "not", "idle", "good", "bad", "busy", "release", "filler", "word",
]  # fmt: skip

_SPANS = {"weekdays": frozenset(DAYS[:5]), "weekends": WEEKEND, "daily": frozenset(DAYS)}
_PARTS = {
    "day": frozenset(("morning", "afternoon")),
    "late": frozenset(("afternoon", "evening")),
    "any": WAKING,
    "always": frozenset(PARTS),
}
_CUES: tuple[Kind, ...] = ("bad", "except", "idle", "busy", "not", "good", "release", "but", "and", "filler")
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
            if _passes(text, item, vocabulary, host=host):
                item = Item("word", item.start, item.end)
        if item.kind == "parts" and _counted(text, items, vocabulary):
            item = Item("word", item.start, item.end)
        items.append(item)
        index = item.end
    return items


def _counted(text: Text, items: list[Item], vocabulary: Vocabulary) -> bool:
    """Tell "90 days" and "two nights" from days and nights."""
    before = text.word(items[-1].start) if items and items[-1].kind in ("word", "filler") else ""
    return before.isdigit() or before in number_words(vocabulary)


def _item(text: Text, index: int, vocabulary: Vocabulary) -> Item:
    word = text.word(index)
    if word in SENTENCE_ENDS:
        return Item("break", index, index + 1)
    blocked = text.at("times_block.any", index)
    longest = blocked.end if blocked else index
    for found in _times(text, index, vocabulary):
        if found.end >= longest and (found.end > longest or not blocked):
            return found
    cue = _cue(text, index)
    if blocked and (cue is None or cue.end <= longest):
        return Item("word", index, longest)
    if cue:
        return cue
    if word in _PAUSES:
        return Item("comma", index, index + 1)
    return Item("filler" if not word.isalnum() else "word", index, index + 1)


def _times(text: Text, index: int, vocabulary: Vocabulary) -> Iterator[Item]:
    """Yield what this place may say of time, the longest first where a longer one wins."""
    found = []
    if clock := clock_at(text, index, vocabulary):
        found.append(Item("clock", index, clock[1], clock=clock[0]))
    if mark := text.at("parts", index):
        found.append(_part(mark))
    if (mark := text.at("days", index)) and not _is_verb(text, mark, vocabulary):
        found.append(Item("days", index, mark.end, days=_SPANS.get(mark.value) or frozenset((mark.value,)), broad=mark.value in _SPANS))
    if letters := _letters(text, index, vocabulary):
        found.append(letters)
    yield from sorted(found, key=lambda item: -item.end)


def _part(mark: Mark) -> Item:
    if mark.value == "weeknights":
        return Item("days", mark.start, mark.end, days=_SPANS["weekdays"], parts=frozenset(("evening",)), broad=True)
    parts = _PARTS.get(mark.value) or frozenset((mark.value,))
    return Item("parts", mark.start, mark.end, parts=parts, broad=mark.value in ("any", "always"))


def _cue(text: Text, index: int) -> Item | None:
    best: Item | None = None
    for kind in _CUES:
        mark = text.at(f"times_glue.{kind}", index)
        if mark and (best is None or mark.end > best.end):
            best = Item(kind, index, mark.end)
    return best


def _letters(text: Text, index: int, vocabulary: Vocabulary) -> Item | None:
    """Read days of one letter each: "MWF", "M W F", "T/Th"."""
    letters, words = _day_letters(vocabulary)
    raw = text.tokens[index].raw
    if text.word(index) in words and (raw.isupper() or raw[:1].isupper() or len(raw) > 2):
        return Item("days", index, index + 1, days=frozenset(words[text.word(index)].split()))
    if text.word(index) not in letters or not raw[:1].isupper():
        return None
    days, at, end = set[str](), index, index
    while text.word(at) in letters and text.tokens[at].raw[:1].isupper():
        days.add(letters[text.word(at)])
        at = end = at + 1
        if text.word(at) in ("-",) and text.word(at + 1) in letters and len(days) == 1:
            first, last = DAYS.index(next(iter(days))), DAYS.index(letters[text.word(at + 1)])
            return Item("days", index, at + 2, days=_span(first, last))
        if text.word(at) in _PAUSES or text.at("times_glue.and", at):
            at += 1
    return Item("days", index, end, days=frozenset(days)) if len(days) > 1 else None


def _through(text: Text, item: Item, vocabulary: Vocabulary) -> Item:
    """Extend one day to a span of days: "mon-fri", "de lunes a jueves"."""
    if len(item.days) != 1:
        return item
    joint = text.at("times_glue.through", item.end)
    if joint is None and text.at("times.from", item.start - 1):
        joint = text.at("times_glue.and", item.end)
    last = text.at("days", joint.end) if joint else None
    if last is None or last.value not in DAYS or last.value in item.days or _is_verb(text, last, vocabulary):
        return item
    (first,) = item.days
    return Item("days", item.start, last.end, days=_span(DAYS.index(first), DAYS.index(last.value)))


def _span(first: int, last: int) -> frozenset[str]:
    return frozenset(DAYS[first : last + 1] if first <= last else DAYS[first:] + DAYS[: last + 1])


def _is_verb(text: Text, mark: Mark, vocabulary: Vocabulary) -> bool:
    """Tell "I sat with" and "the sun" from Saturday and Sunday."""
    return text.word(mark.start) in ("sat", "sun") and text.word(mark.start - 1) in word_set(vocabulary, "verbs", "sit")


def _passes(text: Text, item: Item, vocabulary: Vocabulary, *, host: bool) -> bool:
    """Say whether the day is a single one ("last Friday", "Friday March 3", "my Thursday shadow") or somebody's event."""
    if text.ends("times_glue.passing", item.start) and len(item.days) < 5:
        return True
    after = text.word(item.end + 1) if text.word(item.end) in (",", ".") else text.word(item.end)
    if after in word_set(vocabulary, "times_glue", "months") and len(item.days) == 1 and _dated(text, item.end):
        return True
    owned = text.word(item.start - 1) in word_set(vocabulary, "times_glue", "owners")
    event = text.at("times_glue.events", item.end) is not None
    if event and owned:
        return not host
    late = text.word(item.start - 1) in word_set(vocabulary, "times_glue", "events")
    return late and text.word(item.start - 2) in word_set(vocabulary, "times_glue", "owners") and not host


def _dated(text: Text, at: int) -> bool:
    """Say whether a date follows a day: "march 3", "the 12th", "3 de marzo"."""
    at += text.word(at) in (",", ".")
    return any(text.word(place)[:1].isdigit() for place in (at + 1, at + 2)) and text.at("times.at", at + 1) is None


@functools.cache
def _day_letters(vocabulary: Vocabulary) -> tuple[dict[str, str], dict[str, str]]:
    letters: dict[str, str] = {}
    words: dict[str, str] = {}
    for found in table(vocabulary, "day_letters"):
        letters |= found["letters"]
        words |= found["words"]
    return letters, words
