"""`import graduates`: who graduated before this system. No certificate, no way to sign in."""

import io

import pytest
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.graduation.exports import GRADUATE_COLUMNS, graduate_rows
from recovery_college.graduation.graduate_imports import GRADUATES
from recovery_college.graduation.models import Certificate, Graduation, GraduationSource
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.tables_out import write_table
from recovery_college.people.models import Account, Person
from recovery_college.people.services import create_user
from tests.factories.graduation import a_finished_cohort
from tests.factories.people import CONSOLE

pytestmark = pytest.mark.usefixtures("app")
HEAD = "student_ref,given_name,family_name,email,cohort,graduated_on,source\n"
ROW = "S1,Amina,Okafor,amina@fen.example,C07,2019-07-12,College register of 2019\n"


def brought(text: str | bytes, **options: object) -> Report:
    content = text if isinstance(text, bytes) else text.encode()
    return run_import(GRADUATES, CONSOLE, content, "graduates.csv", **options)  # type: ignore[arg-type]


def test_a_graduate_comes_in_once_without_account_or_certificate() -> None:
    assert brought(HEAD + ROW).created == 1
    assert brought(HEAD + ROW).unchanged == 1
    found = session().scalars(select(Graduation)).one()
    assert (found.source, found.source_note) == (GraduationSource.BEFORE, "College register of 2019")
    for model in (Account, Certificate):
        assert session().scalar(select(func.count()).select_from(model)) == 0


def test_a_graduate_who_signs_in_already_is_the_same_person() -> None:
    create_user(CONSOLE, "amina@fen.example", "Amina", Role.GRADUATE)
    assert brought(HEAD + ROW + ROW.replace("C07", "C09")).created == 2
    person = session().scalars(select(Person)).one()
    assert (person.student_ref, person.family_name) == ("S1", "Okafor")
    assert brought(HEAD + ROW).unchanged == 1


def test_details_can_be_corrected_and_two_graduations_are_one_person() -> None:
    brought(HEAD + ROW)
    report = brought(
        HEAD + ROW.replace("Amina", "Aminah") + ROW.replace("C07", "C09").replace("Amina", "Aminah")
    )
    assert (report.created, report.updated) == (1, 1)
    session().expire_all()
    assert session().scalars(select(Person)).one().given_name == "Aminah"


def test_export_and_import_again_gives_the_same() -> None:
    a_finished_cohort(ready=1, names=("Greta Example", "Noor Example"))
    brought(HEAD + ROW + "S2,Bea,Cole,,,2018-01-05,\n")
    content = write_table("csv", GRADUATE_COLUMNS, list(graduate_rows(CONSOLE)))
    again = brought(content)
    assert (again.ok, again.created, again.updated) == (True, 0, 0)
    assert io.BytesIO(content).read() == write_table("csv", GRADUATE_COLUMNS, list(graduate_rows(CONSOLE)))


def test_graduates_of_one_day_leave_by_reference_however_they_came() -> None:
    brought(HEAD + "".join(ROW.replace("S1,", f"S{n},").replace("amina", f"a{n}") for n in (3, 1, 2)))
    assert [one[0] for one in graduate_rows(CONSOLE)] == ["S1", "S2", "S3"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("S1", "", "student_ref"),
        ("Amina", "", "given_name"),
        ("amina@fen.example", "amina", "email"),
        ("2019-07-12", "12.7.2019", "graduated_on"),
        ("2019-07-12", "2199-07-12", "graduated_on"),
    ],
)
def test_a_row_is_refused_with_its_line_and_column(old: str, new: str, column: str) -> None:
    report = brought(HEAD + ROW.replace(old, new, 1))
    assert [(one.line, one.column) for one in report.refused] == [(2, column)]
    assert session().scalar(select(func.count()).select_from(Person)) == 0


def test_a_students_own_details_are_not_overwritten() -> None:
    finished = a_finished_cohort(ready=1, names=("Greta Example", "Noor Example"))
    with transaction() as s:
        person = s.get_one(Person, finished.ready[0].person_id)
        person.student_ref = "S77"
    row = f"{person.student_ref},Somebody,Else,,OLD-1,2015-02-03,\n"
    report = brought(HEAD + row)
    assert report.created == 1
    assert any("student here" in one for one in report.warnings)
    session().expire_all()
    assert session().get_one(Person, person.id).given_name == "Greta"
