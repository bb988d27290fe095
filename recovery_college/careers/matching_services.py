"""Introducing: HR suggests a vacancy to a graduate, or tells its manager of a yes. Never without consent (P1)."""

from uuid import UUID

from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.consent_models import CandidateIntroduction
from recovery_college.careers.consent_rules import IntroductionKind
from recovery_college.careers.matching_list import Candidate, candidate_for
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.people.queries import address_of

PURPOSE = "introduction"


class IntroductionRefused(LookupError):
    """There is nobody to introduce here: the same answer for whoever is not there and may not be known of."""


def introduce(actor: Actor, vacancy: Vacancy, person_id: UUID) -> str:
    """Suggest it, or introduce who said yes; once each. Returns what was done, in a sentence.

    The manager is told that somebody said yes and where to look, never who: a mail could be read by others, and
    what it tells could not be taken back.
    """
    if actor.person_id is None or not may(actor, Permission.CANDIDATE_INTRODUCE):
        raise IntroductionRefused
    with transaction() as s:
        s.get(Vacancy, vacancy.id, with_for_update=True)
        found = candidate_for(actor, vacancy, person_id)
        if found is None:
            raise IntroductionRefused
        kind = IntroductionKind.INTRODUCED if found.yes else IntroductionKind.SUGGESTED
        if not found.can_be_introduced:
            return _told(kind)
        s.add(
            CandidateIntroduction(
                person_id=person_id,
                vacancy_id=vacancy.id,
                kind=kind,
                done_by=actor.person_id,
                at=clock.now(),
            )
        )
        _write(s, vacancy, found, kind)
        record(s, actor, "introduced", "vacancy", vacancy.id, kind=kind.value, candidate=str(person_id))
        return _told(kind)


def _told(kind: IntroductionKind) -> str:
    if kind is IntroductionKind.INTRODUCED:
        return "The manager is told that somebody said yes, and where to look."
    return "The job is suggested. The answer is theirs."


def _write(s: Session, vacancy: Vacancy, found: Candidate, kind: IntroductionKind) -> None:
    settings = the_settings()
    page = f"{settings.public_base_url}/"
    if kind is IntroductionKind.INTRODUCED:
        address = (address_of(vacancy.manager_id) if vacancy.manager_id else "") or vacancy.manager_email
        subject = "Somebody said yes to your vacancy"
        body = (
            f"Hello,\n\nSomebody who trained as a peer support worker said yes to “{vacancy.title}” "
            f"({vacancy.reference}). You can see what they share while the vacancy is open:\n"
            f"{page}vacancies/{vacancy.id}/candidates\n\n{settings.college_name}\n"
        )
    else:
        address = address_of(found.profile.person_id)
        subject = "A job that may suit you"
        body = (
            f"Hello {found.profile.name.split(' ')[0]},\n\nThis job may suit you: “{vacancy.title}”. Nobody "
            "there knows of you. They see your name only if you say yes:\n"
            f"{page}my-future/jobs/{vacancy.id}\n\n{settings.college_name}\n"
        )
    if is_address(address):
        queue_mail(s, address, subject, body, PURPOSE)
