"""Recruiting managers as HR sees them: who has been confirmed, and which addresses still wait for HR."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.deputy_models import Deputy, TeamManager
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.rules import VacancyStatus
from recovery_college.careers.vacancy_list import name_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.rules import display_name

MOST_LISTED = 500
_OVER = (VacancyStatus.CLOSED, VacancyStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ManagerRow:
    """A confirmed recruiting manager: who, for which teams, with which deputies, and whether they came in yet."""

    person_id: UUID
    name: str
    email: str
    teams: tuple[str, ...]
    deputies: tuple[str, ...]
    has_password: bool
    may_get_link: bool


@dataclass(frozen=True, slots=True)
class WaitingAddress:
    """An address that vacancies came with and nobody has confirmed."""

    email: str
    vacancies: int


def managers_known_to(actor: Actor) -> list[ManagerRow]:
    """Every recruiting manager by name, for HR. Four queries, however many there are."""
    if not may(actor, Permission.MANAGER_INVITE):
        return []
    s = session()
    held = select(RoleGrant.person_id).where(RoleGrant.role == Role.MANAGER, RoleGrant.ended_at.is_(None))
    found = s.execute(
        select(Person, Account)
        .join(Account, Account.person_id == Person.id)
        .where(Account.closed_at.is_(None), Person.id.in_(held))
        .order_by(Person.family_name, Person.given_name, Account.email)
        .limit(MOST_LISTED)
    ).all()
    ids = [person.id for person, _ in found]
    teams = _gathered(
        s.execute(
            select(TeamManager.person_id, Team.name)
            .join(Team, TeamManager.team_id == Team.id)
            .where(TeamManager.person_id.in_(ids), TeamManager.ended_on.is_(None))
            .order_by(Team.name)
        )
    )
    now = or_(Deputy.ends_on.is_(None), Deputy.ends_on >= clock.today())
    named = s.execute(
        select(Deputy.manager_id, Person, Deputy.deputy_email)
        .outerjoin(Person, Person.id == Deputy.deputy_id)
        .where(Deputy.manager_id.in_(ids), now)
        .order_by(Deputy.deputy_email)
    )
    # Whose address nobody has confirmed yet has no name here.
    deputies = _gathered((manager_id, name_of(who) or address) for manager_id, who, address in named)
    held_roles = s.execute(
        select(RoleGrant.person_id, func.count())
        .where(RoleGrant.person_id.in_(ids), RoleGrant.ended_at.is_(None))
        .group_by(RoleGrant.person_id)
    )
    roles = {row[0]: row[1] for row in held_roles}
    return [
        ManagerRow(
            person.id,
            display_name(person.given_name, person.family_name, person.preferred_name),
            account.email,
            tuple(teams[person.id]),
            tuple(deputies[person.id]),
            account.password_hash is not None,
            account.password_hash is None and roles[person.id] == 1,
        )
        for person, account in found
    ]


def _gathered(pairs: Iterable[Any]) -> defaultdict[UUID, list[str]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def addresses_waiting(actor: Actor) -> list[WaitingAddress]:
    """Addresses of open vacancies whose manager HR has not confirmed, the most vacancies first."""
    if not may(actor, Permission.MANAGER_INVITE):
        return []
    address = func.lower(Vacancy.manager_email)
    today = clock.today()
    rows = session().execute(
        select(address, func.count())
        .where(
            Vacancy.manager_id.is_(None),
            Vacancy.manager_email != "",
            Vacancy.status.not_in(_OVER),
            or_(Vacancy.closes_on.is_(None), Vacancy.closes_on >= today),
        )
        .group_by(address)
        .order_by(func.count().desc(), address)
        .limit(MOST_LISTED)
    )
    return [WaitingAddress(email, count) for email, count in rows]
