"""Reading declared conflicts of interest (A10): a person's own, or those around a cohort for who keeps records."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.staff_models import ConflictOfInterest
from recovery_college.courses.models import CohortTutor, Enrolment
from recovery_college.kernel.db import session
from recovery_college.people.models import Person, RoleGrant
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared conflict that is not ended."""

    id: UUID
    person: str
    other: str
    reason: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class CohortPeople:
    """Whom a conflict around one cohort may be between, each as (id, name)."""

    students: tuple[tuple[UUID, str], ...]
    judges: tuple[tuple[UUID, str], ...]


def _named(person: Person) -> tuple[UUID, str]:
    return person.id, name_of(person)


def people_around(actor: Actor, cohort_id: UUID) -> CohortPeople:
    """The cohort's students, and who may judge them. Two queries.

    A tutor learns of the staff of the cohort: its tutors and the quality assurers.
    """
    s = session()
    order = (Person.family_name, Person.given_name, Person.id)
    places = select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)
    taught = select(CohortTutor.person_id).where(CohortTutor.cohort_id == cohort_id)
    others = (Role.IQA,) if actor.role is Role.TUTOR else (Role.IQA, Role.ADMIN)
    granted = select(RoleGrant.person_id).where(RoleGrant.role.in_(others), RoleGrant.ended_at.is_(None))
    students = s.scalars(select(Person).where(Person.id.in_(places)).order_by(*order))
    judges = s.scalars(select(Person).where(Person.id.in_(taught) | Person.id.in_(granted)).order_by(*order))
    return CohortPeople(tuple(map(_named, students)), tuple(map(_named, judges)))


def conflicts_around(actor: Actor, people: CohortPeople) -> list[Declared]:
    """The conflicts of a cohort's people: one's own, or all of them for who keeps the staff records."""
    if not may(actor, Permission.CONFLICT_DECLARE):
        return []
    one, other = aliased(Person), aliased(Person)
    statement = (
        select(ConflictOfInterest, one, other)
        .join(one, one.id == ConflictOfInterest.person_id)
        .join(other, other.id == ConflictOfInterest.with_person_id)
        .where(ConflictOfInterest.ended_at.is_(None))
        .order_by(ConflictOfInterest.declared_at.desc())
    )
    if may(actor, Permission.STAFF_KEEP):
        ids = [person_id for person_id, _ in (*people.students, *people.judges)]
        statement = statement.where(
            ConflictOfInterest.person_id.in_(ids), ConflictOfInterest.with_person_id.in_(ids)
        )
    else:
        statement = statement.where(ConflictOfInterest.person_id == actor.person_id)
    return [
        Declared(row.id, _named(a)[1], _named(b)[1], row.reason, row.declared_at)
        for row, a, b in session().execute(statement)
    ]
