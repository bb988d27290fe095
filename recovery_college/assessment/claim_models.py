"""What was claimed from the awarding organisation and what it answered (A12): facts a unit's state follows from.

Everything here is only ever added, and a claim's content is fixed from its first signature on: triggers
refuse whatever the code does. The room `claims` writes these rows.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


def _person(**options: Any) -> Any:
    return mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), **options)


class AoRegistration(Base):
    """That a student is registered with the awarding organisation, and under what name (A12).

    A correction is a new row; the latest counts. An empty ULN stands as 9999999999, "not yet known" (A4).
    """

    __tablename__ = "ao_registration"
    __table_args__ = (Index("ix_ao_registration_enrolment", "enrolment_id", "recorded_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    certificate_name: Mapped[str] = mapped_column(String(200))
    date_of_birth: Mapped[date]
    uln: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(40), default="")
    registered_on: Mapped[date]
    recorded_by: Mapped[UUID] = _person()
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class Claim(Base):
    """A recommendation for award of credit (RAC) for some units of a cohort's students.

    Signed by three people, locked by the last signature; before that it may be set aside with a reason.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("run >= 1", name="run"),
        CheckConstraint("(set_aside_at IS NULL) = (set_aside_by IS NULL)", name="set_aside"),
        CheckConstraint("locked_at IS NULL OR set_aside_at IS NULL", name="one_end"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run: Mapped[int] = mapped_column(unique=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), index=True)
    reviewer_id: Mapped[UUID] = _person()
    prepared_by: Mapped[UUID] = _person()
    prepared_at: Mapped[datetime] = mapped_column(Moment)
    digest: Mapped[str] = mapped_column(String(64))
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    set_aside_at: Mapped[datetime | None] = mapped_column(Moment)
    set_aside_by: Mapped[UUID | None] = _person()
    set_aside_reason: Mapped[str] = mapped_column(Text, default="")


class ClaimUnit(Base):
    """A unit as it stood in the specification when the claim was prepared."""

    __tablename__ = "claim_unit"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id", ondelete="RESTRICT"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    level: Mapped[int]
    credit: Mapped[int]
    position: Mapped[int]


class ClaimStudent(Base):
    """A student on a claim, as registered with the awarding organisation when it was prepared."""

    __tablename__ = "claim_student"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id", ondelete="RESTRICT"), primary_key=True)
    enrolment_id: Mapped[UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="RESTRICT"), primary_key=True
    )
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("ao_registration.id", ondelete="RESTRICT"))
    student_ref: Mapped[str] = mapped_column(String(40))
    certificate_name: Mapped[str] = mapped_column(String(200))
    uln: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]


class ClaimLine(Base):
    """A tick: one student's unit on one claim. At most one line of a unit is live, so none is claimed twice."""

    __tablename__ = "claim_line"
    __table_args__ = (
        UniqueConstraint("claim_id", "enrolment_id", "unit_id"),
        ForeignKeyConstraint(
            ["claim_id", "enrolment_id"],
            ["claim_student.claim_id", "claim_student.enrolment_id"],
            ondelete="RESTRICT",
        ),
        ForeignKeyConstraint(
            ["claim_id", "unit_id"], ["claim_unit.claim_id", "claim_unit.unit_id"], ondelete="RESTRICT"
        ),
        Index(
            "uq_claim_line_live",
            "enrolment_id",
            "unit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ClaimSignature(Base):
    """One of the three signatures, over the digest of what was signed."""

    __tablename__ = "claim_signature"
    __table_args__ = (
        UniqueConstraint("claim_id", "person_id"),
        UniqueConstraint("claim_id", "capacity"),
        one_of("capacity", Capacity),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = _person(index=True)
    capacity: Mapped[Capacity] = mapped_column(Word(Capacity))
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Moment)


class ClaimReply(Base):
    """What the awarding organisation answered about one line. An award is the last word about a line."""

    __tablename__ = "claim_reply"
    __table_args__ = (
        one_of("result", Reply),
        CheckConstraint("(result = 'awarded') = (awarded_on IS NOT NULL)", name="awarded_on"),
        Index("ix_claim_reply_line", "line_id", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("claim_line.id", ondelete="RESTRICT"))
    result: Mapped[Reply] = mapped_column(Word(Reply))
    awarded_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class ClaimAnswer(Base):
    """What the college answered to a query. `claims_again`: the line leaves its run, to be claimed later."""

    __tablename__ = "claim_answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    reply_id: Mapped[UUID] = mapped_column(ForeignKey("claim_reply.id", ondelete="RESTRICT"), unique=True)
    answer: Mapped[str] = mapped_column(Text)
    claims_again: Mapped[bool]
    answered_by: Mapped[UUID] = _person()
    answered_at: Mapped[datetime] = mapped_column(Moment)


class ClaimNote(Base):
    """What an external quality assurer noted about a claim, in writing (trust: X note)."""

    __tablename__ = "claim_note"
    __table_args__ = (Index("ix_claim_note_claim", "claim_id", "written_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(Text)
    written_by: Mapped[UUID] = _person()
    written_at: Mapped[datetime] = mapped_column(Moment)
