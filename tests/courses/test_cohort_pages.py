"""/cohorts, /cohorts/<id>, its students and its timetable."""

from datetime import timedelta
from uuid import uuid4

import pytest

from recovery_college.access.rules import Role
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.kernel import clock
from tests.factories.courses import a_cohort, a_mark, a_session, a_site, a_student, a_tutor_of, an_enrolment
from tests.factories.people import signed_in
from tests.page_client import PageClient
from tests.statements import statements

BELOW = ("", "/students", "/timetable")
WEEK = timedelta(weeks=1)


def queries_of(client: PageClient, path: str) -> int:
    """How many statements a page asks, once everything is warm."""
    client.get(path)
    with statements("SELECT") as asked:
        client.get(path)
    return len(asked)


# ---- the list --------------------------------------------------------------------------------------------------


def test_list_works(client: PageClient) -> None:
    today = clock.today()
    running = a_cohort(ref="C11", site=a_site("Ely"), capacity=12)
    an_enrolment(running)
    an_enrolment(running, a_student("Ben"), status=EnrolmentStatus.WITHDRAWN)
    planned = a_cohort(ref="C12", starts_on=today + WEEK)
    a_cohort(ref="C10", starts_on=today - 20 * WEEK, ends_on=today - 8 * WEEK)
    page = client.wear(signed_in(Role.IQA)).get("/cohorts")
    assert (
        page.words.index("Running now (1)")
        < page.words.index("Planned (1)")
        < page.words.index("Finished (1)")
    )
    assert "Ely" in page.words
    assert "1 of 12" in page.words
    assert "Week 7 of 13" in page.words
    assert {f"/cohorts/{running.id}", f"/cohorts/{planned.id}"} <= set(page.links)


def test_list_is_empty(client: PageClient) -> None:
    page = client.wear(signed_in(Role.ADMIN)).get("/cohorts")
    assert "No cohorts yet" in page.words
    assert "/courses/import" in page.links
    assert "/courses/import" not in client.wear(signed_in(Role.TUTOR)).get("/cohorts").links


def test_list_of_a_tutor_holds_their_own(client: PageClient) -> None:
    own, other = a_cohort(), a_cohort()
    links = client.wear(a_tutor_of(own)).get("/cohorts").links
    assert f"/cohorts/{own.id}" in links
    assert f"/cohorts/{other.id}" not in links


def test_list_needs_sign_in(client: PageClient) -> None:
    page = client.get("/cohorts")
    assert (page.status, page.response.location) == (303, "/sign-in?next=/cohorts")


@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR, Role.SYSADMIN])
def test_list_other_role_refused(client: PageClient, role: Role) -> None:
    assert client.wear(signed_in(role)).get("/cohorts").status == 403


def test_list_asks_no_more_for_more_rows(client: PageClient) -> None:
    a_cohort()
    client.wear(signed_in(Role.ADMIN))
    few = queries_of(client, "/cohorts")
    for number in range(5):
        an_enrolment(a_cohort(site=a_site(f"Site {number}")))
    assert queries_of(client, "/cohorts") == few


# ---- one cohort ------------------------------------------------------------------------------------------------


def test_cohort_works(client: PageClient) -> None:
    cohort = a_cohort(capacity=12)
    tutor = a_tutor_of(cohort)
    enrolment = an_enrolment(cohort)
    a_session(cohort, clock.today() - WEEK)
    a_session(cohort, clock.today() + WEEK)
    a_mark(enrolment, clock.today() - WEEK)
    page = client.wear(tutor).get(f"/cohorts/{cohort.id}")
    assert page.h1.endswith("Peer support training")
    for words in (
        "Running",
        "Week 7 of 13",
        "Maya Example",
        "1 of 12",
        "80% of the whole course",
        "100%",
        "9:30am",
    ):
        assert words in page.words
    ways = {link for link in page.links if link.startswith(f"/cohorts/{cohort.id}/")}
    assert {
        f"/cohorts/{cohort.id}{below}" for below in ("/students", "/timetable", "/marking", "/graduation")
    } <= ways


@pytest.mark.parametrize("role", [Role.TUTOR, Role.IQA, Role.ADMIN])
def test_every_way_leads_somewhere(client: PageClient, role: Role) -> None:
    cohort = a_cohort()
    client.wear(a_tutor_of(cohort) if role is Role.TUTOR else signed_in(role))
    page = client.get(f"/cohorts/{cohort.id}")
    ways = [link for link in page.links if link.startswith(("/cohorts", "/qualifications"))]
    assert len(ways) >= 4
    assert {link: client.get(link).status for link in ways} == dict.fromkeys(ways, 200)


