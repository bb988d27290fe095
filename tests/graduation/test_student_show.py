"""One learner's story for staff: only cohorts they know, only words they may read, each look recorded."""

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.rules import Outcome
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.wording import day
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import a_cohort, a_student, an_enrolment
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import an_engaged_eqa, assess, give_verdict
from tests.page_client import PageClient


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort(2)
    assess(cohort, feedback="canary-feedback")
    a_decision(cohort, 0, 3, Outcome.NOT_YET_MET, feedback="canary-draft", released=False)
    give_verdict(signed_in(Role.IQA, name="Ira"), cohort, comment="canary-comment")
    return cohort


def path(made: MarkedCohort, student: int = 0) -> str:
    return f"/students/{made.people[student].id}"


def views_of(actor: SignedIn) -> list[str]:
    session().rollback()
    statement = select(AuditEvent.subject_id).where(
        AuditEvent.action == "viewed", AuditEvent.actor == str(actor.person_id)
    )
    return list(session().scalars(statement))


def test_works(client: PageClient, made: MarkedCohort) -> None:
    page = client.wear(made.tutor).get(path(made))
    assert page.h1 == "Amina O'Neill"
    assert "Criteria met 3 of 5" in page.words
    assert "Verified, sampled" in page.words
    assert "Unit PSW1 confirmed by quality assurance, Ira Example" in page.words
    assert "Unit PSW2: 1 not yet met, 1 not released" in page.words
    assert all(word in page.words for word in ("canary-feedback", "canary-draft", "canary-comment"))


def test_each_look_is_recorded(client: PageClient, made: MarkedCohort) -> None:
    client.wear(made.tutor)
    client.get(path(made))
    client.get(path(made))
    assert views_of(made.tutor) == [str(made.people[0].id)] * 2


def test_needs_sign_in(client: PageClient, made: MarkedCohort) -> None:
    assert client.get(path(made)).status == 303


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.TUTOR, Role.IQA, Role.ADMIN)])
def test_other_role_refused(client: PageClient, made: MarkedCohort, role: Role) -> None:
    actor = an_engaged_eqa(made) if role is Role.EQA else signed_in(role)
    assert client.wear(actor).get(path(made)).status == 404


def test_unknown_other_and_staff_people_are_the_same_404(client: PageClient, made: MarkedCohort) -> None:
    stranger = signed_in(Role.TUTOR)
    client.wear(stranger)
    pages = [client.get(f"/students/{one}") for one in (made.people[0].id, made.tutor.person_id, new_id())]
    assert [page.status for page in pages] == [404] * 3
    assert len({page.words for page in pages}) == 1
    assert views_of(stranger) == []


def test_a_tutor_sees_only_the_cohorts_they_know(client: PageClient, made: MarkedCohort) -> None:
    elsewhere = a_cohort()
    an_enrolment(elsewhere, made.people[0])
    assert str(elsewhere.id) not in client.wear(made.tutor).get(path(made)).text
    assert str(elsewhere.id) in client.wear(signed_in(Role.ADMIN)).get(path(made)).text


def test_the_administrator_sees_states_but_no_words(client: PageClient, made: MarkedCohort) -> None:
    page = client.wear(signed_in(Role.ADMIN)).get(path(made))
    assert "Verified, sampled" in page.words
    assert "canary" not in page.text
    assert "not released" not in page.words
    assert "draft" not in page.words


def test_who_left_left_on_the_day_they_left(client: PageClient, made: MarkedCohort) -> None:
    with transaction() as s:
        place = s.get_one(Enrolment, made.enrolments[0])
        place.status, place.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
        begun = place.enrolled_on
    page = client.wear(made.tutor).get(path(made))
    assert f"Withdrawn on {day(clock.today())}. Enrolled on {day(begun)}." in page.words


def test_contact_only_for_who_may_see_it(client: PageClient, app: object) -> None:
    cohort = a_cohort()
    person = a_student(email="amina@canary.example", uln="9276308686", certificate_name="Amina Q Canary")
    an_enrolment(cohort, person)
    address = f"/students/{person.id}"
    assert "canary" not in client.wear(signed_in(Role.IQA)).get(address).text.casefold()
    admin = client.wear(signed_in(Role.ADMIN)).get(address)
    assert all(word in admin.words for word in ("amina@canary.example", "9276308686", "Amina Q Canary"))


def test_a_student_without_units_or_sessions(client: PageClient, app: object) -> None:
    enrolment = an_enrolment(a_cohort(), units=[])
    person = session().get_one(Person, session().get_one(Enrolment, enrolment.id).person_id)
    page = client.wear(signed_in(Role.ADMIN)).get(f"/students/{person.id}")
    assert "Not registered for any unit yet." in page.words
    assert "no sessions yet" in page.words
