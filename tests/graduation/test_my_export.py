"""/my-progress/<name>.<form>: one's own to take away, and nothing more than the page shows."""

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import Attendance
from recovery_college.courses.rules import Mark
from recovery_college.graduation.exports import OWN_EXPORTS
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.tables import read_table
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess
from tests.page_client import PageClient


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    found = a_marked_cohort(2)
    assess(found, feedback="You wrote with care.")
    assess(found, student=1, feedback="Of somebody else")
    return found


def rows(client: PageClient, name: str) -> list[dict[str, str]]:
    return [row.values for row in read_table(client.get(f"/my-progress/{name}.csv").response.data).rows]


def test_works(client: PageClient, made: MarkedCohort) -> None:
    client.wear(signed_in(Role.STUDENT, person=made.people[0]))
    with transaction() as s:
        s.add(
            Attendance(
                enrolment_id=made.enrolments[0],
                session_on=clock.today(),
                mark=Mark.PRESENT,
                recorded_at=clock.now(),
            )
        )
    results = rows(client, "my-results")
    assert [row["unit_code"] for row in results] == ["PSW1", "PSW2"]
    said = rows(client, "my-decisions")
    assert {row["feedback"] for row in said} == {"You wrote with care."}
    assert {row["decision"] for row in said} == {Outcome.MET.value}
    assert [row["mark"] for row in rows(client, "my-attendance")] == ["present"]
    for name in OWN_EXPORTS:
        assert f"/my-progress/{name}.xlsx" in client.get("/my-progress").links
        assert client.get(f"/my-progress/{name}.xlsx").response.data.startswith(b"PK")


def test_who_is_on_no_course_gets_the_header(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.GRADUATE))
    for name, kind in OWN_EXPORTS.items():
        assert (
            client.get(f"/my-progress/{name}.csv").response.data.decode() == ",".join(kind.columns) + "\r\n"
        )


def test_unknown_is_not_found(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.STUDENT))
    for path in ("students.csv", "my-results.pdf", "decisions.csv"):
        assert client.get(f"/my-progress/{path}").status == 404


def test_other_role_refused(client: PageClient, app: Flask) -> None:
    assert client.wear(signed_in(Role.TUTOR)).get("/my-progress/my-results.csv").status == 404


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get("/my-progress/my-results.csv").status == 303
