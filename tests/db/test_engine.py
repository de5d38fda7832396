"""The database keeps what was committed, on SQLite as on PostgreSQL."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import column, func, insert, select, table, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from db.engine import Database
from db.models import Number
from db.statements import first, run
from db.statements import table as table_of
from parsers.errors import IntakeError

NUMBERS = table_of(Number)
COUNTERS = table("counters", column("name"), column("value"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """With one table and a counter in it."""
    opened = Database(database_url)
    with opened.write() as session:
        session.execute(text("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO counters VALUES ('a', 0)"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'kept' / 'peer-intake.db'}")
    with opened.write() as session:
        session.execute(text("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("pragma", "wanted"), [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 1), ("busy_timeout", 2000)]
)
def test_every_connection_to_sqlite_is_set_up(sqlite: Database, pragma: str, wanted: object) -> None:
    """Also a second one, opened while the first is in use."""
    with sqlite.read() as first, sqlite.read() as second:
        assert [session.execute(text(f"PRAGMA {pragma}")).scalar_one() for session in (first, second)] == [wanted, wanted]


def test_the_file_and_its_journal_are_the_owners_alone(sqlite: Database) -> None:
    folder = Path(sqlite.url.database or "").parent
    with sqlite.read() as session:
        session.execute(text("SELECT * FROM counters"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"peer-intake.db": 0o600, "peer-intake.db-wal": 0o600, "peer-intake.db-shm": 0o600}


@pytest.mark.usefixtures("patient")
def test_four_hundred_increments_at_once_are_all_kept(database_url: str, database: Database) -> None:
    """Eight threads, half of them through a second engine, as a second process would."""
    other = Database(database_url)

    def increment(at: int) -> None:
        for _ in range(50):
            with (database if at % 2 else other).write() as session:
                value = session.execute(select(COUNTERS.c.value).with_for_update()).scalar_one()
                session.execute(update(COUNTERS).values(value=value + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(8)))
    other.close()
    assert _value(database, "a") == 400


def test_a_savepoint_rolls_back_alone(database: Database) -> None:
    """What was written before it and after it is committed."""
    with database.write() as session:
        _insert(session, "before")
        with suppress(IntegrityError), session.begin_nested():
            _insert(session, "within")
            _insert(session, "before")
        _insert(session, "after")
    assert _names(database) == ["a", "after", "before"]


def test_an_error_takes_back_the_whole_transaction(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as session, session.begin_nested():
        _insert(session, "lost")
        _ = 1 / 0
    assert _names(database) == ["a"]


def test_reading_waits_for_no_writer_and_holds_up_none(database_url: str, database: Database) -> None:
    """A reader that is in the middle of its transaction sees its own moment, and another process writes meanwhile."""
    other = Database(database_url)
    with database.read() as reading:
        assert _names_in(reading) == ["a"]
        with other.write() as session:
            _insert(session, "meanwhile")
            assert "meanwhile" not in _names_in(reading)
    other.close()
    assert _names(database) == ["a", "meanwhile"]


def test_a_writer_takes_its_lock_before_it_reads(sqlite: Database, short_patience: Callable[[], Database]) -> None:
    """Not when it first writes, by what may be old by then."""
    other = short_patience()
    with sqlite.write() as session:
        assert _names_in(session) == []
        with pytest.raises(OperationalError, match="locked"), other.write():
            pass


def test_a_reader_takes_no_lock(sqlite: Database, short_patience: Callable[[], Database]) -> None:
    with sqlite.write() as session:
        _insert(session, "uncommitted")
        with short_patience().read() as reading:
            assert _names_in(reading) == []


@pytest.fixture
def short_patience(sqlite: Database) -> Iterator[Callable[[], Database]]:
    """A second process's engine on the same file, that gives up at once."""
    opened: list[Database] = []

    def open_again() -> Database:
        other = Database(sqlite.url.render_as_string())
        with other.read() as session:  # the pool keeps this one connection
            session.execute(text("PRAGMA busy_timeout=0"))
        opened.append(other)
        return other

    yield open_again
    for other in opened:
        other.close()


@pytest.mark.usefixtures("patient")
def test_writers_of_one_process_take_turns(sqlite: Database) -> None:
    """The second one waits for the first rather than for SQLite's busy handler."""
    order: list[str] = []

    def second() -> None:
        with sqlite.write():
            order.append("second")

    with sqlite.write():
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.05)
        order.append("first")
    waiting.join(timeout=60)
    assert order == ["first", "second"]


@pytest.mark.parametrize(
    "url",
    [
        "postgres hunter2",
        "nosuch://sam:hunter2@db.example.org/intake",
        "postgresql+psycopg://sam:hunter2@db.example.org:port/intake",
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(IntakeError, match="DATABASE_URL") as raised:
        Database(url)
    assert "hunter2" not in str(raised.value)


def test_an_errors_words_hold_no_parameters(database: Database) -> None:
    """What people wrote stays out of logs."""
    with database.write() as session:
        _insert(session, "dana@example.org")
    with pytest.raises(IntegrityError) as raised, database.write() as session:
        _insert(session, "dana@example.org")
    statement = str(raised.value).partition("[SQL")[2]
    assert "hide_parameters" in statement
    assert "dana" not in statement


def _insert(session: Session, name: str) -> None:
    session.execute(text("INSERT INTO counters VALUES (:name, 1)"), {"name": name})


def _names(database: Database) -> list[str]:
    with database.read() as session:
        return _names_in(session)


def _names_in(session: Session) -> list[str]:
    return list(session.execute(text("SELECT name FROM counters ORDER BY name")).scalars())


def _value(database: Database, name: str) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT value FROM counters WHERE name = :name"), {"name": name}).scalar_one())


def test_a_light_statement_is_a_transaction_of_its_own(database_url: str) -> None:
    """It is there for everybody when it is done; the transaction that follows on the same connection is as safe as ever."""
    database = Database(database_url)
    with database.light() as session:
        assert first(session, insert(NUMBERS).values(what="record").returning(NUMBERS.c.id)) is not None
    with database.write() as session:
        session.execute(insert(NUMBERS).values(what="case"))
        if database.is_sqlite:
            assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        session.rollback()
    with database.read() as session:
        assert list(session.execute(select(NUMBERS.c.what)).scalars()) == ["record"]
    database.close()


def test_a_light_statement_that_fails_changes_nothing(database_url: str) -> None:
    """And the connection is as good as before."""
    database = Database(database_url)
    with pytest.raises(IntegrityError), database.light() as session:
        run(session, insert(NUMBERS).values(id=1, what=None))
    with database.light() as session:
        run(session, insert(NUMBERS).values(what="record"))
    with database.read() as session:
        assert session.execute(select(func.count()).select_from(NUMBERS)).scalar_one() == 1
    database.close()


def test_the_era_is_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for as long as the machine runs; where none can be told, nothing is written lightly."""
    url = f"sqlite:///{tmp_path / 'peer-intake.db'}"
    assert Database(url).era == Database(url).era
    monkeypatch.setattr("db.engine.BOOT_ID", tmp_path / "none")
    without = Database(url)
    with without.light() as session:
        weight = session.connection().execute(text("PRAGMA synchronous")).scalar()
    assert (without.era, weight) == ("", 2)
    without.close()
