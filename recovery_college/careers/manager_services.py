"""HR confirms who recruits: by inviting them, or by giving their vacancies to somebody who does already."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_models import Deputy
from recovery_college.careers.intake_known import managers_by_email
from recovery_college.careers.models import Vacancy
from recovery_college.careers.vacancies import link_waiting_managers
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Account, RoleGrant
from recovery_college.people.services import PeopleRefusal, clean_email, create_user
from recovery_college.people.signin import make_one_time_link


class ManagerNotFound(LookupError):
    """There is no such manager, or none whom this actor may hand a link for."""


def invite_manager(actor: Actor, email: str, name: str) -> tuple[str | None, int]:
    """Confirm a recruiting manager: the token of their one-time link, and how many vacancies are theirs now.

    No token when they sign in here already: they then have the role beside their others.
    """
    if not may(actor, Permission.MANAGER_INVITE):
        raise ManagerNotFound
    with transaction() as s:
        try:
            token = create_user(actor, email, name, Role.MANAGER)
        except PeopleRefusal as refusal:
            raise Refused(str(refusal), {refusal.field or "email": str(refusal)}) from None
        found = link_waiting_managers(s, actor)
        link_waiting_deputies(s, [clean_email(email)])
        return token, found


def link_waiting_deputies(s: Session, addresses: list[str]) -> None:
    """Addresses that waited as somebody's deputy and are a confirmed manager's by now; the caller's transaction."""
    confirmed = managers_by_email(s, addresses)
    for row in s.scalars(
        select(Deputy).where(Deputy.deputy_id.is_(None), Deputy.deputy_email.in_(list(confirmed)))
    ):
        if confirmed[row.deputy_email] != row.manager_id:
            row.deputy_id = confirmed[row.deputy_email]


def give_vacancies(actor: Actor, address: str, to_address: str) -> int:
    """Give every vacancy that waits for `address` to a confirmed manager; how many. Only HR."""
    if not may(actor, Permission.MANAGER_INVITE):
        raise ManagerNotFound
    to_address = to_address.strip().casefold()
    with transaction() as s:
        person_id = managers_by_email(s, [to_address]).get(to_address)
        if person_id is None:
            text = "Nobody who signs in with this address is a recruiting manager yet. Invite them first"
            raise Refused(text, {"to_email": text})
        events = list[Event]()
        for vacancy in s.scalars(
            select(Vacancy)
            .where(Vacancy.manager_id.is_(None), func.lower(Vacancy.manager_email) == address.casefold())
            .with_for_update()
        ):
            vacancy.manager_id, vacancy.manager_email = person_id, to_address
            vacancy.version += 1
            vacancy.updated_at = clock.now()
            events.append(event_of(actor, "assigned manager", "vacancy", vacancy.id, manager=str(person_id)))
        record_many(s, events)
        return len(events)


def link_for_manager(actor: Actor, person_id: UUID) -> str:
    """A one-time link for a manager who never chose a password. Only HR, and only for who is nothing else.

    Somebody with another role could be entered as through it, so their link is the system administrator's to make.
    """
    if not may(actor, Permission.MANAGER_INVITE):
        raise ManagerNotFound
    with transaction() as s:
        roles = set(
            s.scalars(
                select(RoleGrant.role).where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
            )
        )
        account = s.scalar(
            select(Account).where(
                Account.person_id == person_id,
                Account.closed_at.is_(None),
                Account.password_hash.is_(None),
            )
        )
        if account is None or roles != {Role.MANAGER}:
            raise ManagerNotFound
        record(s, actor, "made one-time link", "account", account.id)
        return make_one_time_link(s, account.id)
