"""/cohorts/<id>/graduation and what hangs on it."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.graduation import services
from recovery_college.graduation.models import Certificate, Graduation, GraduationSource
from recovery_college.graduation.tasks import go_on_with_certificates
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from tests.factories.courses import a_tutor_of
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient


@pytest.fixture
def finished(app: Flask) -> Finished:
    return a_finished_cohort(ready=2, names=("Amina O'Neill", "Siân Łukasz", "Ben Waits"))


@pytest.fixture
def address(finished: Finished) -> str:
    return f"/cohorts/{finished.cohort.id}/graduation"


def test_works(client: PageClient, address: str) -> None:
    page = client.wear(signed_in(Role.ADMIN)).get(address)
    assert "Ready (2)" in page.words
    assert "Amina O'Neill" in page.words
    assert "Issue 2 certificates" in page.words
    assert "Criteria 1.1 and 1.2 of Unit U1 are not yet met" in page.words  # what Ben still needs, by name
    assert "Ready (0)" not in page.words


def test_issues_and_shows_progress_and_the_certificates(
    client: PageClient, finished: Finished, address: str
) -> None:
    client.wear(signed_in(Role.ADMIN))
    page = client.send(f"{address}/issue", form_at=address)
    assert page.status == 303
    batch = page.response.location
    assert "0 of 2" in client.get(batch).words
    again = client.send(f"{address}/issue", form_at=address)
    assert again.response.location == batch  # a double click leads to the same batch
    from_batch = batch.rsplit("/", 1)[1]
    go_on_with_certificates(UUID(from_batch))
    assert "2 of 2" in client.get(batch).words
    page = client.get(address)
    assert "Graduated (2)" in page.words
    assert "RC-000001" in page.words


def test_who_graduated_before_this_system_gets_no_certificate(
    client: PageClient, finished: Finished, address: str
) -> None:
    with transaction() as s:
        enrolment = finished.ready[0]
        before = GraduationSource.BEFORE
        day = finished.cohort.ends_on
        s.add(
            Graduation(
                person_id=enrolment.person_id, enrolment_id=enrolment.id, graduated_on=day, source=before
            )
        )
    page = client.wear(signed_in(Role.ADMIN)).get(address)
    assert "Graduated (1)" in page.words
    assert "Graduated before this system" in page.words
    assert "Ready (1)" in page.words
    report = services.issue_for_cohort(CONSOLE, finished.cohort)
    assert len(report.issued) == 1
    certificates = select(Certificate.id).join(Graduation).where(Graduation.enrolment_id == enrolment.id)
    assert session().scalars(certificates).all() == []


def test_who_left_is_apart_from_who_is_on_the_way(
    client: PageClient, finished: Finished, address: str
) -> None:
    with transaction() as s:
        gone = s.get_one(Enrolment, finished.ready[0].id)
        gone.status, gone.ended_on = EnrolmentStatus.WITHDRAWN, finished.cohort.ends_on
    page = client.wear(signed_in(Role.ADMIN)).get(address)
    assert "Left the course (1)" in page.words
    assert "Ready (1)" in page.words
    assert "Amina O'Neill: " in page.words.split("Left the course")[1]


def test_needs_sign_in(client: PageClient, address: str) -> None:
    assert client.get(address).response.location.startswith("/sign-in")


@pytest.mark.parametrize(
    "role", [Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR, Role.SYSADMIN, Role.AUDITOR]
)
def test_other_role_does_not_find_it(client: PageClient, address: str, role: Role) -> None:
    assert client.wear(signed_in(role)).get(address).status == 404


def test_other_cohorts_tutor_does_not_find_it(client: PageClient, address: str) -> None:
    other = a_finished_cohort(ready=0)
    assert client.wear(a_tutor_of(other.cohort)).get(address).status == 404
    assert client.get(f"/cohorts/{uuid4()}/graduation").status == 404


def test_tutor_sees_but_may_not_issue(client: PageClient, finished: Finished, address: str) -> None:
    client.wear(a_tutor_of(finished.cohort))
    page = client.get(address)
    assert "A college administrator issues the certificates" in page.words
    assert client.send(f"{address}/issue", form_at="/account/password").status == 403


def test_certificate_goes_to_its_owner_and_entitled_staff_only(
    client: PageClient, finished: Finished
) -> None:
    first, second = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    pdf = f"/certificates/{first.serial}.pdf"
    owner = signed_in(Role.GRADUATE, person=session().get_one(Person, finished.ready[0].person_id))
    answer = client.wear(owner).get(pdf)
    assert answer.status == 200
    assert answer.response.mimetype == "application/pdf"
    assert answer.response.data == client.get(pdf).response.data
    assert client.get(f"/certificates/{second.serial}.pdf").status == 404
    assert client.get("/certificates/RC-000099.pdf").status == 404
    viewed = session().scalars(select(AuditEvent).where(AuditEvent.action == "viewed")).all()
    assert len(viewed) == 2
    assert client.wear(a_tutor_of(finished.cohort)).get(pdf).status == 200
    assert client.wear(a_tutor_of()).get(pdf).status == 404
    assert client.wear(signed_in(Role.MANAGER)).get(pdf).status == 404
    page = client.wear(owner).get("/my-future")
    assert pdf in page.links


def test_reissue_and_revoke_ask_why(client: PageClient, finished: Finished) -> None:
    (first, _) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    client.wear(signed_in(Role.ADMIN))
    page = client.send(f"/certificates/{first.serial}/revoke", {"reason": " "})
    assert page.status == 422
    assert "Say why" in page.words
    page = client.send(f"/certificates/{first.serial}/reissue", {"reason": "New name"})
    assert page.response.location == "/certificates/RC-000003"
    assert (
        "is superseded, so there is nothing to reissue"
        in client.get(f"/certificates/{first.serial}/reissue").words
    )
    page = client.send(f"/certificates/{first.serial}/reissue", {"reason": "Again"})
    assert "Only a valid certificate" in page.words


def verify_path(serial: str) -> str:
    return f"/verify/{session().scalars(select(Certificate.code).where(Certificate.serial == serial)).one()}"


def test_public_check_shows_state_award_and_date_and_no_name(client: PageClient, finished: Finished) -> None:
    (first, _) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    path = verify_path(first.serial)
    page = client.get(path)
    assert "This certificate is valid" in page.text
    assert "Amina" not in page.text
    assert "is the name on this certificate" in client.send(path, {"name": "amina o’neill"}).words
    assert "is not the name" in client.send(path, {"name": "Amina Other"}).words
    services.revoke_certificate(CONSOLE, first.serial, "Issued in error")
    page = client.get(path)
    assert "revoked" in page.words
    assert "Issued in error" not in page.text


def test_owner_decides_what_the_check_shows(client: PageClient, finished: Finished) -> None:
    (first, _) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    path = verify_path(first.serial)
    owner = signed_in(Role.GRADUATE, person=session().get_one(Person, finished.ready[0].person_id))
    unknown = client.get("/verify/0000-0000-0000-0000")
    choose = f"/my-future/{first.serial}/checking"
    client.wear(owner).send(choose, {"choices": ["answers", "name"]})
    assert "Amina O'Neill" in client.get(path).words
    client.send(choose, {})
    hidden = client.wear(signed_in(Role.MANAGER)).get(path)
    assert hidden.status == unknown.status == 404
    assert hidden.words == unknown.words
    assert client.get(choose).status == 404


def test_guessing_codes_is_slowed_down(client: PageClient, app: Flask) -> None:
    for _ in range(20):
        assert client.get("/verify/0000-0000-0000-0000").status == 404
    page = client.get("/verify/0000-0000-0000-0000")
    assert page.status == 429
    assert int(page.response.headers["Retry-After"]) > 0


def test_code_may_be_typed(client: PageClient, finished: Finished) -> None:
    (first, _) = services.issue_for_cohort(CONSOLE, finished.cohort).issued
    path = verify_path(first.serial)
    typed = path.rsplit("/", 1)[1].lower().replace("-", " ")
    assert client.get("/verify").status == 200
    assert client.get(f"/verify?code={typed}").response.location == path
    page = client.get("/verify?code=nonsense")
    assert page.status == 422
    assert page.title.startswith("Error: ")


def test_my_future_before_graduating(client: PageClient, app: Flask) -> None:
    page = client.wear(signed_in(Role.STUDENT)).get("/my-future")
    assert "Your certificate will be here" in page.words
