"""What marking keeps beside decisions: drafts taken back, decisions made together, the bank of comments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Exists, ForeignKey, Index, Text, exists
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.models import Decision
from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class DecisionUndo(Base):
    """That a draft was taken back. A row of its own: the decision stays as it was written (A5).

    A decision that was released is never taken back, only followed by another: triggers hold both.
    """

    __tablename__ = "decision_undo"

    decision_id: Mapped[int] = mapped_column(
        ForeignKey("decision.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    undone_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    undone_at: Mapped[datetime] = mapped_column(Moment)


class BulkMark(Base):
    """That somebody recorded "met" for several cells at once. Its id is made with the form: sent twice is once."""

    __tablename__ = "bulk_mark"
    __table_args__ = (Index("ix_bulk_mark_cohort", "cohort_id", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime] = mapped_column(Moment)


class BulkMarkDecision(Base):
    """A decision that was made together with others."""

    __tablename__ = "bulk_mark_decision"

    decision_id: Mapped[int] = mapped_column(
        ForeignKey("decision.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    bulk_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_mark.id", ondelete="RESTRICT"), index=True)


class FeedbackComment(Base):
    """A piece of feedback to use again for one criterion: the college's (no owner) or a tutor's own.

    Never part of a decision by itself: a tutor puts it into the feedback, and may change it there. `version`
    rises with each change, so that a second tutor does not overwrite the first in silence.
    """

    __tablename__ = "feedback_comment"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        Index("ix_feedback_comment_criterion", "criterion_id", "owner_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_criterion.id", ondelete="RESTRICT"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


def taken_back(decision: type[Decision] = Decision) -> Exists:
    """That this decision (or an alias of it) was taken back, so that it counts nowhere."""
    return exists().where(DecisionUndo.decision_id == decision.id)
