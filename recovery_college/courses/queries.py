"""Reading courses: always for an actor, so what they may not know of is not in the answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, EnrolmentUnit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person
from recovery_college.people.queries import name_of
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


def tutors_of(cohort_id: UUID) -> list[str]:
    """The names of a cohort's tutors."""
    people = session().scalars(
        select(Person)
        .join(CohortTutor, CohortTutor.person_id == Person.id)
        .where(CohortTutor.cohort_id == cohort_id)
        .order_by(Person.family_name)
    )
    return [name_of(person) for person in people]


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
