"""What helps, prior learning, appeals and concerns for tests, made by the room's own services where they are quick."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness.appeal_queries import appeal_visible_to
from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.fairness.appeal_services import make_appeal, name_reviewer, record_finding
from recovery_college.fairness.support_rules import SupportKind
from recovery_college.fairness.support_services import ask_for_support
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import a_cohort, a_qualification, a_tutor_of, an_enrolment, criteria_of, units_of
from tests.factories.people import signed_in

SAID = "Large print handouts"


def a_learner(cohort: Cohort | None = None, name: str = "Amina") -> tuple[SignedIn, Enrolment]:
    """A student who signs in, and their place."""
    cohort = cohort or a_cohort(a_qualification(units=2, criteria=3))
    enrolment = an_enrolment(cohort)
    person = session().get_one(Person, enrolment.person_id)
    return signed_in(Role.STUDENT, person=person, name=name), enrolment


def a_request(student: Actor, enrolment: Enrolment, wish: str = SAID, unit_id: UUID | None = None) -> UUID:
    """Something a student asked for."""
    kind = SupportKind.CONSIDERATION if unit_id else SupportKind.ADJUSTMENT
    return ask_for_support(student, uuid4(), enrolment.id, kind, wish, unit_id)


def a_decision_by(
    tutor: Actor,
    enrolment: Enrolment,
    criterion_id: UUID,
    outcome: Outcome = Outcome.NOT_YET_MET,
    *,
    attempt: int = 1,
    released: bool = True,
) -> int:
    """A decision, released or a draft, as the marking page would record it. Give a tutor of the cohort."""
    with transaction() as s:
        row = Decision(
            enrolment_id=enrolment.id, criterion_id=criterion_id, attempt=attempt, revision=1, outcome=outcome,
            feedback="Say more about boundaries.", decided_on=clock.today(), decided_by=tutor.person_id,
            recorded_at=clock.now(), released_at=clock.now() if released else None,
            released_by=tutor.person_id if released else None,
        )  # fmt: skip
        s.add(row)
    return row.id


@dataclass
class Heard:
    """A student, their place, the assessor, the first criterion, the decision, and the appeal."""

    student: SignedIn
    place: Enrolment
    assessor: SignedIn
    criterion_id: UUID
    decision_id: int
    appeal_id: UUID


def an_appeal(words: str = "I wrote about this on page 2.") -> Heard:
    """An appeal that nobody hears yet."""
    student, place = a_learner()
    assessor = a_tutor_of(place.cohort)
    criterion_id = criteria_of(units_of(place.cohort.qualification)[0])[0].id
    decision_id = a_decision_by(assessor, place, criterion_id)
    appeal_id = make_appeal(student, place.id, criterion_id, decision_id, words)
    return Heard(student, place, assessor, criterion_id, decision_id, appeal_id)


def name(appeal_id: UUID, person: Actor, admin: Actor | None = None) -> None:
    """Ask somebody to hear an appeal."""
    admin = admin or signed_in(Role.ADMIN)
    file = appeal_visible_to(admin, appeal_id)
    assert file is not None
    assert person.person_id is not None
    name_reviewer(admin, appeal_id, person.person_id, file.stamp)


def find(appeal_id: UUID, reviewer: Actor, finding: AppealFinding, others: Collection[UUID] = ()) -> None:
    """Record what a review found."""
    file = appeal_visible_to(reviewer, appeal_id)
    assert file is not None
    affected = None if finding is AppealFinding.NOT_UPHELD else bool(others)
    record_finding(reviewer, appeal_id, finding, "Because.", "This.", affected, others, file.stamp)
