"""Bad input: each file gets a clear message, and nothing of it is saved."""

import io
import zipfile

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.audit.models import AuditEvent
from recovery_college.courses.imports import KINDS
from recovery_college.courses.models import Attendance, Cohort, CourseSession, Enrolment, Qualification
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from tests.courses.files import (
    BY_NAME,
    a_small_college,
    bring,
    brought,
    cohort,
    counts,
    criterion,
    csv_of,
    mark,
    place,
    planned,
    refused,
    student,
)
from tests.factories.people import CONSOLE

NHS_NUMBERS = ("9434765919", "943 476 5919", "943-476-5919", "4010232137")
GOOD = {
    "qualification": criterion(version="2"),
    "cohorts": cohort("C2"),
    "sessions": planned("2026-09-21"),
    "students": student("S3"),
    "enrolments": place("S1", status="paused"),
    "attendance": mark("S1", "2026-09-14"),
}


def everything() -> list[int]:
    """How many rows there are of all that an import could write."""
    models = (Qualification, Cohort, CourseSession, Person, Enrolment, Attendance, AuditEvent)
    return [session().scalar(select(func.count()).select_from(model)) or 0 for model in models]


@pytest.fixture
def college(app: Flask) -> None:
    a_small_college()


def file(kind: str, content: bytes) -> Report:
    return run_import(BY_NAME[kind], CONSOLE, content, f"{kind}.csv")


def a_zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<workbook/>")
        bomb.writestr("[Content_Types].xml", b"<Types/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    return out.getvalue()


NO_TABLES = {
    "empty": b"",
    "blank": b" \n\n ",
    "binary": bytes(range(256)) * 40,
    "old-code": "student_ref,given_name,family_name\nS3,Zoë,Ames\n".encode("cp1252"),
    "utf-16": "student_ref,given_name\nS3,A\n".encode("utf-16"),
    "pdf": b"%PDF-1.7 not a table",
    "xml": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    "html": b"<html><table></table></html>",
    "broken-zip": b"PK\x03\x04 broken",
    "open-quote": b'student_ref,given_name\nS3,"open\n',
    "wide": b"a," * 5_000 + b"b\n",
    "same-column-twice": b"student_ref,student_ref\nS3,S4\n",
}


@pytest.mark.parametrize("kind", list(GOOD))
@pytest.mark.parametrize("name", list(NO_TABLES))
def test_what_is_no_table_is_refused_in_words(app: Flask, kind: str, name: str) -> None:
    before = everything()
    report = file(kind, NO_TABLES[name])
    assert (report.ok, counts(report), len(report.refused)) == (False, (0, 0, 0), 1)
    assert len(report.refused[0].reason) > 20
    assert everything() == before


def test_a_zip_that_swells_is_refused(app: Flask) -> None:
    assert not file("students", a_zip_bomb()).ok


def test_a_file_that_is_too_big_is_refused(app: Flask) -> None:
    report = file("students", b"student_ref,given_name,family_name\n" + b"S1,A,B\n" * 3_000_000)
    assert "too big" in report.refused[0].reason


def test_a_file_of_too_many_rows_is_refused(app: Flask) -> None:
    report = file("students", b"student_ref,given_name,family_name\n" + b"S,A,B\n" * 200_001)
    assert "more than 200,000 rows" in report.refused[0].reason


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_another_kinds_columns_are_refused_at_the_header(app: Flask, kind: str) -> None:
    report = file(kind, b"reference,salary\nB3-1234,none\n")
    needed = {column.name for column in BY_NAME[kind].columns if column.required}
    assert {one.column for one in report.refused} == needed
    assert {one.line for one in report.refused} == {1}
    assert any("not known" in warning for warning in report.warnings)


@pytest.mark.parametrize("kind", list(GOOD))
def test_half_a_good_file_saves_nothing(college: None, kind: str) -> None:
    before = everything()
    required = next(column.name for column in BY_NAME[kind].columns if column.required)
    report = bring(kind, GOOD[kind], GOOD[kind] | {required: ""})
    assert refused(report) == [(3, required)]
    assert everything() == before


@pytest.mark.parametrize("kind", [name for name in GOOD if name != "qualification"])
def test_good_rows_come_in_alone_when_asked(college: None, kind: str) -> None:
    required = next(column.name for column in BY_NAME[kind].columns if column.required)
    report = bring(kind, GOOD[kind], GOOD[kind] | {required: ""}, accept_good_rows=True)
    assert (report.ok, report.created + report.updated) == (False, 1)


@pytest.mark.parametrize(
    ("kind", "column", "other"),
    [
        ("cohorts", "title", "Another"),
        ("sessions", "ends", "16:00"),
        ("students", "given_name", "Another"),
        ("enrolments", "status", "withdrawn"),
        ("attendance", "mark", "absent"),
    ],
)
def test_the_same_key_with_other_content_is_refused(
    college: None, kind: str, column: str, other: str
) -> None:
    before = everything()
    report = bring(kind, GOOD[kind], GOOD[kind] | {column: other})
    assert [line for line, _ in refused(report)] == [2, 3]
    assert everything() == before


def test_the_same_row_twice_counts_once(college: None) -> None:
    report = brought("students", student("S3"), student("S3"))
    assert report.created == 1
    assert report.warnings == ("Line 3 is the same as line 2 and counts once",)


# ---- cells -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", ["31/02/2026", "2026-02-31", "2026-13-01", "1-2-26", "27 March", "0026-01-01", "46000"]
)
def test_a_day_that_is_none_is_refused(college: None, day: str) -> None:
    report = bring("attendance", mark(day=day))
    assert [(one.column, one.value) for one in report.refused] == [("session_on", day)]


