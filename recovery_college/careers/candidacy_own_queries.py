"""One's own candidacies: every stage of them, and no reason, note or name that one did not get (P1)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.candidacy_models import (
    Candidacy,
    CandidacyEvent,
    DeclaredLineManager,
    EventKind,
    Interview,
    InterviewHelp,
)
from recovery_college.careers.candidacy_rules import WITH_OFFER, Stage
from recovery_college.careers.check_rules import CheckKind, CheckState
from recovery_college.careers.models import Vacancy
from recovery_college.careers.offer_models import EmploymentCheck
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class OwnCandidacy:
    """A candidacy as the candidate sees it: every stage, and no reason, note or name they did not get."""

    id: UUID
    vacancy_id: UUID
    title: str
    stage: Stage
    stage_on: date
    next_step: str
    next_step_on: date | None
    wants_interview: bool
    reference: str
    interview: Interview | None
    help: str
    checks_to_go: int | None
    happenings: tuple[tuple[datetime, str], ...]


def own_candidacies(actor: Actor) -> list[OwnCandidacy]:
    """One's own candidacies, those under way first. Three queries."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return []
    s = session()
    rows = s.execute(
        select(Candidacy, Vacancy.title, Vacancy.reference, Interview, InterviewHelp.text)
        .join(Vacancy, Vacancy.id == Candidacy.vacancy_id)
        .outerjoin(Interview, Interview.candidacy_id == Candidacy.id)
        .outerjoin(InterviewHelp, InterviewHelp.candidacy_id == Candidacy.id)
        .where(Candidacy.person_id == actor.person_id)
        .order_by(Candidacy.opened_at.desc())
    ).all()
    if not rows:
        return []
    cleared = s.execute(
        select(EmploymentCheck.candidacy_id, func.count())
        .where(
            EmploymentCheck.candidacy_id.in_([row[0].id for row in rows]),
            EmploymentCheck.state == CheckState.CLEAR,
        )
        .group_by(EmploymentCheck.candidacy_id)
    )
    clear = {row[0]: row[1] for row in cleared}
    moves: dict[UUID, list[tuple[datetime, str]]] = {}
    for event in s.scalars(
        select(CandidacyEvent)
        .where(
            CandidacyEvent.candidacy_id.in_([row[0].id for row in rows]),
            CandidacyEvent.kind.in_([EventKind.OPENED, EventKind.MOVED]),
        )
        .order_by(CandidacyEvent.at.desc())
    ):
        moves.setdefault(event.candidacy_id, []).append((event.at, event.became))
    found = [
        OwnCandidacy(
            row.id,
            row.vacancy_id,
            title,
            row.stage,
            row.stage_on,
            row.next_step,
            row.next_step_on,
            row.wants_interview,
            reference,
            meeting,
            asked or "",
            len(CheckKind) - clear.get(row.id, 0) if row.stage in WITH_OFFER else None,
            tuple(moves.get(row.id, ())),
        )
        for row, title, reference, meeting, asked in rows
    ]
    return sorted(found, key=lambda one: one.stage.is_over)


def declared_manager_of(actor: Actor) -> str:
    """The address one declared as one's line manager's."""
    found = session().get(DeclaredLineManager, actor.person_id) if actor.person_id else None
    return found.email if found else ""
