"""The one letter to somebody who graduated before this system, and their answer to three questions."""

import secrets
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.past_models import PastInvitation
from recovery_college.careers.past_queries import MOST_LISTED, digest_of, is_past_graduate
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import ADDRESS, queue_mail
from recovery_college.people.models import Person

SUBJECT = "Would you like to hear about peer support posts?"


def letter(given_name: str, link: str, college: str) -> str:
    """The words that a past graduate gets, once."""
    return (
        f"Dear {given_name},\n\nyou trained with {college}. We know of posts for peer support "
        "workers, and would like to ask you three short questions: how many hours, where, and whether we "
        f"may write to you.\n\n{link}\n\nWe ask this once. If you do not answer, we do "
        f"not write again.\n\n{college}\n"
    )


def invite_past_graduates(
    actor: Actor, address_of_link: Callable[[str], str], college: str, only: UUID | None = None
) -> int:
    """Write once to every past graduate with an address who was not written to, or to one; how many letters."""
    if not may(actor, Permission.PAST_INVITE):
        return 0
    with transaction() as s:
        statement = (
            select(Person)
            .outerjoin(PastInvitation, PastInvitation.person_id == Person.id)
            .where(is_past_graduate(), PastInvitation.person_id.is_(None), Person.email != "")
            .limit(MOST_LISTED)
        )
        if only is not None:
            statement = statement.where(Person.id == only)
        events: list[Event] = []
        for person in s.scalars(statement).all():
            if not ADDRESS.fullmatch(person.email) or ".." in person.email:
                continue
            token = secrets.token_urlsafe(32)
            s.add(
                PastInvitation(
                    person_id=person.id,
                    token_hash=digest_of(token),
                    sent_at=clock.now(),
                    sent_by=actor.audit_id,
                )
            )
            words = letter(person.given_name, address_of_link(token), college)
            queue_mail(s, person.email, SUBJECT, words, "past graduate")
            events.append(event_of(actor, "invited past graduate", "person", person.id))
        record_many(s, events)
        return len(events)


class _Self:
    """The past graduate themselves, who holds the link and has no account."""

    role = Role.GRADUATE
    roles = (Role.GRADUATE,)
    name = ""

    def __init__(self, person_id: UUID) -> None:
        self.person_id = person_id

    @property
    def audit_id(self) -> str:
        """The person by their own link."""
        return str(self.person_id)


def answer_past(token: str, most_hours: Decimal | None, places: str, may_contact: bool) -> bool:
    """Keep the answer of whoever holds the link; it may be given again. False for a link that is none."""
    with transaction() as s:
        row = s.scalar(
            select(PastInvitation).where(PastInvitation.token_hash == digest_of(token)).with_for_update()
        )
        if row is None:
            return False
        row.answered_at, row.may_contact = clock.now(), may_contact
        row.most_hours = most_hours if may_contact else None
        row.places = places.strip()[:300] if may_contact else ""
        s.flush()
        record_many(
            s,
            [
                event_of(
                    _Self(row.person_id),
                    "answered past invitation",
                    "person",
                    row.person_id,
                    contact=may_contact,
                )
            ],
        )
        return True
