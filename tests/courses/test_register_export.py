"""/cohorts/<id>/register.<form>: the register of an assigned cohort, to take away."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort
from recovery_college.courses.rules import Mark
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tables import read_table
from tests.factories.courses import a_cohort, a_mark, a_session, a_student, a_tutor_of, an_enrolment
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.fixture
def cohort(app: Flask) -> Cohort:
    made = a_cohort()
    today = clock.today()
    one = an_enrolment(made, a_student("=SUM(1)", "Abbot", student_ref="S1"))
    an_enrolment(made, a_student("Ben", "Baker", student_ref="S2"))
    for weeks in (2, 1):
        a_session(made, today - timedelta(weeks=weeks))
    a_session(made, today + timedelta(weeks=1))
    a_mark(one, today - timedelta(weeks=1), Mark.LATE)
    return made


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_works(client: PageClient, cohort: Cohort, form: str) -> None:
    client.wear(a_tutor_of(cohort))
    assert f"/cohorts/{cohort.id}/register.{form}" in client.get(f"/cohorts/{cohort.id}/students").links
    content = client.get(f"/cohorts/{cohort.id}/register.{form}").response.data
    first, second = (row.values for row in read_table(content, f"register.{form}").rows)
    day = (clock.today() - timedelta(weeks=1)).isoformat()
    assert (first["name"], first[day], first["attended"], first["planned"]) == (
        "=SUM(1) Abbot", "late", "1", "3",
    )  # fmt: skip
    assert (second["student_ref"], second[day], second["attended"]) == ("S2", "", "0")
    assert first["attendance_whole_course"] == "33.3"


def test_each_taking_is_on_record(client: PageClient, cohort: Cohort) -> None:
    client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/register.csv")
    found = session().scalars(select(AuditEvent).where(AuditEvent.action == "exported register")).one()
    assert found.subject_id == str(cohort.id)


def test_other_cohort_not_found(client: PageClient, cohort: Cohort) -> None:
    client.wear(a_tutor_of(a_cohort()))
    assert client.get(f"/cohorts/{cohort.id}/register.csv").status == 404
    assert client.get(f"/cohorts/{uuid4()}/register.csv").status == 404
    client.wear(a_tutor_of(cohort))
    assert client.get(f"/cohorts/{cohort.id}/register.pdf").status == 404


@pytest.mark.parametrize(("role", "status"), [(Role.IQA, 403), (Role.HR, 404), (Role.AUDITOR, 404)])
def test_other_role_refused(client: PageClient, cohort: Cohort, role: Role, status: int) -> None:
    assert client.wear(signed_in(role)).get(f"/cohorts/{cohort.id}/register.csv").status == status


def test_needs_sign_in(client: PageClient, cohort: Cohort) -> None:
    assert client.get(f"/cohorts/{cohort.id}/register.csv").status == 303
