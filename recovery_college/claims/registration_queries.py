"""Reading what the awarding organisation knows of students beside what the college does (A12)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.claim_models import AoRegistration
from recovery_college.claims.rules import Identity, Problem, registration_problems
from recovery_college.courses.models import Enrolment
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import name_as_stored, paper_name


@dataclass(frozen=True, slots=True)
class Registered:
    """A student's identity as recorded and as registered, with what stands between them."""

    record: Identity
    registration_id: UUID | None
    registered: Identity | None
    number: str
    registered_on: date | None

    @property
    def problems(self) -> list[Problem]:
        """What must be mended before the student can be claimed for."""
        return registration_problems(self.record, self.registered)


def registrations_of(enrolment_ids: Collection[UUID]) -> dict[UUID, Registered]:
    """For each enrolment the identity in the record beside the latest registration. One query."""
    rows = session().execute(
        select(
            Enrolment.id, Person.given_name, Person.family_name, Person.certificate_name,
            Person.date_of_birth, Person.uln, AoRegistration.id, AoRegistration.certificate_name,
            AoRegistration.date_of_birth, AoRegistration.uln, AoRegistration.number,
            AoRegistration.registered_on,
        )
        .join(Person, Enrolment.person_id == Person.id)
        .outerjoin(AoRegistration, AoRegistration.enrolment_id == Enrolment.id)
        .where(Enrolment.id.in_(enrolment_ids))
        .order_by(AoRegistration.recorded_at)
    )  # fmt: skip
    found: dict[UUID, Registered] = {}
    for enrolment_id, given, family, name, born, uln, row_id, as_name, as_born, as_uln, number, on in rows:
        found[enrolment_id] = Registered(
            Identity(paper_name(given, family, name), born, uln or ""),
            row_id,
            Identity(name_as_stored(as_name), as_born, as_uln) if row_id else None,
            number or "",
            on,
        )
    return found
