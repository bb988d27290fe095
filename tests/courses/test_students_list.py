"""/students: finding a student by name or reference, as far as lists of students go."""

import pytest

from recovery_college.access.rules import Role
from recovery_college.courses import student_queries
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.people.models import Person
from recovery_college.people.rules import folded
from tests.courses.test_cohort_pages import queries_of
from tests.factories.courses import a_cohort, a_student, a_tutor_of, an_enrolment
from tests.factories.people import signed_in
from tests.page_client import PageClient


def named(given: str, family: str, preferred: str = "") -> Person:
    return a_student(given, family, preferred_name=preferred)


def test_works(client: PageClient) -> None:
    cohort = a_cohort()
    zoe, other = named("Zoë", "O’Brien-Øster"), named("Ann", "Lee")
    an_enrolment(cohort, zoe)
    an_enrolment(a_cohort(), zoe, status=EnrolmentStatus.WITHDRAWN)
    an_enrolment(cohort, other)
    client.wear(signed_in(Role.ADMIN))
    for wanted in ("zoe", "ZOË", "obrien", "O'Brien", "oster zo", zoe.student_ref or ""):
        page = client.get(f"/students?find={wanted}")
        assert f"/students/{zoe.id}" in page.links, wanted
        assert f"/students/{other.id}" not in page.links, wanted
    assert "1 student found" in page.words
    assert "Withdrawn" in page.words


def test_is_found_by_both_names(client: PageClient) -> None:
    person = named("Elizabeth", "Moss", "Bette")
    an_enrolment(a_cohort(), person)
    client.wear(signed_in(Role.IQA))
    for wanted in ("elizabeth", "bette+moss"):
        assert "Bette Moss" in client.get(f"/students?find={wanted}").words


def test_nobody_and_nothing_typed(client: PageClient) -> None:
    an_enrolment(a_cohort(), named("Ann", "Lee"))
    client.wear(signed_in(Role.ADMIN))
    assert "No student found for “xyz”" in client.get("/students?find=xyz").words
    for nothing in ("", "?find=", "?find=%27", "?find=%25"):
        page = client.get(f"/students{nothing}")
        assert "Ann Lee" not in page.words, nothing


def test_a_tutor_finds_their_own(client: PageClient) -> None:
    own, other = a_cohort(), a_cohort()
    mine, theirs = named("Kim", "Own"), named("Kim", "Other")
    an_enrolment(own, mine)
    an_enrolment(other, mine)
    an_enrolment(other, theirs)
    page = client.wear(a_tutor_of(own)).get("/students?find=kim")
    assert f"/students/{mine.id}" in page.links
    assert f"/students/{theirs.id}" not in page.links
    assert f"/cohorts/{other.id}" not in page.links


def test_staff_are_not_found(client: PageClient) -> None:
    cohort = a_cohort()
    a_tutor_of(cohort)
    an_enrolment(cohort, named("Ann", "Lee"))
    page = client.wear(signed_in(Role.ADMIN)).get("/students?find=e")
    assert "1 student found" in page.words


def test_the_first_are_shown_and_it_says_so(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student_queries, "MOST_FOUND", 2)
    cohort = a_cohort()
    client.wear(signed_in(Role.ADMIN))
    an_enrolment(cohort, named("Ann", "Lee"))
    few = queries_of(client, "/students?find=lee")
    for given in ("Ben", "Cai"):
        an_enrolment(cohort, named(given, "Lee"))
    page = client.get("/students?find=lee")
    assert "3 students found" in page.words
    assert "Only the first 2 are shown" in page.words
    assert "Cai Lee" not in page.words
    assert queries_of(client, "/students?find=lee") == few


def test_needs_sign_in(client: PageClient) -> None:
    assert client.get("/students").response.location == "/sign-in?next=/students"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.TUTOR, Role.IQA, Role.ADMIN}))
def test_other_role_refused(client: PageClient, role: Role) -> None:
    assert client.wear(signed_in(role)).get("/students").status == 403
    assert "/students" not in client.get("/").links


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Zoë ", "zoe"),
        ("O’Brien-Smith", "obrien smith"),
        ("STRAẞE", "strasse"),
        ("Łucja", "lucja"),
        ("李", "李"),
    ],
)
def test_folding(typed: str, kept: str) -> None:
    assert folded(typed) == kept
    assert folded(kept) == kept
