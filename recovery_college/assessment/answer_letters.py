"""Telling a student by mail that something they asked has been answered: never what, only where to read it."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import cast
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.people.models import Person
from recovery_college.people.queries import addresses_of

PURPOSE = "answer"


HOME = "/"
"""Where an answer is told whose own address would say what it is about."""


def tell_of_released(s: Session, enrolment_ids: Collection[UUID], at: datetime) -> None:
    """Let who keeps claims of prior learning write to students whom decisions released at this moment answer.

    Where that is kept, this room does not know.
    """
    tell = cast(
        Callable[[Session, Collection[UUID], datetime], None], current_app.extensions["decisions_released"]
    )
    if enrolment_ids:
        tell(s, enrolment_ids, at)


def tell_answered(s: Session, person_id: UUID, page: str = "/my-progress") -> None:
    """Write the letter into the caller's transaction: with the answer, or not at all.

    Nothing in it says what was asked or answered, since others may read the screen it appears on: neither do the
    words nor the address. An answer is no reminder: who muted those waits for this one all the same. `page`:
    where it is read.
    """
    address = addresses_of([person_id]).get(person_id, "")
    if not is_address(address):
        return
    settings = the_settings()
    person = s.get_one(Person, person_id)
    talk = f" or write to {settings.contact_email}" if settings.contact_email else ""
    body = (
        f"Hello {person.preferred_name or person.given_name},\n\nThere is an answer for you at "
        f"{settings.college_name}. Sign in to read it:\n{settings.public_base_url}{page}\n\nIf you would like to "
        f"talk about it, speak with your tutor{talk}.\n\n{settings.college_name}\n"
    )
    queue_mail(s, address, "There is an answer for you", body, PURPOSE)
