"""/cohorts/<id>/students/<enrolment>/invite: the way a student gets an account."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, RoleGrant
from recovery_college.people.signin import account_of_link
from tests.factories.courses import a_cohort, a_student, a_tutor_of, an_enrolment
from tests.factories.people import an_account, signed_in
from tests.page_client import PageClient


@pytest.fixture
def place(client: PageClient) -> Enrolment:
    client.wear(signed_in(Role.ADMIN))
    return an_enrolment(a_cohort(), a_student(email="amina@example.com"))


def path_of(place: Enrolment) -> str:
    return f"/cohorts/{place.cohort_id}/students/{place.id}/invite"


def test_works(client: PageClient, place: Enrolment) -> None:
    path = path_of(place)
    assert path in client.get(f"/cohorts/{place.cohort_id}/students").links
    page = client.send(path)
    token = page.text.split("/welcome/")[1].split("<")[0].strip()
    account = account_of_link(token)
    assert account is not None
    assert (account.person_id, account.email) == (place.person_id, "amina@example.com")
    role = session().scalars(select(RoleGrant.role).where(RoleGrant.person_id == place.person_id)).one()
    assert role is Role.STUDENT
    students = client.get(f"/cohorts/{place.cohort_id}/students")
    assert "Signs in" in students.words
    assert path not in students.links


def test_who_has_an_account_gets_no_link(client: PageClient, place: Enrolment) -> None:
    session().expire_all()
    an_account(session().get_one(Enrolment, place.id).person, Role.TUTOR, email="other@example.com")
    page = client.send(path_of(place))
    assert page.status == 303
    assert "/welcome/" not in page.text
    assert len(session().scalars(select(Account).where(Account.person_id == place.person_id)).all()) == 1


def test_shows_errors(client: PageClient) -> None:
    client.wear(signed_in(Role.ADMIN))
    without = an_enrolment(a_cohort(), a_student())
    page = client.send(path_of(without))
    assert (page.status, "email address first" in page.words) == (422, True)
    signed_in_elsewhere = an_enrolment(a_cohort(), a_student(email="taken@example.com"))
    an_account(a_student("Ben"), Role.TUTOR, email="taken@example.com")
    page = client.send(path_of(signed_in_elsewhere))
    assert (page.status, "Somebody already signs in" in page.words) == (422, True)


def test_needs_sign_in(client: PageClient) -> None:
    assert client.get(path_of(an_enrolment(a_cohort()))).status == 303


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_other_role_refused(client: PageClient, role: Role) -> None:
    cohort = a_cohort()
    path = path_of(an_enrolment(cohort))
    client.wear(a_tutor_of(cohort) if role is Role.TUTOR else signed_in(role))
    assert client.get(path).status == (403 if role in (Role.TUTOR, Role.IQA) else 404)


def test_other_cohort_not_found(client: PageClient, place: Enrolment) -> None:
    other = a_cohort()
    assert client.get(f"/cohorts/{other.id}/students/{place.id}/invite").status == 404
    assert client.get(f"/cohorts/{place.cohort_id}/students/{uuid4()}/invite").status == 404
