"""What a person said about two vacancies that look alike (V6: shown, never merged by themselves)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment


class VacancyDifferent(Base):
    """That two vacancies are not the same although they look it; the lower id stands first."""

    __tablename__ = "vacancy_different"
    __table_args__ = (CheckConstraint("first_id < second_id", name="order"),)

    first_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True)
    second_id: Mapped[UUID] = mapped_column(
        ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    said_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    said_at: Mapped[datetime] = mapped_column(Moment)
