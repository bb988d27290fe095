"""The days that count: a cohort's due dates as they stand for each student, extensions and pauses within."""

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
from recovery_college.assessment.deadline_rules import TimeAnswer, day_after_pauses, day_due, day_with_extra
from recovery_college.courses.models import Enrolment, EnrolmentPause
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london


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


@dataclass(slots=True)
class _Gathered:
    """What the rows of one date of one student say, while they are read."""

    due: Due
    set_on: date
    until: tuple[date, date] | None = None
    extra: date | None = None

    def day(self, pauses: Collection[tuple[date, date | None]]) -> date:
        """The day that counts: an extension replaces the cohort's, extra days and pauses move it."""
        on, set_on = self.until or (self.due.cohort_on, self.set_on)
        found = day_after_pauses(on, set_on, pauses)
        return max(found, day_after_pauses(self.extra, self.set_on, pauses)) if self.extra else found


def dues_of(enrolment_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """By enrolment its due dates, the earliest first. One query whatever their number."""
    found: dict[UUID, dict[UUID, _Gathered]] = {one: {} for one in enrolment_ids}
    pauses: dict[UUID, set[tuple[date, date | None]]] = {one: set() for one in enrolment_ids}
    if not enrolment_ids:
        return {}
    rows = session().execute(
        select(
            DueDate.id, Enrolment.id, DueDate.unit_id, DueDate.title, DueDate.due_on, Extension.until_on,
            Extension.granted_at, DueDateCriterion.criterion_id, TimeRequest.id, TimeRequest.answer,
            TimeRequest.words, DueDate.set_at, ExtraDays.days, ExtraDays.since_on, ExtraDays.ended_at,
            EnrolmentPause.from_on, EnrolmentPause.to_on,
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
        .outerjoin(
            EnrolmentPause,
            (EnrolmentPause.enrolment_id == Enrolment.id) & EnrolmentPause.to_on.is_not(None),
        )
        .where(Enrolment.id.in_(enrolment_ids), DueDate.cancelled_at.is_(None))
        .order_by(Extension.granted_at, Extension.id, TimeRequest.asked_at)
    )  # fmt: skip
    for (
        due_id, enrolment_id, unit_id, title, on, until, granted_at, criterion_id, asked, answer, words,
        set_at, days, since_on, ended_at, paused_on, rested_to,
    ) in rows:  # fmt: skip
        one = found[enrolment_id].setdefault(
            due_id, _Gathered(Due(due_id, enrolment_id, unit_id, title, on, on), in_london(set_at).date())
        )
        if paused_on is not None:
            pauses[enrolment_id].add((paused_on, rested_to))
        if days is not None:
            one.extra = max(day_with_extra(on, set_at, days, since_on, ended_at), one.extra or on)
        one.until = (day_due(on, until), in_london(granted_at).date()) if until else None
        one.due = replace(
            one.due,
            criteria=one.due.criteria | ({criterion_id} if criterion_id else set()),
            is_asked=one.due.is_asked or (asked is not None and answer is None),
            talk_first=words if answer is TimeAnswer.TALK_FIRST else None,
        )
    return {
        enrolment_id: sorted(
            (replace(one.due, due_on=one.day(pauses[enrolment_id])) for one in gathered.values()),
            key=lambda due: (due.due_on, due.title, due.id),
        )
        for enrolment_id, gathered in found.items()
    }
