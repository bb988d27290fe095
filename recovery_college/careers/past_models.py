"""Graduates from before this system: asked once whether they look for work, by three questions."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment


class PastInvitation(Base):
    """The one invitation of a past graduate, and what they answered. The link is kept as a digest only."""

    __tablename__ = "past_invitation"
    __table_args__ = (
        CheckConstraint("most_hours > 0 AND most_hours <= 60", name="most_hours"),
        CheckConstraint("answered_at IS NOT NULL OR may_contact IS NULL", name="answered"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    sent_by: Mapped[str] = mapped_column(String(80))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    most_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    places: Mapped[str] = mapped_column(String(300), default="")
    may_contact: Mapped[bool | None]
    wishes_version: Mapped[int | None]
    """The version of their wishes that came of the answer: a later one is their own word, and stays."""
