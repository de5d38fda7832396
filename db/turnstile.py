"""A lock that is given back to whoever waits longest; the one of Python's library goes to whoever happens to run."""

from __future__ import annotations

import threading
from collections import deque


class Turnstile:
    """One thread at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, *, timeout: float) -> bool:
        """Wait for one's turn, so many seconds at the most; returns whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return True
        with self._guard:
            if mine not in self._waiting:
                return True  # it came just as the wait ended
            self._waiting.remove(mine)
            return False

    @property
    def length(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
