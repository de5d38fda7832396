"""Runs tasks, one thread each, started in their order and stopped in the opposite one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from parsers.errors import said_of

logger = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 8.0

Task = Callable[[threading.Event], None]


def run(chosen: dict[str, Task], stop: threading.Event) -> bool:
    """Run tasks until told to stop.

    Returns:
        Whether all of them ended well; one that did not ends the others, so that whoever watches the process starts it anew.

    """
    failed: list[str] = []
    stops = {name: threading.Event() for name in chosen}
    threads = {
        name: threading.Thread(target=_guarded, args=(name, task, stops[name], stop, failed), name=name, daemon=True)
        for name, task in chosen.items()
    }
    for thread in threads.values():
        thread.start()
    stop.wait()
    for name in reversed(threads):
        stops[name].set()
    until = time.monotonic() + SHUTDOWN_SECONDS
    for name in reversed(threads):
        threads[name].join(max(0.0, until - time.monotonic()))
    return not failed


def _guarded(name: str, task: Task, mine: threading.Event, everybody: threading.Event, failed: list[str]) -> None:
    try:
        task(mine)
    except Exception as error:  # noqa: BLE001 - said below, and the process ends
        logger.error("%s ended: %s", name, said_of(error))
        failed.append(name)
        everybody.set()
