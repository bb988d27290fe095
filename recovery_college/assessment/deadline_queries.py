"""Due dates of a cohort for staff, and what students asked for and nobody answered (A14)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.deadline_facts import dues_of
from recovery_college.assessment.deadline_models import DueDate, DueDateCriterion, TimeRequest
from recovery_college.assessment.deadline_rules import AskedFor
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    Enrolment,
    EnrolmentPause,
    LearningOutcome,
    Unit,
)
from recovery_college.courses.queries import Place, cohorts_scope, places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

EXPECTED = (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)
"""Work is expected of these, or rests for a while."""


@dataclass(frozen=True, slots=True)
class Extended:
    """One student with another day than the cohort. What day, never why."""

    student: str
    due_on: date


@dataclass(frozen=True, slots=True)
class CohortDue:
    """A due date of a cohort, with who has more time."""

    id: UUID
    unit: str
    title: str
    due_on: date
    version: int
    criteria: tuple[str, ...]
    extended: tuple[Extended, ...]


@dataclass(frozen=True, slots=True)
class AskedTime:
    """What a student asked for and nobody answered. There is no reason to show: none was asked."""

    id: UUID
    cohort_id: UUID
    enrolment_id: UUID
    person_id: UUID
    student: str
    asked_for: AskedFor
    about: str
    due_on: date | None
    asked_at: datetime


def cohort_dues(cohort_id: UUID) -> list[CohortDue]:
    """A cohort's dates, the earliest first. Four queries; the caller makes sure the actor may see the cohort."""
    rows = (
        session()
        .execute(
            select(DueDate.id, Unit.code, DueDate.title, DueDate.due_on, DueDate.version)
            .join(Unit, DueDate.unit_id == Unit.id)
            .where(DueDate.cohort_id == cohort_id, DueDate.cancelled_at.is_(None))
            .order_by(DueDate.due_on, Unit.position, DueDate.title)
        )
        .all()
    )
    numbers: dict[UUID, list[str]] = {}
    named = (
        select(DueDateCriterion.due_date_id, AssessmentCriterion.number)
        .join(AssessmentCriterion, DueDateCriterion.criterion_id == AssessmentCriterion.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .where(DueDateCriterion.due_date_id.in_([row[0] for row in rows]))
        .order_by(LearningOutcome.position, AssessmentCriterion.position)
    )
    for due_id, number in session().execute(named):
        numbers.setdefault(due_id, []).append(number)
    places = places_expected(cohort_id)
    more: dict[UUID, list[Extended]] = {}
    dues = dues_of([place.enrolment_id for place in places])
    for place in places:
        for due in dues[place.enrolment_id]:
            if due.is_extended:
                more.setdefault(due.id, []).append(Extended(place.name, due.due_on))
    return [
        CohortDue(
            due_id,
            unit_label(code),
            title,
            on,
            version,
            tuple(numbers.get(due_id, ())),
            tuple(more.get(due_id, ())),
        )
        for due_id, code, title, on, version in rows
    ]


def places_expected(cohort_id: UUID) -> list[Place]:
    """The places work is expected of, or rests for a while."""
    return [place for place in places_in([cohort_id]) if place.status in EXPECTED]


def _waits() -> ColumnElement[bool]:
    """A request that a tutor can answer: nobody has, its student is still here, and the date it is about stands."""
    cancelled = select(DueDate.id).where(DueDate.cancelled_at.is_not(None))
    about = TimeRequest.due_date_id.is_(None) | TimeRequest.due_date_id.not_in(cancelled)
    return and_(TimeRequest.answer.is_(None), Enrolment.status.in_(EXPECTED), about)


def _asked(actor: Actor) -> Select[TimeRequest]:
    """Open requests of the cohorts the actor sets dates for."""
    known = cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
    return (
        select(TimeRequest)
        .join(Enrolment, TimeRequest.enrolment_id == Enrolment.id)
        .where(_waits(), Enrolment.cohort_id.in_(known))
    )


def time_asked(
    actor: Actor, *, cohort_id: UUID | None = None, request_id: UUID | None = None
) -> list[AskedTime]:
    """What students asked for, the longest wait first: of one cohort, or one request. Two queries."""
    if not may(actor, Permission.DEADLINE_SET):
        return []
    statement = (
        _asked(actor)
        .outerjoin(DueDate, TimeRequest.due_date_id == DueDate.id)
        .join(Person, Enrolment.person_id == Person.id)
        .with_only_columns(
            TimeRequest.id, Enrolment.cohort_id, TimeRequest.enrolment_id, Person.id, Person.given_name,
            Person.family_name, Person.preferred_name, TimeRequest.asked_for, TimeRequest.due_date_id,
            DueDate.title, TimeRequest.asked_at,
        )
        .order_by(TimeRequest.asked_at)
    )  # fmt: skip
    if cohort_id is not None:
        statement = statement.where(Enrolment.cohort_id == cohort_id)
    if request_id is not None:
        statement = statement.where(TimeRequest.id == request_id)
    rows = session().execute(statement).all()
    dues = dues_of({row[2] for row in rows})
    days = {(due.enrolment_id, due.id): due.due_on for found in dues.values() for due in found}
    return [
        AskedTime(
            id=row[0],
            cohort_id=row[1],
            enrolment_id=row[2],
            person_id=row[3],
            student=display_name(*row[4:7]),
            asked_for=row[7],
            about=row[9] or "",
            due_on=days.get((row[2], row[8])),
            asked_at=row[10],
        )
        for row in rows
    ]


def time_counts(known: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """By cohort of `known`, how many students asked for time or a pause and nobody has answered."""
    return (
        select(Enrolment.cohort_id.label("cohort_id"), func.count().label("count"))
        .select_from(TimeRequest)
        .join(Enrolment, TimeRequest.enrolment_id == Enrolment.id)
        .where(_waits(), Enrolment.cohort_id.in_(known))
        .group_by(Enrolment.cohort_id)
    )


def back_counts(known: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """By cohort of `known`, how many students asked to come back from a pause."""
    return (
        select(Enrolment.cohort_id.label("cohort_id"), func.count().label("count"))
        .select_from(EnrolmentPause)
        .join(Enrolment, EnrolmentPause.enrolment_id == Enrolment.id)
        .where(
            Enrolment.status == EnrolmentStatus.PAUSED,
            EnrolmentPause.to_on.is_(None),
            EnrolmentPause.asked_back_at.is_not(None),
            Enrolment.cohort_id.in_(known),
        )
        .group_by(Enrolment.cohort_id)
    )
