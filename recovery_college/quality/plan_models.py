"""The sampling plan of a cohort (A9): what was drawn, from what, by which seed; what was added; what was set aside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id
from recovery_college.quality.sampling import Stage


class SamplingPlan(Base):
    """One draw of a cohort's plan; a later draw adds to it. `inputs` is what it was drawn from, a line a unit."""

    __tablename__ = "sampling_plan"
    __table_args__ = (
        UniqueConstraint("cohort_id", "number"),
        CheckConstraint("new_percent BETWEEN 1 AND 100 AND usual_percent BETWEEN 1 AND 100", name="percents"),
        CheckConstraint("least_students >= 1 AND number >= 1 AND seed >= 0", name="counts"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    number: Mapped[int]
    seed: Mapped[int]
    new_percent: Mapped[int]
    usual_percent: Mapped[int]
    least_students: Mapped[int]
    why: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)


class SamplingPick(Base):
    """One student's unit to look at, and why. Never deleted: set aside with a reason, if it must be."""

    __tablename__ = "sampling_pick"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "unit_id", "stage"),
        one_of("stage", Stage),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(set_aside_at IS NULL) = (set_aside_by IS NULL) AND (set_aside_at IS NULL) = (set_aside_why IS NULL)",
            name="set_aside",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sampling_plan.id", ondelete="RESTRICT"), index=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    stage: Mapped[Stage] = mapped_column(Word(Stage))
    reason: Mapped[str] = mapped_column(Text)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    added_at: Mapped[datetime] = mapped_column(Moment)
    set_aside_why: Mapped[str | None] = mapped_column(Text)
    set_aside_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    set_aside_at: Mapped[datetime | None] = mapped_column(Moment)
