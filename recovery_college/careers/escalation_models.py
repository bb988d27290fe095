"""Who is named for a duty around late answers, and who was told of which (V4)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.escalation_rules import Duty, Reached, Step
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class CareersDuty(Base):
    """That somebody is named for a duty: told of late answers as a lead, or reading a sample again."""

    __tablename__ = "careers_duty"
    __table_args__ = (
        one_of("duty", Duty),
        Index(
            "uq_careers_duty_live",
            "duty",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    duty: Mapped[Duty] = mapped_column(Word(Duty))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Escalation(Base):
    """One step about one late answer: who was told, or that there was nobody to tell. Only ever added to (V4)."""

    __tablename__ = "escalation"
    __table_args__ = (
        one_of("step", Step),
        one_of("reached", Reached),
        UniqueConstraint("vacancy_id", "due_on", "step", "told_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    due_on: Mapped[date]
    step: Mapped[Step] = mapped_column(Word(Step))
    told_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    reached: Mapped[Reached] = mapped_column(Word(Reached))
    sent_on: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(Moment)
