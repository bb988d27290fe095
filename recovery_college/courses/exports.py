"""What goes out of this room, in the columns it comes in by: exported and imported again, nothing changes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.attendance_queries import attendance_of, sessions_of
from recovery_college.courses.imports import KINDS
from recovery_college.courses.imports.cells import NO_UNITS
from recovery_college.courses.models import (
    Attendance,
    Cohort,
    CohortTutor,
    CourseSession,
    Enrolment,
    EnrolmentUnit,
    Qualification,
    Site,
    Unit,
    UnitGroup,
)
from recovery_college.courses.queries import cohorts_scope, places_in
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.imports.kind import ExportKind
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tables_out import Cell
from recovery_college.people.models import Account, Person

Row = tuple[Cell, ...]


def _cohorts(actor: Actor, ref: str | None) -> Sequence[Cohort]:
    """The cohorts the actor may take out, oldest first."""
    if not may(actor, Permission.COURSE_EXPORT):
        return []
    statement = cohorts_scope(actor).order_by(Cohort.starts_on, Cohort.ref)
    return session().scalars(statement if ref is None else statement.where(Cohort.ref == ref)).all()


def _ids(actor: Actor, ref: str | None) -> list[UUID]:
    return [cohort.id for cohort in _cohorts(actor, ref)]


def qualification_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a criterion, of every qualification or the cohort's."""
    s = session()
    statement = select(Qualification).order_by(Qualification.title, Qualification.version)
    if cohort_ref is not None:
        statement = statement.where(
            Qualification.id.in_([cohort.qualification_id for cohort in _cohorts(actor, cohort_ref)])
        )
    elif not may(actor, Permission.COURSE_EXPORT):
        return
    for one in s.scalars(statement).all():
        syllabus = syllabus_of(one.id)
        rows = {unit.id: unit for unit in s.scalars(select(Unit).where(Unit.qualification_id == one.id))}
        groups = {
            group.name: group
            for group in s.scalars(select(UnitGroup).where(UnitGroup.qualification_id == one.id))
        }
        for unit in syllabus.units:
            group = groups[unit.group]
            for criterion in unit.criteria:
                yield (
                    one.title, one.version, one.min_credit, unit.code, unit.title, unit.level, unit.credit,
                    rows[unit.id].glh, group.name, group.min_credit, group.min_units,
                    criterion.outcome_number, criterion.outcome_text, criterion.number, criterion.text,
                    one.accreditation.value, one.number, one.resubmissions, one.min_credit_at_level,
                    one.at_level, rows[unit.id].reference,
                )  # fmt: skip


