"""The days that count: each cohort's due dates as they stand for each student, extensions within (A14)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.deadline_models import (
    DueDate,
    DueDateCriterion,
    Extension,
    ExtraDays,
    TimeRequest,
)
from recovery_college.assessment.deadline_rules import TimeAnswer, day_due, day_with_extra
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as it stands for one student. `criteria`: what it is about; none means the whole unit.

    `is_asked`: the student asked for more time and nobody has answered. `talk_first`: a tutor answered that
    they would like to talk first, with these words ("" when they wrote none, None when nobody did).
    """

    id: UUID
    enrolment_id: UUID
    unit_id: UUID
    title: str
    cohort_on: date
    due_on: date
    criteria: frozenset[UUID] = frozenset()
    is_asked: bool = False
    talk_first: str | None = None

    @property
    def is_extended(self) -> bool:
        """Whether this student has another day than the cohort."""
        return self.due_on != self.cohort_on

    def is_about(self, unit_id: UUID, criterion_id: UUID) -> bool:
        """Whether a criterion belongs to it."""
        return criterion_id in self.criteria if self.criteria else unit_id == self.unit_id


def dues_of(enrolment_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """By enrolment its due dates, the earliest first. One query whatever their number."""
    found: dict[UUID, dict[UUID, Due]] = {one: {} for one in enrolment_ids}
    if not enrolment_ids:
        return {}
    rows = session().execute(
        select(
            DueDate.id, Enrolment.id, DueDate.unit_id, DueDate.title, DueDate.due_on, Extension.until_on,
            DueDateCriterion.criterion_id, TimeRequest.id, TimeRequest.answer, TimeRequest.words,
            DueDate.set_at, ExtraDays.days, ExtraDays.since_on, ExtraDays.ended_at,
        )
        .join(Enrolment, Enrolment.cohort_id == DueDate.cohort_id)
        .outerjoin(
            Extension, (Extension.due_date_id == DueDate.id) & (Extension.enrolment_id == Enrolment.id)
        )
        .outerjoin(DueDateCriterion, DueDateCriterion.due_date_id == DueDate.id)
        .outerjoin(
            TimeRequest,
            (TimeRequest.due_date_id == DueDate.id)
            & (TimeRequest.enrolment_id == Enrolment.id),
        )
        .outerjoin(ExtraDays, ExtraDays.enrolment_id == Enrolment.id)
        .where(Enrolment.id.in_(enrolment_ids), DueDate.cancelled_at.is_(None))
        .order_by(Extension.granted_at, Extension.id, TimeRequest.asked_at)
    )  # fmt: skip
    later: dict[tuple[UUID, UUID], date] = {}
    for (
        due_id, enrolment_id, unit_id, title, on, until, criterion_id, asked, answer, words,
        set_at, days, since_on, ended_at,
    ) in rows:  # fmt: skip
        dues, key = found[enrolment_id], (enrolment_id, due_id)
        if days is not None:
            with_extra = day_with_extra(on, set_at, days, since_on, ended_at)
            later[key] = max(with_extra, later.get(key, on))
        before = dues.get(due_id) or Due(due_id, enrolment_id, unit_id, title, on, on)
        dues[due_id] = replace(
            before,
            due_on=max(day_due(on, until), later.get(key, date.min)),
            criteria=before.criteria | ({criterion_id} if criterion_id else set()),
            is_asked=before.is_asked or (asked is not None and answer is None),
            talk_first=words if answer is TimeAnswer.TALK_FIRST else None,
        )
    return {
        one: sorted(dues.values(), key=lambda due: (due.due_on, due.title, due.id))
        for one, dues in found.items()
    }
