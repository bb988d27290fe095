"""What can be imported goes out and comes back exactly: the demo college by files, into an empty database."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.console import ConsoleActor
from recovery_college.access.rules import Role
from recovery_college.demo.college import make_demo
from recovery_college.imports.kind import run_import
from recovery_college.kernel.db import db, session
from recovery_college.kernel.tables_out import write_table
from recovery_college.kinds import EXPORTS, IMPORTS
from recovery_college.people.models import Account, RoleGrant
from tests.databases import Database
from tests.factories.people import a_person, an_account

CONSOLE = ConsoleActor("tests")
FIRST = ("qualification", "cohorts", "sessions", "students", "enrolments", "attendance", "decisions")
KINDS = (*FIRST, *sorted(IMPORTS.keys() & EXPORTS.keys() - set(FIRST)))
"""Every kind that goes both ways, in the order a new college needs them."""


def all_out() -> dict[str, bytes]:
    """Each kind's file."""
    return {
        name: write_table("csv", EXPORTS[name].columns, list(EXPORTS[name].rows(CONSOLE, None)))
        for name in KINDS
    }


def as_imported(name: str, content: bytes) -> list[tuple[str, ...]]:
    """The rows of a file in the columns that come in; what else goes out is worked out from them."""
    wanted = {column.name for column in IMPORTS[name].columns}
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return sorted(tuple(row[one] for one in (rows.fieldnames or ()) if one in wanted) for row in rows)


@pytest.fixture
def college(one_app: Flask, database: Database) -> Iterator[Flask]:
    database.refresh()
    make_demo(one_app, "otter lantern gravel")
    with one_app.app_context():
        yield one_app
        db.session.remove()
        db.engine.dispose()


def test_every_kind_comes_back_as_it_went_out(college: Flask, database: Database) -> None:
    out = all_out()
    assert {name for name, content in out.items() if len(content.splitlines()) < 2} == set()
    tutors = set(
        session().scalars(
            select(Account.email)
            .join(RoleGrant, RoleGrant.person_id == Account.person_id)
            .where(RoleGrant.role == Role.TUTOR)
        )
    )
    db.session.remove()
    db.engine.dispose()
    database.refresh()
    for address in sorted(tutors):  # accounts are made by people, not by files
        an_account(a_person(), Role.TUTOR, email=address)
    for name in KINDS:
        report = run_import(IMPORTS[name], CONSOLE, out[name], f"{name}.csv")
        assert (name, report.refused[:3]) == (name, ())
        again = run_import(IMPORTS[name], CONSOLE, out[name], f"{name}.csv")
        assert (name, again.created, again.updated) == (name, 0, 0)
    back = all_out()
    for name in KINDS:
        assert as_imported(name, back[name]) == as_imported(name, out[name]), name


def test_a_row_that_is_lost_is_noticed(college: Flask) -> None:
    """The known-bad twin: a file short of one row is not the same."""
    whole = all_out()["students"]
    short = b"\n".join(whole.splitlines()[:-1]) + b"\n"
    assert as_imported("students", short) != as_imported("students", whole)
