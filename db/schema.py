"""Brings the schema up, and tells whether it is."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from db.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, so long as nobody else locks by it: two processes must not migrate at once.
MIGRATION_LOCK = 7_436_501


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; does nothing where it is there already."""
    if is_current(database):
        return
    from alembic import command

    with database.engine.connect() as connection:
        if database.is_sqlite:
            _be_patient(connection)
        with connection.begin():
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            command.upgrade(_config(connection), "head")
        connection.invalidate()  # its waits are a migration's


def migrate_apart(database: Database) -> None:
    """The same in a process that ends with it, for one that goes on for months: Alembic would stay with it, a tenth of all it takes.

    Not for a process with threads. What the other could not do is done here, or raises here.
    """
    if hasattr(os, "fork") and not is_current(database):
        database.close()  # no connection is for two processes
        if not (pid := os.fork()):
            with suppress(BaseException):
                migrate(database)
            os._exit(0)
        os.waitpid(pid, 0)
    migrate(database)


def _be_patient(connection: Connection) -> None:
    """Two processes that start at once on a new file both want to lay it out; the second waits for the first."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def is_current(database: Database) -> bool:
    """Asked at every start, and so answered without Alembic: it takes longer to import than all else that a start does with a database."""
    with database.read() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return False
        found = session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(found) == [newest()]


def newest() -> str:
    """The last migration; each is named by its number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
