"""Reading a cohort's timetable, its register and what follows from both (C3)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, func, literal, select

from recovery_college.courses.models import (
    Attendance,
    Cohort,
    CourseSession,
    Enrolment,
    EnrolmentPause,
)
from recovery_college.courses.queries import Place
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
from recovery_college.kernel.db import session


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
