"""A candidacy follows what the person says to the vacancy: a yes begins it, a yes taken back ends it at once (P1, P3).

Called by whoever writes the answer, inside the same transaction, so that there is never one without the other.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.careers.candidacy_models import Candidacy, CandidacyEvent, EventKind
from recovery_college.careers.candidacy_rules import Stage
from recovery_college.careers.interview_mail import cancel_interview
from recovery_college.kernel import clock

NO_STAGE = ""


def follow_yes(s: Session, person_id: UUID, vacancy_id: UUID) -> Candidacy:
    """Begin the candidacy of a person who says yes, or take it up again where they had withdrawn."""
    found = _of(s, person_id, vacancy_id)
    if found is None:
        last = s.scalar(select(func.max(Candidacy.number)).where(Candidacy.vacancy_id == vacancy_id))
        found = Candidacy(
            vacancy_id=vacancy_id,
            person_id=person_id,
            number=(last or 0) + 1,
            stage=Stage.INTERESTED,
            stage_on=clock.today(),
            opened_at=clock.now(),
        )
        s.add(found)
        s.flush()
        _happened(s, found, EventKind.OPENED, NO_STAGE, Stage.INTERESTED)
    elif found.stage is Stage.WITHDREW:
        _to(s, found, Stage.INTERESTED)
    return found


def follow_application(s: Session, person_id: UUID, vacancy_id: UUID) -> None:
    """Go from interested to applied, where the person applies here."""
    found = follow_yes(s, person_id, vacancy_id)
    if found.stage is Stage.INTERESTED:
        _to(s, found, Stage.APPLIED)


def follow_no(s: Session, person_id: UUID, vacancy_id: UUID) -> None:
    """End the candidacy of a person who takes their yes back. No reason is asked."""
    found = _of(s, person_id, vacancy_id)
    if found is None or found.stage.is_over:
        return
    _to(s, found, Stage.WITHDREW)
    found.next_step, found.next_step_on = "", None
    cancel_interview(s, found)


def _of(s: Session, person_id: UUID, vacancy_id: UUID) -> Candidacy | None:
    return s.scalar(
        select(Candidacy)
        .where(Candidacy.person_id == person_id, Candidacy.vacancy_id == vacancy_id)
        .with_for_update()
    )


def _to(s: Session, found: Candidacy, stage: Stage) -> None:
    _happened(s, found, EventKind.MOVED, found.stage, stage)
    found.stage, found.stage_on = stage, clock.today()
    found.version += 1


def _happened(s: Session, found: Candidacy, kind: EventKind, old: str, new: str) -> None:
    s.add(
        CandidacyEvent(
            candidacy_id=found.id,
            kind=kind,
            was=str(old),
            became=str(new),
            by_id=found.person_id,
            at=clock.now(),
        )
    )
