"""Evidence taken back or asked back, and a student's word to what staff wrote of their work (A6).

Files are removed after their rows, once all is committed.
"""

from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import HOME, tell_answered
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceFile,
    EvidenceRequest,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import RequestAnswer, may_take_back
from recovery_college.assessment.evidence_services import EvidenceRefused, NoSuchEvidence, remove_files
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.courses.models import Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.storage import Storage


def take_back(actor: Actor, storage: Storage, evidence_id: UUID) -> None:
    """A student takes their evidence back: its words and files are gone, that there was one stays (A6).

    Twice is once. Raises NoSuchEvidence when it is not about them, EvidenceRefused once it is decided.
    """
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.closed_at is not None:
            return
        problem = may_take_back(
            own=True,
            by_student=evidence.made_by == enrolment.person_id,
            taken_back=False,
            decided=_is_decided(s, evidence),
        )
        if problem:
            raise EvidenceRefused(problem, "")
        keys = _close(s, actor, evidence)
        record(s, actor, "took back", "evidence", evidence_id, enrolment=str(enrolment.id), files=len(keys))
    remove_files(storage, keys)


def ask_back(actor: Actor, evidence_id: UUID) -> None:
    """A student asks for evidence back that was decided on: a tutor answers (A6). Twice is once."""
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.closed_at is not None or evidence.made_by != enrolment.person_id:
            raise EvidenceRefused("There is nothing to give back here.", "")
        waiting = select(EvidenceRequest.id).where(
            EvidenceRequest.evidence_id == evidence_id, EvidenceRequest.answer.is_(None)
        )
        if s.scalar(waiting) is not None:
            return
        s.add(EvidenceRequest(evidence_id=evidence_id, asked_at=clock.now()))
        record(s, actor, "asked back", "evidence", evidence_id, enrolment=str(enrolment.id))


def answer_request(
    actor: Actor, storage: Storage, evidence_id: UUID, answer: RequestAnswer, words: str = ""
) -> bool:
    """A tutor gives evidence back or keeps it, with a word to the student; whether there was one to answer."""
    keys: list[str] = []
    with transaction() as s:
        evidence, enrolment = _locked(s, evidence_id)
        if cohort_known_to(actor, enrolment.cohort_id) is None or not may(actor, Permission.EVIDENCE_WRITE):
            raise NoSuchEvidence
        if enrolment.person_id == actor.person_id:
            raise EvidenceRefused("Somebody else must answer what you asked yourself.", "")
        waiting = s.scalars(
            select(EvidenceRequest)
            .where(EvidenceRequest.evidence_id == evidence_id, EvidenceRequest.answer.is_(None))
            .execution_options(populate_existing=True)
        ).first()
        if waiting is None:
            return False
        if answer is RequestAnswer.KEPT and not words:
            raise EvidenceRefused("Say why the college keeps it", "words")
        waiting.answer, waiting.words = answer, words
        waiting.answered_at, waiting.answered_by = clock.now(), actor.person_id
        s.flush()
        if answer is RequestAnswer.GIVEN_BACK and evidence.closed_at is None:
            keys = _close(s, actor, evidence)
        record(
            s, actor, "answered", "evidence", evidence_id, answer=answer.value, enrolment=str(enrolment.id)
        )
        tell_answered(s, enrolment.person_id, HOME)
    remove_files(storage, keys)
    return True


def confirm_evidence(actor: Actor, evidence_id: UUID) -> None:
    """A student confirms what staff wrote about their work. Twice is once."""
    with transaction() as s:
        evidence, enrolment = _own(s, actor, evidence_id)
        if evidence.made_by == enrolment.person_id or evidence.closed_at is not None:
            raise EvidenceRefused("There is nothing to confirm here.", "")
        if evidence.confirmed_at is not None:
            return
        evidence.confirmed_at = clock.now()
        record(s, actor, "confirmed", "evidence", evidence_id, enrolment=str(enrolment.id))


def _own(s: Session, actor: Actor, evidence_id: UUID) -> tuple[Evidence, Enrolment]:
    evidence, enrolment = _locked(s, evidence_id)
    if enrolment.person_id != actor.person_id or not may(actor, Permission.EVIDENCE_HAND_IN):
        raise NoSuchEvidence
    return evidence, enrolment


def _locked(s: Session, evidence_id: UUID) -> tuple[Evidence, Enrolment]:
    """The piece of evidence and its enrolment, the latter held until the transaction ends."""
    row = s.execute(
        select(Evidence, Enrolment)
        .join(Enrolment, Evidence.enrolment_id == Enrolment.id)
        .where(Evidence.id == evidence_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NoSuchEvidence
    return row[0], row[1]


def _is_decided(s: Session, evidence: Evidence) -> bool:
    """Whether a decision, released or not, was made on one of its criteria since it came (A6)."""
    return bool(
        s.scalar(
            select(
                exists().where(
                    EvidenceCriterion.evidence_id == evidence.id,
                    Decision.criterion_id == EvidenceCriterion.criterion_id,
                    Decision.enrolment_id == evidence.enrolment_id,
                    Decision.recorded_at >= evidence.handed_in_at,
                    ~taken_back(),
                )
            )
        )
    )


def _close(s: Session, actor: Actor, evidence: Evidence) -> list[str]:
    """Close it and forget what it said; the keys of its files, to be removed once this is committed."""
    evidence.closed_at, evidence.closed_by = clock.now(), actor.audit_id
    s.flush()
    keys = list(s.scalars(select(EvidenceFile.storage_key).where(EvidenceFile.evidence_id == evidence.id)))
    s.execute(delete(EvidenceFile).where(EvidenceFile.evidence_id == evidence.id))
    s.execute(delete(EvidenceWords).where(EvidenceWords.evidence_id == evidence.id))
    return keys
