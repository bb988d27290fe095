"""Graduates from before this system who were, or could be, asked once whether they look for work."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.past_models import PastInvitation
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page
from recovery_college.people.models import Account, Person
from recovery_college.people.queries import name_of
from recovery_college.people.signin import token_hash_of


@dataclass(frozen=True, slots=True)
class PastGraduate:
    """Somebody who graduated before this system, and what came of the one letter."""

    person_id: UUID
    name: str
    graduated_on: date
    has_address: bool
    sent_at: datetime | None
    answered_at: datetime | None
    most_hours: Decimal | None
    places: str
    may_contact: bool | None


def is_past_graduate() -> ColumnElement[bool]:
    """Whether a person graduated before this system only, and has no way to sign in yet."""
    return and_(
        exists().where(Graduation.person_id == Person.id, Graduation.source == GraduationSource.BEFORE),
        ~exists().where(Graduation.person_id == Person.id, Graduation.source == GraduationSource.HERE),
        ~exists().where(Account.person_id == Person.id, Account.closed_at.is_(None)),
    )


def count_past_graduates(actor: Actor) -> tuple[int, int]:
    """How many past graduates there are, and how many with an address were not written to yet; for the college."""
    if not may(actor, Permission.PAST_INVITE):
        return 0, 0
    statement = (
        select(func.count(), func.count().filter(Person.email != "", PastInvitation.person_id.is_(None)))
        .select_from(Person)
        .outerjoin(PastInvitation, PastInvitation.person_id == Person.id)
        .where(is_past_graduate())
    )
    everybody, waiting = session().execute(statement).one()
    return int(everybody), int(waiting)


def past_graduates(actor: Actor, page: Page) -> list[PastGraduate]:
    """A page of the past graduates, those who answered first; for the college."""
    if not may(actor, Permission.PAST_INVITE):
        return []
    last = (
        select(Graduation.person_id, func.max(Graduation.graduated_on).label("on"))
        .group_by(Graduation.person_id)
        .subquery()
    )
    rows = session().execute(
        select(Person, last.c.on, PastInvitation)
        .join(last, last.c.person_id == Person.id)
        .outerjoin(PastInvitation, PastInvitation.person_id == Person.id)
        .where(is_past_graduate())
        .order_by(
            PastInvitation.answered_at.is_(None),
            PastInvitation.sent_at.is_(None),
            last.c.on.desc(),
            Person.id,
        )
        .offset(page.skipped)
        .limit(page.size)
    )
    return [
        PastGraduate(
            person.id,
            name_of(person),
            on,
            bool(person.email),
            letter.sent_at if letter else None,
            letter.answered_at if letter else None,
            letter.most_hours if letter else None,
            letter.places if letter else "",
            letter.may_contact if letter else None,
        )
        for person, on, letter in rows
    ]


def invitation_of(token: str) -> PastInvitation | None:
    """The invitation a link opens."""
    return session().scalar(select(PastInvitation).where(PastInvitation.token_hash == token_hash_of(token)))
