"""Reading courses: always for an actor, so what they may not know of is not in the answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, bindparam, func, literal, select
from sqlalchemy.orm import joinedload

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.courses.models import (
    AssessmentCriterion,
    Attendance,
    Cohort,
    CohortTutor,
    CourseSession,
    Enrolment,
    EnrolmentPause,
    EnrolmentUnit,
    LearningOutcome,
    Qualification,
    Unit,
)
from recovery_college.courses.models import UnitGroup as UnitGroupRow
from recovery_college.courses.rules import (
    ATTENDED,
    AttendanceSummary,
    CoursePlan,
    EnrolmentStatus,
    Mark,
    MarkFact,
    Pause,
    SessionFact,
    attendance_summary,
    course_plan,
)
from recovery_college.courses.specification import (
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
)
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person
from recovery_college.people.rules import display_name

KNOWS_EVERY_COHORT = frozenset({Role.IQA, Role.ADMIN, Role.AUDITOR})


def cohorts_scope(actor: Actor, engaged: Collection[UUID] = ()) -> Select[Cohort]:
    """The cohorts this actor may know of, as a SELECT to narrow further.

    A tutor knows of assigned cohorts; quality assurers, administrators and auditors of all; an external quality
    assurer of those in `engaged` (which the assessment room works out); everybody else of none. An auditor knows
    a cohort as what plans, claims and certificates belong to: its own pages need COHORT_SEE besides.
    """
    if actor.role in KNOWS_EVERY_COHORT:
        return select(Cohort)
    if not may(actor, Permission.COHORT_SEE):
        return select(Cohort).where(Cohort.id.is_(None))
    if actor.role is Role.TUTOR:
        return _assigned_to(actor.person_id)
    return select(Cohort).where(Cohort.id.in_(list(engaged)))


def _assigned_to(tutor: Any) -> Select[Cohort]:
    mine = select(CohortTutor.cohort_id).where(CohortTutor.person_id == tutor)
    return select(Cohort).where(Cohort.id.in_(mine))


# What most pages below a cohort begin with: made once, because making it anew costs more than running it.
_ONE = select(Cohort).where(Cohort.id == bindparam("wanted"))
_ONE_ASSIGNED = _assigned_to(bindparam("tutor")).where(Cohort.id == bindparam("wanted"))


def cohorts_visible_to(actor: Actor, engaged: Collection[UUID] = ()) -> Sequence[Cohort]:
    """The cohorts this actor may know of, newest first."""
    statement = cohorts_scope(actor, engaged).options(
        joinedload(Cohort.site), joinedload(Cohort.qualification)
    )
    return session().scalars(statement.order_by(Cohort.starts_on.desc(), Cohort.ref)).all()


def cohort_visible_to(actor: Actor, cohort_id: UUID, engaged: Collection[UUID] = ()) -> Cohort | None:
    """One cohort, or None when the actor may not know of it."""
    if actor.role is Role.TUTOR and may(actor, Permission.COHORT_SEE):
        return session().scalar(_ONE_ASSIGNED, {"wanted": cohort_id, "tutor": actor.person_id})
    if actor.role in KNOWS_EVERY_COHORT:
        return session().scalar(_ONE, {"wanted": cohort_id})
    return session().scalar(cohorts_scope(actor, engaged).where(Cohort.id == cohort_id))


@dataclass(frozen=True, slots=True)
class Place:
    """One student's place in a cohort, with the names a page or file needs. No health, no adjustments."""

    enrolment_id: UUID
    person_id: UUID
    cohort_id: UUID
    student_ref: str
    name: str
    family_name: str
    status: EnrolmentStatus
    enrolled_on: date
    ended_on: date | None


def places_in(cohort_ids: Collection[UUID]) -> list[Place]:
    """The places in these cohorts by family name. The caller has made sure the actor may see the cohorts."""
    rows = session().execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.cohort_id,
            Person.student_ref,
            Person.given_name,
            Person.family_name,
            Person.preferred_name,
            Enrolment.status,
            Enrolment.enrolled_on,
            Enrolment.ended_on,
        )
        .join(Person, Enrolment.person_id == Person.id)
        .where(Enrolment.cohort_id.in_(cohort_ids))
        .order_by(Person.family_name, Person.given_name, Enrolment.id)
    )
    return [_place(row) for row in rows]


def place_of(enrolment_id: UUID) -> Place | None:
    """One place by its id. The caller makes sure the actor may see its cohort."""
    enrolment = session().get(Enrolment, enrolment_id)
    if enrolment is None:
        return None
    return next((p for p in places_in([enrolment.cohort_id]) if p.enrolment_id == enrolment_id), None)


def places_of_person(person_id: UUID) -> list[Enrolment]:
    """A person's enrolments, newest first."""
    statement = (
        select(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id == person_id)
        .order_by(Cohort.starts_on.desc())
    )
    return list(session().scalars(statement))


