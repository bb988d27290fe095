"""Concerns about how work was made (malpractice, A15). Named people only; entries are only ever added."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Concern(Base):
    """A concern about one student's work, as it was raised."""

    __tablename__ = "concern"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[UUID] = mapped_column(unique=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"), index=True)
    allegation: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    raised_at: Mapped[datetime] = mapped_column(Moment)


class ConcernPerson(Base):
    """Somebody who is named to look into a concern, and so may know of it. The row ends; it is not deleted."""

    __tablename__ = "concern_person"
    __table_args__ = (
        Index(
            "uq_concern_person_live",
            "concern_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_by: Mapped[str] = mapped_column(String(80))
    named_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ConcernEntry(Base):
    """One thing that happened: told, answered, noted, the awarding organisation told, the outcome."""

    __tablename__ = "concern_entry"
    __table_args__ = (
        one_of("kind", EntryKind),
        one_of("outcome", ConcernOutcome),
        CheckConstraint("(kind = 'outcome') = (outcome IS NOT NULL)", name="has_outcome"),
        Index("ix_concern_entry_concern", "concern_id", "written_at"),
        Index(
            "uq_concern_entry_outcome",
            "concern_id",
            unique=True,
            sqlite_where=text("kind = 'outcome'"),
            postgresql_where=text("kind = 'outcome'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id", ondelete="RESTRICT"))
    kind: Mapped[EntryKind] = mapped_column(Word(EntryKind))
    words: Mapped[str] = mapped_column(Text)
    outcome: Mapped[ConcernOutcome | None] = mapped_column(Word(ConcernOutcome))
    happened_on: Mapped[date]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime] = mapped_column(Moment)
