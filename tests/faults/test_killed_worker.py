"""F2, F17, F28: a batch killed between two steps, a paper that breaks the library, a migration killed half way."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url, select
from sqlalchemy.exc import DBAPIError

from recovery_college.app import create_app
from recovery_college.audit.services import verify_chain
from recovery_college.courses.models import Cohort
from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate
from recovery_college.graduation.tasks import take_up_certificates
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session
from recovery_college.kernel.pdf import PdfMaker
from recovery_college.kernel.schema import schema_revisions, upgrade_schema
from recovery_college.kernel.settings import Settings, load_settings
from tests.databases import Database, PostgresqlDatabase
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE
from tests.house.source import ROOT
from tests.house.test_migrations import drift


def killed(url: str, folder: Path, *what: str) -> None:
    """Have a process work on it until it kills itself."""
    command = [sys.executable, "-m", "tests.faults.dying_worker", url, str(folder), *what]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def numbers() -> list[int]:
    """The numbers of the certificates there are."""
    db.session.remove()
    return list(session().scalars(select(Certificate.number).order_by(Certificate.number)))


def gone_on(settings: Settings, moment: str) -> list[list[int]]:
    """The certificates after a batch of three was killed at the second, and after the sweep."""
    finished = a_finished_cohort(ready=3)
    batch = services.start_batch(CONSOLE, finished.cohort)
    db.session.remove()
    db.engine.dispose()
    killed(settings.database, settings.data_dir, "certificates", str(batch.id), moment)
    there = [numbers()]
    with clock.held_at(clock.now() + timedelta(minutes=3)):
        take_up_certificates()
    return [*there, numbers()]


def test_f2_a_batch_killed_at_the_second_goes_on_without_a_gap(app: Flask, settings: Settings) -> None:
    assert gone_on(settings, "between") == [[1], [1, 2, 3]]
    assert verify_chain(session()).problem is None


@pytest.mark.trust
def test_f2_twin_a_number_taken_apart_is_lost(app: Flask, settings: Settings) -> None:
    """The known-bad twin: the number is committed before its paper."""
    assert gone_on(settings, "apart") == [[1], [1, 3, 4]]


@pytest.fixture
def broken_at_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint breaks off at the second paper, in a way nobody foresaw."""
    drawn: list[str] = []
    whole = PdfMaker._save

    def breaks(self: PdfMaker, copy: Any, document: Any) -> bytes:
        drawn.append(document.title)
        if len(drawn) == 2:
            raise RecursionError("maximum recursion depth exceeded")
        return whole(self, copy, document)

    monkeypatch.setattr(PdfMaker, "_save", breaks)


@pytest.mark.usefixtures("broken_at_the_second")
def test_f17_a_paper_that_breaks_the_library_is_told_and_the_others_are_made(app: Flask) -> None:
    report = services.issue_for_cohort(CONSOLE, a_finished_cohort(ready=3).cohort)
    assert [one.number for one in report.issued] == [1, 2]
    ((_, why),) = report.refused
    assert why == "The certificate could not be drawn: The PDF library broke off (RecursionError)."
    assert (
        len(services.issue_for_cohort(CONSOLE, cohort_of(report)).issued) == 1
    )  # and at the next try it is made
    assert numbers() == [1, 2, 3]


def cohort_of(report: services.IssueReport) -> Any:
    """The cohort of a report."""
    return session().get_one(Cohort, report.refused[0][0].place.cohort_id)


@pytest.mark.usefixtures("broken_at_the_second")
def test_f17_twin_its_error_let_through_would_stop_the_batch(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the library's own errors are not looked for."""
    monkeypatch.setattr("recovery_college.kernel.pdf._nothing_overlooked", nullcontext)
    finished: Finished = a_finished_cohort(ready=3)
    with pytest.raises(RecursionError):
        services.issue_for_cohort(CONSOLE, finished.cohort)
    assert numbers() == [1]


@pytest.fixture
def empty(one_app: Flask, database: Database, tmp_path: Path) -> Iterator[str]:
    """A database of its own with nothing in it."""
    if not isinstance(database, PostgresqlDatabase):
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    plain = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain.replace("/rc_test", "/postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE rc_empty")
        yield database.url.replace("/rc_test", "/rc_empty")
        connection.execute("DROP DATABASE rc_empty WITH (FORCE)")


def upgraded(url: str, folder: Path) -> list[object]:
    """Upgrade what is there, and what then differs from the models."""
    app = create_app(
        load_settings(
            database_url=url, data_dir=folder, secret_key="a key for tests only, long enough to pass"
        )
    )
    upgrade_schema(app)
    at, newest = schema_revisions(app)
    assert at == newest
    with app.app_context():
        found = drift(db.engine)
        db.engine.dispose()
    return found


@pytest.mark.parametrize("statements", [9, pytest.param(150, marks=pytest.mark.trust)])
def test_f28_a_migration_killed_half_way_is_taken_up_again(
    empty: str, tmp_path: Path, statements: int
) -> None:
    killed(empty, tmp_path, "migration", str(statements))
    assert upgraded(empty, tmp_path) == []


@pytest.mark.trust
def test_f28_twin_statements_committed_one_by_one_cannot_be_taken_up(empty: str, tmp_path: Path) -> None:
    """The known-bad twin: half of a migration is there, and the next upgrade meets it."""
    killed(empty, tmp_path, "migration", "9", "careless")
    with pytest.raises(DBAPIError, match="already exists"):
        upgraded(empty, tmp_path)