def cohort_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a cohort, its tutors by the addresses they sign in with."""
    s, cohorts = session(), _cohorts(actor, cohort_ref)
    qualifications = {one.id: one for one in s.scalars(select(Qualification))}
    sites = _sites()
    tutors = _tutor_emails([cohort.id for cohort in cohorts])
    for cohort in cohorts:
        qualification = qualifications[cohort.qualification_id]
        yield (
            cohort.ref, cohort.title, qualification.title, qualification.version, sites[cohort.site_id],
            cohort.starts_on, cohort.ends_on, cohort.capacity, cohort.min_attendance,
            ";".join(sorted(tutors.get(cohort.id, ()))),
        )  # fmt: skip


def _sites() -> dict[UUID, str]:
    return {site.id: site.name for site in session().scalars(select(Site))}


def _tutor_emails(cohort_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """One address a tutor: of the account that is open, else closed, else the person's own."""
    rows = session().execute(
        select(CohortTutor.cohort_id, CohortTutor.person_id, Account.email, Account.closed_at, Person.email)
        .join(Person, CohortTutor.person_id == Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(CohortTutor.cohort_id.in_(cohort_ids))
    )
    best: dict[tuple[UUID, UUID], tuple[bool, str]] = {}
    for cohort_id, person_id, address, closed_at, own in rows:
        found = (address is None or closed_at is not None, address or own)
        if found[1]:
            key = (cohort_id, person_id)
            best[key] = min(best.get(key, found), found)
    emails: dict[UUID, list[str]] = {}
    for (cohort_id, _), (_, address) in best.items():
        emails.setdefault(cohort_id, []).append(address)
    return emails


def session_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a planned session."""
    sites = _sites()
    rows = session().execute(
        select(CourseSession, Cohort.ref)
        .join(Cohort, CourseSession.cohort_id == Cohort.id)
        .where(CourseSession.cohort_id.in_(_ids(actor, cohort_ref)))
        .order_by(
            Cohort.starts_on, Cohort.ref, CourseSession.session_on, CourseSession.starts, CourseSession.title
        )
    )
    for one, ref in rows:
        site = sites[one.site_id] if one.site_id else ""
        yield ref, one.session_on, one.starts, one.ends, one.title, site


def student_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a student: everybody with a reference, or who is enrolled in the cohort."""
    if not may(actor, Permission.COURSE_EXPORT):
        return
    statement = select(
        Person.student_ref, Person.given_name, Person.family_name, Person.preferred_name,
        Person.certificate_name, Person.email, Person.date_of_birth, Person.uln,
    ).where(Person.student_ref.is_not(None)).order_by(Person.student_ref)  # fmt: skip
    if cohort_ref is not None:
        enrolled = select(Enrolment.person_id).where(Enrolment.cohort_id.in_(_ids(actor, cohort_ref)))
        statement = statement.where(Person.id.in_(enrolled))
    for row in session().execute(statement):
        yield tuple(row)


def enrolment_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a place, with the units it is registered for."""
    ids = _ids(actor, cohort_ref)
    units: dict[UUID, list[str]] = {}
    registered = (
        select(EnrolmentUnit.enrolment_id, Unit.code)
        .join(Unit, EnrolmentUnit.unit_id == Unit.id)
        .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(ids))
        .order_by(Unit.position)
    )
    for enrolment_id, code in session().execute(registered):
        units.setdefault(enrolment_id, []).append(code)
    places = (
        select(Enrolment, Cohort.ref, Person.student_ref)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Person, Enrolment.person_id == Person.id)
        .where(Enrolment.cohort_id.in_(ids), Person.student_ref.is_not(None))
        .order_by(Cohort.starts_on, Cohort.ref, Person.student_ref)
    )
    for one, ref, student_ref in session().execute(places):
        yield ref, student_ref, one.status.value, one.enrolled_on, ";".join(units.get(one.id, (NO_UNITS,)))


def attendance_rows(actor: Actor, cohort_ref: str | None = None) -> Iterator[Row]:
    """A row a student and day."""
    rows = session().execute(
        select(Cohort.ref, Person.student_ref, Attendance.session_on, Attendance.mark)
        .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Person, Enrolment.person_id == Person.id)
        .where(Enrolment.cohort_id.in_(_ids(actor, cohort_ref)), Person.student_ref.is_not(None))
        .order_by(Cohort.starts_on, Cohort.ref, Attendance.session_on, Person.student_ref)
    )
    for ref, student_ref, day, mark in rows:
        yield ref, student_ref, day, mark.value


def register_table(cohort: Cohort) -> tuple[list[str], list[list[Cell]]]:
    """The register as people know it: a row a student, a column a day, then both percentages (C3).

    The caller has made sure that the actor may see the cohort's attendance.
    """
    places = places_in([cohort.id])
    marks: dict[UUID, dict[date, str]] = {}
    rows = session().execute(
        select(Attendance.enrolment_id, Attendance.session_on, Attendance.mark)
        .join(Enrolment, Attendance.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == cohort.id)
    )
    for enrolment_id, day, mark in rows:
        marks.setdefault(enrolment_id, {})[day] = mark.value
    days = sorted(
        {one.session_on for one in sessions_of(cohort.id)} | {day for own in marks.values() for day in own}
    )
    attendance = attendance_of(cohort, places, clock.today())
    columns = ["student_ref", "name", "status", *(day.isoformat() for day in days)]
    columns += ["attended", "held", "planned", "attendance_so_far", "attendance_whole_course"]
    table: list[list[Cell]] = []
    for place in places:
        own, summary = marks.get(place.enrolment_id, {}), attendance[place.enrolment_id]
        table.append(
            [
                place.student_ref, place.name, place.status.value, *(own.get(day, "") for day in days),
                summary.attended, summary.held, summary.planned, summary.so_far, summary.whole_course,
            ]
        )  # fmt: skip
    return columns, table


_ROWS = {
    "qualification": qualification_rows,
    "cohorts": cohort_rows,
    "sessions": session_rows,
    "students": student_rows,
    "enrolments": enrolment_rows,
    "attendance": attendance_rows,
}

EXPORTS: Mapping[str, ExportKind] = {
    kind.name: ExportKind(
        kind.name, kind.title, tuple(column.name for column in kind.columns), _ROWS[kind.name],
        Permission.COURSE_EXPORT,
    )
    for kind in KINDS
}  # fmt: skip
