"""The days that count: each cohort's due dates as they stand for each student, extensions within (A14)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.deadline_models import DueDate, DueDateCriterion, Extension
from recovery_college.assessment.deadline_rules import day_due
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as it stands for one student. `criteria`: what it is about; none means the whole unit."""

    id: UUID
    enrolment_id: UUID
    unit_id: UUID
    title: str
    cohort_on: date
    due_on: date
    criteria: frozenset[UUID]

    @property
    def is_extended(self) -> bool:
        """Whether this student has another day than the cohort."""
        return self.due_on != self.cohort_on


def dues_of(enrolment_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """By enrolment its due dates, the earliest first. Three queries whatever their number."""
    found: dict[UUID, list[Due]] = {one: [] for one in enrolment_ids}
    if not enrolment_ids:
        return found
    s = session()
    extended: dict[tuple[UUID, UUID], date] = {}
    for due_id, enrolment_id, until_on in s.execute(
        select(Extension.due_date_id, Extension.enrolment_id, Extension.until_on)
        .where(Extension.enrolment_id.in_(enrolment_ids))
        .order_by(Extension.granted_at, Extension.id)
    ):
        extended[due_id, enrolment_id] = until_on
    rows = s.execute(
        select(DueDate.id, Enrolment.id, DueDate.unit_id, DueDate.title, DueDate.due_on)
        .join(Enrolment, Enrolment.cohort_id == DueDate.cohort_id)
        .where(Enrolment.id.in_(enrolment_ids), DueDate.cancelled_at.is_(None))
    ).all()
    criteria: dict[UUID, set[UUID]] = {}
    for due_id, criterion_id in s.execute(
        select(DueDateCriterion.due_date_id, DueDateCriterion.criterion_id).where(
            DueDateCriterion.due_date_id.in_({row[0] for row in rows})
        )
    ):
        criteria.setdefault(due_id, set()).add(criterion_id)
    for due_id, enrolment_id, unit_id, title, on in rows:
        day = day_due(on, extended.get((due_id, enrolment_id)))
        about = frozenset(criteria.get(due_id, ()))
        found[enrolment_id].append(Due(due_id, enrolment_id, unit_id, title, on, day, about))
    for dues in found.values():
        dues.sort(key=lambda due: (due.due_on, due.title, due.id))
    return found
