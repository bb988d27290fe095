"""Reading agreements to more resubmissions than the programme plans (A5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor
from recovery_college.assessment.resubmission_models import ResubmissionRequest
from recovery_college.assessment.waiting_queries import cohort_ids
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, Unit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

HERE = (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class MoreAsked:
    """One request for one more resubmission, and its answer: None while it waits.

    `waits`: nobody has answered, and its student is still here to hand in.
    """

    id: UUID
    cohort_id: UUID
    cohort: str
    enrolment_id: UUID
    student: str
    unit: str
    criterion_id: UUID
    number: str
    reason: str
    asked_by: str
    asked_at: datetime
    agreed: bool | None
    answered_by: str
    unit_id: UUID
    waits: bool


def more_requests(
    actor: Actor, enrolment_id: UUID | None = None, criterion_id: UUID | None = None
) -> list[MoreAsked]:
    """Requests of the cohorts the actor may know of, the latest first; of one cell when it is named. One query."""
    asker, answerer = aliased(Person), aliased(Person)
    statement = (
        select(
            ResubmissionRequest,
            Enrolment,
            Cohort.title,
            Person,
            Unit.code,
            AssessmentCriterion.number,
            asker,
            answerer,
            Unit.id,
        )
        .join(Enrolment, Enrolment.id == ResubmissionRequest.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(AssessmentCriterion, AssessmentCriterion.id == ResubmissionRequest.criterion_id)
        .join(Unit, Unit.id == AssessmentCriterion.unit_id)
        .join(asker, asker.id == ResubmissionRequest.asked_by)
        .outerjoin(answerer, answerer.id == ResubmissionRequest.answered_by)
        .where(Enrolment.cohort_id.in_(cohort_ids(actor)))
        .order_by(ResubmissionRequest.asked_at.desc())
    )
    if enrolment_id is not None:
        statement = statement.where(ResubmissionRequest.enrolment_id == enrolment_id)
    if criterion_id is not None:
        statement = statement.where(ResubmissionRequest.criterion_id == criterion_id)
    return [
        MoreAsked(
            row.id, place.cohort_id, cohort, place.id, name_of(student), unit_label(code), row.criterion_id, number,
            row.reason, name_of(by), row.asked_at, row.agreed, name_of(answered),
            unit_id, row.agreed is None and place.status in HERE,
        )
        for row, place, cohort, student, code, number, by, answered, unit_id in session().execute(statement)
    ]  # fmt: skip
