"""Sees which claims stand still: by its own patience, since a clock that jumps would take them from senders that are at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from db.abandoned import Standing


class Onlooker:
    """Takes a claim for given up once it has stood unchanged for longer than any sender needs."""

    def __init__(self, patience: float, elapsed: Callable[[], float]) -> None:
        self._patience = patience
        self._elapsed = elapsed
        self._since: dict[Standing, float] = {}

    def look(self, standing: Iterable[Standing]) -> list[int]:
        """Of all claims there are, the rows of those that have stood for long enough."""
        now = self._elapsed()
        self._since = {one: self._since.get(one, now) for one in standing}
        return [one.id for one, since in self._since.items() if now - since >= self._patience]
