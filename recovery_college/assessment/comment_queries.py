"""Reading the bank of comments: the college's and one's own, never a colleague's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.marking_models import FeedbackComment
from recovery_college.courses.models import AssessmentCriterion, Cohort, Unit
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of the bank. `is_own`: nobody else sees it."""

    id: UUID
    criterion_id: UUID
    text: str
    version: int
    is_own: bool
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class BankCriterion:
    """The criterion a page of the bank is about."""

    id: UUID
    unit_code: str
    number: str
    text: str


def comments_for(actor: Actor, criterion_id: UUID, *, retired: bool = False) -> Sequence[Comment]:
    """The comments this tutor may use for a criterion, their own first; `retired`: those put away as well."""
    if not may(actor, Permission.DECISION_RECORD) or actor.person_id is None:
        return ()
    statement = (
        select(FeedbackComment)
        .where(
            FeedbackComment.criterion_id == criterion_id,
            FeedbackComment.owner_id.is_(None) | (FeedbackComment.owner_id == actor.person_id),
        )
        .order_by(FeedbackComment.owner_id.is_(None), FeedbackComment.written_at, FeedbackComment.id)
    )
    if not retired:
        statement = statement.where(FeedbackComment.retired_at.is_(None))
    return [
        Comment(one.id, one.criterion_id, one.text, one.version, one.owner_id is not None, one.retired_at)
        for one in session().scalars(statement)
    ]


def bank_criterion(cohort: Cohort, criterion_id: UUID) -> BankCriterion | None:
    """A criterion of the cohort's qualification, or None."""
    row = (
        session()
        .execute(
            select(AssessmentCriterion.id, Unit.code, AssessmentCriterion.number, AssessmentCriterion.text)
            .join(Unit, AssessmentCriterion.unit_id == Unit.id)
            .where(AssessmentCriterion.id == criterion_id, Unit.qualification_id == cohort.qualification_id)
        )
        .first()
    )
    return BankCriterion(*row) if row else None
