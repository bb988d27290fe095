"""Evidence and due dates for tests, made straight in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from flask import current_app

from recovery_college.assessment.deadline_models import DueDate, DueDateCriterion
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceFile,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import STAFF_KINDS, AiUse, EvidenceKind
from recovery_college.courses.models import AssessmentCriterion, Enrolment
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.storage import new_key

A_PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class MadeEvidence:
    """What a test needs to know of it."""

    id: UUID
    file_id: UUID | None


def an_evidence(
    enrolment_id: UUID,
    criteria: Sequence[UUID],
    *,
    kind: EvidenceKind = EvidenceKind.REFLECTIVE_ACCOUNT,
    made_by: UUID | None = None,
    title: str = "What I learned",
    body: str = "I listened.",
    is_sensitive: bool = False,
    file_name: str = "",
    content: bytes = A_PDF,
    at: datetime | None = None,
    closed: bool = False,
) -> MadeEvidence:
    """A piece of evidence, handed in by the student unless somebody else is named."""
    student = session().get_one(Enrolment, enrolment_id).person_id
    at = at or clock.now()
    with transaction() as s:
        evidence = Evidence(
            key=uuid4(),
            enrolment_id=enrolment_id,
            kind=kind,
            is_sensitive=is_sensitive,
            ai_use=None if kind in STAFF_KINDS else AiUse.NONE,
            made_by=made_by or student,
            handed_in_at=at,
            confirmed_at=None if kind in STAFF_KINDS else at,
            closed_at=at if closed else None,
            closed_by="console:tests" if closed else None,
        )
        s.add(evidence)
        s.flush()
        s.add_all(EvidenceCriterion(evidence_id=evidence.id, criterion_id=one) for one in criteria)
        file_id = None
        if not closed:
            s.add(EvidenceWords(evidence_id=evidence.id, title=title, body=body, link="", ai_note=""))
            if file_name:
                file = EvidenceFile(
                    evidence_id=evidence.id,
                    name=file_name,
                    media="application/pdf",
                    size=len(content),
                    sha256=sha256(content).hexdigest(),
                    storage_key=new_key("evidence", ".pdf"),
                )
                s.add(file)
                s.flush()
                file_id = file.id
                current_app.extensions["storage"].put(file.storage_key, content)
    return MadeEvidence(evidence.id, file_id)


def a_due_date(
    cohort_id: UUID,
    criterion_id: UUID,
    due_on: date | None = None,
    *,
    title: str = "Reflective account",
    whole_unit: bool = False,
) -> DueDate:
    """A due date, in ten days unless another day is named."""
    with transaction() as s:
        due = DueDate(
            cohort_id=cohort_id,
            unit_id=s.get_one(AssessmentCriterion, criterion_id).unit_id,
            title=title,
            due_on=due_on or clock.today() + timedelta(days=10),
            set_by="console:tests",
            set_at=clock.now(),
        )
        s.add(due)
        s.flush()
        if not whole_unit:
            s.add(DueDateCriterion(due_date_id=due.id, criterion_id=criterion_id))
    return due
