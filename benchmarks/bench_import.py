"""Bar 10: rows a second of an import, read, checked and written with its audit trail, on both databases.

A second is one of processor time, ours and the database server's together: what it takes on a machine of one's own.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psutil

from benchmarks.harness import CPU, Clock, Comparison
from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.assessment.imports import DECISIONS
from recovery_college.courses.imports import KINDS
from recovery_college.imports.kind import ImportKind, run_import
from recovery_college.kernel.db import db
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.kernel.settings import load_settings
from tests.courses.files import Row, cohort, criterion, csv_of, place, student
from tests.databases import PostgresqlDatabase
from tests.factories.people import CONSOLE, signed_in

ROUNDS, STUDENTS, A_COHORT = 3, 4_000, 16
UNITS, CRITERIA = 5, 8
ROWS_A_SECOND = 5_000
BY_NAME: dict[str, ImportKind] = {kind.name: kind for kind in (*KINDS, DECISIONS)}
DAY = date(2026, 9, 14)


def rows() -> list[Comparison]:
    """Import the same college into each database, in three parts; the best part counts."""
    found = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with (
            tempfile.TemporaryDirectory(prefix="rc-bench-import-") as folder,
            database(Path(folder)) as (url, clock),
        ):
            found += _measured(name, url, clock, Path(folder))
    return found


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[str, Clock]]:
    yield f"sqlite:///{folder / 'bench.sqlite3'}", CPU


@contextmanager
def _postgresql(folder: Path) -> Iterator[tuple[str, Clock]]:
    server = PostgresqlDatabase(folder)
    postmaster = psutil.Process(server.server.get_pid())

    def both() -> float:
        theirs = [one.cpu_times() for one in (postmaster, *postmaster.children())]
        return CPU() + sum(one.user + one.system for one in theirs)

    try:
        yield server.url, both
    finally:
        server.stop()


def _measured(name: str, url: str, clock: Clock, folder: Path) -> list[Comparison]:
    app = create_app(
        load_settings(
            data_dir=folder,
            database_url=url,
            tasks_url="",
            secret_key="a key for the benchmark only, thrown away with it",
        )
    )
    upgrade_schema(app)
    with app.app_context():
        tutor = signed_in(Role.TUTOR)
        units = [f"U{n}" for n in range(1, UNITS + 1)]
        numbers = [f"1.{n}" for n in range(1, CRITERIA + 1)]
        _timed("qualification", [criterion(unit, number) for unit in units for number in numbers])
        parts: dict[str, Callable[[int], list[Row]]] = {
            "students": lambda part: [student(f"S{part}-{n}") for n in range(STUDENTS)],
            "enrolments": lambda part: [
                place(f"S{part}-{n}", f"C{part}-{n // A_COHORT}") for n in range(STUDENTS)
            ],
            "decisions": lambda part: [
                {
                    "cohort": f"C{part}-{n // A_COHORT}", "student_ref": f"S{part}-{n}", "unit_code": unit,
                    "criterion": number, "attempt": 1, "decision": "met",
                    "decided_on": DAY + timedelta(days=14), "assessor_email": tutor.email,
                }
                for n in range(STUDENTS // CRITERIA)
                for unit in units[:1]
                for number in numbers
            ],
        }  # fmt: skip
        best = dict.fromkeys(parts, float("inf"))
        for part in range(ROUNDS):
            _timed("cohorts", [cohort(f"C{part}-{n}") for n in range(-(-STUDENTS // A_COHORT))])
            for kind, made in parts.items():
                best[kind] = min(best[kind], _timed(kind, made(part), clock))
        db.session.remove()
        db.engine.dispose()
    return [
        Comparison(
            10,
            f"import-{kind}-{name.lower()}",
            f"import of {kind}, {name}",
            1 / seconds,
            "rows a second",
            ROWS_A_SECOND,
            "at least",
            f"best of {ROUNDS} files of {STUDENTS:,} rows",
        )
        for kind, seconds in best.items()
    ]


def _timed(kind: str, some: list[Row], clock: Clock = CPU) -> float:
    """Seconds a row, from the bytes of the file to the end of its transaction."""
    content = csv_of(some)
    before = clock()
    report = run_import(BY_NAME[kind], CONSOLE, content, f"{kind}.csv")
    seconds = clock() - before
    assert report.ok, report.refused[:3]
    assert report.created == len(some), report
    return seconds / len(some)
