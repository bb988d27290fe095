"""Qualifications, cohorts, students and attendance for tests, made straight in the database."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import count

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.courses.models import (
    AssessmentCriterion,
    Attendance,
    Cohort,
    CohortTutor,
    CourseSession,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Qualification,
    Site,
    Unit,
    UnitGroup,
)
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.people import a_person, signed_in

numbers = count(1)


def a_site(name: str = "") -> Site:
    """A site; the one of that name if there is one."""
    with transaction() as s:
        found = s.scalar(select(Site).where(Site.name == name)) if name else None
        if found is None:
            found = Site(name=name or f"Site {next(numbers)}")
            s.add(found)
    return found


def a_qualification(
    units: int = 2,
    criteria: int = 3,
    *,
    title: str = "",
    version: str = "1",
    optional_units: int = 0,
    credit: int = 3,
) -> Qualification:
    """A qualification of `units` mandatory units with `criteria` criteria each, three to an outcome.

    Units are coded U1, U2, ...; criteria are numbered 1.1, 1.2, 1.3, 2.1, ... `optional_units` more units
    (U3, ... after the mandatory ones) stand in the group "Options", which asks for one of them.
    """
    with transaction() as s:
        qualification = Qualification(
            title=title or f"Peer Support Work {next(numbers)} (DEMO)", version=version
        )
        s.add(qualification)
        s.flush()
        groups = [UnitGroup(name="mandatory", is_mandatory=True, position=0)]
        if optional_units:
            groups.append(UnitGroup(name="Options", is_mandatory=False, min_units=1, position=1))
        for group in groups:
            group.qualification_id = qualification.id
        s.add_all(groups)
        s.flush()
        for place in range(units + optional_units):
            group = groups[0] if place < units else groups[1]
            unit = Unit(
                qualification_id=qualification.id,
                group_id=group.id,
                code=f"U{place + 1}",
                title=f"Unit title {place + 1}",
                level=4,
                credit=credit,
                glh=20,
                position=place,
            )
            s.add(unit)
            s.flush()
            for number in range(criteria):
                if number % 3 == 0:
                    outcome = LearningOutcome(
                        unit_id=unit.id,
                        number=str(number // 3 + 1),
                        text=f"Understand topic {number // 3 + 1}",
                        position=number // 3,
                    )
                    s.add(outcome)
                    s.flush()
                label = f"{number // 3 + 1}.{number % 3 + 1}"
                s.add(
                    AssessmentCriterion(
                        outcome_id=outcome.id,
                        unit_id=unit.id,
                        number=label,
                        text=f"Explain point {label}",
                        position=number % 3,
                    )
                )
    return qualification


def units_of(qualification: Qualification) -> list[Unit]:
    """The units of a qualification in order."""
    statement = select(Unit).where(Unit.qualification_id == qualification.id).order_by(Unit.position)
    return list(session().scalars(statement))


def criteria_of(unit: Unit) -> list[AssessmentCriterion]:
    """The criteria of a unit in order."""
    return list(
        session().scalars(
            select(AssessmentCriterion)
            .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
            .where(AssessmentCriterion.unit_id == unit.id)
            .order_by(LearningOutcome.position, AssessmentCriterion.position)
        )
    )


def a_cohort(
    qualification: Qualification | None = None,
    *,
    ref: str = "",
    site: Site | None = None,
    tutors: Sequence[Person] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
    capacity: int = 16,
    min_attendance: int = 80,
    holds_decisions: bool = True,
) -> Cohort:
    """A cohort that began six weeks ago and ends in six, unless other days are given."""
    qualification = qualification or a_qualification()
    site = site or a_site("Cambridge")
    starts_on = starts_on or clock.today() - timedelta(weeks=6)
    with transaction() as s:
        cohort = Cohort(
            ref=ref or f"C{next(numbers)}",
            title="Peer support training",
            qualification_id=qualification.id,
            site_id=site.id,
            starts_on=starts_on,
            ends_on=ends_on or max(starts_on, clock.today()) + timedelta(weeks=6),
            capacity=capacity,
            min_attendance=min_attendance,
            holds_decisions=holds_decisions,
        )
        s.add(cohort)
        s.flush()
        s.add_all([CohortTutor(cohort_id=cohort.id, person_id=tutor.id) for tutor in tutors])
    return cohort


def a_student(given_name: str = "Amina", family_name: str = "Example", **columns: object) -> Person:
    """A person with a student reference and no account."""
    return a_person(given_name, family_name, **{"student_ref": f"S{next(numbers):04}", **columns})


def an_enrolment(
    cohort: Cohort,
    person: Person | None = None,
    *,
    status: EnrolmentStatus = EnrolmentStatus.ENROLLED,
    enrolled_on: date | None = None,
    ended_on: date | None = None,
    units: Sequence[Unit] | None = None,
) -> Enrolment:
    """A place in a cohort, registered for the units given (all mandatory ones unless given)."""
    person = person or a_student()
    with transaction() as s:
        enrolment = Enrolment(
            cohort_id=cohort.id,
            person_id=person.id,
            status=status,
            enrolled_on=enrolled_on or cohort.starts_on,
            ended_on=ended_on,
        )
        s.add(enrolment)
        s.flush()
        if units is None:
            units = s.scalars(
                select(Unit)
                .join(UnitGroup, Unit.group_id == UnitGroup.id)
                .where(Unit.qualification_id == cohort.qualification_id, UnitGroup.is_mandatory)
            ).all()
        s.add_all([EnrolmentUnit(enrolment_id=enrolment.id, unit_id=unit.id) for unit in units])
    return enrolment


def a_session(
    cohort: Cohort, session_on: date, starts: time = time(9, 30), ends: time = time(15, 30), title: str = ""
) -> CourseSession:
    """One planned session."""
    with transaction() as s:
        planned = CourseSession(
            cohort_id=cohort.id, session_on=session_on, starts=starts, ends=ends, title=title
        )
        s.add(planned)
    return planned


def a_mark(enrolment: Enrolment, session_on: date, mark: Mark = Mark.PRESENT) -> Attendance:
    """One mark in the register."""
    with transaction() as s:
        row = Attendance(enrolment_id=enrolment.id, session_on=session_on, mark=mark, recorded_at=clock.now())
        s.add(row)
    return row


def a_tutor_of(*cohorts: Cohort, name: str = "Maya") -> SignedIn:
    """A tutor assigned to these cohorts, signed in."""
    tutor = signed_in(Role.TUTOR, name=name)
    with transaction() as s:
        s.add_all([CohortTutor(cohort_id=cohort.id, person_id=tutor.person_id) for cohort in cohorts])
    return tutor
