"""One way to reach the database, SQLite or PostgreSQL, with the settings that keep what was committed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from db import private
from db.statements import execute
from db.turnstile import Turnstile
from parsers.errors import IntakeError

# Three tries, each with both waits, have to end within the 15 s that Twilio waits for a webhook.
BUSY_MILLISECONDS = 2000
TURN_SECONDS = 2.0
CACHE_KILOBYTES = 500
MODE_TRIES = 40
MODE_PAUSE = 0.05  # seconds; only the very first start of two processes ever waits for it
# A server whose machine lost its power must end in an error and not in silence: the kernel would repeat what was sent for a quarter of
# an hour, while another machine has long taken the database over. So must a lock that nobody gives back.
CONNECT_SECONDS = 4
UNHEARD_MILLISECONDS = 2500  # until what was sent must have been acknowledged
SILENT_SECONDS = 3  # after which a server that thinks about an answer is asked for an acknowledgement
POSTGRES = {
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": UNHEARD_MILLISECONDS,
    "keepalives_idle": SILENT_SECONDS,
    "keepalives_interval": 1,
    "options": "-c lock_timeout=4000 -c idle_in_transaction_session_timeout=60000",
}


# Names one run of the machine: what the kernel took and had not yet put on the disk is there until the next.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Light:
    """Stands in a session's place for one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def connection(self) -> Connection:
        if not self._connection.in_transaction():
            self._connection.begin()  # whatever runs on the driver's own cursor needs what is settled at a beginning too
        return self._connection


class _Writing(Session):
    """Within a transaction of its connection; it begins one of its own for what SQLAlchemy runs, and what runs on the driver needs none."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def connection(self, *_: Any, **__: Any) -> Connection:  # noqa: ANN401
        return self._connection

    def close(self) -> None:
        """One that only lent its connection holds nothing, and to close it takes as long as two statements."""
        if self.in_transaction() or self.identity_map:
            super().close()


class Database:
    """Hands out sessions; `write()` commits at its end, `read()` never writes.

    `era` tells for how long a light write can be trusted: it is another after a power cut, which takes such writes away;
    "" where no write is light.

    Raises:
        IntakeError: the URL cannot be understood, or its driver is not installed.

    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self.engine = _engine(self.url)
        except (ArgumentError, ImportError) as error:
            raise IntakeError(f"DATABASE_URL cannot be used: {error}") from None
        except ValueError:  # its words hold what was taken for the port, which may be half a password
            raise IntakeError("DATABASE_URL cannot be used: after its host comes a port that is no number") from None
        self._turn = Turnstile()
        self.era = _boot() if self.is_sqlite else ""
        by_itself = {"alone": True, "light": bool(self.era)} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._by_itself = self.engine.execution_options(**by_itself)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._one_writer(), self.engine.begin() as connection, _Writing(connection) as session:
            yield session
            if session.in_transaction():
                session.commit()

    @contextmanager
    def light(self) -> Iterator[Light]:
        """For one statement, which is a transaction of its own and costs a fraction of one.

        What it writes outlives the process at once; a power cut only where there is no era, or once `write` has committed something.
        """
        with self._one_writer(), self._by_itself.connect() as connection:
            yield Light(connection)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """SQLite takes one writer at a time: waiting here is fair and quick, waiting in its busy handler is neither."""
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise OperationalError("BEGIN", None, TimeoutError("another thread is writing"))
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(readonly=True)) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, pool_timeout=4, connect_args=POSTGRES)
    if url.database and url.database != ":memory:":
        private.make_database(Path(url.database))
    # The connection that wrote last still has in its cache what the next writer needs; in any other it is stale.
    engine = create_engine(url, hide_parameters=True, pool_use_lifo=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _settle_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _settle_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401
    # The driver's own transactions begin too late and swallow SAVEPOINTs; ours begin in `_begin_sqlite`.
    connection.isolation_level = None
    # What a SAVEPOINT may have to put back is else kept in a file, made and deleted for each message: a sixth of what it costs.
    # Each thread that asks has a connection with a cache of its own; what is not in it, the system has at hand.
    memory = ("temp_store=MEMORY", f"cache_size=-{CACHE_KILOBYTES}")
    for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", *memory):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:  # noqa: ANN401
    """Two that open a new file at once both want to change its mode, and SQLite refuses one of them without waiting."""
    for attempt in range(MODE_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if attempt == MODE_TRIES - 1:
                raise
            time.sleep(MODE_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    _settle_weight(connection, light=options.get("light", False))
    if not options.get("alone", False):
        execute(connection, "BEGIN" if options.get("readonly", False) else "BEGIN IMMEDIATE")


def _settle_weight(connection: Connection, *, light: bool) -> None:
    """A connection writes lightly and not by turns; that cannot be changed within a transaction."""
    if light != connection.info.get("light", False):
        connection.connection.cursor().execute(f"PRAGMA synchronous={'NORMAL' if light else 'FULL'}")
        connection.info["light"] = light


def _boot() -> str:
    return BOOT_ID.read_text(encoding="ascii").strip()[:40] if BOOT_ID.exists() else ""
