"""More resubmissions than the programme plans (A5): a tutor asks, a quality assurer agrees or does not."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.resubmission_models import ResubmissionRequest
from recovery_college.assessment.rules import may_verify
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.board_queries import unit_file

LONGEST_REASON = 1000


class MoreRefused(DeedRefused):
    """Why nothing was asked or answered."""


class NoSuchCriterion(LookupError):
    """The student's criterion or the request is not there, or the actor may not know of it."""


def ask_for_more(actor: Actor, cohort_id: UUID, enrolment_id: UUID, criterion_id: UUID, reason: str) -> UUID:
    """Ask for one more resubmission of a student's criterion. While one waits, asking again changes nothing."""
    with transaction() as s:
        facts = cell_facts(actor, enrolment_id, criterion_id, lock=True)
        if cohort_known_to(actor, cohort_id) is None or facts is None or facts.cohort_id != cohort_id:
            raise NoSuchCriterion
        if not may(actor, Permission.DECISION_RECORD) or not facts.is_tutor or actor.person_id is None:
            raise NoSuchCriterion
        reason = reason.strip()
        if not reason:
            raise MoreRefused("Say why there should be one more", "reason")
        if len(reason) > LONGEST_REASON:
            raise MoreRefused(f"Use {LONGEST_REASON:,} characters or fewer", "reason")
        there = s.scalar(
            select(ResubmissionRequest.id).where(
                ResubmissionRequest.enrolment_id == enrolment_id,
                ResubmissionRequest.criterion_id == criterion_id,
                ResubmissionRequest.agreed.is_(None),
            )
        )
        if there is not None:
            return there
        made = ResubmissionRequest(
            enrolment_id=enrolment_id, criterion_id=criterion_id, reason=reason, asked_by=actor.person_id,
            asked_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(s, actor, "asked for a resubmission", "criterion", criterion_id, enrolment=str(enrolment_id))
        return made.id


def answer_for_more(actor: Actor, cohort_id: UUID, request_id: UUID, agreed: bool) -> None:
    """Agree to one more resubmission, or not: never on one's own decision, request or conflict (A5, A10)."""
    with transaction() as s:
        found = s.get(ResubmissionRequest, request_id, with_for_update=True, populate_existing=True)
        facts = cell_facts(actor, found.enrolment_id, found.criterion_id, lock=True) if found else None
        if found is None or facts is None or facts.cohort_id != cohort_id:
            raise NoSuchCriterion
        file = unit_file(actor, cohort_id, found.enrolment_id, facts.unit_id)
        if file is None or not may(actor, Permission.VERDICT_RECORD) or actor.person_id is None:
            raise NoSuchCriterion
        if found.agreed is not None:
            return
        problem = may_verify(
            actor.person_id, {*file.cell.deciders, found.asked_by}, facts.person_id,
            conflicts_of(actor.person_id),
        )  # fmt: skip
        if problem:
            raise MoreRefused(problem)
        found.agreed, found.answered_by, found.answered_at = agreed, actor.person_id, clock.now()
        try:
            s.flush()
        except IntegrityError as error:
            if "(A10)" in str(error.orig):
                raise MoreRefused("You may not answer this yourself (A10). Ask a colleague.") from error
            raise
        record(
            s, actor, "answered about a resubmission", "criterion", found.criterion_id,
            enrolment=str(found.enrolment_id), agreed=agreed,
        )  # fmt: skip
