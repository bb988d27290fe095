"""/reports/training: numbers by cohort; exact for who may see the people, small ones hidden for HR."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_rules import Reply
from recovery_college.graduation import services
from recovery_college.kernel import clock
from recovery_college.kernel.tables import read_table
from recovery_college.reporting.queries import COLUMNS, training_of
from recovery_college.reporting.rules import hidden_with, suppressed
from tests.factories.claims import a_claim, a_reply, a_verified_cohort, line_of, signers_of
from tests.factories.courses import a_cohort, a_mark, a_tutor_of, an_enrolment
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient
from tests.statements import statements

PAGE = "/reports/training"


@pytest.fixture
def finished(app: Flask) -> Finished:
    made = a_finished_cohort(ready=2)
    services.issue_for_cohort(CONSOLE, made.cohort)
    return made


@pytest.fixture
def large(app: Flask) -> None:
    cohort = a_cohort(ref="LARGE")
    for number in range(23):
        place = an_enrolment(cohort)
        for week in (1, 2):
            if number < 20:
                a_mark(place, clock.today() - timedelta(weeks=week))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.IQA])
def test_works(client: PageClient, finished: Finished, role: Role) -> None:
    page = client.wear(signed_in(role)).get(PAGE)
    assert "Places taken: 3. Units quality assured: 4. Graduated: 2. Certificates: 2." in page.words
    assert "100%" in page.words
    assert f"/cohorts/{finished.cohort.id}/quality" in page.links


def test_an_auditor_gets_on_from_here_without_attendance(client: PageClient, finished: Finished) -> None:
    page = client.wear(signed_in(Role.AUDITOR)).get(PAGE)
    assert "Attendance" not in page.words
    assert f"/certificates?cohort={finished.cohort.ref}" in page.links
    for link in {link for link in page.links if link.startswith("/")}:
        assert client.get(link).status < 400, link


def test_hr_gets_no_small_number_and_no_way_to_people(
    client: PageClient, finished: Finished, large: None
) -> None:
    client.wear(signed_in(Role.HR))
    page = client.get(PAGE)
    assert "Places taken: 26." in page.words  # two hidden numbers, so the total tells neither
    assert "Graduated: *." in page.words
    assert not [link for link in page.links if link.startswith("/cohorts")]
    rows = {
        row.values["cohort"]: row.values for row in read_table(client.get(f"{PAGE}.csv").response.data).rows
    }
    assert (rows["LARGE"]["places_taken"], rows[finished.cohort.ref]["places_taken"]) == ("*", "*")
    assert rows["LARGE"]["certificates"] == "0"
    assert rows[finished.cohort.ref]["attendance_of_sessions_marked"] == "*"


def test_hr_gets_rounded_numbers_of_large_cohorts(client: PageClient, large: None) -> None:
    client.wear(signed_in(Role.HR))
    row = read_table(client.get(f"{PAGE}.xlsx").response.data, "x.xlsx").rows[0].values
    assert (row["places_taken"], row["attendance_of_sessions_marked"]) == ("25", "100")


def test_a_tutor_counts_their_own(client: PageClient, finished: Finished, large: None) -> None:
    page = client.wear(a_tutor_of(finished.cohort)).get(PAGE)
    assert "LARGE" not in page.words
    assert "Places taken: 3." in page.words


def test_the_queries_do_not_grow(client: PageClient, finished: Finished) -> None:
    admin = signed_in(Role.ADMIN)
    with statements("SELECT") as few:
        training_of(admin)
    for _ in range(3):
        a_finished_cohort(ready=1)
    with statements("SELECT") as many:
        training_of(admin)
    assert len(many) <= len(few)


def test_nothing_yet(client: PageClient, app: Flask) -> None:
    assert "No cohorts yet" in client.wear(signed_in(Role.HR)).get(PAGE).words


@pytest.mark.parametrize("role", [Role.STUDENT, Role.MANAGER, Role.EQA, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    client.wear(signed_in(role))
    assert client.get(PAGE).status == 403
    assert client.get(f"{PAGE}.csv").status == 404


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PAGE).status == 303


def test_claims_and_credit_are_counted_and_hidden_where_they_are_few(client: PageClient, app: Flask) -> None:
    made = a_verified_cohort(3)
    signers = signers_of(made)
    a_claim(made, signers, [(2, 0)])  # still open: not claimed yet
    sent = a_claim(made, signers, [(0, 0), (0, 1), (1, 0)], stage="locked")
    a_reply(line_of(sent, made, 0, 0), Reply.QUERIED)
    for student, unit in ((0, 0), (1, 0)):
        a_reply(line_of(sent, made, student, unit), Reply.AWARDED)
    admin, hr = training_of(signed_in(Role.ADMIN)), training_of(signed_in(Role.HR))
    assert admin.totals[COLUMNS.index("Units claimed") :] == (3, 2, 6)
    assert hr.totals[COLUMNS.index("Units claimed") :] == (None, None, None)
    assert hr.lines[0].counts[COLUMNS.index("Units claimed") :] == (None, None, None)
    client.wear(signed_in(Role.HR))
    row = read_table(client.get(f"{PAGE}.csv").response.data).rows[0].values
    assert (row["units_claimed"], row["units_awarded"], row["credit_awarded"]) == ("*", "*", "*")
    assert "Credit awarded" in client.get(PAGE).words


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=6))
def test_credit_never_tells_a_number_of_units_that_is_hidden(cohorts: list[tuple[int, int]]) -> None:
    units = [number for number, _ in cohorts]
    shown = suppressed(units)
    credit = hidden_with([number * worth for number, worth in cohorts], shown)
    for mine, theirs in zip(credit, shown, strict=True):
        assert theirs is not None or mine is None
        assert mine is None or mine % 5 == 0
