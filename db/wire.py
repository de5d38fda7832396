"""A line between the processes on one PostgreSQL: what one of them commits, the others hear of at once."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, text

from db.engine import Database
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

CHANNEL = "peer_intake"
# To tell is no change that a disk has to keep: a call that is lost is made good by the senders' look every second.
BEGIN = ("SET synchronous_commit = off", f"LISTEN {CHANNEL}")
LOOK_UP = 1000  # milliseconds between two looks at whether to stop
BREATH = 0.02  # seconds in which calls gather after one went, so that a rush of commits is no rush of calls
PAUSE = 5.0  # seconds before a lost line is laid anew; whoever waits for a call looks by themselves meanwhile


class Wire:
    """LISTEN and NOTIFY over a connection of its own; run it in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._says: int | None = None  # where a call is put in, while somebody passes calls on

    def call(self) -> None:
        """Have the other processes told; never waits, and may be asked of any thread."""
        with self._guard, suppress(BlockingIOError):  # so many calls wait that one more makes no difference
            if self._says is not None:
                os.write(self._says, b".")

    def run(self, stop: threading.Event, heard: Callable[[], None]) -> None:
        """Pass calls on, and tell of those that come, until told to stop."""
        with self._opened() as hears:
            while not stop.is_set():
                try:
                    self._stay(hears, stop, heard)
                except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the thread
                    logger.warning("wire: %s, again in %.0f s", kind_and_place(error), PAUSE)
                    stop.wait(PAUSE)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        hears, says = os.pipe()
        for end in (hears, says):
            os.set_blocking(end, False)
        self._says = says
        try:
            yield hears
        finally:
            with self._guard:
                self._says = None
            for end in (hears, says):
                os.close(end)

    def _stay(self, hears: int, stop: threading.Event, heard: Callable[[], None]) -> None:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            for statement in BEGIN:
                connection.execute(text(statement))
            heard()  # there may have been calls before anybody listened
            self._listen(connection, hears, stop, heard)
        finally:
            connection.invalidate()  # it listens, and must not come back to the pool
            connection.close()

    def _listen(self, connection: Connection, hears: int, stop: threading.Event, heard: Callable[[], None]) -> None:
        line: Any = connection.connection.driver_connection
        own = line.info.backend_pid
        poll = select.poll()
        for end in (line.fileno(), hears):
            poll.register(end, select.POLLIN)
        while not stop.is_set():
            rung = hears in [end for end, _ in poll.poll(LOOK_UP)]
            if rung:
                os.read(hears, 65536)
                line.execute(f"NOTIFY {CHANNEL}")
            if any([call.pid != own for call in line.notifies(timeout=0)]):  # noqa: C419 - all of them, or the rest is heard twice
                heard()
            if rung:
                stop.wait(BREATH)
