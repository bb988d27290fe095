"""Conditional offers, the six checks, and the post that came of them (P4, P6). No document, no content of a check."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.bands import Band
from recovery_college.careers.check_rules import CheckKind, CheckState
from recovery_college.careers.models import Funding
from recovery_college.careers.rules import ContractKind
from recovery_college.kernel.db import Base, Moment, Word, one_of


class Offer(Base):
    """What was offered on condition, and the start that was agreed."""

    __tablename__ = "offer"
    __table_args__ = (
        one_of("band", Band),
        one_of("contract", ContractKind),
        one_of("funding", Funding),
        CheckConstraint("weekly_hours > 0 AND weekly_hours <= 60", name="weekly_hours"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidacy.id", ondelete="RESTRICT"), primary_key=True
    )
    weekly_hours: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    band: Mapped[Band] = mapped_column(Word(Band))
    contract: Mapped[ContractKind] = mapped_column(Word(ContractKind))
    funding: Mapped[Funding] = mapped_column(Word(Funding))
    offered_on: Mapped[date]
    start_on: Mapped[date | None]
    training_due_on: Mapped[date | None]


class EmploymentCheck(Base):
    """One of the six checks of a candidacy: where it stands, since when, by whom, and when to ask again."""

    __tablename__ = "employment_check"
    __table_args__ = (
        one_of("kind", CheckKind),
        one_of("state", CheckState),
        Index("ix_employment_check_chase", "state", "chase_on"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(
        ForeignKey("candidacy.id", ondelete="RESTRICT"), primary_key=True
    )
    kind: Mapped[CheckKind] = mapped_column(Word(CheckKind), primary_key=True)
    state: Mapped[CheckState] = mapped_column(Word(CheckState))
    state_on: Mapped[date]
    chase_on: Mapped[date | None]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class PostOrigin(Base):
    """The candidacy a post came from. By it the database sees that a vacancy's funding is never exceeded (P6)."""

    __tablename__ = "post_origin"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="RESTRICT"), primary_key=True)
    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id", ondelete="RESTRICT"), unique=True)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"), index=True)
    line_supervisor: Mapped[str] = mapped_column(String(120), default="")
    peer_supervisor: Mapped[str] = mapped_column(String(120), default="")
    training_due_on: Mapped[date | None]
    started_at: Mapped[datetime] = mapped_column(Moment)


class PostFollowUp(Base):
    """That somebody asked how it goes after 1, 4 or 12 months, and what was said in a line. Its holder reads it."""

    __tablename__ = "post_follow_up"
    __table_args__ = (CheckConstraint("months IN (1, 4, 12)", name="months"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="RESTRICT"), primary_key=True)
    months: Mapped[int] = mapped_column(primary_key=True)
    asked_on: Mapped[date]
    words: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class PostFollowUpReminder(Base):
    """That somebody was written to about a follow-up, so that nobody is written to every day."""

    __tablename__ = "post_follow_up_reminder"
    __table_args__ = (CheckConstraint("months IN (1, 4, 12)", name="months"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id", ondelete="RESTRICT"), primary_key=True)
    months: Mapped[int] = mapped_column(primary_key=True)
    told_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    told_on: Mapped[date] = mapped_column(primary_key=True)
