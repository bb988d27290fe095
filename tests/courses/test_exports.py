"""What goes out comes in again and changes nothing."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.courses.exports import EXPORTS
from recovery_college.courses.imports import KINDS
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.imports.kind import run_export, run_import
from recovery_college.kernel.db import db
from recovery_college.kernel.tables import read_table
from recovery_college.kernel.tables_out import Format
from recovery_college.people.rules import name_problem
from tests.courses.files import (
    BY_NAME,
    a_small_college,
    brought,
    cohort,
    counts,
    criterion,
    mark,
    place,
    planned,
    student,
)
from tests.databases import Database
from tests.factories.people import CONSOLE, a_person, an_account, signed_in

FORMS: tuple[Format, ...] = ("csv", "xlsx")


def exported(kind: str, form: Format = "csv", ref: str | None = None) -> bytes:
    return run_export(EXPORTS[kind], CONSOLE, form, ref)


def rows_of(kind: str, ref: str | None = None) -> list[dict[str, str]]:
    return [row.values for row in read_table(exported(kind, ref=ref)).rows]


@pytest.fixture
def college(app: Flask) -> None:
    an_account(a_person("Maya"), Role.TUTOR, email="maya@fenside.example")
    a_small_college()
    brought("cohorts", cohort("C2", site="Ely", tutor_emails="maya@fenside.example", min_attendance=75))
    brought(
        "students", student("S3", given_name="=HYPERLINK(1)", date_of_birth="1990-02-28", uln="9276308686")
    )
    brought("enrolments", place("S3", "C2", status="paused", units="U2"))
    brought("attendance", mark(), mark("S2", given="late"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", list(EXPORTS))
def test_goes_out_and_in_unchanged(college: None, kind: str, form: Format) -> None:
    content = exported(kind, form)
    report = run_import(BY_NAME[kind], CONSOLE, content, f"{kind}.{form}")
    rows = len(read_table(content).rows)
    assert rows > 0
    assert (report.ok, counts(report)) == (True, (0, 0, rows)), report


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_nothing_is_the_header(app: Flask, kind: str) -> None:
    header = ",".join(column.name for column in BY_NAME[kind].columns)
    assert exported(kind).decode() == f"{header}\r\n"


def test_one_cohort_alone(college: None) -> None:
    assert [row["cohort"] for row in rows_of("cohorts", "C2")] == ["C2"]
    assert [row["student_ref"] for row in rows_of("students", "C2")] == ["S3"]
    assert [row["student_ref"] for row in rows_of("enrolments", "C2")] == ["S3"]
    assert rows_of("sessions", "C2") == rows_of("attendance", "C2") == []
    assert len(rows_of("qualification", "C2")) == 3


def test_a_formula_leaves_as_text(college: None) -> None:
    assert b",'=HYPERLINK(1)," in exported("students")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
@pytest.mark.parametrize("kind", list(EXPORTS))
def test_other_roles_take_out_nothing(app: Flask, role: Role, kind: str) -> None:
    a_small_college()
    brought("attendance", mark())
    assert list(EXPORTS[kind].rows(signed_in(role), None)) == []


# ---- any college -----------------------------------------------------------------------------------------------

LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"), exclude_characters="\u202d\u202e"
)
AWKWARD = (
    "O'Brien", "'=1+1", "=HYPERLINK(1)", "Łukasz Żółć", "Llŷr", "شيماء", "-5", "007", "1e5", "e\u0301", "2026-01-01",
)  # fmt: skip


def tidy(text: str) -> str:
    return " ".join(text.split())


WORDS = st.one_of(st.text(LETTERS, min_size=1, max_size=30), st.sampled_from(AWKWARD)).filter(
    lambda text: text.isprintable() and name_problem(text) is None and tidy(text) not in ("", "'")
)
REFS = st.text("ABCabc019-_/.'=+ ", min_size=1, max_size=12).filter(tidy)
CODES = st.text("ABC12/ ", min_size=1, max_size=8).filter(tidy)
SENTENCES = st.text(st.one_of(LETTERS, st.sampled_from('\n";,')), min_size=1, max_size=60).filter(str.strip)
NUMBERS = st.lists(st.sampled_from(["1.1", "1.2", "2.1", "3.1"]), min_size=1, max_size=3, unique=True)


def several(of: st.SearchStrategy[str], most: int) -> st.SearchStrategy[list[str]]:
    """Different references, which stay different once they are read."""
    return st.lists(of, min_size=1, max_size=most, unique_by=lambda text: tidy(text).lstrip("'"))


@st.composite
def specifications(draw: st.DrawFn, units: list[str]) -> list[dict[str, Any]]:
    rows = []
    for place_of, unit in enumerate(units):
        group = draw(st.sampled_from(["mandatory", "Options", "Other"])) if place_of else "mandatory"
        glh = draw(st.sampled_from(["", 5]))
        rows += [
            criterion(unit, number, group=group, glh=glh, criterion_text=draw(SENTENCES))
            for number in draw(NUMBERS)
        ]
    return draw(st.permutations(rows))


@st.composite
def colleges(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Files of a whole college that hang together, in the order they are imported."""
    units = draw(several(CODES, 4))
    refs, people = draw(several(REFS, 3)), draw(several(REFS, 4))
    maybe = st.one_of(st.just(""), WORDS)
    day_in_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    days = draw(st.lists(day_in_2026, max_size=4, unique=True))
    places = [
        place(
            who,
            draw(st.sampled_from(refs)),
            status=draw(st.sampled_from(list(EnrolmentStatus))).value,
            enrolled_on=draw(day_in_2026),
            units=draw(st.sampled_from(["", units[0]])),
        )
        for who in people
    ]
    return {
        "qualification": draw(specifications(units)),
        "cohorts": [
            cohort(ref, title=draw(WORDS), site=draw(WORDS), capacity=draw(st.integers(0, 99)))
            for ref in refs
        ],
        "sessions": [
            planned(
                str(day),
                cohort=draw(st.sampled_from(refs)),
                starts=time(9, draw(st.integers(0, 59))),
                title=draw(maybe),
                site=draw(maybe),
            )
            for day in days
        ],
        "students": [
            student(
                ref,
                given_name=draw(WORDS),
                family_name=draw(WORDS),
                preferred_name=draw(maybe),
                date_of_birth=draw(st.one_of(st.just(""), st.dates(date(1930, 1, 1), date(2008, 1, 1)))),
            )
            for ref in people
        ],
        "enrolments": places,
        "attendance": [
            {
                "cohort": one["cohort"],
                "student_ref": one["student_ref"],
                "session_on": day,
                "mark": draw(st.sampled_from(list(Mark))).value,
            }
            for one in places
            for day in days
        ],
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(files=colleges())
def test_any_college_goes_out_and_in_unchanged(
    app: Flask, database: Database, tmp_path: Path, files: dict[str, list[dict[str, Any]]]
) -> None:
    db.session.remove()
    db.engine.dispose()
    database.refresh()
    for kind in KINDS:
        if files[kind.name]:
            brought(kind.name, *files[kind.name])
    for kind in EXPORTS:
        for form in FORMS:
            content = exported(kind, form)
            report = run_import(BY_NAME[kind], CONSOLE, content, kind)
            assert (report.created, report.updated, report.refused) == (0, 0, ()), (kind, form, report)
