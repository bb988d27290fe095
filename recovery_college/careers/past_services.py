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
from recovery_college.careers.past_queries import is_past_graduate
from recovery_college.careers.preference_queries import places_known
from recovery_college.careers.preference_rules import AlertFrequency, SiteEase, Wishes, places_named
from recovery_college.careers.preference_services import put_wishes, row_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.people.models import Person
from recovery_college.people.signin import token_hash_of

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
        )
        if only is not None:
            statement = statement.where(Person.id == only)
        events: list[Event] = []
        for person in s.scalars(statement).all():
            if not is_address(person.email):
                continue
            token = secrets.token_urlsafe(32)
            s.add(
                PastInvitation(
                    person_id=person.id,
                    token_hash=token_hash_of(token),
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
    """Keep the answer of whoever holds the link; it may be given again. False for a link that is none.

    It becomes what they wish for, and waits for them there until they sign in. What they have said about their
    wishes themselves is never overwritten; a no to letters counts all the same. Nobody is counted or shown by it:
    that needs their own consent, given once they sign in (P1).
    """
    with transaction() as s:
        row = s.scalar(
            select(PastInvitation).where(PastInvitation.token_hash == token_hash_of(token)).with_for_update()
        )
        if row is None:
            return False
        wishes = row_of(s, row.person_id)
        untouched = wishes.version in (0, row.wishes_version)
        row.answered_at, row.may_contact = clock.now(), may_contact
        row.most_hours = most_hours if may_contact else None
        row.places = places.strip()[:300] if may_contact else ""
        if untouched:
            put_wishes(s, wishes, _wishes_in(row))
            row.wishes_version = wishes.version
            wishes.alerts = AlertFrequency.WEEKLY if may_contact else AlertFrequency.NEVER
        elif not may_contact:
            wishes.alerts = AlertFrequency.NEVER  # a no counts at once, whatever was said before
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
                    wishes=untouched,
                )
            ],
        )
        return True


def _wishes_in(row: PastInvitation) -> Wishes:
    """What an answer says, as wishes."""
    places = places_named(row.places, places_known(_Self(row.person_id))) if row.places else []
    return Wishes(most_hours=row.most_hours, sites=dict.fromkeys(places, SiteEase.EASILY))
