"""Wakes the senders when something was committed for them."""

from __future__ import annotations

import threading


class Bell:
    """Anybody may ring; everybody who waits hears it, and nobody who comes late to the wait misses it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    def ring(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, heard: int, timeout: float) -> int:
        """Wait for a ring after the one that was heard last, `timeout` seconds at most; returns the last ring."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung != heard, timeout)
            return self._rung
