"""Who may hear an appeal or decide again after one, and which other students it may affect (A10, A15)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.assessment.models import Decision
from recovery_college.assessment.staff_queries import conflicts_among, conflicts_of
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness.appeal_files import AppealFile
from recovery_college.fairness.appeal_rules import (
    AppealState,
    why_not_hear,
)
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.rules import display_name

HEAR = (Role.TUTOR, Role.IQA, Role.ADMIN)
"""The roles from which somebody is asked to hear an appeal."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might hear an appeal, and why not, if not."""

    person_id: UUID
    name: str
    roles: tuple[Role, ...]
    why_not: str | None


def may_decide_again(actor: Actor, file: AppealFile) -> bool:
    """Whether the actor may record the new decision: an assessor who is independent (A15)."""
    if not may(actor, Permission.DECISION_RECORD) or file.state is not AppealState.DECISION_OWED:
        return False
    why_not = why_not_hear(
        actor.person_id, student=file.person_id, deciders=file.deciders, verifiers=file.verifiers,
        conflicts=conflicts_of(actor.person_id),
    )  # fmt: skip
    return why_not is None


def candidates(actor: Actor, file: AppealFile) -> list[Candidate]:
    """Everybody who might be asked, for who arranges appeals; who may not is named with the reason."""
    if not may(actor, Permission.APPEAL_ARRANGE):
        return []
    people = colleagues()
    conflicts = conflicts_among(people)
    owed = file.state is AppealState.DECISION_OWED
    return [
        Candidate(person_id, name, roles, file.why_not(person_id, conflicts[person_id]))
        for person_id, (name, roles) in people.items()
        if not owed or Role.TUTOR in roles
    ]


def colleagues() -> dict[UUID, tuple[str, tuple[Role, ...]]]:
    """Everybody with an open account who teaches, quality-assures or administers: name and roles. One query."""
    roles: dict[UUID, list[Role]] = {}
    names: dict[UUID, str] = {}
    rows = session().execute(
        select(Person.id, Person.given_name, Person.family_name, Person.preferred_name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_(HEAR), RoleGrant.ended_at.is_(None),
            exists().where(Account.person_id == Person.id, Account.closed_at.is_(None)),
        )
        .order_by(Person.family_name, Person.given_name)
    )  # fmt: skip
    for person_id, given, family, preferred, role in rows:
        names[person_id] = display_name(given, family, preferred)
        roles.setdefault(person_id, []).append(role)
    return {person_id: (name, tuple(roles[person_id])) for person_id, name in names.items()}


def others_like(file: AppealFile) -> list[tuple[UUID, str, str]]:
    """Other students with a decision of the same assessor on the same criterion: (enrolment, name, cohort)."""
    rows = session().execute(
        select(
            Enrolment.id, Person.given_name, Person.family_name, Person.preferred_name, Cohort.title
        )
        .join(Person, Enrolment.person_id == Person.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(
            Enrolment.id != file.enrolment_id,
            exists().where(
                Decision.enrolment_id == Enrolment.id, Decision.criterion_id == file.criterion_id,
                Decision.decided_by == file.decision.decided_by, Decision.released_at.is_not(None),
            ),
        )
        .order_by(Cohort.title, Person.family_name, Person.given_name, Enrolment.id)
    )  # fmt: skip
    return [
        (one, display_name(given, family, preferred), cohort)
        for one, given, family, preferred, cohort in rows
    ]
