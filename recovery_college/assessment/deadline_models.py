"""When work is due: dates of a cohort, more time for one student, what they asked for, reminders (A14)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.deadline_rules import AskedFor, ReminderKind, TimeAnswer
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class DueDate(Base):
    """A date by which a cohort hands in something for a unit, or for some of its criteria."""

    __tablename__ = "due_date"
    __table_args__ = (Index("ix_due_date_cohort", "cohort_id", "due_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)


class DueDateCriterion(Base):
    """A criterion a due date is about. A due date with none of these is about its whole unit."""

    __tablename__ = "due_date_criterion"

    due_date_id: Mapped[UUID] = mapped_column(
        ForeignKey("due_date.id", ondelete="RESTRICT"), primary_key=True
    )
    criterion_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class Extension(Base):
    """That one student has until another day (A14). The latest is in force. No reason is kept anywhere."""

    __tablename__ = "extension"
    __table_args__ = (Index("ix_extension_due_date", "due_date_id", "enrolment_id", "granted_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    due_date_id: Mapped[UUID] = mapped_column(ForeignKey("due_date.id", ondelete="RESTRICT"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"), index=True)
    until_on: Mapped[date]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    granted_at: Mapped[datetime] = mapped_column(Moment)


class ExtraDays(Base):
    """That every due date is later by some days for one student, without a reason (A14).

    They count for dates that are set while they stand, and for those whose day was still to come when they
    began. Whoever agrees to them ends them; a date that was set meanwhile keeps its day.
    """

    __tablename__ = "extra_days"
    __table_args__ = (
        CheckConstraint("days BETWEEN 1 AND 90", name="days"),
        Index(
            "uq_extra_days_standing",
            "enrolment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"), index=True)
    days: Mapped[int]
    since_on: Mapped[date]
    since_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class TimeRequest(Base):
    """That a student asked for more time, or for a pause, by one button: there is no room for a reason."""

    __tablename__ = "time_request"
    __table_args__ = (
        one_of("asked_for", AskedFor),
        one_of("answer", TimeAnswer),
        CheckConstraint("(asked_for = 'more time') = (due_date_id IS NOT NULL)", name="about"),
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)",
            name="answered",
        ),
        Index(
            "uq_time_request_open_date",
            "enrolment_id",
            "due_date_id",
            unique=True,
            sqlite_where=text("answer IS NULL AND due_date_id IS NOT NULL"),
            postgresql_where=text("answer IS NULL AND due_date_id IS NOT NULL"),
        ),
        Index(
            "uq_time_request_open_pause",
            "enrolment_id",
            unique=True,
            sqlite_where=text("answer IS NULL AND due_date_id IS NULL"),
            postgresql_where=text("answer IS NULL AND due_date_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    asked_for: Mapped[AskedFor] = mapped_column(Word(AskedFor))
    due_date_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("due_date.id", ondelete="RESTRICT"), index=True
    )
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[TimeAnswer | None] = mapped_column(Word(TimeAnswer))
    words: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))


class Reminder(Base):
    """That a student was reminded of a due date as it stood for them: once a kind and day, whoever sends."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "due_date_id", "kind", "due_on"),
        one_of("kind", ReminderKind),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    due_date_id: Mapped[UUID] = mapped_column(ForeignKey("due_date.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[ReminderKind] = mapped_column(Word(ReminderKind))
    due_on: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(Moment)


class ReminderMute(Base):
    """That a student wants no reminders. The row goes when they want them again."""

    __tablename__ = "reminder_mute"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    muted_at: Mapped[datetime] = mapped_column(Moment)
