"""Free ports, and waiting until something holds."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count, islice

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds: a wait that ends well ends at once, and a machine may be slow and busy
# From 32768 on the system gives ports to whoever connects somewhere: one of these that is free now still is when it is needed.
PORTS = range(20_000, 32_000)
_places = count(os.getpid() * 499)  # another process begins elsewhere


def free_port() -> int:
    """One at which nobody listens, and that nobody else is given."""
    for place in islice(_places, len(PORTS)):
        port = PORTS[place % len(PORTS)]
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise AssertionError("no port is free")


def wait_until(
    holds: Callable[[], bool], *, timeout: float = PATIENCE, what: str | Callable[[], str] = "the condition", pause: float = 0.02
) -> None:
    """Raise AssertionError, with what was waited for, if it does not hold in time."""
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what() if callable(what) else what}")
        time.sleep(pause)
