"""Free ports, and waiting until something holds."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(
    holds: Callable[[], bool], *, timeout: float = 10, what: str | Callable[[], str] = "the condition", pause: float = 0.02
) -> None:
    """Raise AssertionError, with what was waited for, if it does not hold in time."""
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what() if callable(what) else what}")
        time.sleep(pause)
