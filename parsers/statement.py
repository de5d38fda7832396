"""One statement about time: days, parts of the day, or both, and whether the writer can then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.clock import NIGHT, Clock

_OVERNIGHT = frozenset({"overnight"})


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
    spanned: bool = False  # the days were said from one to another: "Monday to Thursday"
    sole: bool = False  # "weekends only"
    comma_part: bool = False  # the part of the day came behind a comma: "Tuesday to Friday, mornings"
    approved: bool = False  # "works" or "I can" stood behind it
    praised: bool = False  # "Tuesdays are best", against a Tuesday that is only mentioned
    clock: Clock | None = None  # the last hours that were said


def refuse(run: Sequence[Statement]) -> None:
    """Take back what a "no" stands behind: the last, and what is joined to it, but for what was agreed to or is wider than it."""
    last = run[-1] if run else None
    for statement in run:
        wider = last is not None and bool(last.days) and (not statement.days or statement.days > last.days)  # "weekdays, Wednesdays no"
        wider = wider or (last is not None and last.after_comma and last.parts is None and statement.parts is not None)
        statement.can = statement.can and statement is not last and (wider or statement.approved)  # "weekends I can, weekdays no"


def over(worked: Statement) -> Statement | None:
    """Say when somebody can whose working hours these are."""
    parts = worked.clock.afterwards() if worked.clock else frozenset()
    return Statement(can=True, days=worked.days, parts=parts) if parts else None


def add_parts(now: Statement, parts: frozenset[str], joint: str) -> None:
    """Add a part of the day to those that were named, or let each narrow the other: "evenings after 7"."""
    if now.parts is None:
        now.parts = parts
        now.comma_part = bool(now.days) and joint == "comma"
    elif now.parts == NIGHT and parts == _OVERNIGHT and joint != "and":
        now.parts = parts  # "nights, 10 to 6"
    elif joint == "and" or not (now.parts & parts):
        now.parts |= parts
    else:
        now.parts &= parts


def rule_out(mentioned: Sequence[Statement]) -> None:
    for statement in mentioned:
        statement.can = statement.can and (statement.praised or not statement.days)
        statement.busy = statement.busy and not statement.days