def _place(row: Sequence[object]) -> Place:
    enrolment_id, person_id, cohort_id, ref, given, family, preferred, status, enrolled_on, ended_on = row
    return Place(
        enrolment_id=enrolment_id,  # type: ignore[arg-type]
        person_id=person_id,  # type: ignore[arg-type]
        cohort_id=cohort_id,  # type: ignore[arg-type]
        student_ref=str(ref or ""),
        name=display_name(str(given), str(family), str(preferred or "")),
        family_name=str(family),
        status=status,  # type: ignore[arg-type]
        enrolled_on=enrolled_on,  # type: ignore[arg-type]
        ended_on=ended_on,  # type: ignore[arg-type]
    )


def units_registered(enrolment_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """For each enrolment the units it is registered for (A5)."""
    found: dict[UUID, set[UUID]] = {enrolment_id: set() for enrolment_id in enrolment_ids}
    statement = select(EnrolmentUnit.enrolment_id, EnrolmentUnit.unit_id).where(
        EnrolmentUnit.enrolment_id.in_(enrolment_ids)
    )
    for enrolment_id, unit_id in session().execute(statement):
        found[enrolment_id].add(unit_id)
    return found


def people_with_accounts(person_ids: Collection[UUID]) -> set[UUID]:
    """Who of these people has an account that is open."""
    statement = select(Account.person_id).where(
        Account.person_id.in_(person_ids), Account.closed_at.is_(None)
    )
    return set(session().scalars(statement))


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with its id, its number n.m, and its texts."""

    id: UUID
    unit_id: UUID
    number: str
    text: str
    outcome_number: str
    outcome_text: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its criteria in order."""

    id: UUID
    code: str
    title: str
    level: int
    credit: int
    glh: int
    group: str
    criteria: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True)
class Syllabus:
    """A qualification's units with their ids, and the same as the pure Specification rules work on."""

    qualification_id: UUID
    title: str
    version: str
    units: tuple[UnitRow, ...]
    specification: Specification

    def unit(self, unit_id: UUID) -> UnitRow | None:
        """The unit with this id."""
        return next((unit for unit in self.units if unit.id == unit_id), None)

    @property
    def criteria(self) -> dict[UUID, CriterionRow]:
        """Every criterion by its id."""
        return {criterion.id: criterion for unit in self.units for criterion in unit.criteria}


def syllabus_of(qualification_id: UUID) -> Syllabus:
    """A qualification with its groups, units, outcomes and criteria, in three queries."""
    s = session()
    qualification = s.get_one(Qualification, qualification_id)
    criteria, outcomes = _criteria_of(qualification_id)
    units: list[UnitRow] = []
    by_group: dict[UUID, tuple[UnitGroupRow, list[UnitSpec]]] = {}
    statement = (
        select(UnitGroupRow, Unit)
        .outerjoin(Unit, Unit.group_id == UnitGroupRow.id)
        .where(UnitGroupRow.qualification_id == qualification_id)
        .order_by(UnitGroupRow.position, Unit.position)
    )
    for group, unit in s.execute(statement):
        members = by_group.setdefault(group.id, (group, []))[1]
        if unit is not None:
            row_of = UnitRow(
                unit.id, unit.code, unit.title, unit.level, unit.credit, unit.glh or 0, group.name,
                tuple(criteria.get(unit.id, ())),
            )  # fmt: skip
            units.append(row_of)
            members.append(_unit_spec(row_of, unit.reference, outcomes.get(unit.id, {})))
    at_level, least = qualification.at_level, qualification.min_credit_at_level
    specification = Specification(
        qualification.title,
        qualification.version,
        tuple(
            UnitGroup(group.name, tuple(members), group.min_credit, group.min_units)
            for group, members in by_group.values()
        ),
        qualification.min_credit,
        ((at_level, least),) if at_level and least else (),
    )
    return Syllabus(qualification.id, qualification.title, qualification.version, tuple(units), specification)


Outcomes = dict[tuple[str, str], list[CriterionSpec]]


def _criteria_of(qualification_id: UUID) -> tuple[dict[UUID, list[CriterionRow]], dict[UUID, Outcomes]]:
    """By unit: its criteria in order, and its outcomes with theirs; an outcome may have none yet."""
    criteria: dict[UUID, list[CriterionRow]] = {}
    outcomes: dict[UUID, Outcomes] = {}
    rows = session().execute(
        select(
            AssessmentCriterion.id,
            LearningOutcome.unit_id,
            AssessmentCriterion.number,
            AssessmentCriterion.text,
            LearningOutcome.number,
            LearningOutcome.text,
        )
        .select_from(LearningOutcome)
        .outerjoin(AssessmentCriterion, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, LearningOutcome.unit_id == Unit.id)
        .where(Unit.qualification_id == qualification_id)
        .order_by(LearningOutcome.position, AssessmentCriterion.position)
    )
    for criterion_id, unit_id, number, text, outcome_number, outcome_text in rows:
        found = outcomes.setdefault(unit_id, {}).setdefault((outcome_number, outcome_text), [])
        if criterion_id is not None:
            found.append(CriterionSpec(number, text))
            row = CriterionRow(criterion_id, unit_id, number, text, outcome_number, outcome_text)
            criteria.setdefault(unit_id, []).append(row)
    return criteria, outcomes


