"""What the editor can say travels by file and comes back as it was; what does not travel is said in ADR 7."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from recovery_college.courses.exports import EXPORTS
from recovery_college.courses.models import Cohort, Qualification, Unit, WordingCorrection
from recovery_college.courses.rules import AccreditationKind
from recovery_college.courses.specification_parts import FACTS_OF_QUALIFICATION, Kind
from recovery_college.courses.specification_rows import facts_of
from recovery_college.courses.specification_services import add_part, add_qualification, move_part
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.courses.version_services import copy_version, supersede_version
from recovery_college.imports.kind import run_export, run_import
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.tables_out import Format
from tests.courses.files import BY_NAME, TITLE, bring, brought, cohort, counts, criterion, place, student
from tests.courses.test_specification_services import FACTS, group_of, unit_facts
from tests.databases import Database
from tests.factories.courses import a_cohort, an_enrolment, criteria_of, units_of
from tests.factories.people import CONSOLE


def a_whole_one() -> UUID:
    """A version with everything the editor can say, groups and parts moved about."""
    version = add_qualification(
        CONSOLE,
        {
            **FACTS, "accreditation": AccreditationKind.REGULATED, "number": "601/4292/3", "resubmissions": 2,
            "min_credit_at_level": 4, "at_level": 4,
        },
    )  # fmt: skip
    core = group_of(version)
    options = add_part(
        CONSOLE,
        version,
        Kind.GROUP,
        {"name": "=Opcje", "is_mandatory": False, "min_units": 1, "min_credit": 2},
    )
    for group, code in ((core, "A1"), (options, "B1"), (options, "B2")):
        facts = unit_facts(group, code, credit=4, glh=None if code == "A1" else 0, reference="J/601/3538")
        unit = add_part(CONSOLE, version, Kind.UNIT, facts)
        for number in ("1", "2"):
            outcome = add_part(
                CONSOLE, version, Kind.OUTCOME, {"number": number, "text": "dealltwriaeth ŵ"}, unit
            )
            for last in ("1", "2"):
                text = "=HYPERLINK(1)\nżółć" if last == "1" else "x" * 4_000
                said = {"number": f"{number}.{last}", "text": text}
                moved = add_part(CONSOLE, version, Kind.CRITERION, said, outcome)
            move_part(CONSOLE, version, Kind.CRITERION, moved, True, 1)
    move_part(CONSOLE, version, Kind.GROUP, options, True, 1)
    return version


def whole(version: UUID) -> tuple[Any, ...]:
    row = session().get_one(Qualification, version)
    return facts_of(row, FACTS_OF_QUALIFICATION), syllabus_of(version).specification


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_all_that_the_editor_says_travels(app: Flask, database: Database, form: Format) -> None:
    before = whole(a_whole_one())
    content = run_export(EXPORTS["qualification"], CONSOLE, form, None)
    if form != "json":
        report = run_import(BY_NAME["qualification"], CONSOLE, content, f"q.{form}")
        assert (report.ok, counts(report)) == (True, (0, 0, 12)), report
        db.session.remove()
        db.engine.dispose()
        database.refresh()
        assert run_import(BY_NAME["qualification"], CONSOLE, content, f"q.{form}").ok
        assert whole(session().scalars(select(Qualification.id)).one()) == before
        assert run_export(EXPORTS["qualification"], CONSOLE, form, None) == content
    else:
        assert b'"qualification_number": "601/4292/3"' in content.replace(b'":"', b'": "')


def test_a_file_without_the_newer_columns_leaves_them_alone(app: Flask) -> None:
    brought("qualification", criterion(accreditation="not accredited", unit_reference="J/601/3538"))
    report = bring("qualification", criterion())
    assert (report.ok, counts(report)) == (True, (0, 0, 1))
    row = session().scalars(select(Qualification)).one()
    assert row.accreditation is AccreditationKind.NOT_ACCREDITED
    report = bring("qualification", criterion(qualification_number="601/4292/4", unit_reference="X/601/3538"))
    assert report.ok  # A4: warned, never refused
    assert sum("usually" in warning for warning in report.warnings) == 2
    assert session().scalars(select(Unit.reference)).one() == "X/601/3538"


def test_a_level_without_its_credit_is_refused(app: Flask) -> None:
    report = bring("qualification", criterion(at_level=4))
    assert [(one.column, one.line) for one in report.refused] == [("at_level", 2)]


def test_with_students_a_file_corrects_wording_and_what_stood_there_is_kept(app: Flask) -> None:
    brought("qualification", criterion(), criterion(number="1.2"))
    row = session().scalars(select(Qualification)).one()
    an_enrolment(a_cohort(row))
    report = bring(
        "qualification",
        criterion(criterion_text="Better words", qualification_number="601/4292/3"), criterion(number="1.2"),
    )  # fmt: skip
    assert (report.ok, counts(report)) == (True, (0, 2, 0))
    kept = {(one.place, one.before, one.after) for one in session().scalars(select(WordingCorrection))}
    assert kept == {
        ("Unit U1, criterion 1.1", "Explain 1.1", "Better words"),
        ("Qualification number", "", "601/4292/3"),
    }
    for column, value in (("accreditation", "regulated"), ("resubmissions", 3), ("at_level", 4)):
        report = bring("qualification", criterion(**{column: value}), criterion(number="1.2"))
        assert [one.column for one in report.refused] == [column]


def test_a_superseded_version_takes_no_cohort_by_file(app: Flask) -> None:
    brought("qualification", criterion(), criterion(number="1.2"))
    brought("cohorts", cohort("OLD"))
    old = session().scalars(select(Qualification)).one()
    supersede_version(CONSOLE, old.id, copy_version(CONSOLE, old.id, "2"))
    report = bring("cohorts", cohort("OLD"), cohort("NEW"))
    assert [(one.line, one.column) for one in report.refused] == [(3, "version")]
    assert "superseded by version 2" in report.refused[0].reason
    assert brought("cohorts", cohort("OLD", capacity=3)).ok  # the old cohort stays and may change
    report = bring("qualification", criterion(credit=9), criterion(number="1.2", credit=9))
    assert "This version is superseded" in report.refused[0].reason
    assert brought("cohorts", cohort("NEW", version="2")).ok


def test_a_version_with_something_missing_takes_nobody(app: Flask) -> None:
    version = add_qualification(CONSOLE, {**FACTS, "title": TITLE})
    report = bring("cohorts", cohort())
    assert "not ready for a cohort yet. The specification has no units" in report.refused[0].reason
    add_part(CONSOLE, version, Kind.UNIT, unit_facts(group_of(version)))
    ready = copy_of_ready()
    made = a_cohort(ready, ref="C1")
    with transaction() as s:
        s.execute(update(Cohort).where(Cohort.id == made.id).values(qualification_id=version))
    brought("students", student())
    report = bring("enrolments", place())
    assert "not ready" in report.refused[0].reason


def copy_of_ready() -> Qualification:
    brought("qualification", criterion(version="9"))
    found = session().scalars(select(Qualification).where(Qualification.version == "9")).one()
    assert criteria_of(units_of(found)[0])
    return found
