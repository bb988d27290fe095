"""What an external quality assurer picks, asks, reports, and what becomes of it (A11).

The engagement itself, which decides whose cohort an external may know of, stands in `models.py`. Picks,
objections, notes and sent reports are only ever added to: triggers refuse to change them.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.engagement_rules import Finding, LeaveAnswer
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class EqaPick(Base):
    """A student's unit that the external chose to look into: evidence opens on it, and on nothing else."""

    __tablename__ = "eqa_pick"
    __table_args__ = (UniqueConstraint("engagement_id", "enrolment_id", "unit_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    engagement_id: Mapped[UUID] = mapped_column(ForeignKey("eqa_engagement.id", ondelete="RESTRICT"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    picked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    picked_at: Mapped[datetime] = mapped_column(Moment)


class EqaObjection(Base):
    """That the college objects to a pick in writing, and what the external answered. The pick stays open."""

    __tablename__ = "eqa_objection"
    __table_args__ = (
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer = '')",
            name="answered",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    pick_id: Mapped[UUID] = mapped_column(ForeignKey("eqa_pick.id", ondelete="RESTRICT"), index=True)
    words: Mapped[str] = mapped_column(Text)
    objected_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    objected_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class EqaLeave(Base):
    """That the external asked a student's leave to see a sensitive piece of evidence, and the answer (A6).

    The student may change their mind: a new row. The latest counts, from the next request on.
    """

    __tablename__ = "eqa_leave"
    __table_args__ = (
        one_of("answer", LeaveAnswer),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_eqa_leave_evidence", "evidence_id", "asked_at"),
        Index(
            "uq_eqa_leave_open",
            "engagement_id",
            "evidence_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    engagement_id: Mapped[UUID] = mapped_column(
        ForeignKey("eqa_engagement.id", ondelete="RESTRICT"), index=True
    )
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[LeaveAnswer | None] = mapped_column(Word(LeaveAnswer))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class EqaReport(Base):
    """The external's report on an engagement: a draft of theirs until it is sent, and frozen then."""

    __tablename__ = "eqa_report"
    __table_args__ = (
        one_of("finding", Finding),
        CheckConstraint("sent_at IS NULL OR finding IS NOT NULL", name="sent"),
    )

    engagement_id: Mapped[UUID] = mapped_column(
        ForeignKey("eqa_engagement.id", ondelete="RESTRICT"), primary_key=True
    )
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    looked_at: Mapped[str] = mapped_column(Text, default="")
    good_practice: Mapped[str] = mapped_column(Text, default="")
    concerns: Mapped[str] = mapped_column(Text, default="")
    finding: Mapped[Finding | None] = mapped_column(Word(Finding))
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


class EqaAction(Base):
    """Something the external asks the college to do by a day. Frozen once the report is sent."""

    __tablename__ = "eqa_action"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    engagement_id: Mapped[UUID] = mapped_column(
        ForeignKey("eqa_engagement.id", ondelete="RESTRICT"), index=True
    )
    words: Mapped[str] = mapped_column(Text)
    act_by_on: Mapped[date]
    added_at: Mapped[datetime] = mapped_column(Moment)


class EqaActionNote(Base):
    """What became of an action: each note stays, the last one says whether it is done."""

    __tablename__ = "eqa_action_note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("eqa_action.id", ondelete="RESTRICT"), index=True)
    words: Mapped[str] = mapped_column(Text)
    is_done: Mapped[bool] = mapped_column(default=False)
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    noted_at: Mapped[datetime] = mapped_column(Moment)


class EqaPack(Base):
    """One making of the engagement's pack: how far it is, and where the file lies once it is done.

    `moved_at`: when a worker last went on with it, while it is under way. Without a `storage_key` there is no
    file, or no more.
    """

    __tablename__ = "eqa_pack"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    engagement_id: Mapped[UUID] = mapped_column(
        ForeignKey("eqa_engagement.id", ondelete="RESTRICT"), index=True
    )
    started_by: Mapped[str] = mapped_column(String(80))
    started_role: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    storage_key: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(300), default="")


class EqaPackEvidence(Base):
    """That a piece of evidence went into a pack: so each look at it is recorded, and the pack goes when it may."""

    __tablename__ = "eqa_pack_evidence"

    pack_id: Mapped[UUID] = mapped_column(ForeignKey("eqa_pack.id", ondelete="RESTRICT"), primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(
        ForeignKey("evidence.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
