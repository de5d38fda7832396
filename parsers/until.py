"""The day on which something ends that is put off for a while: "until June 1", "5d", "for two weeks", "hasta el lunes"."""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from parsers.phrasebook import fold, table
from parsers.vocabulary import Vocabulary

_TOKEN = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?|\d+|[^\W\d_]+(?:'[^\W\d_]+)?")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = timedelta(days=366)  # whoever says "for six years" speaks of something else


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The vocabularies' words for this, each with what it stands for."""

    cues: Mapping[str, frozenset[str]]
    days: Mapping[str, int]
    months: Mapping[str, int]
    units: Mapping[str, str]
    numbers: Mapping[str, int]
    named: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Moment:
    """A day that was read, and the first token behind it."""

    first: date
    after: date  # the day on which it is over, for "through June"
    end: int


def until(text: str, today: date, *, vocabulary: Vocabulary) -> date | None:
    """Read until which day something shall rest; on that day it is over. None where no such day is said.

    A day counts behind a word such as "until" or "back in", a length behind "for", and either where it is all that is said.
    """
    words = _words(vocabulary)
    tokens = [fold(token) for token in _TOKEN.findall(text)]
    reader = _Reader(tokens, today, words)
    for cue in ("lead", "through", "lengths"):
        for start in range(len(tokens)):
            if tokens[start] in words.cues[cue] and (found := reader.moment(start + 1, after_for=cue == "lengths")):
                return _sensible(found.after if cue == "through" else found.first, today)
    whole = reader.moment(0, after_for=False)
    if whole and all(token in words.cues["polite"] for token in tokens[whole.end :]):
        return _sensible(whole.first, today)
    return None


def _sensible(found: date, today: date) -> date | None:
    return found if today < found <= today + _LONGEST else None


@functools.cache
def _words(vocabulary: Vocabulary) -> _Words:
    tables = list(table(vocabulary, "until"))
    days = {fold(word): _DAYS.index(day) for found in table(vocabulary, "days") for day in _DAYS for word in found[day]}
    return _Words(
        cues={cue: frozenset(word for found in tables for word in found["cues"][cue]) for cue in tables[0]["cues"]},
        days=days,
        months={word: int(month) for found in tables for month, words in found["months"].items() for word in words},
        units={word: unit for found in tables for unit, words in found["units"].items() for word in words},
        numbers={word: number for found in table(vocabulary, "number_words") for word, number in found.items()}
        | {word: number for found in tables for word, number in found["numbers"].items()},
        named={word: _month_and_day(when) for found in tables for when, words in found["named"].items() for word in words},
    )


def _month_and_day(when: str) -> tuple[int, int]:
    month, _, day = when.partition("-")
    return int(month), int(day)


class _Reader:
    """Reads a day at a place of a text."""

    def __init__(self, tokens: list[str], today: date, words: _Words) -> None:
        self._tokens = tokens
        self._today = today
        self._words = words

    def moment(self, start: int, *, after_for: bool) -> _Moment | None:
        """Read the day or length that begins at a token, articles and the like before it passed over."""
        at = start
        while self._is("filler", at):
            at += 1
        article = at > start
        readings: Iterator[_Moment | None] = iter(
            (self._length(at), None)
            if after_for
            else (self._length(at), self._written(at), self._relative(at), self._named(at, article=article))
        )
        return next((found for found in readings if found), None)

    def _word(self, at: int) -> str:
        return self._tokens[at] if 0 <= at < len(self._tokens) else ""

    def _is(self, cue: str, at: int) -> bool:
        return self._word(at) in self._words.cues[cue]

    def _length(self, at: int) -> _Moment | None:
        at += self._is("next", at)  # "the next two weeks"
        at += self._word(at + 1) in self._words.numbers  # "a couple of weeks", "un par de semanas"
        word = self._word(at)
        number = int(word) if word.isdecimal() and len(word) < 4 else self._words.numbers.get(word)
        if number is None:
            return None
        at += 1
        while self._is("filler", at):  # "a couple of weeks"
            at += 1
        unit = self._words.units.get(self._word(at))
        return self._over(at + 1, _later(self._today, number, unit)) if unit else None

    def _written(self, at: int) -> _Moment | None:
        """2027-06-01, and 6/1 as it is written where the programme is."""
        word = self._word(at)
        with suppress(ValueError):
            if "-" in word:
                year, month, day = map(int, word.split("-"))
                return self._over(at + 1, date(year, month, day))
            if "/" in word:
                month, day, *rest = map(int, word.split("/"))
                year = rest[0] + 2000 * (rest[0] < 100) if rest else 0
                return self._over(at + 1, date(year, month, day) if year else self._coming(month, day))
        return None

    def _relative(self, at: int) -> _Moment | None:
        """Read tomorrow, next week, Friday, the end of the month."""
        today = self._today
        monday = today + timedelta(days=7 - today.weekday())
        if self._is("tomorrow", at):
            return self._over(at + 1, today + timedelta(days=1))
        if self._is("end", at):
            return self._end(at + 1)
        following = self._is("next", at)
        at += following or self._is("this", at)
        word = self._word(at)
        if word in self._words.days:
            ahead = self._words.days[word]
            later = self._next_behind(at)
            near = today + timedelta(days=(ahead - today.weekday() - 1) % 7 + 1)
            return self._over(at + 1 + later, monday + timedelta(days=ahead) if following else near)
        unit = self._words.units.get(word)
        if unit and (following or self._next_behind(at)):
            start = {"day": today + timedelta(days=1), "week": monday}.get(unit) or _first_of_next(today, unit)
            return _Moment(start, _later(start, 1, unit), at + 1 + self._next_behind(at))
        return None

    def _next_behind(self, at: int) -> int:
        """Count the words of "que viene" behind "el lunes"."""
        behind = at + 1
        while self._is("filler", behind):
            behind += 1
        return behind - at if self._is("next", behind) else 0

    def _end(self, at: int) -> _Moment | None:
        """Read the end of the month, of the week, of June: it is over on the day that follows."""
        while self._is("filler", at):
            at += 1
        at += self._is("this", at)
        unit, month = self._words.units.get(self._word(at)), self._words.months.get(self._word(at))
        if month:
            return self._over(at + 1, _first_of_next(self._coming(month, 1, running=True), "month"))
        if unit == "week":
            return self._over(at + 1, self._today + timedelta(days=7 - self._today.weekday()))
        return self._over(at + 1, _first_of_next(self._today, unit)) if unit in ("month", "year") else None

    def _named(self, at: int, *, article: bool) -> _Moment | None:
        """June, June 1, 1 de junio, mid June, the 15th, summer."""
        middle = self._is("middle", at)
        at += middle or self._is("start", at)
        while self._is("filler", at):
            at += 1
        at += self._is("next", at) or self._is("this", at)
        if self._word(at) in self._words.months:
            return self._month(at, middle=middle)
        if self._word(at) in self._words.named:
            return self._over(at + 1, self._coming(*self._words.named[self._word(at)]))
        return self._day_first(at, article=article)

    def _month(self, at: int, *, middle: bool) -> _Moment | None:
        month, at = self._words.months[self._word(at)], at + 1
        while self._is("filler", at):
            at += 1
        if self._word(at).isdecimal() and len(self._word(at)) < 3:
            return self._exact(month, int(self._word(at)), at + 1)
        if middle:
            return self._exact(month, 15, at)
        first = self._coming(month, 1)
        return _Moment(first, _first_of_next(self._coming(month, 1, running=True), "month"), at)

    def _day_first(self, at: int, *, article: bool) -> _Moment | None:
        if not self._word(at).isdecimal() or len(self._word(at)) > 2:
            return None
        day, at = int(self._word(at)), at + 1
        ordinal = self._is("ordinal", at)
        at += ordinal
        behind = at
        while self._is("filler", behind):
            behind += 1
        if month := self._words.months.get(self._word(behind)):
            return self._exact(month, day, behind + 1)
        if not (article or ordinal) or not 1 <= day <= 31 or self._word(at) in self._words.units:
            return None
        ahead = (self._today + timedelta(days=days) for days in range(1, 62))
        return self._over(at, next(found for found in ahead if found.day == day))

    def _exact(self, month: int, day: int, at: int) -> _Moment | None:
        at += self._is("ordinal", at)
        year = self._word(at)
        with suppress(ValueError):
            if year.isdecimal() and len(year) == 4:
                return self._over(at + 1, date(int(year), month, day))
            return self._over(at, self._coming(month, day))
        return None

    def _coming(self, month: int, day: int, *, running: bool = False) -> date:
        found = date(self._today.year, month, day)
        passed = found.month < self._today.month if running else found <= self._today
        return date(found.year + 1, month, day) if passed else found

    def _over(self, end: int, first: date) -> _Moment:
        return _Moment(first, first + timedelta(days=1), end)


def _later(start: date, number: int, unit: str) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=number * (7 if unit == "week" else 1))
    months = start.month - 1 + number * (12 if unit == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _first_of_next(day: date, unit: str | None) -> date:
    return date(day.year + 1, 1, 1) if unit == "year" else _later(day.replace(day=1), 1, "month")
