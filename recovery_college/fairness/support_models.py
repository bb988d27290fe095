"""What helps a student (A14): what they asked for and what was answered. There is no place for a reason."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.fairness.support_rules import AoPermission, SupportAnswer, SupportKind
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class SupportRequest(Base):
    """That a reasonable adjustment or a special consideration was asked for. Only its taking back is added.

    A special consideration is about a unit that was assessed; an adjustment is about the whole course. `key`
    is made with the form, so that a double click asks once.
    """

    __tablename__ = "support_request"
    __table_args__ = (
        one_of("kind", SupportKind),
        CheckConstraint("(kind = 'special consideration') = (unit_id IS NOT NULL)", name="about"),
        Index("ix_support_request_enrolment", "enrolment_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[UUID] = mapped_column(unique=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    kind: Mapped[SupportKind] = mapped_column(Word(SupportKind))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    wish: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    taken_back_at: Mapped[datetime | None] = mapped_column(Moment)


class SupportDecision(Base):
    """What was answered to a request, by whom, on what day. The latest is in force; none is changed."""

    __tablename__ = "support_decision"
    __table_args__ = (
        one_of("answer", SupportAnswer),
        one_of("permission", AoPermission),
        CheckConstraint("(permission = 'not needed') = (permission_on IS NULL)", name="permission_on"),
        CheckConstraint("extra_days IS NULL OR extra_days BETWEEN 1 AND 90", name="extra_days"),
        Index("ix_support_decision_request", "request_id", "decided_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("support_request.id", ondelete="RESTRICT"))
    answer: Mapped[SupportAnswer] = mapped_column(Word(SupportAnswer))
    helps: Mapped[str] = mapped_column(Text, default="")
    extra_days: Mapped[int | None]
    permission: Mapped[AoPermission] = mapped_column(Word(AoPermission))
    permission_on: Mapped[date | None]
    words: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    decided_on: Mapped[date]
    decided_at: Mapped[datetime] = mapped_column(Moment)
