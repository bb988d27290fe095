"""/qualifications and /qualifications/<id>."""

import pytest

from recovery_college.access.rules import Role
from tests.courses.files import a_small_college, brought, criterion
from tests.factories.courses import a_cohort, a_qualification
from tests.factories.people import signed_in
from tests.page_client import PageClient

SEE = [Role.STUDENT, Role.GRADUATE, Role.TUTOR, Role.IQA, Role.EQA, Role.ADMIN, Role.AUDITOR]


@pytest.mark.parametrize("role", SEE)
def test_works(client: PageClient, role: Role) -> None:
    qualification = a_qualification(units=1, criteria=4, optional_units=1, title="Peer Support <Work>")
    a_cohort(qualification)
    client.wear(signed_in(role))
    listed = client.get("/qualifications")
    assert "Peer Support <Work>" in listed.words
    page = client.get(next(link for link in listed.links if link.startswith("/qualifications/")))
    assert page.h1 == "Version 1 Peer Support <Work>"
    for words in (
        "Everybody takes all",
        "At least 1 unit",
        "Level 4, 3 credits",
        "2.1",
        "The learner can: Explain point 2.1",
    ):
        assert words in page.words


def test_list_counts_units_and_cohorts(client: PageClient) -> None:
    a_small_college()
    page = client.wear(signed_in(Role.ADMIN)).get("/qualifications")
    assert "Peer Support Work (TEST) Version 1 Units 2 Credits in all 6 Cohorts 1" in page.words
    assert "Cohorts 0" in client.wear(signed_in(Role.TUTOR)).get("/qualifications").words  # of their own
    assert "Cohorts" not in client.wear(signed_in(Role.STUDENT)).get("/qualifications").words


def test_is_empty(client: PageClient) -> None:
    page = client.wear(signed_in(Role.ADMIN)).get("/qualifications")
    assert "No qualifications yet" in page.words
    assert "/courses/import/qualification" in page.links


def test_least_credit_is_said(client: PageClient) -> None:
    brought("qualification", criterion(qualification_min_credit=3), criterion("U2"))
    client.wear(signed_in(Role.TUTOR))
    path = next(link for link in client.get("/qualifications").links if link.startswith("/qualifications/"))
    assert "2 units with 6 credits in all. At least 3 credits are needed." in client.get(path).words


@pytest.mark.parametrize("path", ["/qualifications", "/qualifications/00000000-0000-4000-8000-000000000001"])
def test_needs_sign_in(client: PageClient, path: str) -> None:
    assert client.get(path).status == 303


@pytest.mark.parametrize("role", [role for role in Role if role not in SEE])
def test_other_role_refused(client: PageClient, role: Role) -> None:
    path = f"/qualifications/{a_qualification().id}"
    client.wear(signed_in(role))
    assert [client.get("/qualifications").status, client.get(path).status] == [403, 404]


def test_unknown_is_not_found(client: PageClient) -> None:
    assert (
        client.wear(signed_in(Role.ADMIN)).get("/qualifications/00000000-0000-4000-8000-000000000001").status
        == 404
    )
