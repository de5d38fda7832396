"""Whether a time begins a statement of its own or goes on with the one before: "Tuesdays and Fridays, mornings only"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from parsers.ahead import kind_of_next
from parsers.statement import Statement
from parsers.timeline import WAKING, WEEKEND, Item

_HOURS = ("parts", "clock")


class Standing(NamedTuple):
    """How the sentence stands when a time comes."""

    can: bool
    joint: str  # "and" or "comma" since the last time
    words: int  # since the last time
    first: bool  # no other statement stands before


def days_begin(now: Statement, item: Item, rest: Sequence[Item], so_far: Standing) -> bool:
    if now.days and now.parts is not None and not now.led_by_part:
        return True
    if now.broad and (item.broad or not now.days) and now.parts in (None, WAKING) and kind_of_next(rest) in _HOURS:
        return True  # "weekends and weekday evenings", "whenever, Tuesday mornings"
    weekends = now.days == WEEKEND and now.parts is None and not item.days & WEEKEND  # "weekends, and Tuesday evenings"
    if now.days and (now.led_by_part or weekends) and so_far.joint and kind_of_next(rest) in _HOURS:
        return True
    # "Weekends I can, weekdays no", "Mondays and Fridays, Fridays only until noon".
    if so_far.joint and ((now.approved and so_far.joint == "comma" and _refused(rest)) or item.days < now.days):
        return True
    if now.days:
        return bool(so_far.words) or (not so_far.can and so_far.joint == "comma")
    return now.parts is not None and _apart(now, item, so_far)


def parts_begin(now: Statement, item: Item, rest: Sequence[Item], so_far: Standing) -> bool:
    """Say so of "Wednesday evenings and all day Saturday"."""
    if now.days and now.led_by_part:
        return True
    if now.parts is None:
        return now.days == WEEKEND and so_far.joint == "and"
    opens = bool(so_far.joint) and kind_of_next(rest) == "days"
    refused = not so_far.can and so_far.joint != "and" and item.kind == "parts"
    return (bool(now.days) and opens) or refused or (so_far.joint == "comma" and bool(so_far.words))


def _refused(rest: Sequence[Item]) -> bool:
    return next((item.kind for item in rest if item.kind not in ("days", "and", "filler")), "") in ("not", "bad")


def _apart(now: Statement, item: Item, so_far: Standing) -> bool:
    """Tell "evenings and weekends" from "evenings on Mondays"."""
    if so_far.joint == "comma" and not so_far.can:
        return True
    return so_far.joint == "and" or (so_far.joint == "comma" and (item.days == WEEKEND or (now.after_comma and not so_far.first)))
