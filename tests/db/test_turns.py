"""Of many processes one reads a mailbox at a time, and another takes over when it is gone."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from db.engine import Database
from db.turns import Turn


def test_one_at_a_time(postgres_url: str) -> None:
    """Another's turn comes when the first lets go; a turn for something else is none of theirs."""
    first, second = Database(postgres_url), Database(postgres_url)
    mine, theirs, other = Turn(first, "mailbox a"), Turn(second, "mailbox a"), Turn(second, "mailbox b")
    assert [mine.is_mine(), mine.is_mine(), theirs.is_mine(), other.is_mine()] == [True, True, False, True]
    mine.release()
    assert [theirs.is_mine(), mine.is_mine()] == [True, False]
    theirs.release()
    other.release()
    first.close()
    second.close()


def test_another_takes_over_from_one_whose_connection_is_gone(postgres_url: str) -> None:
    """The first notices before its next pass that it is no longer its turn."""
    first, second = Database(postgres_url), Database(postgres_url)
    mine, theirs = Turn(first, "mailbox"), Turn(second, "mailbox")
    assert mine.is_mine()
    with second.write() as session:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # noqa: E501
        session.execute(text(ended))
    assert theirs.is_mine()
    assert not mine.is_mine()
    assert not mine.is_mine()
    theirs.release()
    assert mine.is_mine()
    mine.release()
    first.close()
    second.close()


def test_on_sqlite_it_is_always_ones_turn(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/one.db")
    assert Turn(database, "mailbox").is_mine()
    database.close()
