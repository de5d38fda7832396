"""Brings the schema up, and tells whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db.engine import Database

# Any number will do, so long as nobody else locks by it: two processes must not migrate at once.
MIGRATION_LOCK = 7_436_501


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; does nothing where it is there already."""
    if is_current(database):
        return
    with database.engine.connect() as connection:
        if database.is_sqlite:
            _be_patient(connection)
        with connection.begin():
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            command.upgrade(_config(connection), "head")
        connection.invalidate()  # its waits are a migration's


def _be_patient(connection: Connection) -> None:
    """Two processes that start at once on a new file both want to lay it out; the second waits for the first."""
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def is_current(database: Database) -> bool:
    with database.read() as session:
        found = MigrationContext.configure(session.connection()).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
