"""PostgreSQL as the tests start it."""

from __future__ import annotations

import psycopg
from sqlalchemy import create_engine, text

from tests.servers.postgres import Postgres


def test_sqlalchemy_reaches_the_database(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (body TEXT)"))
        connection.execute(text("INSERT INTO letters VALUES ('Grüße')"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT body FROM letters")).scalar_one() == "Grüße"
    engine.dispose()


def test_each_database_is_empty_and_dropped_even_while_in_use(postgres: Postgres) -> None:
    with postgres.database() as first, postgres.database() as second:
        assert first != second
        psycopg_url = first.replace("+psycopg", "")
        lingering = psycopg.connect(psycopg_url)
    try:
        lingering.execute("SELECT 1")
    except psycopg.OperationalError:
        pass
    else:
        raise AssertionError("the database is still there")
    finally:
        lingering.close()


def test_the_database_fixture_takes_both_kinds(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
