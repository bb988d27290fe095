"""The quarterly second read of "not a PSW role": the sample with its seed, and what came of each answer (V5)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.second_read_rules import Finding, ReadOutcome
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class SecondReadSample(Base):
    """A quarter's sample: drawn once, by chance, and to be drawn again from its seed by whoever doubts it."""

    __tablename__ = "second_read_sample"
    __table_args__ = (CheckConstraint("size BETWEEN 1 AND frame", name="size"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    quarter: Mapped[str] = mapped_column(String(7), unique=True)
    seed: Mapped[int]
    frame: Mapped[int]
    size: Mapped[int]
    drawn_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    drawn_at: Mapped[datetime] = mapped_column(Moment)


class SecondRead(Base):
    """One answer of a sample. Finding, reply and outcome are each written once and stay."""

    __tablename__ = "second_read"
    __table_args__ = (
        one_of("finding", Finding),
        one_of("outcome", ReadOutcome),
        UniqueConstraint("sample_id", "consideration_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("second_read_sample.id", ondelete="RESTRICT"))
    consideration_id: Mapped[UUID] = mapped_column(
        ForeignKey("consideration.id", ondelete="RESTRICT"), index=True
    )
    place: Mapped[int]
    reader_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    finding: Mapped[Finding | None] = mapped_column(Word(Finding))
    finding_text: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime | None] = mapped_column(Moment)
    reply_due_on: Mapped[date | None]
    replied_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    reply_text: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    outcome: Mapped[ReadOutcome | None] = mapped_column(Word(ReadOutcome))
    outcome_text: Mapped[str] = mapped_column(Text, default="")
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
