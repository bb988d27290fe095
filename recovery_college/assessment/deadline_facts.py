"""The days that count: a cohort's due dates as they stand for each student, extensions and pauses within."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Date,
    Integer,
    Text,
    Uuid,
    case,
    literal,
    select,
    type_coerce,
    union_all,
)

from recovery_college.assessment.deadline_models import (
    DueDate,
    DueDateCriterion,
    Extension,
    ExtraDays,
    TimeRequest,
)
from recovery_college.assessment.deadline_rules import TimeAnswer, day_after_pauses, day_with_extra
from recovery_college.courses.models import Enrolment, EnrolmentPause
from recovery_college.kernel.db import Moment, session
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


@dataclass(frozen=True, slots=True)
class _Given:
    """That one date was moved for a student."""

    until_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class _Extra:
    """That every date is later by some days for a student."""

    days: int
    since_on: date
    since_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class _Time:
    """What is known of one student's time, over all their dates, while it is read."""

    given: dict[UUID, list[_Given]] = field(default_factory=dict)
    asked: dict[UUID, list[tuple[bool, str | None]]] = field(default_factory=dict)
    """By date, in the order they were asked: whether it waits, and what was said by who would talk first."""
    extras: list[_Extra] = field(default_factory=list)
    pauses: list[tuple[date, date | None]] = field(default_factory=list)

    def day_of(self, due: Due, set_at: datetime) -> date:
        """The day that counts: an extension, extra days and pauses move it, and none takes another's away."""
        given = self.given.get(due.id, [])
        found = self._standing(due, set_at, given)
        for extra in self.extras:
            stood = self._standing(due, set_at, [one for one in given if one.at <= extra.since_at])
            later = day_with_extra(due.cohort_on, stood, set_at, extra.days, extra.since_on, extra.ended_at)
            found = max(found, self._rested(later, set_at))
        return found

    def _standing(self, due: Due, set_at: datetime, given: Sequence[_Given]) -> date:
        """The day without extra days: the cohort's, or what the latest of these extensions says."""
        found = self._rested(due.cohort_on, set_at)
        return max(found, self._rested(given[-1].until_on, given[-1].at)) if given else found

    def _rested(self, on: date, set_at: datetime) -> date:
        return day_after_pauses(on, in_london(set_at).date(), self.pauses)


def dues_of(enrolment_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """By enrolment its due dates, the earliest first. One query whatever their number."""
    if not enrolment_ids:
        return {}
    found: dict[UUID, dict[UUID, tuple[Due, datetime]]] = {one: {} for one in enrolment_ids}
    times = {one: _Time() for one in enrolment_ids}
    rows: Iterable[Any] = session().execute(_facts_about(enrolment_ids))
    for what, enrolment_id, due_id, on, to_on, at, ended_at, days, words, unit_id, other_id in rows:
        time = times[enrolment_id]
        if what == "date":
            own = found[enrolment_id]
            due, _ = own.get(due_id) or (Due(due_id, enrolment_id, unit_id, words, on, on), at)
            own[due_id] = replace(due, criteria=due.criteria | ({other_id} if other_id else set())), at
        elif what == "given":
            time.given.setdefault(due_id, []).append(_Given(on, at))
        elif what == "asked":
            time.asked.setdefault(due_id, []).append((ended_at is None, words))
        elif what == "extra":
            time.extras.append(_Extra(days, on, at, ended_at))
        else:
            time.pauses.append((on, to_on))
    return {
        enrolment_id: sorted(
            (_as_it_stands(due, set_at, times[enrolment_id]) for due, set_at in own.values()),
            key=lambda due: (due.due_on, due.title, due.id),
        )
        for enrolment_id, own in found.items()
    }


def _as_it_stands(due: Due, set_at: datetime, time: _Time) -> Due:
    asked = time.asked.get(due.id, [])
    return replace(
        due,
        due_on=time.day_of(due, set_at),
        is_asked=any(waits for waits, _ in asked),
        talk_first=asked[-1][1] if asked else None,
    )


def _facts_about(enrolment_ids: Collection[UUID]) -> CompoundSelect[*tuple[Any, ...]]:
    """The dates of these students, what moves them, and what was asked: a row for each fact, in their order.

    Joined, many criteria, extensions, pauses and wishes would multiply.
    """
    no_id, no_day, no_moment = literal(None, Uuid()), literal(None, Date()), literal(None, Moment())
    no_words, no_days = literal(None, Text()), literal(None, Integer())
    talk = case((TimeRequest.answer == TimeAnswer.TALK_FIRST, TimeRequest.words), else_=no_words)
    parts = (
        select(
            literal("date", Text()).label("what"), Enrolment.id.label("enrolment_id"), DueDate.id.label("due_id"),
            DueDate.due_on, no_day.label("to_on"), DueDate.set_at.label("at"), no_moment.label("ended_at"),
            no_days.label("days"), type_coerce(DueDate.title, Text()).label("words"), DueDate.unit_id,
            DueDateCriterion.criterion_id.label("other_id"),
        )
        .join(Enrolment, Enrolment.cohort_id == DueDate.cohort_id)
        .outerjoin(DueDateCriterion, DueDateCriterion.due_date_id == DueDate.id)
        .where(Enrolment.id.in_(enrolment_ids), DueDate.cancelled_at.is_(None)),
        select(
            literal("given", Text()), Extension.enrolment_id, Extension.due_date_id,
            Extension.until_on, no_day, Extension.granted_at, no_moment, no_days, no_words, no_id, Extension.id,
        ).where(Extension.enrolment_id.in_(enrolment_ids)),
        select(
            literal("asked", Text()), TimeRequest.enrolment_id, TimeRequest.due_date_id,
            no_day, no_day, TimeRequest.asked_at, TimeRequest.answered_at, no_days, talk, no_id, TimeRequest.id,
        ).where(TimeRequest.enrolment_id.in_(enrolment_ids), TimeRequest.due_date_id.is_not(None)),
        select(
            literal("extra", Text()), ExtraDays.enrolment_id, no_id,
            ExtraDays.since_on, no_day, ExtraDays.since_at, ExtraDays.ended_at, ExtraDays.days, no_words, no_id,
            ExtraDays.id,
        ).where(ExtraDays.enrolment_id.in_(enrolment_ids)),
        select(
            literal("pause", Text()), EnrolmentPause.enrolment_id, no_id,
            EnrolmentPause.from_on, EnrolmentPause.to_on, no_moment, no_moment, no_days, no_words, no_id,
            EnrolmentPause.id,
        ).where(EnrolmentPause.enrolment_id.in_(enrolment_ids), EnrolmentPause.to_on.is_not(None)),
    )  # fmt: skip
    return union_all(*parts).order_by("at", "other_id")
