"""Where the process is killed: every step, by each way on which it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from db.steps import Step

STEPS: tuple[Step, ...] = get_args(Step)

_DOOR: tuple[Step, ...] = ("before reading", "message stored", "acts done", "answers queued", "before the commit", "after the commit")
_MAIL: tuple[Step, ...] = ("mails fetched", "attempts marked", "mails flagged", "mails moved")
_TEXT: tuple[Step, ...] = ("form taken", "before answering")
_MISSED: tuple[Step, ...] = ("missed text listed", "missed texts listed")
_SEND: tuple[Step, ...] = ("message claimed", "send begun", "provider answered", "send settled")
_DOUBT: tuple[Step, ...] = ("doubt looked for", "doubt settled")
_MAIL_OUT: tuple[Step, ...] = ("before connecting", "before the final dot", "after the final dot")
_TEXT_OUT: tuple[Step, ...] = ("before the request",)
_CLOCK: tuple[Step, ...] = (
    "reminders queued",
    "reminders committed",
    "words deleted",
    "deletion committed",
    "trouble told",
    "trouble committed",
)
_DIGEST: tuple[Step, ...] = ("digest queued", "digest committed")
_RETRY: tuple[Step, ...] = ("retry handled", "retry committed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A step, and the thread that is to reach it."""

    step: Step | Literal["any moment"]
    way: str
    thread: str  # how the thread's name begins
    most: int = 3  # up to which time the step may be let pass
    at_start: bool = False  # it is reached as soon as a process starts, so that the gun is loaded before
    later: timedelta = timedelta(minutes=16)  # than any claim, and than the time after which a mailbox counts as unread
    retry: bool = False

    @property
    def marks(self) -> bool:
        """Whether mails may be left behind marked as attempted."""
        return self.thread == "mailbox" and self.step not in ("mails fetched", "mails moved")


def _all() -> Iterator[Aim]:
    for step in (*_MAIL[:2], *_DOOR, *_MAIL[2:]):
        most = 3 if step in _DOOR[:4] else 1  # the others are reached once for many mails
        yield Aim(step=step, way="mail", thread="mailbox", most=most)
    for step in (_TEXT[0], *_DOOR, _TEXT[1]):
        yield Aim(step=step, way="text", thread="waitress")
    for step in (*_MISSED, *_DOOR):
        yield Aim(step=step, way="missed text", thread="catch-up", most=1, at_start=True)
    for step in (*_SEND, *_MAIL_OUT):
        connects = step == "before connecting"  # which a process does once
        yield Aim(step=step, way="mail out", thread="mails out", most=1 if connects else 3, at_start=connects)
    for step in (*_SEND, *_TEXT_OUT):
        yield Aim(step=step, way="text out", thread="texts out")
    for step in _DOUBT:
        yield Aim(step=step, way="doubt", thread="doubts", most=1, at_start=True)
    for step in _CLOCK:
        later = timedelta(hours=1, minutes=1)  # so often a coordinator is told again of somebody at risk
        yield Aim(step=step, way="clock", thread="clock", most=1, at_start=True, later=later)
    for step in _DIGEST:
        yield Aim(step=step, way="clock", thread="clock", most=1, at_start=True, later=timedelta(days=1))
    for step in _RETRY:
        yield Aim(step=step, way="retry", thread="MainThread", most=1, at_start=True, retry=True)


AIMS = tuple(_all())
LEAVES_A_DOUBT = Aim(step="before the request", way="text out", thread="texts out")
ANY_MOMENT = Aim(step="any moment", way="all", thread="")
