"""Who rests, since when, and who asked to come back (C2)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from recovery_college.courses.models import Enrolment, EnrolmentPause
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class Resting:
    """A student who has a pause."""

    enrolment_id: UUID
    person_id: UUID
    student: str
    since_on: date | None
    asked_back_at: datetime | None


def resting_in(cohort_id: UUID) -> list[Resting]:
    """Who rests in a cohort, those who asked to come back first. One query.

    The caller has made sure the actor may see the cohort.
    """
    rows = session().execute(
        select(
            Enrolment.id, Enrolment.person_id, Person.given_name, Person.family_name, Person.preferred_name,
            EnrolmentPause.from_on, EnrolmentPause.asked_back_at,
        )
        .join(Person, Enrolment.person_id == Person.id)
        .outerjoin(
            EnrolmentPause, (EnrolmentPause.enrolment_id == Enrolment.id) & EnrolmentPause.to_on.is_(None)
        )
        .where(Enrolment.cohort_id == cohort_id, Enrolment.status == EnrolmentStatus.PAUSED)
        .order_by(Person.family_name, Person.given_name, Enrolment.id)
    )  # fmt: skip
    found: dict[UUID, Resting] = {}
    for enrolment_id, person_id, *names, since_on, asked in rows:
        found.setdefault(
            enrolment_id, Resting(enrolment_id, person_id, display_name(*names), since_on, asked)
        )
    return sorted(found.values(), key=lambda one: one.asked_back_at is None)
