"""The schema comes up from nothing, once, and is what the models say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from db.base import Base
from db.engine import Database
from db.schema import MIGRATIONS, is_current, migrate, newest


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    opened = Database(empty_database_url)
    yield opened
    opened.close()


def test_an_empty_database_is_brought_up(database: Database) -> None:
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_a_second_time_changes_nothing(database: Database) -> None:
    """What is in the tables stays there."""
    migrate(database)
    with database.write() as session:
        session.execute(text("INSERT INTO numbers (what) VALUES ('record')"))
    migrate(database)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM numbers")).scalar_one() == 1
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


APART = """
import sys
from db.engine import Database
from db.schema import is_current, migrate_apart
database = Database(sys.argv[1])
migrate_apart(database)
print(is_current(database), "alembic" in sys.modules)
"""


def test_it_is_brought_up_in_a_process_that_ends_with_it(tmp_path: Path) -> None:
    """Whoever serves for months does not keep what brought its tables up."""
    found = subprocess.run([sys.executable, "-c", APART, f"sqlite:///{tmp_path}/kept.db"], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["True", "False"]


def test_what_the_other_process_could_not_do_raises_here(tmp_path: Path) -> None:
    """With the same words as if it had been done here."""
    database = Database(f"sqlite:///{tmp_path}/kept.db")
    with database.write() as session:
        session.execute(text("CREATE TABLE outbox (id INTEGER)"))
    found = subprocess.run([sys.executable, "-c", APART, str(database.url)], check=False, capture_output=True, text=True)
    database.close()
    assert found.returncode == 1
    assert "table outbox already exists" in found.stderr


def test_two_at_once_both_end_well(empty_database_url: str) -> None:
    databases = [Database(empty_database_url) for _ in range(2)]
    together = Barrier(2, timeout=60)

    def bring_up(database: Database) -> bool:
        together.wait()
        migrate(database)
        return is_current(database)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(bring_up, databases)) == [True, True]
    for database in databases:
        database.close()


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    """Tables, columns, types, indexes and constraints: a model that changes needs a migration."""
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_known_by_its_name() -> None:
    """As Alembic knows it, by following one to the next; there is one line of them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]


REVISIONS = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
STORED = (
    "INSERT INTO contacts (id, name, phone, email, prefers, language, created_at) VALUES (1, 'Ana', '', '', '', 'es', '2026-01-02 03:04Z')",
    """INSERT INTO inbox (channel, external_id, outcome, contact_id, acts, message_id, received_at)
    VALUES ('sms', 'SM1', 'handled', 1, 'mentor_offer', '', '2026-01-02 03:04Z')""",
)


@pytest.mark.parametrize("earlier", REVISIONS[:-1])
def test_what_an_earlier_release_stored_is_kept(database: Database, earlier: str) -> None:
    """Brought up from each revision there was, the tables are what the models say, with what was in them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, earlier)
            for statement in STORED:
                connection.execute(text(statement))
    migrate(database)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT external_id, contact_id FROM inbox")).one() == ("SM1", 1)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def test_a_broken_migration_leaves_nothing_behind(database: Database) -> None:
    """A table of ours that is there already stops it; none of the others has been made then, and mended it comes up."""
    with database.write() as session:
        session.execute(text("CREATE TABLE outbox (id INTEGER)"))
    with pytest.raises(Exception, match="outbox"):
        migrate(database)
    assert inspect(database.engine).get_table_names() == ["outbox"]
    with database.write() as session:
        session.execute(text("DROP TABLE outbox"))
    migrate(database)
    assert is_current(database)
