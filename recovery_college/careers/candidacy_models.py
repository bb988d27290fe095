"""Candidacies: one person and one vacancy, from interest to a start (P3). The record of what happened only grows."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.candidacy_rules import (
    LEAST_MINUTES,
    MOST_MINUTES,
    MOST_PLACES,
    EndReason,
    Stage,
)
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class EventKind(StrEnum):
    """What can happen to a candidacy."""

    OPENED = "opened"
    MOVED = "moved"
    NEXT_STEP = "next step"
    INTERVIEW = "interview"
    MESSAGE = "message"
    OFFER = "offer"
    CHECK = "check"
    START = "start"


class VacancyHiring(Base):
    """How a vacancy hires: names hidden until the shortlist, what is funded, how many people it takes (P6).

    Empty `funded_hours` are the vacancy's own weekly hours; empty `places` are two for a job share, else one.
    """

    __tablename__ = "vacancy_hiring"
    __table_args__ = (
        CheckConstraint("funded_hours > 0 AND funded_hours <= 600", name="funded_hours"),
        CheckConstraint(f"places BETWEEN 1 AND {MOST_PLACES}", name="places"),
    )

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    funded_hours: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    places: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class Candidacy(Base):
    """One person's candidacy for one vacancy. It begins with their yes to it; the database insists.

    `number` is what a manager sees where no name is shown. `stage_on` is the day it came to its stage.
    """

    __tablename__ = "candidacy"
    __table_args__ = (
        one_of("stage", Stage),
        one_of("end_reason", EndReason),
        UniqueConstraint("vacancy_id", "person_id"),
        UniqueConstraint("vacancy_id", "number"),
        CheckConstraint("(stage = 'not progressing') = (end_reason IS NOT NULL)", name="reason"),
        Index("ix_candidacy_stage", "stage", "stage_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    number: Mapped[int]
    stage: Mapped[Stage] = mapped_column(Word(Stage))
    stage_on: Mapped[date]
    wants_interview: Mapped[bool] = mapped_column(default=False)
    meets_criteria: Mapped[bool | None]
    next_step: Mapped[str] = mapped_column(String(200), default="")
    next_step_on: Mapped[date | None]
    end_reason: Mapped[EndReason | None] = mapped_column(Word(EndReason))
    end_text: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(Moment)


class CandidacyEvent(Base):
    """One thing that happened: when, by whom, what was before and what is now. Only ever added to."""

    __tablename__ = "candidacy_event"
    __table_args__ = (one_of("kind", EventKind), Index("ix_candidacy_event", "candidacy_id", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id", ondelete="RESTRICT"))
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    was: Mapped[str] = mapped_column(String(200), default="")
    became: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class CandidacyNote(Base):
    """A note about a candidacy. The candidate can ask to read it; it is never changed."""

    __tablename__ = "candidacy_note"
    __table_args__ = (Index("ix_candidacy_note", "candidacy_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class Interview(Base):
    """When and where the interview is. `sequence` grows with every change, as calendars need it."""

    __tablename__ = "interview"
    __table_args__ = (
        CheckConstraint(f"minutes BETWEEN {LEAST_MINUTES} AND {MOST_MINUTES}", name="minutes"),
        CheckConstraint("sequence >= 0", name="sequence"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidacy.id", ondelete="RESTRICT"), primary_key=True
    )
    starts_at: Mapped[datetime] = mapped_column(Moment)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(300), default="")
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class InterviewHelp(Base):
    """What the candidate asks for on the day, in their own words and without a why. Each look is recorded."""

    __tablename__ = "interview_help"

    candidacy_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidacy.id", ondelete="RESTRICT"), primary_key=True
    )
    text: Mapped[str] = mapped_column(String(1000), default="")
    changed_at: Mapped[datetime] = mapped_column(Moment)


class DeclaredLineManager(Base):
    """Whose line manager somebody declared by address: that person does not handle their candidacy."""

    __tablename__ = "declared_line_manager"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    declared_at: Mapped[datetime] = mapped_column(Moment)
