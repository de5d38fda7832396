"""Something that is done again and again beside all else, whatever breaks it once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from parsers.errors import kind_and_place


def go_round(do: Callable[[], None], stop: threading.Event, *, seconds: float, logger: logging.Logger, what: str) -> None:
    """Do it, and again after so many seconds, until told to stop."""
    while not stop.is_set():
        try:
            do()
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the thread
            logger.warning("%s: %s", what, kind_and_place(error))
        stop.wait(seconds)
