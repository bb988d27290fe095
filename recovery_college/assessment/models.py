"""What is judged. Decisions and verdicts are only ever added: triggers refuse to change or delete them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Decision(Base):
    """A tutor's decision on one criterion for one student (A5).

    Attempt n counts what the student handed in; revision r counts how often the tutor wrote that attempt's
    decision. A draft has no `released_at` (A7). The only change ever allowed is its release. `missing` is what
    the assessor said of the evidence (`vacsr`); None: nothing was said here.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "criterion_id", "attempt", "revision"),
        one_of("outcome", Outcome),
        CheckConstraint("attempt >= 1 AND revision >= 1", name="counts"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="release"),
        CheckConstraint("missing IS NULL OR missing = '' OR outcome = 'not yet met'", name="missing"),
        Index("ix_decision_decided_by", "decided_by"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_criterion.id", ondelete="RESTRICT"))
    attempt: Mapped[int]
    revision: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    feedback: Mapped[str] = mapped_column(Text, default="")
    decided_on: Mapped[date]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    is_imported: Mapped[bool] = mapped_column(default=False)
    missing: Mapped[str | None] = mapped_column(String(5))


class IqaVerdict(Base):
    """Internal quality assurance of one student's unit (A8-A10): confirmed, returned, or its sample closed."""

    __tablename__ = "iqa_verdict"
    __table_args__ = (
        one_of("verdict", Verdict),
        Index("ix_iqa_verdict_enrolment", "enrolment_id", "unit_id", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    comment: Mapped[str] = mapped_column(Text, default="")
    action: Mapped[str] = mapped_column(Text, default="")
    act_by_on: Mapped[date | None]
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class IqaVerdictCriterion(Base):
    """A criterion that was sampled for a verdict."""

    __tablename__ = "iqa_verdict_criterion"

    verdict_id: Mapped[UUID] = mapped_column(
        ForeignKey("iqa_verdict.id", ondelete="RESTRICT"), primary_key=True
    )
    criterion_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="RESTRICT"), primary_key=True
    )


class EqaEngagement(Base):
    """That an external quality assurer may see the states of some cohorts between two days (A11)."""

    __tablename__ = "eqa_engagement"
    __table_args__ = (CheckConstraint("ends_on >= opens_on", name="dates"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    opens_on: Mapped[date]
    ends_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)


class EqaEngagementCohort(Base):
    """A cohort an engagement covers."""

    __tablename__ = "eqa_engagement_cohort"

    engagement_id: Mapped[UUID] = mapped_column(
        ForeignKey("eqa_engagement.id", ondelete="RESTRICT"), primary_key=True
    )
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), primary_key=True)
