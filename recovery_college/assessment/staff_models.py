"""Staff records (A10): qualifications, professional development, competence, declared conflicts, countersignatures.

They stand here, not in the room `quality`, because marking and the state of a unit depend on them.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.staff_rules import Award
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class StaffQualification(Base):
    """A qualification somebody of the staff holds, or works towards while `awarded_on` is empty.

    Its award is entered once. One that was recorded by mistake is withdrawn, never deleted: decisions were
    countersigned, or were not, because of it.
    """

    __tablename__ = "staff_qualification"
    __table_args__ = (one_of("kind", Award),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[Award] = mapped_column(Word(Award))
    title: Mapped[str] = mapped_column(String(200))
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    awarded_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class StaffRecord(Base):
    """What else is known of an assessor or quality assurer: occupational competence, and whether they may verify."""

    __tablename__ = "staff_record"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    competence: Mapped[str] = mapped_column(Text, default="")
    may_verify: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class CpdEntry(Base):
    """One piece of continuing professional development: when, how long, what. Only ever added."""

    __tablename__ = "cpd_entry"
    __table_args__ = (CheckConstraint("hours > 0 AND hours <= 100", name="hours"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    done_on: Mapped[date]
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    what: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class ConflictOfInterest(Base):
    """That two people are too close for one to judge the other's work. It holds both ways until it is ended."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        CheckConstraint("person_id <> with_person_id", name="two_people"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    with_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_by: Mapped[str] = mapped_column(String(80))
    declared_at: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Countersignature(Base):
    """That a decision needs a qualified assessor's signature beside the assessor's own, and who gave it (A10).

    A trigger adds the row with the decision, whoever records or imports it, while the assessor works towards
    their qualification; until it is signed the unit does not count as assessed. `note`: what the countersigner
    wrote for the assessor, kept with the signature as it is.
    """

    __tablename__ = "countersignature"
    __table_args__ = (
        CheckConstraint("(signed_at IS NULL) = (signed_by IS NULL)", name="signed"),
        Index("ix_countersignature_waiting", "signed_at", "decision_id"),
    )

    decision_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("decision.id", ondelete="RESTRICT"),
        primary_key=True,
        autoincrement=False,
    )
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
