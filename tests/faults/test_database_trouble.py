"""F5, F7, F8: the database is full, locked, or can only be read. 503 with a time to come back, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import InternalError, OperationalError

from recovery_college.kernel.db import db, is_sqlite
from tests.faults.knocking import changed, do, everything, rule_of
from tests.house.test_access_matrix import plausible
from tests.house.world import World

Trouble = Callable[[World], AbstractContextManager[None]]
TYPED = "You named three of your own strengths, one after another. " * 60


def faults_of(world: World) -> list[str]:
    """What is wrong with the answer to a decision sent now, and with what it left behind."""
    _, answer = do(world, "assessment.decision_record", "tutor", feedback=TYPED)
    page = answer.get_data(as_text=True)
    found = []
    if answer.status_code != 503:
        found.append(f"status {answer.status_code}, not 503")
    if int(answer.headers.get("Retry-After", 0)) <= 0:
        found.append("no Retry-After")
    if TYPED.strip() not in page:
        found.append("what was typed is gone")
    if "Traceback" in page or "sqlite" in page.lower() or "psycopg" in page.lower():
        found.append("a trace is shown")
    return found


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another process holds the write lock and does not let go."""
    with world.app.app_context():
        engine = db.engine
    with engine.connect() as other:
        other.execute(text("SELECT 1" if is_sqlite(engine) else "LOCK TABLE audit_head IN EXCLUSIVE MODE"))
        yield  # on SQLite a transaction takes the one write lock at once
        other.rollback()


@contextmanager
def read_only(world: World) -> Iterator[None]:
    """The database takes no writes, whoever asks."""

    def deny(connection: Connection) -> None:
        statement = "PRAGMA query_only=ON" if is_sqlite(connection) else "SET TRANSACTION READ ONLY"
        connection.exec_driver_sql(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "begin", deny)
    try:
        yield
    finally:
        event.remove(engine, "begin", deny)
        engine.dispose()


@contextmanager
def full(world: World) -> Iterator[None]:
    """No page more can be had: SQLite is filled to its brim; PostgreSQL says what it says of a full disk."""
    with world.app.app_context():
        engine = db.engine
    if is_sqlite(engine):
        with engine.begin() as other:
            other.execute(text("CREATE TABLE filler (content BLOB)"))
    engine.dispose()
    kind = "connect" if is_sqlite(engine) else "do_execute"
    listener = _no_page_more if is_sqlite(engine) else _no_room
    event.listen(engine, kind, listener)
    try:
        if is_sqlite(engine):
            with suppress(OperationalError), engine.connect() as other:
                while True:
                    other.execute(text("INSERT INTO filler VALUES (zeroblob(200))"))
                    other.commit()
        yield
    finally:
        event.remove(engine, kind, listener)
        engine.dispose()


def _no_page_more(connection: Any, record: object) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")


def _no_room(cursor: object, statement: str, *rest: object) -> None:
    if statement.startswith(("INSERT", "UPDATE")):
        raise psycopg.errors.DiskFull("could not extend file: No space left on device")


@pytest.mark.parametrize("trouble", [locked, read_only, full])
def test_trouble_is_told_and_nothing_is_lost(world: World, trouble: Trouble) -> None:
    warm_up(world)
    before = everything(world)
    with trouble(world):
        assert faults_of(world) == []
    assert changed(before, everything(world)) == set()
    _, answer = do(world, "assessment.decision_record", "tutor", feedback=TYPED)  # and afterwards it works
    assert answer.status_code == 303
    assert "decision" in changed(before, everything(world))


def test_pages_are_still_read_while_nothing_can_be_written(world: World) -> None:
    path = f"/cohorts/{world.mine.values['cohort_id']}/marking"
    with read_only(world):
        assert world.client("tutor").get(path).status_code == 200
        assert world.client("tutor").get("/health/ready").status_code == 200


def test_an_answer_that_hides_the_trouble_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: the trouble is answered like any bug, without what was typed."""
    warm_up(world)
    for kind in (OperationalError, InternalError):
        monkeypatch.setitem(handlers(world), kind, lambda error: ("Something went wrong", 500))
    with read_only(world):
        assert faults_of(world) == ["status 500, not 503", "no Retry-After", "what was typed is gone"]


def handlers(world: World) -> dict[type[Exception], object]:
    """The app's answers to exceptions."""
    found: dict[type[Exception], object] = world.app.error_handler_spec[None][None]  # type: ignore[assignment]
    return found


def warm_up(world: World) -> None:
    """Find out what the form holds while the database is well."""
    plausible(world, rule_of(world, "assessment.decision_record"))
    world.refresh()
