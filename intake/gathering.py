"""Whoever has the database to themselves takes along what others bring meanwhile: all of it shares one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
FOREVER = -1.0


def _locked() -> threading.Lock:
    """What one thread waits for and another gives back; an Event would make a Condition and two locks for each message."""
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Brought(Generic[Item, Result]):
    """What one thread brought, and waits for."""

    items: Sequence[Item]
    results: list[Result | Exception] = field(default_factory=list)
    told: threading.Lock = field(default_factory=_locked)  # given back when it is done, or when it is this thread's turn


class Gathering(Generic[Item, Result]):
    """Any thread may call it; whoever is first in line takes along what others bring meanwhile.

    Args:
        take: takes several in, and tells of each what became of it or why it could not be taken.
        most: how many at once, unless one thread brings more.
        away: what is told of each where nothing can be taken in at all.

    """

    def __init__(self, take: Callable[[Sequence[Item]], Sequence[Result | Exception]], *, most: int, away: type[Exception]) -> None:
        self._take = take
        self._most = most
        self._away = away
        self._guard = threading.Lock()
        self._line: deque[_Brought[Item, Result]] = deque()
        self._patient: deque[_Brought[Item, Result]] = deque()
        self._taking = False

    def bring(self, items: Sequence[Item], *, patience: float = 0.0) -> list[Result | Exception]:
        """Have items taken in, with those of others or alone; for so many seconds `patience` lets whoever has none go first."""
        mine = _Brought[Item, Result](items)
        with self._guard:
            waits, self._taking = self._taking, True
            (self._patient if waits and patience else self._line).append(mine)
        if waits and not mine.told.acquire(timeout=patience or FOREVER):
            self._wait_no_longer(mine)
        if not mine.results:
            self._take_turn()
        return mine.results

    def _wait_no_longer(self, mine: _Brought[Item, Result]) -> None:
        with self._guard:
            if mine in self._patient:  # else its turn came just now
                self._patient.remove(mine)
                self._line.append(mine)
        mine.told.acquire()

    @property
    def busy(self) -> bool:
        """Whether somebody's items are being taken in."""
        return self._taking

    @property
    def waiting(self) -> int:
        """How many threads' items wait while others are taken in."""
        return len(self._line) + len(self._patient)

    def _take_turn(self) -> None:
        together = self._next()
        # What is told of each where the thread that took them does not come back.
        results: list[Result | Exception] = [RuntimeError("the thread that took it ended")] * sum(len(each.items) for each in together)
        try:
            results = [*self._take([item for each in together for item in each.items])]
        finally:
            # Who waited so long in vain would wait as long once more, and whoever called them does not.
            turned_away = self._hand_on(alone=all(isinstance(result, self._away) for result in results))
            _tell(together, results)
            for each in turned_away:
                _tell([each], results[:1] * len(each.items))

    def _next(self) -> list[_Brought[Item, Result]]:
        with self._guard:
            together = [self._line.popleft()]
            room = self._most - len(together[0].items)
            while self._line and len(self._line[0].items) <= room:
                together.append(self._line.popleft())
                room -= len(together[-1].items)
        return together

    def _hand_on(self, *, alone: bool) -> list[_Brought[Item, Result]]:
        """Let the next in line have their turn; `alone` where none of them is to wait any longer, who are returned."""
        with self._guard:
            turned_away = [*self._line, *self._patient] if alone else []
            if alone:
                self._line.clear()
                self._patient.clear()
            if self._patient and not self._line:
                self._line.append(self._patient.popleft())
            following = self._line[0] if self._line else None
            self._taking = following is not None
        if following:
            following.told.release()
        return turned_away


def _tell(together: Sequence[_Brought[Item, Result]], results: Sequence[Result | Exception]) -> None:
    at = 0
    for each in together:
        each.results = [*results[at : at + len(each.items)]]
        at += len(each.items)
        each.told.release()
