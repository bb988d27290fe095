"""Who wrote a version of the band rule, when, and why (V2)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment


class PswRuleNote(Base):
    """Stands beside a version that was written here. It goes only with a version that never came to count."""

    __tablename__ = "psw_rule_note"

    version: Mapped[int] = mapped_column(
        ForeignKey("psw_rule.version", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    why: Mapped[str] = mapped_column(String(500))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    written_at: Mapped[datetime] = mapped_column(Moment)
