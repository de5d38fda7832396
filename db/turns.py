"""Who reads a mailbox: of many processes on one PostgreSQL one at a time, and when its process dies another takes over at once."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from db.engine import Database

# The server must notice a machine that lost its power, whose connection nobody closes: after 10 + 3 * 5 seconds.
NOTICE = ("SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3")


class Turn:
    """An advisory lock of PostgreSQL, held by a connection of its own for as long as it is open.

    On SQLite there is one process, and it is always its turn.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        # Any number will do, so long as it is the same for a name; those of other uses are smaller.
        self._key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
        self._connection: Connection | None = None

    def is_mine(self) -> bool:
        """Whether it is ours to read; asked again before each pass, since a connection may be lost."""
        if self._database.is_sqlite:
            return True
        try:
            if self._connection is None:
                return self._take()
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let another have it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # the lock goes with it, and it never comes back to the pool
            connection.close()

    def _take(self) -> bool:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for statement in NOTICE:
            connection.execute(text(statement))
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar():
            self._connection = connection
            return True
        connection.invalidate()
        connection.close()
        return False