def _unit_spec(unit: UnitRow, reference: str, outcomes: Outcomes) -> UnitSpec:
    made = tuple(OutcomeSpec(number, text, tuple(found)) for (number, text), found in outcomes.items())
    return UnitSpec(unit.code, unit.title, unit.level, unit.credit, unit.glh, made, reference)


def attendance_of(cohort: Cohort, places: Sequence[Place], today: date) -> dict[UUID, AttendanceSummary]:
    """Each place's attendance, both ways (C3), in two queries whatever the cohort's size.

    `places` are all places of the cohort, or some: the plan is always worked out from the whole cohort.
    """
    marks: dict[UUID, list[MarkFact]] = {}
    pauses: dict[UUID, list[Pause]] = {}
    rows = session().execute(
        select(
            Attendance.enrolment_id,
            Attendance.session_on,
            Attendance.mark,
            literal(None, Date()),
            literal(False),
        )
        .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort.id)
        .union_all(
            select(
                EnrolmentPause.enrolment_id,
                EnrolmentPause.from_on,
                literal(None, Attendance.mark.type),
                EnrolmentPause.to_on,
                literal(True),
            ).where(EnrolmentPause.enrolment_id.in_([place.enrolment_id for place in places]))
        )
    )
    for enrolment_id, on, mark, to_on, is_pause in rows:
        if is_pause:
            pauses.setdefault(enrolment_id, []).append(Pause(on, to_on))
        else:
            marks.setdefault(enrolment_id, []).append(MarkFact(on, on.isoformat(), mark))
    plan = plan_of(cohort.id, marks)
    return {
        place.enrolment_id: attendance_summary(
            plan,
            marks.get(place.enrolment_id, ()),
            enrolled_on=place.enrolled_on,
            today=today,
            pauses=pauses.get(place.enrolment_id, ()),
            withdrawn_on=place.ended_on if place.status is EnrolmentStatus.WITHDRAWN else None,
        )
        for place in places
    }


def plan_of(cohort_id: UUID, marks: Mapping[UUID, Sequence[MarkFact]]) -> CoursePlan:
    """The plan attendance is measured against. Attendance is kept by day, so a day is one session."""
    sessions = session().execute(
        select(CourseSession.session_on, CourseSession.cancelled_at).where(
            CourseSession.cohort_id == cohort_id
        )
    )
    days: dict[date, bool] = {}
    for day, cancelled_at in sessions:
        days[day] = days.get(day, True) and cancelled_at is not None
    facts = [SessionFact(day, day.isoformat(), cancelled) for day, cancelled in days.items()]
    return course_plan(facts, [fact for found in marks.values() for fact in found])


def sessions_of(cohort_id: UUID) -> Sequence[CourseSession]:
    """The timetable of a cohort, in order."""
    statement = select(CourseSession).where(CourseSession.cohort_id == cohort_id)
    return session().scalars(statement.order_by(CourseSession.session_on, CourseSession.starts)).all()


def tutors_of(cohort_id: UUID) -> list[str]:
    """The names of a cohort's tutors."""
    people = session().scalars(
        select(Person)
        .join(CohortTutor, CohortTutor.person_id == Person.id)
        .where(CohortTutor.cohort_id == cohort_id)
        .order_by(Person.family_name)
    )
    return [display_name(p.given_name, p.family_name, p.preferred_name) for p in people]


def places_taken(cohort_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many places of each cohort are taken (withdrawn ones are free again)."""
    rows = session().execute(
        select(Enrolment.cohort_id, func.count())
        .where(
            Enrolment.cohort_id.in_(cohort_ids),
            Enrolment.status != EnrolmentStatus.WITHDRAWN,
        )
        .group_by(Enrolment.cohort_id)
    )
    return {row[0]: row[1] for row in rows}


def attended_by_day(cohort_id: UUID) -> dict[date, tuple[int, int]]:
    """For each day with a register: how many came, and of how many marked. Cancelled marks count for nobody."""
    found: dict[date, tuple[int, int]] = {}
    rows = session().execute(
        select(Attendance.session_on, Attendance.mark, func.count())
        .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort_id, Attendance.mark != Mark.CANCELLED)
        .group_by(Attendance.session_on, Attendance.mark)
    )
    for day, mark, times in rows:
        came, marked = found.get(day, (0, 0))
        found[day] = (came + (times if mark in ATTENDED else 0), marked + times)
    return found
