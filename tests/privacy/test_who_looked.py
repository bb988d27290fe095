"""/privacy/who-looked: a student or graduate sees who looked at their record."""

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.audit.services import record_view
from recovery_college.graduation import services
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.privacy import queries
from tests.factories.courses import a_tutor_of
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE, a_person, signed_in
from tests.page_client import PageClient

PAGE = "/privacy/who-looked"


@pytest.fixture
def finished(app: Flask) -> Finished:
    made = a_finished_cohort(ready=2)
    services.issue_for_cohort(CONSOLE, made.cohort)
    return made


def person_of(finished: Finished) -> Person:
    return session().get_one(Person, finished.ready[0].person_id)


@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE])
def test_works(client: PageClient, finished: Finished, role: Role) -> None:
    me = signed_in(role, person=person_of(finished))
    tutor = a_tutor_of(finished.cohort, name="Maya")
    client.wear(tutor)
    assert client.get(f"/students/{me.person_id}").status == 200
    client.wear(me).get("/certificates/RC-000001.pdf")  # one's own look is nobody's business
    page = client.get(PAGE)
    assert "Maya Example" in page.words
    assert "Tutor" in page.words
    assert "Your record" in page.words
    assert "Your certificate" not in page.words
    assert PAGE in client.get("/my-progress").links


def test_a_certificate_and_work_count_as_well(client: PageClient, finished: Finished) -> None:
    auditor = signed_in(Role.AUDITOR, name="Ada")
    client.wear(auditor).get("/certificates/RC-000001.pdf")
    record_view(auditor, "unit work", finished.ready[0].id)
    client.wear(signed_in(Role.STUDENT, person=person_of(finished)))
    page = client.get(PAGE)
    assert "Your certificate" in page.words
    assert "Your work on a unit" in page.words


def test_looks_at_others_are_not_shown(client: PageClient, finished: Finished) -> None:
    record_view(a_tutor_of(finished.cohort), "student", finished.ready[1].person_id)
    record_view(signed_in(Role.ADMIN), "unit work", finished.ready[1].id)
    client.wear(signed_in(Role.STUDENT, person=person_of(finished)))
    assert "Nobody has looked yet" in client.get(PAGE).words


def test_a_long_list_goes_on(client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    person = a_person()
    me = signed_in(Role.STUDENT, person=person)
    for name in ("Ann", "Bea", "Cai"):
        record_view(signed_in(Role.ADMIN, name=name), "student", person.id)
    client.wear(me)
    page = client.get(PAGE)
    assert "Ann" not in page.words
    onward = next(link for link in page.links if "before=" in link)
    assert "Ann Example" in client.get(onward).words


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.STUDENT, Role.GRADUATE)])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PAGE).status == 403


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PAGE).status == 303
