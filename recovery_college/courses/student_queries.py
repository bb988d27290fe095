"""Finding a student; reading their record to change it, and who else looks like them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification_parts import stamp_of
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of
from recovery_college.people.rules import ULN_NOT_YET_KNOWN, display_name, folded, marks_of

FACTS = (
    "given_name", "family_name", "preferred_name", "pronouns", "certificate_name", "email", "date_of_birth",
    "uln",
)  # fmt: skip

MOST_ALIKE = 5
"""More sentences than this about one person help nobody."""

MOST_FOUND = 50
"""Who is further down is found sooner with one word more."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place of somebody who was found, in a cohort the actor may know of."""

    cohort_id: UUID
    cohort: str
    status: EnrolmentStatus


@dataclass(frozen=True, slots=True)
class FoundStudent:
    """Somebody who was found by name or reference, with their places, the newest first."""

    person_id: UUID
    name: str
    student_ref: str
    places: tuple[FoundPlace, ...]


def students_found(
    actor: Actor, wanted: str, engaged: Collection[UUID] = ()
) -> tuple[list[FoundStudent], int]:
    """The first students whose names or reference hold every word of `wanted`, and how many there are.

    Who is found stands in the list of a cohort the actor may know of: there is no wider way in. Names are compared
    here and not by the database, for neither of the two knows that Zoë is found as "zoe" and O’Brien as "obrien".
    """
    words = folded(wanted).split()
    if not words or not may(actor, Permission.STUDENT_SEE):
        return [], 0
    s = session()
    known = cohorts_scope(actor, engaged).with_only_columns(Cohort.id)
    placed = select(Enrolment.person_id).where(Enrolment.cohort_id.in_(known))
    people = s.execute(
        select(Person.id, Person.given_name, Person.family_name, Person.preferred_name, Person.student_ref)
        .where(Person.id.in_(placed))
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    fits = []
    for person_id, given, family, preferred, ref in people:
        theirs = folded(f"{given} {family} {preferred} {ref or ''}")
        if all(word in theirs for word in words):
            fits.append((person_id, display_name(given, family, preferred), ref or ""))
    shown = fits[:MOST_FOUND]
    places: dict[UUID, list[FoundPlace]] = {}
    for person_id, cohort_id, title, status in s.execute(
        select(Enrolment.person_id, Cohort.id, Cohort.title, Enrolment.status)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.person_id.in_([one for one, *_ in shown]), Cohort.id.in_(known))
        .order_by(Cohort.starts_on.desc(), Cohort.ref)
    ):
        places.setdefault(person_id, []).append(FoundPlace(cohort_id, title, status))
    return [FoundStudent(*one, tuple(places.get(one[0], ()))) for one in shown], len(fits)


@dataclass(frozen=True, slots=True)
class StudentRecord:
    """What the college holds of a student, as its form shows it. `stamp`: a digest of it."""

    id: UUID
    student_ref: str
    name: str
    given_name: str
    family_name: str
    preferred_name: str
    pronouns: str
    certificate_name: str
    email: str
    date_of_birth: date | None
    uln: str
    stamp: str


def record_stamp(person: Person) -> str:
    """A digest of what the form of a student shows."""
    return stamp_of({name: getattr(person, name) or "" for name in FACTS}, False)


def record_to_change(actor: Actor, person_id: UUID) -> StudentRecord | None:
    """A student's record, for who may change it; None for anybody who is no student."""
    if not may(actor, Permission.PROFILE_EDIT):
        return None
    person = session().get(Person, person_id)
    if person is None or not is_student(session(), person):
        return None
    return record_of(person)


def own_record(actor: Actor) -> StudentRecord | None:
    """One's own record as a student or graduate."""
    person = session().get(Person, actor.person_id) if actor.person_id else None
    return record_of(person) if person is not None and may(actor, Permission.OWN_PROGRESS) else None


def record_of(person: Person) -> StudentRecord:
    """A person's row as the form shows it."""
    return StudentRecord(
        person.id, person.student_ref or "",
        name_of(person), person.given_name,
        person.family_name, person.preferred_name, person.pronouns, person.certificate_name, person.email,
        person.date_of_birth, person.uln, record_stamp(person),
    )  # fmt: skip


def is_student(s: Session, person: Person) -> bool:
    """Whether somebody is or was a student here: staff are not changed through this page."""
    if person.student_ref:
        return True
    return s.scalar(select(Enrolment.id).where(Enrolment.person_id == person.id).limit(1)) is not None


def look_alikes(person: Person) -> list[str]:
    """Sentences about other people with the same learner number, address, or name and birthday: never merged."""
    mine = list(_marks(person))
    if not mine:
        return []
    same = [Person.uln == person.uln] if person.uln and person.uln != ULN_NOT_YET_KNOWN else []
    if person.email:
        same.append(func.lower(Person.email) == person.email.lower())
    if person.date_of_birth:
        same.append(Person.date_of_birth == person.date_of_birth)
    others = session().scalars(select(Person).where(Person.id != person.id, or_(*same)).order_by(Person.id))
    found = []
    for other in others:
        theirs = set(_marks(other))
        shared = next((mark[0] for mark in mine if mark in theirs), None)
        if shared:
            who = (
                f"student {other.student_ref}"
                if other.student_ref
                else "a person without a student reference"
            )
            found.append(f"The same {shared} as {who}. Check that they are two people.")
    return found[:MOST_ALIKE]


def _marks(person: Person) -> Iterator[tuple[str, ...]]:
    return marks_of(person.given_name, person.family_name, person.date_of_birth, person.email, person.uln)
