"""SQLite knows what its tables hold: after an upgrade, each night, and after a large import."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from structlog.testing import capture_logs

from recovery_college.app import create_app
from recovery_college.imports.kind import run_import
from recovery_college.kernel.db import db, transaction
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings
from recovery_college.kernel.statistics import MANY, count_tables_nightly
from recovery_college.rooms import JOBS
from tests.factories.people import CONSOLE
from tests.imports.people_kind import PEOPLE, people_file


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on an SQLite of its own, newly upgraded, inside its context."""
    folder = tmp_path_factory.mktemp("counted")
    app = create_app(load_settings(data_dir=folder, secret_key="a key for tests only, long enough to pass"))
    upgrade_schema(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def counted() -> dict[str, int]:
    """How many rows SQLite thinks a table has, as another connection that is opened now reads it."""
    other = sqlite3.connect(Path(str(db.engine.url.database)))
    rows = other.execute("SELECT tbl, stat FROM sqlite_stat1").fetchall()
    other.close()
    return {table: int(stat.split()[0]) for table, stat in rows}


def about(count: int) -> object:
    """SQLite looks at some entries of an index and works out the rest."""
    return pytest.approx(count, rel=0.1)


def people(first: int, count: int) -> bytes:
    return people_file(*((f"S{n}", "Ames") for n in range(first, first + count)))


def test_an_upgrade_of_an_empty_database_says_nothing_of_tables_that_will_grow(apart: Flask) -> None:
    """Else SQLite reads all of a table that had one row then, each time, however many it has by now."""
    assert counted() == {}
    plan = db.session.execute(
        text("EXPLAIN QUERY PLAN SELECT * FROM vacancy_standing_now WHERE vacancy_id = 1")
    )
    assert not [line for *_, line in plan if line.startswith("SCAN")]
    db.session.rollback()


def test_twin_counts_of_small_tables_make_it_read_them_whole(apart: Flask) -> None:
    """The known-bad twin: ANALYZE and nothing else."""
    with transaction() as s:
        s.execute(text("ANALYZE"))
        plan = s.execute(text("EXPLAIN QUERY PLAN SELECT * FROM vacancy_standing_now WHERE vacancy_id = 1"))
        assert [line for *_, line in plan if line.startswith("SCAN")]
    count_tables_nightly()
    assert counted() == {}


def test_a_large_import_counts_at_once_and_the_night_counts_the_rest(apart: Flask) -> None:
    run_import(PEOPLE, CONSOLE, people(0, 3), "people.csv")
    assert counted().get("person", 0) == 0
    run_import(PEOPLE, CONSOLE, people(3, MANY), "people.csv")
    assert counted()["person"] == about(MANY)
    run_import(PEOPLE, CONSOLE, people(3 + MANY, MANY - 1), "people.csv")
    assert counted()["person"] == about(MANY)
    count_tables_nightly()
    assert counted()["person"] == about(2 * MANY)


def test_the_night_knows_of_it(apart: Flask) -> None:
    assert count_tables_nightly in JOBS


def test_an_import_stays_where_the_tables_cannot_be_counted(apart: Flask) -> None:
    """Somebody else holds the lock for longer than anybody waits: told in the log, and nobody meets an error."""
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:  # the one that is taken next
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(Path(str(db.engine.url.database)), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with capture_logs() as lines:
        count_tables_nightly()
    other.close()
    assert [line["event"] for line in lines] == ["tables not counted"]
