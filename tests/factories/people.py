"""People for tests: made in the database, signed in without a password."""

from itertools import count

from recovery_college.access.console import ConsoleActor
from recovery_college.access.rules import Role
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people import services
from recovery_college.people.models import Account, Person
from recovery_college.people.signin import SignedIn, _open_session

CONSOLE = ConsoleActor("tests")
_number = count(1)


def a_person(given_name: str = "Sam", family_name: str = "Example", **columns: object) -> Person:
    """A person without an account."""
    with transaction() as s:
        person = Person(given_name=given_name, family_name=family_name, created_at=clock.now(), **columns)
        s.add(person)
    return person


def an_account(person: Person, *roles: Role, email: str = "", password: str | None = None) -> Account:
    """An account for a person, with roles."""
    with transaction() as s:
        address = email or f"person{next(_number)}@fenside.example"
        account = services.open_account(s, CONSOLE, person.id, address, password)
        for role in roles:
            services.grant_role(s, CONSOLE, person.id, role)
    return account


def signed_in(*roles: Role, person: Person | None = None, name: str = "Sam") -> SignedIn:
    """Somebody signed in, wearing the first of `roles`. Give it to `client.wear(...)` or to a service."""
    who = person or a_person(name)
    account = an_account(who, *roles)
    with transaction() as s:
        return _open_session(s, account, roles[0], "signed in")