@pytest.mark.parametrize("below", ["", "/students", "/timetable"])
def test_auditor_sees_no_cohort(client: PageClient, below: str) -> None:
    cohort = a_cohort()
    client.wear(signed_in(Role.AUDITOR))
    assert client.get(f"/cohorts/{cohort.id}{below}").status == 404


# ---- every page below a cohort ---------------------------------------------------------------------------------


@pytest.mark.parametrize("below", BELOW)
def test_needs_sign_in(client: PageClient, below: str) -> None:
    page = client.get(f"/cohorts/{a_cohort().id}{below}")
    assert page.status == 303
    assert page.response.location.startswith("/sign-in")


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR, Role.SYSADMIN, None])
def test_other_cohort_not_found(client: PageClient, below: str, role: Role | None) -> None:
    """Another tutor's cohort, one that never was, and a role that knows of none: the same 404."""
    cohort = a_cohort()
    client.wear(signed_in(role) if role else a_tutor_of(a_cohort()))
    answers = [client.get(f"/cohorts/{cohort_id}{below}") for cohort_id in (cohort.id, uuid4())]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].words == answers[1].words


@pytest.mark.parametrize("below", BELOW)
def test_asks_no_more_for_more_rows(client: PageClient, below: str) -> None:
    cohort = a_cohort()
    client.wear(a_tutor_of(cohort))

    def grow(number: int) -> None:
        a_session(cohort, clock.today() - number * WEEK)
        a_mark(an_enrolment(cohort, a_student(f"Student {number}")), clock.today() - number * WEEK)

    grow(1)
    few = queries_of(client, f"/cohorts/{cohort.id}{below}")
    for number in range(2, 6):
        grow(number)
    assert queries_of(client, f"/cohorts/{cohort.id}{below}") == few


# ---- students --------------------------------------------------------------------------------------------------


def test_students_works(client: PageClient) -> None:
    cohort, today = a_cohort(), clock.today()
    for weeks in (-2, -1, 1, 2):
        a_session(cohort, today + weeks * WEEK)
    enrolment = an_enrolment(cohort, a_student("Amina", preferred_name="<b>Mina", student_ref="S77"))
    a_mark(enrolment, today - WEEK, Mark.LATE)
    an_enrolment(cohort, a_student("Ben", "Zulu"), status=EnrolmentStatus.PAUSED)
    page = client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/students")
    for words in (
        "2 students",
        "<b>Mina Example",
        "S77",
        "1 of 2 (50%)",
        "1 of 4 (25%)",
        "Paused",
        "so far",
        "whole course",
    ):
        assert words in page.words
    assert "days of the register stand" not in page.words


def test_students_without_a_timetable(client: PageClient) -> None:
    cohort = a_cohort()
    a_mark(an_enrolment(cohort), clock.today() - WEEK)
    page = client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/students")
    assert "the days of the register stand for the whole course" in page.words


@pytest.mark.parametrize("below", ["students", "timetable"])
def test_who_imports_is_led_there_from_an_empty_cohort(client: PageClient, below: str) -> None:
    cohort = a_cohort()
    page = client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/{below}")
    assert ("enrolled yet" in page.words or "planned yet" in page.words, "/courses/import" in page.links) == (
        True,
        False,
    )
    assert "/courses/import" in client.wear(signed_in(Role.ADMIN)).get(f"/cohorts/{cohort.id}/{below}").links


def test_an_empty_cohort_asks_for_nobody(client: PageClient) -> None:
    cohort = a_cohort()
    client.wear(a_tutor_of(cohort))
    assert "Below is what each student" not in client.get(f"/cohorts/{cohort.id}/graduation").words
    assert "Choose a student" not in client.get(f"/cohorts/{cohort.id}/concern").words


# ---- timetable -------------------------------------------------------------------------------------------------


def test_timetable_works(client: PageClient) -> None:
    cohort, today = a_cohort(), clock.today()
    a_session(cohort, today - WEEK, title="Values")
    a_session(cohort, today)
    a_session(cohort, today + WEEK)
    for mark in (Mark.PRESENT, Mark.LATE, Mark.ABSENT):
        a_mark(an_enrolment(cohort), today - WEEK, mark)
    page = client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/timetable")
    for words in (
        "3 sessions",
        "Values",
        "Held",
        "Today",
        "To come",
        "2 of 3",
        "No register",
        "Cambridge",
        "9:30am to 3:30pm",
    ):
        assert words in page.words


def test_timetable_empty(client: PageClient) -> None:
    cohort = a_cohort()
    page = client.wear(a_tutor_of(cohort)).get(f"/cohorts/{cohort.id}/timetable")
    assert "No sessions are planned yet" in page.words


def test_menu_leads_here(client: PageClient) -> None:
    assert "/cohorts" in client.wear(signed_in(Role.TUTOR)).get("/").links
    assert "/cohorts" not in client.wear(signed_in(Role.HR)).get("/").links
