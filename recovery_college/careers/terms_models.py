"""What the Trust set around vacancies, each time it did: only ever added to, and the highest number counts."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.terms_rules import LIMITS, STEPS
from recovery_college.kernel.db import Base, Moment

_RISING = " AND ".join(f"{earlier} < {later}" for earlier, later in pairwise(STEPS))


class CareersTerms(Base):
    """One set of terms, with who set it and when. What it was before stays."""

    __tablename__ = "careers_terms"
    __table_args__ = (
        *(
            CheckConstraint(f"{name} BETWEEN {least} AND {most}", name=name)
            for name, (least, most) in LIMITS.items()
        ),
        CheckConstraint(_RISING, name="rising"),
        CheckConstraint("number >= 1", name="number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    days_to_consider: Mapped[int]
    soon_days: Mapped[int]
    reminder_after: Mapped[int]
    deputy_after: Mapped[int]
    psw_lead_after: Mapped[int]
    hr_lead_after: Mapped[int]
    sample_share: Mapped[int]
    sample_least: Mapped[int]
    reply_days: Mapped[int]
    start_weeks: Mapped[int]
    redeployment_first: Mapped[bool]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    set_at: Mapped[datetime] = mapped_column(Moment)
