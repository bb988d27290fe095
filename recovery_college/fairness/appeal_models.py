"""Appeals (A15): what a student appealed, who was asked to hear it, and what was found. Only ever added to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.fairness.appeal_rules import AppealFinding
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Appeal(Base):
    """That a student asked for a released decision to be looked at again. A decision has one live appeal."""

    __tablename__ = "appeal"
    __table_args__ = (
        Index("ix_appeal_enrolment", "enrolment_id", "made_at"),
        Index(
            "uq_appeal_live",
            "decision_id",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    decision_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("decision.id", ondelete="RESTRICT")
    )
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    taken_back_at: Mapped[datetime | None] = mapped_column(Moment)
    ao_told_on: Mapped[date | None]


class AppealStage(Base):
    """A stage that was asked for, with the student's words (which may be none) and the day it is due."""

    __tablename__ = "appeal_stage"
    __table_args__ = (CheckConstraint("stage IN (1, 2)", name="stage"),)

    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id", ondelete="RESTRICT"), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text, default="")
    asked_on: Mapped[date]
    due_on: Mapped[date]


class AppealReviewer(Base):
    """Who was asked to hear a stage, and by whom. The latest counts. Triggers refuse who is not independent."""

    __tablename__ = "appeal_reviewer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["appeal_id", "stage"], ["appeal_stage.appeal_id", "appeal_stage.stage"], ondelete="RESTRICT"
        ),
        Index("ix_appeal_reviewer_stage", "appeal_id", "stage", "named_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID]
    stage: Mapped[int]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_by: Mapped[str] = mapped_column(String(80))
    named_at: Mapped[datetime] = mapped_column(Moment)


class AppealOutcome(Base):
    """What the independent review of a stage found, why, and what happens next."""

    __tablename__ = "appeal_outcome"
    __table_args__ = (
        ForeignKeyConstraint(
            ["appeal_id", "stage"], ["appeal_stage.appeal_id", "appeal_stage.stage"], ondelete="RESTRICT"
        ),
        one_of("finding", AppealFinding),
        CheckConstraint("(finding = 'not upheld') = (others_affected IS NULL)", name="others_affected"),
    )

    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    finding: Mapped[AppealFinding] = mapped_column(Word(AppealFinding))
    reasons: Mapped[str] = mapped_column(Text)
    next_steps: Mapped[str] = mapped_column(Text)
    others_affected: Mapped[bool | None]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    decided_at: Mapped[datetime] = mapped_column(Moment)


class AppealOther(Base):
    """Another student whom a finding affects: the same assessor decided the same criterion."""

    __tablename__ = "appeal_other"
    __table_args__ = (
        ForeignKeyConstraint(
            ["appeal_id", "stage"], ["appeal_outcome.appeal_id", "appeal_outcome.stage"], ondelete="RESTRICT"
        ),
    )

    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    enrolment_id: Mapped[UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
