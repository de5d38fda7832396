"""One statement about time: days, parts of the day, or both, and whether the writer can then."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.clock import Clock


@dataclass(slots=True)
class Statement:
    """Days, parts of the day, or both, that belong together."""

    can: bool
    days: frozenset[str] = frozenset()
    parts: frozenset[str] | None = None
    broad: bool = False
    led_by_part: bool = False
    listed: bool = False  # one of a list that "and", "or" or a comma holds together
    after_comma: bool = False
    busy: bool = False  # ruled out by working hours, not by a plain "not"
    tail: frozenset[str] = frozenset()  # days that came behind a part and a comma
    sole: bool = False  # "weekends only"
    comma_part: bool = False  # the part of the day came behind a comma: "Tuesday to Friday, mornings"
    approved: bool = False  # "works" or "I can" stood behind it
    praised: bool = False  # "Tuesdays are best", against a Tuesday that is only mentioned
    clock: Clock | None = None  # the last hours that were said
