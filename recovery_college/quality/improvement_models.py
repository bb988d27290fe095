"""What quality assurance found beside verdicts (A9): interim checks, observations, meetings; and what is to do."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id
from recovery_college.quality.improvement_rules import Finding, Seen


class InterimCheck(Base):
    """A look at a student's unit while the course runs: feedback, evidence, records. Changes no state."""

    __tablename__ = "interim_check"
    __table_args__ = (
        one_of("finding", Finding),
        Index("ix_interim_check_place", "enrolment_id", "unit_id", "checked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    finding: Mapped[Finding] = mapped_column(Word(Finding))
    comment: Mapped[str] = mapped_column(Text)
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    checked_at: Mapped[datetime] = mapped_column(Moment)


class PracticeObservation(Base):
    """An assessor observed at work by somebody else."""

    __tablename__ = "practice_observation"
    __table_args__ = (
        one_of("seen", Seen),
        CheckConstraint("assessor_id <> observed_by", name="somebody_else"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    assessor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    observed_on: Mapped[date]
    seen: Mapped[Seen] = mapped_column(Word(Seen))
    went_well: Mapped[str] = mapped_column(Text)
    to_develop: Mapped[str] = mapped_column(Text, default="")
    observed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class StandardisationMeeting(Base):
    """A meeting at which assessors compared their decisions, and what they agreed."""

    __tablename__ = "standardisation_meeting"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    held_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(200))
    agreed: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class StandardisationUnit(Base):
    """A unit a meeting was about."""

    __tablename__ = "standardisation_unit"

    meeting_id: Mapped[UUID] = mapped_column(
        ForeignKey("standardisation_meeting.id", ondelete="RESTRICT"), primary_key=True
    )
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), primary_key=True)


class StandardisationPerson(Base):
    """Somebody who took part in a meeting."""

    __tablename__ = "standardisation_person"

    meeting_id: Mapped[UUID] = mapped_column(
        ForeignKey("standardisation_meeting.id", ondelete="RESTRICT"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)


class QualityAction(Base):
    """Something to be done by somebody by a day, from a check, an observation or a meeting. Done once."""

    __tablename__ = "quality_action"
    __table_args__ = (
        CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (done_note IS NULL)", name="done"
        ),
        Index("ix_quality_action_due", "done_at", "act_by_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    what: Mapped[str] = mapped_column(Text)
    act_by_on: Mapped[date]
    check_id: Mapped[UUID | None] = mapped_column(ForeignKey("interim_check.id", ondelete="RESTRICT"))
    observation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("practice_observation.id", ondelete="RESTRICT")
    )
    meeting_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("standardisation_meeting.id", ondelete="RESTRICT")
    )
    raised_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    raised_at: Mapped[datetime] = mapped_column(Moment)
    done_note: Mapped[str | None] = mapped_column(Text)
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    done_at: Mapped[datetime | None] = mapped_column(Moment)
