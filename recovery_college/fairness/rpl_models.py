"""Recognition of prior learning (A13): a student's claims, and each programme's limit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class RplLimit(Base):
    """How much of a qualification may be met by prior learning, in per cent of its credit. No row: the usual."""

    __tablename__ = "rpl_limit"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 99", name="percent"),)

    qualification_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="RESTRICT"), primary_key=True
    )
    percent: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)


class RplClaim(Base):
    """That a student asks for some criteria to be assessed on what they could do before (A13).

    What comes of it follows from the ordinary decisions on its criteria. Only its closing is added.
    """

    __tablename__ = "rpl_claim"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index("ix_rpl_claim_enrolment", "enrolment_id", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[UUID] = mapped_column(unique=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    words: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    closed_words: Mapped[str | None] = mapped_column(Text)


class RplClaimCriterion(Base):
    """A criterion of a claim."""

    __tablename__ = "rpl_claim_criterion"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("rpl_claim.id", ondelete="RESTRICT"), primary_key=True)
    criterion_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
