"""Where writers wait for each other: first come, first served."""

from __future__ import annotations

import threading
from collections import deque


class Line:
    """A lock that whoever lets go of it hands to whoever has waited longest, and cannot take again before them.

    Python's own goes to whoever asks at the right moment, which is mostly the thread that has just let go.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for so many seconds at the most; returns whether it is ours."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            call = threading.Lock()
            call.acquire()
            self._waiting.append(call)
        if call.acquire(timeout=timeout):
            return True
        with self._guard:
            if call not in self._waiting:  # called in the very moment in which we gave up
                return True
            self._waiting.remove(call)
            return False

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
