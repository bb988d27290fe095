"""The people of the demo: ten who sign in, one with two roles, and students and graduates by the dozen."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Role
from recovery_college.demo.names import made_up_names
from recovery_college.demo.rows import Rows
from recovery_college.people.models import Account, Person
from recovery_college.people.rules import display_name
from recovery_college.people.services import create_person, grant_role, open_account
from recovery_college.people.signin import hash_password, is_password_right

DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class DemoActor:
    """One of the demo's people, wearing one role: who did what in its past."""

    person_id: UUID
    name: str
    role: Role

    @property
    def roles(self) -> Collection[Role]:
        """The role worn."""
        return (self.role,)

    @property
    def audit_id(self) -> str:
        """The opaque id written in the audit trail."""
        return str(self.person_id)

    def wearing(self, role: Role) -> "DemoActor":
        """The same person in another role."""
        return DemoActor(self.person_id, self.name, role)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in with which address, in which roles, and what of theirs there is to see."""

    key: str
    given: str
    family: str
    roles: tuple[Role, ...]
    owns: str

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.key}@{DOMAIN}"


SIGN_INS = (
    SignIn("admin", "Grace", "Adeyemi", (Role.ADMIN,), "imports, and certificates waiting to be issued"),
    SignIn("tutor", "Maya", "Lindqvist", (Role.TUTOR,), "the running cohort and its marking"),
    SignIn("iqa", "Siân", "Llewellyn-Jones", (Role.IQA,), "units waiting for quality assurance"),
    SignIn("eqa", "Tomasz", "Wiśniewski", (Role.EQA,), "an engagement that is open now"),
    SignIn("student", "Aisha", "O’Neill", (Role.STUDENT,), "a place in the running cohort, with feedback"),
    SignIn("graduate", "Łucja", "Zielińska", (Role.GRADUATE,), "a live certificate"),
    SignIn("manager", "Priya", "Raman", (Role.MANAGER,), "vacancies to consider, some overdue"),
    SignIn("hr", "Daniel", "Osei", (Role.HR,), "all vacancies, bands to read, nobody to ask"),
    SignIn("auditor", "Ruth", "Feldman", (Role.AUDITOR,), "the audit trail"),
    SignIn("sysadmin", "Kofi", "Mensah", (Role.SYSADMIN,), "accounts and roles"),
)
"""One person a role, the roles of contract.md section 3."""
PEER_TUTOR = SignIn(
    "peer.tutor", "Nia", "Pritchard", (Role.GRADUATE, Role.TUTOR), "two roles: switch under Account"
)
"""A graduate who teaches beside the tutor, and shows the switch of roles."""
OTHER_MANAGER = SignIn("manager.wards", "Colm", "Byrne", (Role.MANAGER,), "the wards' vacancies")

REVIEWER = SignIn("reviewer", "Hilary", "Okonjo", (Role.IQA,), "a claim to review")
"""A second quality assurer: a claim is signed by three different people."""


def account_of(s: Session, who: SignIn, person_id: UUID, setting_up: Actor) -> DemoActor:
    """Open the account of one of them and grant the roles; return them in the first role. No password yet."""
    open_account(s, setting_up, person_id, who.email)
    for role in who.roles:
        grant_role(s, setting_up, person_id, role)
    return DemoActor(person_id, display_name(who.given, who.family), who.roles[0])


def staff(s: Session, setting_up: Actor) -> dict[str, DemoActor]:
    """Make everybody who signs in and is neither student nor graduate, by the part before the @."""
    made: dict[str, DemoActor] = {}
    for who in (*SIGN_INS, OTHER_MANAGER, REVIEWER):
        if not {Role.STUDENT, Role.GRADUATE} & set(who.roles):
            person = create_person(s, who.given, who.family, email=who.email, is_made_up=True)
            made[who.key] = account_of(s, who, person.id, setting_up)
    return made


def sign_in_of(key: str) -> SignIn:
    """The one with this key."""
    return next(who for who in (*SIGN_INS, PEER_TUTOR, OTHER_MANAGER, REVIEWER) if who.key == key)


PRONOUNS = ("", "", "she/her", "", "they/them", "", "he/him")
"""Some students told theirs, most did not."""


class Register:
    """Students as they are enrolled: each with a reference, a made-up name and nothing else about them."""

    def __init__(self, rows: Rows, random: Random) -> None:
        self._rows = rows
        self._number = 0
        self._random = random
        self._names: Iterator[tuple[str, str]] = iter(made_up_names(random, 400))

    def student(
        self, at: datetime, name: tuple[str, str] | None = None, *, preferred: str = "", email: str = ""
    ) -> UUID:
        """Gather one person; the name is made up unless given."""
        self._number += 1
        given, family = name or next(self._names)
        born = date(1962, 1, 1).toordinal() + self._random.randrange(14_500)
        return self._rows.add(
            Person,
            student_ref=f"FRC-{self._number:04d}",
            given_name=given,
            family_name=family,
            preferred_name=preferred,
            pronouns=PRONOUNS[self._number % len(PRONOUNS)],
            certificate_name="",
            email=email or f"student{self._number:04d}@{DOMAIN}",
            date_of_birth=date.fromordinal(born),
            uln="",
            created_at=at,
            is_made_up=True,
        )


def set_password(s: Session, password: str) -> bool:
    """Give every demo account this password, in the caller's transaction. False when they have it already.

    They share one hash: the demo has one password, printed on the screen, and hashing is slow on purpose.
    """
    accounts = Account.email.like(f"%@{DOMAIN}")
    known = s.scalars(select(Account.password_hash).where(accounts).distinct()).all()
    if len(known) == 1 and is_password_right(known[0], password):
        return False
    s.execute(
        update(Account).where(accounts).values(password_hash=hash_password(password)),
        execution_options={"synchronize_session": False},
    )
    return True
