"""The one statement that SQLite and PostgreSQL spell alike and SQLAlchemy does not: INSERT … ON CONFLICT."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Executable, Row, Table
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
    return session.execute(_insert_new(model, session.get_bind().dialect.name), values).first()


@functools.cache
def _insert_new(model: type[DeclarativeBase], dialect: str) -> Executable:
    """Built once: on the hot path, building a statement costs more than running it."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert
    into = table(model)
    statement: Executable = insert(into).on_conflict_do_nothing().returning(into)
    return statement
