"""What people consented to and when, for who answers for it: HR, the college and auditors (trust.md).

They read it and never give it for anybody. A name stands there only for HR and the college, and only where its
bearer gave it to them; an auditor checks the record by a code that the audit trail uses too, and learns no name.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import distinct, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.consent_models import CandidateConsent
from recovery_college.careers.consent_queries import NAME_TO_INTRODUCE, consent_history, consents_of, is_given
from recovery_college.careers.consent_rules import Consent
from recovery_college.careers.preference_models import CandidatePreference
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One person's consents as they are now."""

    person_id: UUID
    label: str
    given: frozenset[Consent]
    at: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether somebody looks for a post and from when, as far as the college may know it."""

    person_id: UUID
    name: str
    looking: bool
    version: int


def count_consents(actor: Actor) -> int:
    """How many people ever said something on consent."""
    if not may(actor, Permission.CONSENT_SEE):
        return 0
    return session().scalar(select(func.count(distinct(CandidateConsent.person_id)))) or 0


def consents_visible_to(
    actor: Actor, page: Page | None = None, person_id: UUID | None = None
) -> list[ConsentRow]:
    """Whoever ever said something on consent, in the order of their codes; one page, or one person."""
    if not may(actor, Permission.CONSENT_SEE):
        return []
    statement = (
        select(CandidateConsent.person_id, func.max(CandidateConsent.at))
        .group_by(CandidateConsent.person_id)
        .order_by(CandidateConsent.person_id)
    )
    if page is not None:
        statement = statement.offset(page.skipped).limit(page.size)
    if person_id is not None:
        statement = statement.where(CandidateConsent.person_id == person_id)
    found = {row[0]: row[1] for row in session().execute(statement)}
    given = consents_of(list(found))
    names = _names(actor, [one for one in found if is_given(given, one, NAME_TO_INTRODUCE)])
    return [
        ConsentRow(one, names.get(one) or code_of(one), given.get(one, frozenset()), at)
        for one, at in found.items()
    ]


def code_of(person_id: UUID) -> str:
    """What stands for somebody whose name is not for this reader: the end of the code in the audit trail."""
    return f"Person ending {person_id.hex[-8:]}"


def consent_record_of(actor: Actor, person_id: UUID) -> tuple[ConsentRow, list[CandidateConsent]] | None:
    """One person's consents with every word on them, newest first; None where the actor may not know."""
    rows = consents_visible_to(actor, person_id=person_id)
    return (rows[0], consent_history(person_id)) if rows else None


def availability_of(actor: Actor, person_id: UUID) -> Availability | None:
    """Somebody whom the college may know by name, and whether they look for a post."""
    if not may(actor, Permission.AVAILABILITY_SET):
        return None
    row = session().get(CandidatePreference, person_id, populate_existing=True)
    if row is None or not is_given(consents_of([person_id]), person_id, NAME_TO_INTRODUCE):
        return None
    return Availability(person_id, _names(actor, [person_id])[person_id], row.looking, row.version)


def _names(actor: Actor, person_ids: list[UUID]) -> dict[UUID, str]:
    if not may(actor, Permission.CANDIDATE_MATCH):
        return {}
    people = session().scalars(select(Person).where(Person.id.in_(person_ids)))
    return {person.id: name_of(person) for person in people}
