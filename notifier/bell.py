"""Wakes the senders when something was committed for them, in this process and in the others on the same database."""

from __future__ import annotations

import threading

from db.wire import Wire


class Bell:
    """Anybody may ring; everybody who waits hears it, and nobody who comes late to the wait misses it."""

    def __init__(self, wire: Wire | None = None) -> None:
        self._wire = wire
        self._condition = threading.Condition()
        self._rung = 0

    def ring(self) -> None:
        self._sound()
        if self._wire is not None:
            self._wire.call()

    def wait(self, heard: int, timeout: float) -> int:
        """Wait for a ring after the one that was heard last, `timeout` seconds at most; returns the last ring."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung != heard, timeout)
            return self._rung

    def listen(self, stop: threading.Event) -> None:
        """Sound when it is rung in another process; where there is no other, nothing is to be heard."""
        if self._wire is not None:
            self._wire.run(stop, self._sound)

    def _sound(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()
