"""Reading people: always for an actor, so what they may not know of is not in the answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.kernel.db import session
from recovery_college.kernel.mail import MailState, OutgoingMail
from recovery_college.people.models import Account, Person, RoleGrant, SignInSession
from recovery_college.people.rules import display_name

INVITED = "invited"
COLLEGE_ROLES = (Role.TUTOR, Role.STUDENT)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the list of people: no course or candidate data."""

    account_id: UUID
    person_id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    is_closed: bool
    has_password: bool
    last_seen_at: datetime | None


def name_of(person: Person | None) -> str:
    """The name shown of somebody, or nothing of nobody."""
    return display_name(person.given_name, person.family_name, person.preferred_name) if person else ""


def roles_they_may_give(actor: Actor) -> list[Role]:
    """The roles this actor may give to somebody else (trust.md, "users, roles")."""
    if may(actor, Permission.ROLES_CHANGE):
        return list(Role)
    if may(actor, Permission.COLLEGE_PERSON_INVITE):
        return list(COLLEGE_ROLES)
    if may(actor, Permission.MANAGER_INVITE):
        return [Role.MANAGER]
    return []


def accounts_visible_to(actor: Actor, search: str = "", show: str = "", limit: int = 200) -> list[AccountRow]:
    """Accounts by name, with their roles: for the system administrator only."""
    if not may(actor, Permission.PEOPLE_SEE):
        return []
    s = session()
    seen = (
        select(SignInSession.account_id, func.max(SignInSession.last_seen_at).label("at"))
        .group_by(SignInSession.account_id)
        .subquery()
    )
    statement = (
        select(Account, Person, seen.c.at)
        .join(Person, Account.person_id == Person.id)
        .outerjoin(seen, seen.c.account_id == Account.id)
        .order_by(Person.family_name, Person.given_name, Account.email)
        .limit(limit)
    )
    if show == INVITED:
        statement = statement.where(_waits())
    if search:
        like = f"%{search.casefold()}%"
        statement = statement.where(
            Account.email.like(like)
            | func.lower(Person.family_name).like(like)
            | func.lower(Person.given_name).like(like)
        )
    found = s.execute(statement).all()
    roles = _roles_by_person([person.id for _, person, _ in found])
    return [
        AccountRow(
            account_id=account.id,
            person_id=person.id,
            name=name_of(person),
            email=account.email,
            roles=roles.get(person.id, ()),
            is_closed=account.closed_at is not None,
            has_password=account.password_hash is not None,
            last_seen_at=at,
        )
        for account, person, at in found
    ]


def accounts_without_password(actor: Actor) -> int:
    """How many people were invited and have not chosen a password; 0 for who may not see accounts."""
    if not may(actor, Permission.PEOPLE_SEE):
        return 0
    return session().scalar(select(func.count(Account.id)).where(_waits())) or 0


def _waits() -> ColumnElement[bool]:
    return Account.password_hash.is_(None) & Account.closed_at.is_(None)


def account_visible_to(actor: Actor, account_id: UUID) -> AccountRow | None:
    """One account, for the system administrator only."""
    if not may(actor, Permission.PEOPLE_SEE):
        return None
    s = session()
    account = s.get(Account, account_id)
    if account is None:
        return None
    person = s.get_one(Person, account.person_id)
    at = s.scalar(select(func.max(SignInSession.last_seen_at)).where(SignInSession.account_id == account_id))
    return AccountRow(
        account_id=account.id,
        person_id=person.id,
        name=name_of(person),
        email=account.email,
        roles=_roles_by_person([person.id]).get(person.id, ()),
        is_closed=account.closed_at is not None,
        has_password=account.password_hash is not None,
        last_seen_at=at,
    )


def _roles_by_person(person_ids: Sequence[UUID]) -> dict[UUID, tuple[Role, ...]]:
    held: dict[UUID, set[Role]] = {}
    for person_id, role in session().execute(
        select(RoleGrant.person_id, RoleGrant.role).where(
            RoleGrant.person_id.in_(person_ids), RoleGrant.ended_at.is_(None)
        )
    ):
        held.setdefault(person_id, set()).add(role)
    return {person_id: tuple(role for role in Role if role in roles) for person_id, roles in held.items()}


def address_of(person_id: UUID) -> str:
    """The address of a person's newest open account, or an empty text."""
    return (
        session().scalar(
            select(Account.email)
            .where(Account.person_id == person_id, Account.closed_at.is_(None))
            .order_by(Account.created_at.desc())
        )
        or ""
    )


def addresses_of(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Where each person is written to: the address of their own, else the one they sign in with. One query."""
    rows = session().execute(
        select(Person.id, Person.email, Account.email)
        .outerjoin(Account, (Account.person_id == Person.id) & Account.closed_at.is_(None))
        .where(Person.id.in_(person_ids))
        .order_by(Account.created_at)
    )
    return {person_id: own or signs_in_with or "" for person_id, own, signs_in_with in rows}


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A message as the system administrator needs it: how it fares. To whom and what it says is not theirs."""

    created_at: datetime
    purpose: str
    server: str
    state: MailState
    attempts: int
    last_problem: str


def outbox_visible_to(actor: Actor, limit: int = 100) -> list[OutboxLine]:
    """How the newest messages of the product fare, for the system administrator only."""
    if not may(actor, Permission.PEOPLE_SEE):
        return []
    rows = session().execute(
        select(
            OutgoingMail.created_at,
            OutgoingMail.purpose,
            OutgoingMail.recipient,
            OutgoingMail.state,
            OutgoingMail.attempts,
            OutgoingMail.last_problem,
        )
        .order_by(OutgoingMail.created_at.desc())
        .limit(limit)
    )
    return [
        OutboxLine(at, purpose, recipient.rpartition("@")[2], state, attempts, problem)
        for at, purpose, recipient, state, attempts, problem in rows
    ]


@dataclass(frozen=True, slots=True)
class Message:
    """A message the college wrote to somebody, as they read it here."""

    created_at: datetime
    subject: str
    body: str


def messages_to(actor: Actor, limit: int = 100) -> list[Message]:
    """What the college wrote to this person, newest first: to any address they sign in with."""
    if actor.person_id is None:
        return []
    own = select(Account.email).where(Account.person_id == actor.person_id, Account.closed_at.is_(None))
    rows = session().execute(
        select(OutgoingMail.created_at, OutgoingMail.subject, OutgoingMail.body)
        .where(OutgoingMail.recipient.in_(own))
        .order_by(OutgoingMail.created_at.desc())
        .limit(limit)
    )
    return [Message(*row) for row in rows]


def people_with_role(role: Role) -> list[Person]:
    """Everyone who holds a role now, by family name: to be named for a duty."""
    held = select(RoleGrant.person_id).where(RoleGrant.role == role, RoleGrant.ended_at.is_(None))
    return list(
        session().scalars(
            select(Person).where(Person.id.in_(held)).order_by(Person.family_name, Person.given_name)
        )
    )
