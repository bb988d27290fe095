"""Making people, accounts and roles. Nobody changes their own roles."""

from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Role
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.people.models import Account, Person, RoleGrant, SignInSession
from recovery_college.people.rules import are_one_name, name_as_stored, name_problem
from recovery_college.people.signin import hash_password, make_one_time_link, roles_of


class PeopleRefusal(DeedRefused):
    """Why something about a person or account cannot be done."""


def clean_email(text: str) -> str:
    """The address in the form it is compared and stored. Raises PeopleRefusal when it is not one."""
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError:
        raise PeopleRefusal("Enter an email address, like name@example.com", "email") from None
    return found.normalized.casefold()


def split_name(name: str) -> tuple[str, str]:
    """Given name and family name out of one line: the last word is the family name, if there are two."""
    given, _, family = name.strip().rpartition(" ")
    return (given, family) if given else (family, "")


def create_person(
    s: Session, given_name: str, family_name: str, *, email: str = "", is_made_up: bool = False
) -> Person:
    """A new person, in the caller's transaction."""
    person = Person(
        given_name=given_name,
        family_name=family_name,
        email=email,
        created_at=clock.now(),
        is_made_up=is_made_up,
    )
    s.add(person)
    s.flush()
    return person


def open_account(
    s: Session, actor: Actor, person_id: UUID, email: str, password: str | None = None
) -> Account:
    """A new account for a person, in the caller's transaction. Raises PeopleRefusal when the address is taken."""
    email = clean_email(email)
    if s.scalar(select(Account.id).where(Account.email == email)):
        raise PeopleRefusal("Somebody already signs in with this email address", "email")
    account = Account(
        person_id=person_id,
        email=email,
        password_hash=hash_password(password) if password else None,
        created_at=clock.now(),
    )
    s.add(account)
    s.flush()
    record(s, actor, "opened account", "account", account.id, person=str(person_id))
    return account


def grant_role(s: Session, actor: Actor, person_id: UUID, role: Role) -> bool:
    """Give a person a role, in the caller's transaction. False when they hold it already."""
    if actor.person_id == person_id:
        raise PeopleRefusal("You cannot change your own roles. Ask another administrator", "role")
    if role in roles_of(s, person_id):
        return False
    s.add(RoleGrant(person_id=person_id, role=role, granted_at=clock.now(), granted_by=actor.audit_id))
    s.flush()
    record(s, actor, "granted role", "person", person_id, role=role.value)
    return True


def give_role(actor: Actor, person_id: UUID, role: Role) -> bool:
    """Give a person a role. False when they hold it already."""
    with transaction() as s:
        return grant_role(s, actor, person_id, role)


def become_graduate(s: Session, actor: Actor, person_id: UUID) -> None:
    """A student who graduates gains the graduate's role: one person, one account (G1)."""
    if Role.GRADUATE not in roles_of(s, person_id):
        s.add(
            RoleGrant(
                person_id=person_id, role=Role.GRADUATE, granted_at=clock.now(), granted_by=actor.audit_id
            )
        )
        record(s, actor, "granted role", "person", person_id, role=Role.GRADUATE.value)


def end_role(actor: Actor, person_id: UUID, role: Role) -> None:
    """Take a role away. Its sessions stop working on their next request."""
    if actor.person_id == person_id:
        raise PeopleRefusal("You cannot change your own roles. Ask another administrator", "role")
    with transaction() as s:
        grant = s.scalar(
            select(RoleGrant).where(
                RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.ended_at.is_(None)
            )
        )
        if grant is None:
            return
        grant.ended_at = clock.now()
        record(s, actor, "ended role", "person", person_id, role=role.value)


def create_user(actor: Actor, email: str, name: str, role: Role, password: str | None = None) -> str | None:
    """A person with an account and a role, and the token of a one-time link to choose a password by.

    If the address has an account already, that person gains the role (one person, one account) and there is
    no link: who may invite must not be able to open somebody's account with it. Somebody whose record has this
    address and who has no account yet is that person: whom a file brought in is not made twice.
    """
    with transaction() as s:
        email = clean_email(email)
        account = s.scalar(select(Account).where(Account.email == email))
        if account is not None:
            grant_role(s, actor, account.person_id, role)
            return None
        if not name.strip():
            raise PeopleRefusal("Enter the person's name: nobody signs in with this address yet", "name")
        problem = name_problem(name)
        if problem:
            raise PeopleRefusal(problem.rstrip("."), "name")
        given, family = split_name(name_as_stored(name))
        person = _on_record(s, email, name, role) or create_person(s, given, family, email=email)
        account = open_account(s, actor, person.id, email, password)
        grant_role(s, actor, person.id, role)
        return make_one_time_link(s, account.id)


def _on_record(s: Session, email: str, name: str, role: Role) -> Person | None:
    """Who has this address on record and no account yet: of a learner's role, or of the name given.

    Raises PeopleRefusal when it may be one of several. A manager is confirmed by human resources, who know
    nothing of the college's records, so none of those is opened by that.
    """
    if role is Role.MANAGER:
        return None
    has_account = select(Account.person_id)
    statement = select(Person).where(func.lower(Person.email) == email, Person.id.not_in(has_account))
    people = s.scalars(statement.order_by(Person.id).limit(50)).all()
    same = [one for one in people if are_one_name(f"{one.given_name} {one.family_name}", name)]
    if not same and role in (Role.STUDENT, Role.GRADUATE):
        same = list(people)
    if len(same) > 1:
        raise PeopleRefusal(
            "Several people have this email address. Give each an address of their own, or invite them from "
            "their own page",
            "email",
        )
    return same[0] if same else None


def waits_for_password(email: str) -> bool:
    """Whether an open account has this address and nobody has chosen a password for it yet."""
    account = session().scalar(
        select(Account).where(Account.email == clean_email(email), Account.closed_at.is_(None))
    )
    return account is not None and account.password_hash is None


def new_link(actor: Actor, email: str) -> str:
    """A fresh one-time link for an account that exists. Raises PeopleRefusal when it does not."""
    with transaction() as s:
        account = s.scalar(
            select(Account).where(Account.email == clean_email(email), Account.closed_at.is_(None))
        )
        if account is None:
            raise PeopleRefusal("Nobody signs in with this email address", "email")
        record(s, actor, "made one-time link", "account", account.id)
        return make_one_time_link(s, account.id)


def close_account(actor: Actor, account_id: UUID) -> None:
    """Close an account: it cannot sign in, and its sessions stop on their next request."""
    with transaction() as s:
        account = s.get_one(Account, account_id)
        if account.person_id == actor.person_id:
            raise PeopleRefusal("You cannot close your own account. Ask another administrator")
        account.closed_at = clock.now()
        for row in s.scalars(select(SignInSession).where(SignInSession.account_id == account_id)):
            row.ended_at = row.ended_at or clock.now()
        record(s, actor, "closed account", "account", account_id)
