"""Evidence: what a student handed in, or staff wrote about their work (A6).

The row that there was evidence is kept for ever; its words and files stand apart, so that they can go when a
student takes it back or its time is over, and so that who sees metadata alone never reads them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.assessment.evidence_rules import AiUse, EvidenceKind, RequestAnswer
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Evidence(Base):
    """One piece of evidence. `key` is made with the form, so that a double click hands in once.

    `confirmed_at`: the student signed that it is authentic and names nobody they supported; for what staff
    wrote, that it is as they remember. `closed_at`: it was taken back, or its time is over: words and files
    are gone. Only these two ever change, and each is set once.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("kind", EvidenceKind),
        one_of("ai_use", AiUse),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index("ix_evidence_enrolment", "enrolment_id", "handed_in_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[UUID] = mapped_column(unique=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    kind: Mapped[EvidenceKind] = mapped_column(Word(EvidenceKind))
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    ai_use: Mapped[AiUse | None] = mapped_column(Word(AiUse))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    handed_in_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(String(80))


class EvidenceCriterion(Base):
    """That a piece of evidence is meant to show a criterion: many to many (A6)."""

    __tablename__ = "evidence_criterion"

    evidence_id: Mapped[UUID] = mapped_column(
        ForeignKey("evidence.id", ondelete="RESTRICT"), primary_key=True
    )
    criterion_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class EvidenceWords(Base):
    """What a piece of evidence says. Never changed; gone once the evidence is closed."""

    __tablename__ = "evidence_words"

    evidence_id: Mapped[UUID] = mapped_column(
        ForeignKey("evidence.id", ondelete="RESTRICT"), primary_key=True
    )
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(2000), default="")
    ai_note: Mapped[str] = mapped_column(Text, default="")


class EvidenceFile(Base):
    """A file of a piece of evidence, stored under a random key. Never changed; gone once it is closed."""

    __tablename__ = "evidence_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(200), unique=True)


class EvidenceDraft(Base):
    """Something somebody is writing about one enrolment and has not handed in. Theirs alone.

    Its id is made with the form, so that what is saved while one types is one draft from the first letter on.
    `version` rises with each save, so that a second window does not overwrite the first in silence.
    """

    __tablename__ = "evidence_draft"
    __table_args__ = (Index("ix_evidence_draft_writer", "enrolment_id", "written_by", "saved_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class GoneDraft(Base):
    """That a draft was thrown away or handed in: a save that was under way then brings nothing back.

    Nobody's name and no word of it. A sweep removes it when nothing can be under way any more.
    """

    __tablename__ = "gone_draft"

    draft_id: Mapped[UUID] = mapped_column(primary_key=True)
    gone_at: Mapped[datetime] = mapped_column(Moment, index=True)


class EvidenceRequest(Base):
    """That a student asked for decided evidence back, and what a tutor answered (A6). One open at a time."""

    __tablename__ = "evidence_request"
    __table_args__ = (
        one_of("answer", RequestAnswer),
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)",
            name="answered",
        ),
        Index(
            "uq_evidence_request_open",
            "evidence_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[RequestAnswer | None] = mapped_column(Word(RequestAnswer))
    words: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
