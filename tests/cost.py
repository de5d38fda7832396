"""What something costs, told alike by a fast machine and a slow one."""

from __future__ import annotations

import time
from collections.abc import Callable

KNOWN = 0.02  # seconds, of a usual processor for `_known`


def cost(work: Callable[[], object]) -> float:
    """Seconds of processor time, as a usual machine would have taken: how slow this one is now, a known piece of work tells."""
    before = _took(_known)
    took = _took(work)
    return took / max(1.0, (before + _took(_known)) / 2 / KNOWN)


def _took(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _known() -> int:
    return sum(number * number for number in range(500_000))
