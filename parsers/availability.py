"""When somebody can and cannot: what a text says of days and hours, on a weekly grid of 28 slots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parsers.clock import PARTS
from parsers.day_letters import DAYS
from parsers.phrases import Text
from parsers.statement import Statement
from parsers.statements import Listener
from parsers.timeline import WAKING, timeline, unmarked
from parsers.vocabulary import Vocabulary

Slots = frozenset[tuple[str, str]]
_TIMES = frozenset(("days", "parts", "times.noon", "times.midnight", "times_glue.bedtime", "times_glue.away"))


@dataclass(frozen=True, slots=True)
class Availability:
    available: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()


def read_availability(text: Text, vocabulary: Vocabulary, *, host: bool, skipped: frozenset[int] = frozenset()) -> Availability:
    """Read when the writer can and cannot; a host's own working hours are when they can, anybody else's are when not."""
    if not _speaks_of_time(text, vocabulary):
        return Availability()
    statements = Listener(text, host, vocabulary).hear(timeline(text, vocabulary, host=host, skipped=skipped))
    statements = list(_without_the_rest(statements))
    statements = [statement for statement in statements if statement.can or statement.days or statement.parts != WAKING]  # "busy all day"
    can = _slots(_narrowed([statement for statement in statements if statement.can]))
    open_ended = any(statement.can and statement.broad and not statement.days for statement in statements)
    ruled_out = [statement for statement in statements if _rules_out(statement, open_ended=open_ended)]
    cannot = frozenset(slot for statement in ruled_out for slot in _grid(statement.days, _taken(statement)))
    if can:
        return Availability(available=_written(can - cannot))
    waking = frozenset(slot for statement in statements if not statement.can for slot in _grid(statement.days, statement.parts or WAKING))
    return Availability(unavailable=_written(waking))


def _speaks_of_time(text: Text, vocabulary: Vocabulary) -> bool:
    """Say whether there is any day, part of a day or number at all."""
    known = unmarked(vocabulary)
    return not _TIMES.isdisjoint(text.kinds) or not known.isdisjoint(text.words) or any(word[:1].isdigit() for word in text.words)


def _without_the_rest(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Let nothing stand beside "weekends only" but what joins it: "I pour concrete during the week" frees no weekday."""
    sole: Statement | None = None
    for statement in statements:
        if not (sole and statement.broad and not statement.listed and statement.days and statement.days.isdisjoint(sole.days)):
            yield statement
        sole = statement if statement.sole and statement.broad else sole


def _rules_out(statement: Statement, *, open_ended: bool) -> bool:
    """Say whether a statement takes slots away: working hours do so from "anytime", not from days that were named."""
    return not statement.can and (open_ended or not statement.busy)


def _taken(statement: Statement) -> frozenset[str]:
    """Return the parts of a day that are ruled out; who works until 3 has an afternoon left."""
    parts = statement.parts or frozenset(PARTS)
    return parts - statement.clock.afterwards() if statement.busy and statement.clock else parts


def _narrowed(statements: list[Statement]) -> list[Statement]:
    """Let "flexible, but Tuesday mornings are best" mean Tuesday mornings."""
    last = max((place for place, statement in enumerate(statements) if statement.days), default=-1)
    return [
        statement
        for place, statement in enumerate(statements)
        if place > last or statement.days or not statement.broad or statement.parts != WAKING
    ]


def _slots(statements: Sequence[Statement]) -> Slots:
    """Put together what was said: parts that were named apart from any day go for the days that were named apart from any part."""
    parts_only = [statement for statement in statements if not statement.days and not statement.listed]
    days_only = [statement for statement in statements if statement.parts is None and not statement.listed]
    paired = [statement for statement in statements if statement.days and statement.parts]
    parts = frozenset(part for statement in parts_only for part in statement.parts or ())
    narrowed = frozenset(day for statement in paired for day in statement.days)  # "Thursday and Friday, but Friday only mornings"
    slots: set[tuple[str, str]] = set()
    for statement in statements:
        if statement in parts_only and (
            days_only or any(statement.parts and statement.parts <= (pair.parts or frozenset()) for pair in paired)
        ):
            continue
        days = statement.days - narrowed if statement.parts is None else statement.days
        if statement.days and not days:
            continue
        slots |= _grid(days, parts if parts and statement in days_only else statement.parts or WAKING)
    return frozenset(slots)


def _grid(days: frozenset[str], parts: frozenset[str]) -> Slots:
    return frozenset((day, part) for day in days or DAYS for part in parts)


def _written(slots: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{day}:{part}" for day, part in slots))
