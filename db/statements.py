"""Statements of the hot path: built once, compiled once for each kind of database, and run with little in between but the driver."""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import BindParameter, Column, Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError, ResourceClosedError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.selectable import Select

from db.base import UtcDateTime

Statement = Select[Any] | UpdateBase
Process = Callable[[Any], Any]
KEPT = 256  # more statements than there are, for as many databases as a test may make
RECENT_TIMES = 64  # one message writes its time a dozen times


def table(model: type[DeclarativeBase]) -> Table:
    """The model's table, for Core statements on the hot path."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return found


class Connected(Protocol):
    """A session, or what stands in its place for a statement that is a transaction of its own."""

    def connection(self) -> Connection: ...


def run(session: Connected, statement: Statement, /, **values: Any) -> list[Any]:  # noqa: ANN401
    """Run a statement that was built beforehand, with what its `bindparam`s and its columns are named for.

    Building a statement anew, or leaving its values and results to SQLAlchemy, costs several times what the database
    needs to run it. A list of values (`in_`) is nothing for such a statement, since its length changes the words.

    Returns:
        The rows that it selects or returns.

    """
    connection = session.connection()
    compiled = _compiled(statement, connection.dialect, tuple(values))
    return compiled.rows(execute(connection, compiled.sql, compiled.parameters(values)))


def first(session: Connected, statement: Statement, /, **values: Any) -> Any:  # noqa: ANN401
    """The first row that a statement selects or returns; None where there is none."""
    return next(iter(run(session, statement, **values)), None)


def run_many(session: Session, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement once for each set of values; all name the same, and nothing comes back."""
    if rows:
        connection = session.connection()
        compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
        execute(connection, compiled.sql, [compiled.parameters(values) for values in rows], many=True)


def insert_new(session: Session, model: type[DeclarativeBase], /, **values: Any) -> Any:  # noqa: ANN401
    """Insert a row unless one with its unique key is there.

    Returns:
        The new row's primary key, or None where there was one already.

    """
    return first(session, _insert_new(model, session.connection().dialect.name, tells=True), **values)


def insert_all_new(session: Session, model: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert those rows whose unique key is not there yet."""
    run_many(session, _insert_new(model, session.connection().dialect.name, tells=False), rows)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What is done within is undone, and nothing else, when it raises; the session keeps no mapped objects that it would have to forget."""
    connection = session.connection()
    execute(connection, "SAVEPOINT within")
    try:
        yield
    except BaseException:
        execute(connection, "ROLLBACK TO SAVEPOINT within")
        execute(connection, "RELEASE SAVEPOINT within")
        raise
    execute(connection, "RELEASE SAVEPOINT within")


def execute(connection: Connection, sql: str, parameters: Any = (), *, many: bool = False) -> list[Any]:  # noqa: ANN401
    """Run it on the driver's own cursor; whoever listens to the engine hears of it, and errors are SQLAlchemy's."""
    cursor = connection.connection.cursor()
    try:
        for listener in connection.engine.dispatch.before_cursor_execute:  # a connection's own would be made anew for each transaction
            listener(connection, cursor, sql, parameters, None, many)
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []
    except connection.dialect.loaded_dbapi.Error as error:
        raise _raised(connection, sql, error, cursor) from error
    finally:
        cursor.close()


def is_trouble(error: SQLAlchemyError) -> bool:
    """Whether the database itself is in trouble, was lost on the way or has no connection left, rather than with what it was given."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PendingRollbackError | ResourceClosedError | NoneFree)


def _raised(connection: Connection, sql: str, error: DBAPIModule.Error, cursor: DBAPICursor) -> BaseException:
    """The driver's error in SQLAlchemy's class of it, without the parameters; a connection that is lost is never used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, cursor)
    if lost:
        connection.invalidate(error)
    base = dialect.loaded_dbapi.Error
    wrapped = DBAPIError.instance(sql, None, error, base, hide_parameters=True, connection_invalidated=lost, dialect=dialect)
    return cast("BaseException", wrapped)


@functools.cache
def _insert_new(model: type[DeclarativeBase], dialect: str, *, tells: bool) -> UpdateBase:
    into = table(model)
    statement: UpdateBase = (postgresql if dialect == "postgresql" else sqlite).insert(into).on_conflict_do_nothing()
    return statement.returning(*into.primary_key) if tells else statement


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as the driver takes it, and how values go in and come out."""

    sql: str
    positional: bool
    binds: tuple[tuple[str, Process | None], ...]  # in the order of their places
    fixed: Mapping[str, Any]  # what the statement itself says, and its columns' defaults
    row: Callable[..., Any]
    columns: tuple[Process | None, ...]

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a tuple or a dictionary, as the driver likes it
        given = {**self.fixed, **values}
        if self.positional:
            return tuple([process(given[name]) if process else given[name] for name, process in self.binds])
        return {name: process(given[name]) if process else given[name] for name, process in self.binds}

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        return [
            self.row(*[process(value) if process else value for process, value in zip(self.columns, one, strict=True)]) for one in found
        ]


@functools.lru_cache(KEPT)
def _compiled(statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
    returned = statement.exported_columns.values()
    if isinstance(statement, Insert) and not returned:
        statement = statement.inline()  # or PostgreSQL is asked for the primary key
    compiled = statement.compile(dialect=dialect, column_keys=names)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"nothing that a database runs: {statement}")
    places = (compiled.positiontup if compiled.positional else list(compiled.bind_names.values())) or ()
    said = {name: value for name, value in compiled.params.items() if name not in names}
    return _Compiled(
        sql=str(compiled),
        positional=compiled.positional,
        binds=tuple((name, _binding(compiled.binds[name], dialect)) for name in places),
        fixed=said | {column.key: _default(column) for column in (*compiled.insert_prefetch, *compiled.update_prefetch)},
        row=namedtuple("Row", [str(column.key) for column in returned], rename=True),  # noqa: PYI024 - the statement names its fields
        columns=tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in returned),
    )


def _default(column: Column[Any]) -> Any:  # noqa: ANN401
    if not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"{column} has no plain default; name it among the values")
    return column.default.arg


def _binding(bind: BindParameter[Any], dialect: Dialect) -> Process | None:
    return _time(dialect) if isinstance(bind.type, UtcDateTime) else bind.type.dialect_impl(dialect).bind_processor(dialect)


@functools.lru_cache(KEPT)
def _time(dialect: Dialect) -> Process | None:
    process = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    return functools.lru_cache(RECENT_TIMES)(process) if process else None
