"""Messages that one sender claimed together: as many as lately went within a moment, and no more."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from db.claims import Claimed

SECONDS = 0.2  # whatever is urgent waits no longer behind those that were claimed before it
MOST = 64


class Batch:
    """What is held to be sent, for as long as it may be held."""

    def __init__(self) -> None:
        self.size = 1  # how many to claim the next time
        self._held: deque[Claimed] = deque()
        self._until = 0.0
        self._gone = 0

    def fill(self, held: Iterable[Claimed]) -> None:
        self._held.extend(held)
        self._until = time.monotonic() + SECONDS
        self._gone = 0

    def next(self) -> Claimed | None:
        """The next one, while the time is not up; how many there was time for tells how many to claim the next time."""
        left = self._until - time.monotonic()
        if self._held and (left > 0 or not self._gone):
            self._gone += 1
            return self._held.popleft()
        if left < 0:
            self.size = max(1, self._gone)
        elif left > SECONDS / 2:
            self.size = min(MOST, max(self.size, 2 * self._gone))
        return None

    def rest(self) -> list[Claimed]:
        """Those there was no time for; they are not held any more."""
        left = list(self._held)
        self._held.clear()
        return left
