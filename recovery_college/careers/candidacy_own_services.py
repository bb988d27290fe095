"""What the candidate does to their own candidacy: withdraw, opt in to an interview, ask for help, name a manager."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.candidacy_models import Candidacy, DeclaredLineManager, InterviewHelp
from recovery_college.careers.candidacy_services import CandidacyNotFound
from recovery_college.careers.consent_rules import VacancyAnswerKind
from recovery_college.careers.consent_services import answer_vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.services import PeopleRefusal, clean_email


def withdraw(actor: Actor, candidacy_id: UUID) -> None:
    """Take one's yes back: the manager sees nothing on the next click. No reason is asked (P1)."""
    with transaction() as s:
        row = own_candidacy(s, actor, candidacy_id)
        answer_vacancy(actor, row.vacancy_id, VacancyAnswerKind.WITHDRAWN)


def opt_for_interview(actor: Actor, candidacy_id: UUID, wants: bool) -> None:
    """Disability Confident: ask to be offered an interview, or no longer. No proof and no why (P3)."""
    with transaction() as s:
        row = own_candidacy(s, actor, candidacy_id)
        if row.wants_interview is wants:
            return
        row.wants_interview = wants
        row.version += 1
        record(s, actor, "opted for interview", "candidacy", row.id, wants=wants)


def ask_for_help(actor: Actor, candidacy_id: UUID, text: str) -> None:
    """Say what would help on the day, in one's own words; empty takes it away."""
    with transaction() as s:
        row = own_candidacy(s, actor, candidacy_id)
        found = s.get(InterviewHelp, row.id)
        if found is None:
            found = InterviewHelp(candidacy_id=row.id, text="")
            s.add(found)
        found.text, found.changed_at = text.strip()[:1000], clock.now()
        s.flush()
        record(s, actor, "said what helps at interview", "candidacy", row.id)


def declare_line_manager(actor: Actor, email: str) -> None:
    """Say who leads one now, so that they do not handle one's candidacies. Whether they recruit here is not told."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        raise CandidacyNotFound
    address = ""
    if email.strip():
        address = clean_email(email)
    with transaction() as s:
        found = s.get(DeclaredLineManager, actor.person_id)
        if found is None:
            found = DeclaredLineManager(person_id=actor.person_id)
            s.add(found)
        found.email, found.declared_at = address, clock.now()
        s.flush()
        record(s, actor, "declared line manager", "candidate", actor.person_id)


def own_candidacy(s: Session, actor: Actor, candidacy_id: UUID) -> Candidacy:
    """One's own candidacy that is not over, locked; else CandidacyNotFound."""
    row = None
    if actor.person_id is not None and may(actor, Permission.OWN_FUTURE):
        row = s.scalar(
            select(Candidacy)
            .where(Candidacy.id == candidacy_id, Candidacy.person_id == actor.person_id)
            .with_for_update()
        )
    if row is None or row.stage.is_over:
        raise CandidacyNotFound
    return row


__all__ = ["PeopleRefusal", "ask_for_help", "declare_line_manager", "opt_for_interview", "withdraw"]
