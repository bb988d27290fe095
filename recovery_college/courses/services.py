"""Verbs of this room that are no import."""

from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Role
from recovery_college.audit.services import record
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Account, Person
from recovery_college.people.services import PeopleRefusal, grant_role, open_account
from recovery_college.people.signin import make_one_time_link


def invite_student(actor: Actor, person_id: UUID) -> str | None:
    """Let a student sign in: an account at their own address, the student's role, and a one-time link's token.

    None when they have an account already; they gain the role then, and whoever may invite must not be able to
    open somebody's account. Raises PeopleRefusal without an address, or when somebody else signs in with it.
    """
    with transaction() as s:
        person = s.get_one(Person, person_id)
        has_account = s.scalar(
            select(Account.id).where(Account.person_id == person_id, Account.closed_at.is_(None)).limit(1)
        )
        if has_account is not None:
            if actor.person_id != person_id:  # nobody changes their own roles
                grant_role(s, actor, person_id, Role.STUDENT)
            return None
        if not person.email:
            raise PeopleRefusal("Add the student's email address first, by importing students", "email")
        account = open_account(s, actor, person_id, person.email)
        grant_role(s, actor, person_id, Role.STUDENT)
        token = make_one_time_link(s, account.id)
        record(s, actor, "invited student", "person", person_id)
        return token
