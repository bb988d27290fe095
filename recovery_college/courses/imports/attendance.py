"""Importing attendance: one mark a student and day (C3)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.imports.cells import one_line
from recovery_college.courses.imports.lookups import (
    PlaceFact,
    cohorts_named,
    column,
    parts,
    places_held,
    refusal,
)
from recovery_college.courses.imports.notes import Notes
from recovery_college.courses.models import Attendance, Cohort, CourseSession, Enrolment
from recovery_college.courses.rules import Mark
from recovery_college.imports.kind import ImportKind, Options, Outcome
from recovery_college.imports.rules import CheckedRow, Column, Refusal, choice, iso_date
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows
from recovery_college.kernel.ids import new_id


def apply_attendance(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Make or change a mark for each row. Marks the rules leave out of account are kept, and told."""
    cohorts = cohorts_named(s, column(rows, "cohort"))
    ids = [cohort.id for cohort in cohorts.values()]
    places, known, planned = places_held(s, ids), _marks(s, ids), _days_planned(s, ids)
    at, today = clock.now(), clock.today()
    notes, refusals, events = Notes(), list[Refusal](), list[Event]()
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    unchanged = 0
    for row in rows:
        cohort = cohorts.get(row.values["cohort"])
        if cohort is None:
            reason = "There is no such cohort. Import it first, or check the reference"
            refusals.append(refusal(row, "cohort", reason))
            continue
        place = places.get((cohort.id, row.values["student_ref"]))
        if place is None:
            reason = f"No student with this reference is enrolled in {cohort.ref}. Import the enrolment first"
            refusals.append(refusal(row, "student_ref", reason))
            continue
        _look_at(row, cohort, place, planned.get(cohort.id, frozenset()), today, notes)
        day, mark = row.values["session_on"], row.values["mark"]
        old = known.get((place.id, day))
        if old is None:
            attendance_id = new_id()
            new.append(
                {
                    "id": attendance_id,
                    "enrolment_id": place.id,
                    "session_on": day,
                    "mark": mark,
                    "recorded_at": at,
                }
            )
            events.append(
                event_of(actor, "imported attendance", "attendance", attendance_id, mark=mark.value)
            )
        elif old[1] is not mark:
            changes.append({"id": old[0], "mark": mark, "recorded_at": at})
            events.append(
                event_of(
                    actor, "changed attendance", "attendance", old[0], before=old[1].value, mark=mark.value
                )
            )
        else:
            unchanged += 1
    add_rows(s, Attendance, new)
    if changes:
        s.execute(update(Attendance), changes)
    record_many(s, events)
    return Outcome(len(new), len(changes), unchanged, refusals, notes.sentences())


def _look_at(
    row: CheckedRow, cohort: Cohort, place: PlaceFact, planned: frozenset[date], today: date, notes: Notes
) -> None:
    """Note a mark that will count for nothing, or not yet."""
    day = row.values["session_on"]
    if planned and day not in planned:
        notes.add(f"{cohort.ref} has no session planned on {day}, so the mark does not count", row.line)
    if day < place.enrolled_on:
        notes.add("the day is before the student's enrolment, so the mark does not count", row.line)
    if place.ended_on is not None and day > place.ended_on:
        notes.add("the day is after the student's place ended", row.line)
    if day > today:
        notes.add("the day is still to come. The mark counts once the day is over", row.line)
    if not planned and not cohort.starts_on <= day <= cohort.ends_on:
        notes.add("the day lies outside the cohort's dates", row.line)


def _marks(s: Session, cohort_ids: list[UUID]) -> dict[tuple[UUID, date], tuple[UUID, Mark]]:
    found: dict[tuple[UUID, date], tuple[UUID, Mark]] = {}
    for part in parts(cohort_ids):
        statement = (
            select(Attendance.id, Attendance.enrolment_id, Attendance.session_on, Attendance.mark)
            .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
            .where(Enrolment.cohort_id.in_(part))
        )
        for attendance_id, enrolment_id, day, mark in s.execute(statement):
            found[enrolment_id, day] = (attendance_id, mark)
    return found


def _days_planned(s: Session, cohort_ids: list[UUID]) -> dict[UUID, frozenset[date]]:
    days: dict[UUID, set[date]] = {}
    for part in parts(cohort_ids):
        statement = select(CourseSession.cohort_id, CourseSession.session_on)
        for cohort_id, day in s.execute(statement.where(CourseSession.cohort_id.in_(part))):
            days.setdefault(cohort_id, set()).add(day)
    return {cohort_id: frozenset(found) for cohort_id, found in days.items()}


ATTENDANCE = ImportKind(
    name="attendance",
    title="Attendance",
    columns=(
        Column("cohort", one_line(40), required=True, help="The cohort's reference", example="C11"),
        Column("student_ref", one_line(40), required=True, help="The student's reference", example="S0001"),
        Column("session_on", iso_date, required=True, help="The day of the session", example="2026-09-14"),
        Column("mark", choice(Mark), required=True,
               help="present, late, apology, absent or cancelled. Present and late count as attended",
               example="present"),
    ),
    key=("cohort", "student_ref", "session_on"),
    apply=apply_attendance,
    permission=Permission.COURSE_IMPORT,
    note="One row for each student and day. Import the enrolments first.",
    seen_at="courses.cohorts_list",
    seen_as="See the cohorts",
)  # fmt: skip