@pytest.mark.parametrize("number", NHS_NUMBERS)
def test_an_nhs_number_is_refused_and_never_repeated(app: Flask, number: str) -> None:
    """A4, D1."""
    report = bring("students", student(uln=number))
    assert refused(report) == [(2, "uln")]
    assert "does not hold NHS numbers" in report.refused[0].reason
    assert number not in str(report.as_json())
    assert number.replace(" ", "").replace("-", "") not in str(report.as_json())


@pytest.mark.parametrize("number", ["1234567890", "0276308686", "927630868", "ABCDEFGHIJ", "92763086861"])
def test_a_wrong_learner_number_is_refused(app: Flask, number: str) -> None:
    report = bring("students", student(uln=number))
    assert [(one.column, one.value) for one in report.refused] == [("uln", number)]


def test_a_reference_that_may_be_an_nhs_number_is_told(app: Flask) -> None:
    report = brought("students", student(NHS_NUMBERS[0]))
    assert "could be an NHS number" in report.warnings[0]
    assert NHS_NUMBERS[0] not in report.warnings[0]


NAMES = [
    "O'Connor", "D’Arcy", "Siân Llŷr", "Łukasz Żółć-Święty", "Nguyễn", "شيماء", "יעל", "Jose\u0301", "van den Berg",
    "X" * 200, "=HYPERLINK(\"http://evil.example\",\"click\")", "+44", "-1", "@SUM(A1)", "<script>alert(1)</script>",
    "Robert'); DROP TABLE person;--", "{{ 7*7 }}", "null", "12",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_in_as_it_is(app: Flask, name: str) -> None:
    brought("students", student(given_name=name, family_name=name))
    person = session().scalars(select(Person).where(Person.student_ref == "S1")).one()
    assert person.given_name == person.family_name == name.replace("e\u0301", "é")
    assert counts(brought("students", student(given_name=name, family_name=name))) == (0, 0, 1)


def test_a_name_like_a_formula_is_told(app: Flask) -> None:
    report = brought("students", student(given_name=NAMES[10]))
    assert report.warnings == ("Line 2: a name begins like a spreadsheet formula. It is kept as plain text",)


@pytest.mark.parametrize("name", ["X" * 201, "a\u202eb", "a\tb", "a\nb", "\u200b"])
def test_a_name_nobody_can_print_is_refused(app: Flask, name: str) -> None:
    assert refused(bring("students", student(given_name=name))) == [(2, "given_name")]


@pytest.mark.parametrize("email", ["no", "a@b", "a b@c.de", "a@b.de;c@d.ef", "<a@b.de>"])
def test_what_is_no_address_is_refused(app: Flask, email: str) -> None:
    assert refused(bring("students", student(email=email))) == [(2, "email")]


def test_a_day_of_birth_to_come_is_refused(app: Flask) -> None:
    assert refused(bring("students", student(date_of_birth="2190-01-01"))) == [(2, "date_of_birth")]


def test_a_byte_order_mark_and_semicolons_are_fine(app: Flask) -> None:
    content = b"\xef\xbb\xbf" + csv_of([student()]).replace(b",", b";")
    assert counts(file("students", content)) == (1, 0, 0)


def test_columns_in_any_order_and_writing(app: Flask) -> None:
    assert counts(file("students", b"Family Name,Given_Name,STUDENT REF\nExample,Amina,S1\n")) == (1, 0, 0)
