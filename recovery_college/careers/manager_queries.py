"""Recruiting managers as HR sees them: who has been confirmed, and which addresses still wait for HR."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.deputy_models import Deputy, TeamManager
from recovery_college.careers.models import Team, Vacancy
from recovery_college.careers.rules import OVER
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page, page_of
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.queries import name_of


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


def managers_known_to(actor: Actor, asked_page: int = 1) -> tuple[list[ManagerRow], Page]:
    """A page of the recruiting managers by name, for HR. Five queries, however many there are."""
    if not may(actor, Permission.MANAGER_INVITE):
        return [], page_of(1, 0)
    s = session()
    held = select(RoleGrant.person_id).where(RoleGrant.role == Role.MANAGER, RoleGrant.ended_at.is_(None))
    signs_in = (Account.closed_at.is_(None), Account.person_id.in_(held))
    page = page_of(asked_page, s.scalar(select(func.count()).where(*signs_in)) or 0)
    found = s.execute(
        select(Person, Account)
        .join(Account, Account.person_id == Person.id)
        .where(*signs_in)
        .order_by(Person.family_name, Person.given_name, Account.email)
        .offset(page.skipped)
        .limit(page.size)
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
            name_of(person),
            account.email,
            tuple(teams[person.id]),
            tuple(deputies[person.id]),
            account.password_hash is not None,
            account.password_hash is None and roles[person.id] == 1,
        )
        for person, account in found
    ], page


def _gathered(pairs: Iterable[Any]) -> defaultdict[UUID, list[str]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def addresses_waiting(actor: Actor, asked_page: int = 1) -> tuple[list[WaitingAddress], Page]:
    """A page of the addresses of open vacancies whose manager HR has not confirmed, the most vacancies first."""
    if not may(actor, Permission.MANAGER_INVITE):
        return [], page_of(1, 0)
    waiting = _waiting()
    s = session()
    page = page_of(asked_page, s.scalar(select(func.count()).select_from(waiting.subquery())) or 0)
    rows = s.execute(
        waiting.order_by(func.count().desc(), waiting.selected_columns.address)
        .offset(page.skipped)
        .limit(page.size)
    )
    return [WaitingAddress(address, count) for address, count in rows], page


def address_waiting(actor: Actor, address: str) -> WaitingAddress | None:
    """One such address with how many vacancies wait for it; None where it waits for nothing."""
    if not may(actor, Permission.MANAGER_INVITE):
        return None
    row = session().execute(_waiting().where(func.lower(Vacancy.manager_email) == address)).first()
    return WaitingAddress(row[0], row[1]) if row else None


def _waiting() -> Select[*tuple[Any, ...]]:
    address = func.lower(Vacancy.manager_email).label("address")
    return (
        select(address, func.count())
        .where(
            Vacancy.manager_id.is_(None),
            Vacancy.manager_email != "",
            Vacancy.status.not_in(OVER),
            or_(Vacancy.closes_on.is_(None), Vacancy.closes_on >= clock.today()),
        )
        .group_by(address)
    )
