"""Who may be shown to whom, as conditions that every list of candidates shares."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Role
from recovery_college.careers.candidacy_models import Candidacy, DeclaredLineManager
from recovery_college.careers.consent_models import CandidateBlock, CandidateConsent
from recovery_college.careers.consent_rules import Consent
from recovery_college.careers.models import Vacancy
from recovery_college.people.models import Account, RoleGrant

CANDIDATES = (Role.STUDENT, Role.GRADUATE)


def still_a_candidate(person_id: Any) -> ColumnElement[bool]:
    """Whoever still holds a student's or graduate's role and an open account: what is taken away counts at once."""
    holds = exists().where(
        RoleGrant.person_id == person_id, RoleGrant.role.in_(CANDIDATES), RoleGrant.ended_at.is_(None)
    )
    return and_(holds, exists().where(Account.person_id == person_id, Account.closed_at.is_(None)))


def gives(person_id: Any, consent: Consent) -> ColumnElement[bool]:
    """Whether the newest word of a person on one field and purpose is that they give it."""
    field, purpose = consent
    said, later = aliased(CandidateConsent), aliased(CandidateConsent)
    newer = exists().where(
        later.person_id == said.person_id,
        later.field == said.field,
        later.purpose == said.purpose,
        later.number > said.number,
    )
    return exists().where(
        said.person_id == person_id, said.field == field, said.purpose == purpose, said.given, ~newer
    )


def keeps_away(person_id: Any) -> ColumnElement[bool]:
    """Whether the person would rather not be shown to the vacancy's team or manager."""
    live = (CandidateBlock.person_id == person_id, CandidateBlock.ended_at.is_(None))
    return or_(
        exists().where(*live, CandidateBlock.team_id == Vacancy.team_id),
        exists().where(*live, CandidateBlock.manager_id == Vacancy.manager_id),
    )


def leads_the_candidate(person_id: UUID | None) -> ColumnElement[bool]:
    """Whether this person is the candidate's declared line manager, by any address they sign in with."""
    return exists().where(
        DeclaredLineManager.person_id == Candidacy.person_id,
        DeclaredLineManager.email == Account.email,
        Account.person_id == person_id,
    )
