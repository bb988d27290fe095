"""Passwords, sign-in sessions, the throttle, and one-time links: who comes in, and how they go out."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_login import UserMixin
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Role
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import aside, session, transaction
from recovery_college.kernel.ids import new_token
from recovery_college.people.models import Account, OneTimeLink, Person, RoleGrant, SignInSession
from recovery_college.people.queries import name_of
from recovery_college.people.rules import display_name
from recovery_college.people.throttle import check_tries, count_wrong_try, forget_tries, key_of

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(seconds=60)
TRIES_PER_ACCOUNT = 8
TRIES_PER_ADDRESS = 40
LINK_LIFETIME = timedelta(days=3)
SHORTEST_PASSWORD = 12

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobodys_hash = _hasher.hash("a password nobody has")


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """A signed-in person wearing one role: the Actor of every page."""

    person_id: UUID
    account_id: UUID
    session_id: UUID
    name: str
    email: str
    role: Role
    roles: Collection[Role]
    token: str

    @property
    def audit_id(self) -> str:
        """The opaque id written in the audit trail."""
        return str(self.person_id)

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's token, never the account's id."""
        return self.token


def hash_password(password: str) -> str:
    """The argon2id hash of `password` (19 MiB, 2 passes, 1 lane: OWASP's minimum)."""
    return _hasher.hash(password)


def is_password_right(stored: str | None, password: str) -> bool:
    """Whether `password` is right. Takes as long when there is no such account."""
    try:
        return _hasher.verify(stored or _nobodys_hash, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def password_problem(password: str, email: str) -> str | None:
    """Why a password is too easy to guess, or None."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters. Three words in a row are easy to remember"
    if len(password) > 200:
        return "Use at most 200 characters"
    folded = password.casefold()
    if len(set(folded)) < 5 or email.split("@")[0].casefold() == folded or folded in _COMMON:
        return "This password is too easy to guess. Three words in a row are hard to guess"
    return None


_COMMON = frozenset({"password1234", "123456789012", "qwertyuiop12", "letmeinplease", "recoverycollege"})


def token_hash_of(token: str) -> str:
    """How a link or a session is kept: whoever copies the table can open nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def roles_of(s: Session, person_id: UUID) -> list[Role]:
    """The roles a person holds now, in the order of the Role list."""
    held = set(
        s.scalars(
            select(RoleGrant.role).where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
        )
    )
    return [role for role in Role if role in held]


def sign_in(secret: str, email: str, password: str, address: str) -> SignedIn | None:
    """Sign in with a password. None when it is not right: the answer and its time do not tell why.

    Raises TooManyTries. A wrong try is counted by account and by address, whether or not the account exists.
    """
    account_key = key_of(secret, "sign-in account", email)
    address_key = key_of(secret, "sign-in address", address)
    check_tries(account_key, TRIES_PER_ACCOUNT)
    check_tries(address_key, TRIES_PER_ADDRESS)
    s = session()
    account = s.scalar(
        select(Account).where(Account.email == email.strip().casefold(), Account.closed_at.is_(None))
    )
    s.rollback()  # do not hold the write lock while the password is hashed
    right = is_password_right(account.password_hash if account else None, password)
    roles = roles_of(s, account.person_id) if account and right else []
    if account is None or not roles:
        with transaction() as s:
            count_wrong_try(s, account_key, address_key)
        return None
    with transaction() as s:
        forget_tries(s, account_key)
        return _open_session(s, account, roles[0], "signed in")


def _open_session(s: Session, account: Account, role: Role, action: str) -> SignedIn:
    token = new_token()
    at = clock.now()
    row = SignInSession(
        token_hash=token_hash_of(token), account_id=account.id, role=role, created_at=at, last_seen_at=at
    )
    s.add(row)
    s.flush()
    person = s.get_one(Person, account.person_id)
    actor = _signed_in(person, account, row, token, roles_of(s, person.id))
    record(s, actor, action, "account", account.id)
    return actor


def _signed_in(
    person: Person, account: Account, row: SignInSession, token: str, roles: Iterable[Role]
) -> SignedIn:
    return SignedIn(
        person_id=person.id,
        account_id=account.id,
        session_id=row.id,
        name=name_of(person),
        email=account.email,
        role=row.role,
        roles=tuple(roles),
        token=token,
    )


_sitting, _account = SignInSession.__table__.c, Account.__table__.c
_person, _grant = Person.__table__.c, RoleGrant.__table__.c
# Made once: making it anew for every request would cost more than running it. A row for each role held.
_BEHIND_A_TOKEN = (
    select(
        _sitting.id.label("session_id"), _sitting.role, _sitting.created_at, _sitting.last_seen_at,
        _sitting.ended_at, _account.id.label("account_id"), _account.email, _account.closed_at,
        _person.id.label("person_id"), _person.given_name, _person.family_name, _person.preferred_name,
        _grant.role.label("held"),
    )
    .select_from(
        SignInSession.__table__.join(Account.__table__, _sitting.account_id == _account.id)
        .join(Person.__table__, _account.person_id == _person.id)
        .outerjoin(RoleGrant.__table__, (_grant.person_id == _person.id) & _grant.ended_at.is_(None))
    )
    .where(_sitting.token_hash == bindparam("token_hash"))
)  # fmt: skip


def load_signed_in(token: str) -> SignedIn | None:
    """The person behind a cookie's token, or None when the session ended, idled for 30 minutes or is 12 hours old.

    A role taken away or an account closed counts from the next request. One query, since every page asks it.
    """
    asked = {"token_hash": token_hash_of(token)}
    found = session().connection().execute(_BEHIND_A_TOKEN, asked).all()
    if not found:
        return None
    row = found[0]
    at = clock.now()
    if (
        row.ended_at is not None
        or row.closed_at is not None
        or at - row.last_seen_at > IDLE
        or at - row.created_at > LONGEST
    ):
        return None
    held = {one.held for one in found}
    if row.role not in held:
        return None
    if at - row.last_seen_at > TOUCH_EVERY:
        _touch(row.session_id)
    return SignedIn(
        person_id=row.person_id,
        account_id=row.account_id,
        session_id=row.session_id,
        name=display_name(row.given_name, row.family_name, row.preferred_name),
        email=row.email,
        role=row.role,
        roles=tuple(role for role in Role if role in held),
        token=token,
    )


def _touch(session_id: UUID) -> None:
    statement = update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=clock.now())
    with aside() as s:
        s.execute(statement)


