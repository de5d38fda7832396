"""A clock that nobody has set yet: a small computer without a battery starts in 1970, or at the date of its last shutdown."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

logger = logging.getLogger(__name__)

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # this was written later
LOOK_AGAIN = 1.0  # seconds


def is_set(now: datetime) -> bool:
    return now >= EARLIEST


def wait_until_set(clock: Callable[[], datetime], stop: threading.Event) -> None:
    """Begin nothing before: whatever Twilio and the mailbox ever held would be new, and be answered."""
    if is_set(clock()):
        return
    logger.warning("waiting: this machine's clock says %s; is it connected, so that it can be set?", f"{clock():%Y-%m-%d}")
    while not is_set(clock()) and not stop.wait(LOOK_AGAIN):
        pass
