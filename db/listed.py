"""The first of some rows, and how many there are in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """What is shown of a list that may be long."""

    items: tuple[T, ...] = ()
    count: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(self.count - len(self.items), 0)
