"""Graduations and the certificates that say so (section 3 of the domain)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class GraduationSource(StrEnum):
    """Whether a graduation was earned in this system or reported from before it."""

    HERE = "this system"
    BEFORE = "before this system"


class CertificateState(StrEnum):
    """What a certificate is worth today."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Graduation(Base):
    """That a person graduated from the college. Not the award of credit: that is the awarding organisation's (G1)."""

    __tablename__ = "graduation"
    __table_args__ = (one_of("source", GraduationSource),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    enrolment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("enrolment.id", ondelete="RESTRICT"), unique=True
    )
    cohort_ref: Mapped[str] = mapped_column(String(40), default="")
    graduated_on: Mapped[date] = mapped_column(index=True)
    source: Mapped[GraduationSource] = mapped_column(Word(GraduationSource))
    source_note: Mapped[str] = mapped_column(String(300), default="")


class SerialCounter(Base):
    """The last serial number given, one running number for the college (G3)."""

    __tablename__ = "serial_counter"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class CertificateBatch(Base):
    """One press of "Issue certificates": what it set out to do, and when it was through."""

    __tablename__ = "certificate_batch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), index=True)
    started_by: Mapped[str] = mapped_column(String(80))
    started_role: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Moment)
    total: Mapped[int]
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)


class Certificate(Base):
    """A certificate of graduation. `facts` is what the paper says, frozen when the serial number was given."""

    __tablename__ = "certificate"
    __table_args__ = (
        one_of("state", CertificateState),
        CheckConstraint("number >= 1", name="number"),
        Index(
            "uq_certificate_live",
            "graduation_id",
            unique=True,
            sqlite_where=text("state = 'valid'"),
            postgresql_where=text("state = 'valid'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    graduation_id: Mapped[UUID] = mapped_column(ForeignKey("graduation.id", ondelete="RESTRICT"), index=True)
    batch_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("certificate_batch.id", ondelete="RESTRICT"), index=True
    )
    number: Mapped[int] = mapped_column(unique=True)
    serial: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[CertificateState] = mapped_column(Word(CertificateState))
    state_reason: Mapped[str] = mapped_column(String(300), default="")
    design: Mapped[int] = mapped_column(default=1)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_on: Mapped[date]
    issued_by: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    name_shown: Mapped[bool] = mapped_column(default=False)
    checking_off: Mapped[bool] = mapped_column(default=False)


class CertificatePdf(Base):
    """The bytes of a certificate, frozen: written once, in the transaction that records their hash."""

    __tablename__ = "certificate_pdf"

    certificate_id: Mapped[UUID] = mapped_column(
        ForeignKey("certificate.id", ondelete="RESTRICT"), primary_key=True
    )
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
