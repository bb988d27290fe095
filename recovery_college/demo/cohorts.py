"""The demo's courses: sites, the DEMO qualification, cohorts with their sessions, places and attendance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

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
    Site,
    Unit,
    UnitGroup,
)
from recovery_college.courses.rules import AccreditationKind, EnrolmentStatus, Mark
from recovery_college.courses.specification import Specification
from recovery_college.demo.rows import Rows
from recovery_college.kernel.clock import LONDON
from recovery_college.kernel.working_days import england_bank_holidays

SITES = ("Alderbridge", "Saltmere")
"""Two towns that are on no map."""
STARTS, ENDS = time(9, 30), time(12, 30)
WEEK = timedelta(days=7)


def on(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of a day as clocks in England show it."""
    return datetime.combine(day, time(hour, minute), LONDON)


@dataclass(frozen=True, slots=True)
class Course:
    """The qualification as stored: its id, and for each unit in order its id and its criteria's ids in order."""

    qualification_id: UUID
    units: tuple[tuple[UUID, tuple[UUID, ...]], ...]

    @property
    def unit_ids(self) -> tuple[UUID, ...]:
        """The units in order."""
        return tuple(unit_id for unit_id, _ in self.units)


def add_sites(rows: Rows, names: Sequence[str] = SITES) -> dict[str, UUID]:
    """Gather the sites; their ids by name."""
    return {name: rows.add(Site, name=name) for name in names}


def add_qualification(rows: Rows, spec: Specification) -> Course:
    """Gather a specification whose groups are all mandatory."""
    qualification_id = rows.add(
        Qualification,
        title=spec.title,
        version=spec.version,
        accreditation=AccreditationKind.CENTRE_DEVISED,
        number="",
        min_credit=spec.min_credit,
        resubmissions=1,
    )
    units: list[tuple[UUID, tuple[UUID, ...]]] = []
    for place, group in enumerate(spec.groups):
        group_id = rows.add(
            UnitGroup, qualification_id=qualification_id, name=group.name, is_mandatory=True, min_credit=None,
            min_units=None, position=place,
        )  # fmt: skip
        for position, unit in enumerate(group.units):
            unit_id = rows.add(
                Unit, qualification_id=qualification_id, group_id=group_id, code=unit.code, title=unit.title,
                level=unit.level, credit=unit.credit, glh=unit.glh, position=position,
            )  # fmt: skip
            criteria: list[UUID] = []
            for n, outcome in enumerate(unit.outcomes):
                outcome_id = rows.add(
                    LearningOutcome, unit_id=unit_id, number=outcome.number, text=outcome.text, position=n
                )
                criteria += [
                    rows.add(
                        AssessmentCriterion, outcome_id=outcome_id, unit_id=unit_id, number=criterion.number,
                        text=criterion.text, position=m,
                    )
                    for m, criterion in enumerate(outcome.criteria)
                ]  # fmt: skip
            units.append((unit_id, tuple(criteria)))
    return Course(qualification_id, tuple(units))


@dataclass(frozen=True, slots=True)
class CohortPlan:
    """What a cohort is before anybody is in it. `sessions` are days; `cancelled` is the place of one of them."""

    ref: str
    title: str
    site_id: UUID
    starts_on: date
    ends_on: date
    sessions: tuple[date, ...] = ()
    cancelled: int | None = None
    capacity: int = 16


@dataclass(slots=True)
class MadeCohort:
    """A cohort that was gathered: its id, its plan, and its places in the order they were taken."""

    id: UUID
    plan: CohortPlan
    places: list[UUID] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)


def session_days(starts_on: date, weeks: int, weekdays: Sequence[int]) -> tuple[date, ...]:
    """The days of a course from the Monday `starts_on`, bank holidays left out."""
    holidays = england_bank_holidays()
    days = (starts_on + WEEK * week + timedelta(days=day) for week in range(weeks) for day in weekdays)
    return tuple(day for day in days if day not in holidays.names)


def add_cohort(rows: Rows, course: Course, plan: CohortPlan, tutors: Sequence[UUID]) -> MadeCohort:
    """Gather a cohort with its tutors and sessions."""
    cohort_id = rows.add(
        Cohort, ref=plan.ref, title=plan.title, qualification_id=course.qualification_id,
        site_id=plan.site_id, starts_on=plan.starts_on, ends_on=plan.ends_on, capacity=plan.capacity,
        min_attendance=80, holds_decisions=True,
    )  # fmt: skip
    for person_id in tutors:
        rows.link(CohortTutor, {"cohort_id": cohort_id, "person_id": person_id})
    for number, day in enumerate(plan.sessions):
        rows.add(
            CourseSession, cohort_id=cohort_id, session_on=day, starts=STARTS, ends=ENDS,
            title=f"Session {number + 1}", site_id=None,
            cancelled_at=on(day - timedelta(days=1), 16) if number == plan.cancelled else None,
        )  # fmt: skip
    return MadeCohort(cohort_id, plan)


def add_place(
    rows: Rows,
    course: Course,
    cohort: MadeCohort,
    person_id: UUID,
    *,
    status: EnrolmentStatus = EnrolmentStatus.ENROLLED,
    enrolled_on: date | None = None,
    ended_on: date | None = None,
    paused_from: date | None = None,
    asked_back_at: datetime | None = None,
    registered: bool = True,
) -> UUID:
    """Gather one student's place, registered for every unit, or for none where nobody wrote that down."""
    enrolment_id = rows.add(
        Enrolment, cohort_id=cohort.id, person_id=person_id, status=status,
        enrolled_on=enrolled_on or cohort.plan.starts_on, ended_on=ended_on,
    )  # fmt: skip
    for unit_id in course.unit_ids if registered else ():
        rows.link(EnrolmentUnit, {"enrolment_id": enrolment_id, "unit_id": unit_id})
    if paused_from is not None:
        rows.add(
            EnrolmentPause, enrolment_id=enrolment_id, from_on=paused_from, to_on=None,
            asked_back_at=asked_back_at,
        )  # fmt: skip
    cohort.places.append(enrolment_id)
    cohort.people.append(person_id)
    return enrolment_id


def add_attendance(
    rows: Rows,
    cohort: MadeCohort,
    enrolment_id: UUID,
    today: date,
    random: Random,
    *,
    keen: float = 0.93,
    since: date | None = None,
    until: date | None = None,
    marks: Mapping[int, Mark] | None = None,
) -> None:
    """Gather a student's marks of the sessions held before today.

    `keen` is the chance of coming; `since` and `until` are the first and last day they are on the register;
    `marks` says what the mark is at some sessions, by place.
    """
    for number, day in enumerate(cohort.plan.sessions):
        if day >= today or (since and day < since) or (until and day > until):
            continue
        mark = (marks or {}).get(number)
        if number == cohort.plan.cancelled:
            mark = Mark.CANCELLED
        elif mark is None and random.random() < keen:
            mark = Mark.LATE if random.random() < 0.06 else Mark.PRESENT
        elif mark is None:
            mark = Mark.APOLOGY if random.random() < 0.7 else Mark.ABSENT
        rows.add(
            Attendance, enrolment_id=enrolment_id, session_on=day, mark=mark, recorded_at=on(day, 12, 40)
        )
