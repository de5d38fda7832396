"""The one statement that SQLite and PostgreSQL spell alike and SQLAlchemy does not: INSERT … ON CONFLICT."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def table(model: type[DeclarativeBase]) -> Table:
    """The model's table, for Core statements on the hot path."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return found


def insert_new(session: Session, model: type[DeclarativeBase], /, **values: Any) -> Row[Any] | None:  # noqa: ANN401
    """Insert a row unless one with its unique key is there.

    Returns:
        The new row, or None where there was one already.

    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    into = table(model)
    return session.execute(dialect.insert(into).values(values).on_conflict_do_nothing().returning(into)).first()