def sign_out(actor: SignedIn) -> None:
    """End the session: the cookie is worth nothing from now on."""
    with transaction() as s:
        s.execute(
            update(SignInSession).where(SignInSession.id == actor.session_id).values(ended_at=clock.now())
        )
        record(s, actor, "signed out", "account", actor.account_id)


def wear_role(actor: SignedIn, role: Role) -> SignedIn | None:
    """Wear another of the person's roles, in a fresh session. None when the person does not hold it."""
    if role not in actor.roles:
        return None
    with transaction() as s:
        s.execute(
            update(SignInSession).where(SignInSession.id == actor.session_id).values(ended_at=clock.now())
        )
        account = s.get_one(Account, actor.account_id)
        return _open_session(s, account, role, "switched role")


def make_one_time_link(s: Session, account_id: UUID) -> str:
    """A token with which the owner of the account can choose a password once, within three days."""
    token = new_token()
    s.add(
        OneTimeLink(
            token_hash=token_hash_of(token), account_id=account_id, expires_at=clock.now() + LINK_LIFETIME
        )
    )
    return token


def account_of_link(token: str) -> Account | None:
    """The account a one-time link opens, or None when it is unknown, used or too old."""
    s = session()
    link = s.get(OneTimeLink, token_hash_of(token))
    if link is None or link.used_at is not None or link.expires_at < clock.now():
        return None
    account = s.get_one(Account, link.account_id)
    return None if account.closed_at else account


def use_link(token: str, password: str) -> SignedIn | None:
    """Choose a password by a one-time link and sign in. Ends every other session of the account."""
    hashed = hash_password(password)
    with transaction() as s:
        used = s.execute(
            update(OneTimeLink)
            .where(
                OneTimeLink.token_hash == token_hash_of(token),
                OneTimeLink.used_at.is_(None),
                OneTimeLink.expires_at >= clock.now(),
            )
            .values(used_at=clock.now())
            .returning(OneTimeLink.account_id)
        ).scalar_one_or_none()
        account = s.get(Account, used) if used else None
        if account is None or account.closed_at:
            return None
        roles = roles_of(s, account.person_id)
        if not roles:
            return None
        account.password_hash = hashed
        _end_sessions(s, account.id)
        _spend_links(s, account.id)
        return _open_session(s, account, roles[0], "chose a password")


def change_password(secret: str, actor: SignedIn, old: str, new: str) -> bool:
    """Change the password. False when the old one is not right. Ends every other session and link of the account.

    Raises TooManyTries: a wrong one is counted as at sign-in, since who finds a browser open may guess here.
    """
    key = key_of(secret, "sign-in account", actor.email)
    check_tries(key, TRIES_PER_ACCOUNT)
    s = session()
    stored = s.scalar(select(Account.password_hash).where(Account.id == actor.account_id))
    s.rollback()
    if not is_password_right(stored, old):
        with transaction() as s:
            count_wrong_try(s, key)
        return False
    hashed = hash_password(new)
    with transaction() as s:
        account = s.get_one(Account, actor.account_id)
        account.password_hash = hashed
        forget_tries(s, key)
        _end_sessions(s, account.id, but=actor.session_id)
        _spend_links(s, account.id)
        record(s, actor, "changed password", "account", account.id)
    return True


def _spend_links(s: Session, account_id: UUID) -> None:
    """A password is chosen: whoever has another link of this account, from a mail gone astray, has nothing."""
    s.execute(
        update(OneTimeLink)
        .where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _end_sessions(s: Session, account_id: UUID, but: UUID | None = None) -> None:
    s.execute(
        update(SignInSession)
        .where(
            SignInSession.account_id == account_id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != but if but else SignInSession.id.is_not(None),
        )
        .values(ended_at=clock.now())
    )
