"""Around a consideration: the college's words for managers, a manager's draft, and more time given by HR."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class RoleTextVersion(Base):
    """One saved version of the words about the role. Never changed: a new one takes its place."""

    __tablename__ = "role_text_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    brings: Mapped[dict[str, Any]] = mapped_column(JSON)
    paragraph: Mapped[str] = mapped_column(Text)
    specification: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class ConsiderationDraft(Base):
    """An answer somebody has begun: theirs alone, gone once it is given. It decides nothing."""

    __tablename__ = "consideration_draft"

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Moment)


class ConsiderationExtension(Base):
    """More time that HR gave for an answer, with the reason. Never changed (V4)."""

    __tablename__ = "consideration_extension"
    __table_args__ = (
        CheckConstraint("to_on > from_on", name="later"),
        Index("ix_consideration_extension_vacancy", "vacancy_id", "extended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    why: Mapped[str] = mapped_column(String(1000))
    extended_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    extended_at: Mapped[datetime] = mapped_column(Moment)
