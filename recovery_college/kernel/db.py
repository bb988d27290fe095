"""The database: naming, portable types, and transactions that are whole or absent on SQLite and PostgreSQL.

Reading is the default inside a GET: there the database itself refuses to write (SQLite `query_only`,
PostgreSQL READ ONLY), so a page that changes something by being looked at cannot exist by accident.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import structlog
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Result,
    String,
    Table,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

COPIED_FROM = 100
"""How many rows it takes until COPY is the quicker way on PostgreSQL."""

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class WritingWhileReading(RuntimeError):
    """Code tried to change the record while answering a GET."""


class Base(DeclarativeBase):
    """Every table's base: constraints have names, so that a form can tell which one was broken."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Refuses a datetime without a zone; SQLite gets it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any zone into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Word(TypeDecorator[StrEnum]):
    """A StrEnum stored as its own text. Pair it with `one_of` so that raw SQL cannot store another word."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Refuse any word the enum does not know."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """The member with that word."""
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """A named check that `column` holds one of the words of `kind`."""
    words = ", ".join("'" + member.value.replace("'", "''") + "'" for member in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def session() -> Session:
    """The session of this request or command."""
    return cast(Session, db.session())


def init_db(app: Flask) -> None:
    """Open the database to the app."""
    db.init_app(app)
    app.teardown_appcontext(let_go)  # runs before the library's own, which then finds nothing to do


def let_go(_: BaseException | None) -> None:
    """End the session; a database that has gone since the answer was made takes nothing back from it.

    Without a connection there is nothing to roll back: the database did so itself when it let go of us.
    """
    try:
        db.session.remove()
    except DBAPIError:
        structlog.get_logger(__name__).warning("the database went before its connection was given back")
        db.session.registry.clear()


@contextmanager
def transaction() -> Iterator[Session]:
    """One verb, one transaction: commits at the end of the block, rolls back on any error.

    Nested use joins the outer block, so a service may call another and still be whole or absent.
    """
    here = session()
    if here.info.get("in_transaction"):
        yield here
        return
    if _reading.get():
        raise WritingWhileReading("a GET may not write; only `aside()` may, for sign-in and view records")
    here.info["in_transaction"] = True
    try:
        yield here
        here.commit()
    except BaseException:
        here.rollback()
        raise
    finally:
        here.info["in_transaction"] = False


@contextmanager
def aside() -> Iterator[Session]:
    """A short transaction of its own, beside the request's, that may write even inside a GET.

    For the few things that looking does leave behind: that a session was used, that a record was viewed. Where
    the request may write anyway it is the same as `transaction()`: on SQLite a second writer of one request
    would wait for itself.
    """
    if not _reading.get():
        with transaction() as own:
            yield own
        return
    token = _reading.set(False)
    try:
        with Session(db.engine, expire_on_commit=False) as apart:
            yield apart
            apart.commit()
    finally:
        _reading.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Inside the block the database refuses to write, except within `transaction()`."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


class Rehearsal(Session):
    """A session for finding out what would be done: it reads what is there and keeps its writing to itself.

    On SQLite there is one writer at a time, so a check of a long file that wrote and took it back would keep
    every tutor waiting. Here the database refuses to write, INSERT, UPDATE and DELETE do nothing, FOR UPDATE locks
    nothing, and what was added or changed is forgotten at the end. Who writes through it gives new rows their ids
    and reads nothing back.
    """

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Give new rows the ids they would get, and write nothing."""
        for row in self.new:
            if getattr(row, "id", 0) is None and (made := row.__table__.c.id.default) is not None:
                row.id = made.arg(None)


@contextmanager
def rehearsal() -> Iterator[Rehearsal]:
    """A session of its own that holds no lock and writes nothing. Not inside a transaction."""
    session().rollback()
    try:
        with reading(), Rehearsal(db.engine, autoflush=False, expire_on_commit=False) as apart:
            yield apart
    finally:
        session().rollback()  # what was read meanwhile was read by a transaction that cannot write


@event.listens_for(Rehearsal, "do_orm_execute")
def _keep_to_itself(state: ORMExecuteState) -> Result[Any] | None:
    if not state.is_select:
        return IteratorResult(SimpleResultMetaData(()), iter(()))
    if getattr(state.statement, "_for_update_arg", None) is None:
        return None
    plain = cast(Any, state.statement)._generate()
    plain._for_update_arg = None  # no lock: SQLAlchemy has no public way to take FOR UPDATE off again
    return cast(Result[Any], state.invoke_statement(statement=plain))


def add_rows(s: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, all of the same columns, in the quickest way the database has.

    PostgreSQL takes a hundred or more by COPY, in half the time of as many INSERTs; constraints and triggers hold
    as ever. Raises IntegrityError like an INSERT.
    """
    if not rows or isinstance(s, Rehearsal):
        return
    connection = s.connection()
    if is_sqlite(connection) or len(rows) < COPIED_FROM:
        s.execute(insert(model), rows)
        return
    s.flush()
    table = cast(Table, model.__table__)
    columns = [column for column in table.columns if column.name in rows[0] or column.default is not None]
    made = [_maker(column, connection.dialect) for column in columns]
    preparer = connection.dialect.identifier_preparer
    names = ", ".join(preparer.quote(column.name) for column in columns)
    statement = f"COPY {preparer.format_table(table)} ({names}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([make(row) for make in made])
    except driver.Error as error:
        raise DBAPIError.instance(
            statement, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def ids_reserved(s: Session, model: type[Base], count: int) -> list[int]:
    """So many ids of a table that numbers its rows, on PostgreSQL: nobody else gets them. Empty on SQLite."""
    connection = s.connection()
    if is_sqlite(connection):
        return []
    table = cast(Table, model.__table__)
    sequence = func.pg_get_serial_sequence(table.name, "id")
    return list(s.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


def _maker(column: Column[Any], dialect: Dialect) -> Callable[[Mapping[str, Any]], Any]:
    """What a row puts into this column, as the driver takes it; its default where the row says nothing."""
    name = column.name
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    default: Any = column.default

    def make(row: Mapping[str, Any]) -> Any:
        if name in row:
            value = row[name]
        else:
            value = default.arg(None) if default.is_callable else default.arg
        return process(value) if process else value

    return make


def begin_reading() -> None:
    """From here to the end of this request the database refuses to write, except in `transaction()`."""
    _reading.set(True)


def begin_writing() -> None:
    """From here to the end of this request transactions may write."""
    _reading.set(False)


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint an IntegrityError broke, or the database's own words for it.

    PostgreSQL names it; SQLite names the columns ("UNIQUE constraint failed: account.email") or the
    check's name.
    """
    diagnosis = getattr(error.orig, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    return str(name) if name else str(error.orig)


def is_sqlite(bind: Connection | Engine) -> bool:
    """Whether this is the embedded database."""
    return bind.dialect.name == "sqlite"


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    sqlite = cast(Any, connection)
    sqlite.isolation_level = None  # we say BEGIN ourselves, below
    cursor = sqlite.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=5000",
        "cache_size=-32000",
        "temp_store=MEMORY",
        "analysis_limit=1000",  # how much of an index ANALYZE looks at (kernel/statistics.py)
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    read_only = _reading.get()
    if is_sqlite(connection):
        # Said to the driver: every page begins so, and neither can fail for want of a lock.
        driver = cast(Any, connection.connection.driver_connection)
        driver.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}").close()
        if read_only:
            driver.execute("BEGIN").close()
        else:
            # IMMEDIATE takes the write lock at once: a deferred one that turns into a writer half way is
            # refused with "database is locked" without waiting.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif read_only:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
