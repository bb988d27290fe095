"""What was reported before this system: dated figures with their source, never mixed with what is counted."""

from datetime import date
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base
from recovery_college.kernel.ids import new_id


class ReportedFigure(Base):
    """A total somebody published: what was counted, how many, up to which day, and where it was said."""

    __tablename__ = "reported_figure"
    __table_args__ = (UniqueConstraint("measure", "as_of", "source"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    measure: Mapped[str] = mapped_column(String(120))
    value: Mapped[int]
    as_of: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
