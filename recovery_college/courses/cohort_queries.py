"""Reading what the forms of a cohort and of a place offer: versions, tutors, sites, units."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Role
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment, Qualification, Site
from recovery_college.courses.specification_queries import superseded_versions
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class TutorChoice:
    """Somebody who may be assigned to a cohort, by name and the address they sign in with."""

    person_id: UUID
    name: str
    email: str


def tutors_to_choose(cohort_id: UUID | None) -> list[TutorChoice]:
    """Everybody with an open account and a tutor's role, and who is assigned to the cohort already."""
    assigned = select(CohortTutor.person_id).where(CohortTutor.cohort_id == cohort_id)
    tutors = (
        select(RoleGrant.person_id)
        .join(Account, (Account.person_id == RoleGrant.person_id) & Account.closed_at.is_(None))
        .where(RoleGrant.role == Role.TUTOR, RoleGrant.ended_at.is_(None))
    )
    rows = session().execute(
        select(Person, Account.email)
        .outerjoin(Account, (Account.person_id == Person.id) & Account.closed_at.is_(None))
        .where(or_(Person.id.in_(tutors), Person.id.in_(assigned)))
        .order_by(Person.family_name, Person.given_name, Person.id, Account.email)
    )
    found: dict[UUID, TutorChoice] = {}
    for one, email in rows:
        name = name_of(one)
        found.setdefault(one.id, TutorChoice(one.id, name, email or ""))
    return list(found.values())


def tutor_ids(s: Session, cohort_id: UUID) -> set[UUID]:
    """Who is assigned to a cohort."""
    return set(s.scalars(select(CohortTutor.person_id).where(CohortTutor.cohort_id == cohort_id)))


def has_students(s: Session, cohort_id: UUID) -> bool:
    """Whether anybody has or had a place in a cohort."""
    found = s.scalar(select(Enrolment.id).where(Enrolment.cohort_id == cohort_id).limit(1))
    return found is not None


def versions_to_choose(own: UUID | None) -> list[tuple[str, str]]:
    """The versions a cohort may be on, and the one it is on already."""
    gone = superseded_versions()
    rows = session().execute(
        select(Qualification.id, Qualification.title, Qualification.version).order_by(
            Qualification.title, Qualification.version
        )
    )
    return [
        (str(row[0]), f"{row[1]}, version {row[2]}") for row in rows if row[0] not in gone or row[0] == own
    ]


def site_names() -> list[str]:
    """The sites there are."""
    return list(session().scalars(select(Site.name).order_by(Site.name)))


def site_of(cohort: Cohort) -> str:
    """The name of a cohort's site."""
    return session().get_one(Site, cohort.site_id).name
