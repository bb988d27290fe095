"""What helps, prior learning, appeals and concerns for tests, made by the room's own services where they are quick."""

from uuid import uuid4

from recovery_college.access.rules import Actor, Role
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness.support_rules import SupportKind
from recovery_college.fairness.support_services import ask_for_support
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.courses import a_cohort, a_qualification, an_enrolment
from tests.factories.people import signed_in

SAID = "Large print handouts"


def a_learner(cohort: Cohort | None = None, name: str = "Amina") -> tuple[SignedIn, Enrolment]:
    """A student who signs in, and their place."""
    cohort = cohort or a_cohort(a_qualification(units=2, criteria=3))
    enrolment = an_enrolment(cohort)
    person = session().get_one(Person, enrolment.person_id)
    return signed_in(Role.STUDENT, person=person, name=name), enrolment


def a_request(student: Actor, enrolment: Enrolment, wish: str = SAID, unit_id: object = None) -> object:
    """Something a student asked for."""
    kind = SupportKind.CONSIDERATION if unit_id else SupportKind.ADJUSTMENT
    return ask_for_support(student, uuid4(), enrolment.id, kind, wish, unit_id)  # type: ignore[arg-type]
