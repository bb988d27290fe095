"""That quality assurance agreed to more resubmissions of a criterion than the programme plans (A5)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class ResubmissionRequest(Base):
    """A request for one more resubmission of a student's criterion, and its answer. Agreed means one more attempt."""

    __tablename__ = "resubmission_request"
    __table_args__ = (
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (agreed IS NULL)",
            name="answered",
        ),
        CheckConstraint("answered_by IS NULL OR asked_by <> answered_by", name="somebody_else"),
        Index("ix_resubmission_request_cell", "enrolment_id", "criterion_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_criterion.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    agreed: Mapped[bool | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
