"""What the database knows of the references in a file, in few queries however long the file is."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Role
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of
from recovery_college.courses.models import Cohort, Enrolment, Site
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.imports.rules import CheckedRow, Refusal
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.rules import are_one_name

PART = 5_000
"""How many values go into one question: both databases take more, and neither is asked to."""

Value = TypeVar("Value")


def parts(values: Collection[Value]) -> Iterator[list[Value]]:
    """The different values in parts that fit into one question."""
    different = list(dict.fromkeys(values))
    for start in range(0, len(different), PART):
        yield different[start : start + PART]


def column(rows: list[CheckedRow], name: str) -> list[str]:
    """The filled-in values of one column."""
    return [row.values[name] for row in rows if row.values[name] is not None]


def cell(row: CheckedRow, name: str) -> str:
    """A cell as it stands in the file."""
    return row.raw.get(name, "").strip()[:200]


def refusal(row: CheckedRow, name: str, reason: str) -> Refusal:
    """A refusal of one cell, with its value as it stands in the file."""
    return Refusal(row.line, name, cell(row, name), reason)


def cohorts_named(s: Session, refs: Collection[str]) -> dict[str, Cohort]:
    """Cohorts by their reference."""
    return {
        cohort.ref: cohort
        for part in parts(refs)
        for cohort in s.scalars(select(Cohort).where(Cohort.ref.in_(part)))
    }


def people_named(s: Session, refs: Collection[str]) -> dict[str, UUID]:
    """The person of each student reference that is known."""
    found: dict[str, UUID] = {}
    for part in parts(refs):
        for ref, person_id in s.execute(
            select(Person.student_ref, Person.id).where(Person.student_ref.in_(part))
        ):
            found[str(ref)] = person_id
    return found


class SignedIn:
    """Who signs in already and has no student_ref yet: a new student of a file may be one of them.

    One person, one account (G1), and duties are kept apart by person (A10): whoever was invited before the file
    came, and whoever teaches and learns, is one person and not two of one address.
    """

    def __init__(self, s: Session, addresses: Collection[str]) -> None:
        self.found: dict[str, tuple[Person, bool]] = {}
        for part in parts(addresses):
            learners = select(RoleGrant.person_id).where(
                RoleGrant.role.in_((Role.STUDENT, Role.GRADUATE)), RoleGrant.ended_at.is_(None)
            )
            statement = (
                select(Account.email, Person, Person.id.in_(learners))
                .join(Person, Account.person_id == Person.id)
                .where(Account.email.in_(part), Account.closed_at.is_(None), Person.student_ref.is_(None))
            )
            for address, person, is_learner in s.execute(statement):
                self.found[address] = (person, bool(is_learner))

    @property
    def people(self) -> list[Person]:
        """All who may be taken."""
        return [person for person, _ in self.found.values()]

    def take(self, address: str | None, given_name: str, family_name: str) -> Person | None:
        """The person of a new row, once: by their address, and of staff by their name as well."""
        person, is_learner = self.found.get(address or "", (None, False))
        if person is None:
            return None
        theirs = f"{person.given_name} {person.family_name}"
        if not is_learner and not are_one_name(theirs, f"{given_name} {family_name}"):
            return None
        self.found = {key: one for key, one in self.found.items() if one[0] is not person}
        return person


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """An enrolment as an import needs it."""

    id: UUID
    cohort_id: UUID
    person_id: UUID
    status: EnrolmentStatus
    enrolled_on: date
    ended_on: date | None


def places_held(s: Session, cohort_ids: Collection[UUID]) -> dict[tuple[UUID, str], PlaceFact]:
    """The enrolments of these cohorts by cohort and student reference."""
    found: dict[tuple[UUID, str], PlaceFact] = {}
    for part in parts(cohort_ids):
        rows = s.execute(
            select(
                Person.student_ref,
                Enrolment.id,
                Enrolment.cohort_id,
                Enrolment.person_id,
                Enrolment.status,
                Enrolment.enrolled_on,
                Enrolment.ended_on,
            )
            .join(Person, Enrolment.person_id == Person.id)
            .where(Enrolment.cohort_id.in_(part))
        )
        for ref, place_id, cohort_id, person_id, status, enrolled_on, ended_on in rows:
            place = PlaceFact(place_id, cohort_id, person_id, status, enrolled_on, ended_on)
            found[cohort_id, str(ref or "")] = place
    return found


class Sites:
    """Sites by name, in small or capital letters; one not yet known is made and named."""

    def __init__(self, s: Session) -> None:
        self.s = s
        self.made: dict[str, UUID] = {}
        self.ids = {name.casefold(): site_id for name, site_id in s.execute(select(Site.name, Site.id))}

    def id_of(self, name: str) -> UUID:
        """The id of the site with this name."""
        found = self.ids.get(name.casefold())
        if found is None:
            found = self.ids[name.casefold()] = self.made[name] = new_id()
            self.s.execute(insert(Site).values(id=found, name=name))
        return found

    def told(self) -> list[str]:
        """A sentence for each site that was made."""
        return [f"The site “{name}” was not known and is made" for name in self.made]

    def events(self, actor: Actor) -> list[Event]:
        """The audit events of the sites that were made."""
        return [event_of(actor, "made site", "site", site_id) for site_id in self.made.values()]
