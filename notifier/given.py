"""What no part of the house takes for itself: time, names and chance."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Handed in by whoever starts the program, or tries a part of it."""

    clock: Callable[[], datetime]
    ids: Callable[[], str]  # url-safe, lower case, hard to guess, at most 24 characters
    jitter: Callable[[], float]  # from 0 to 1
    elapsed: Callable[[], float] = time.monotonic  # seconds that pass whatever the clock is set to
