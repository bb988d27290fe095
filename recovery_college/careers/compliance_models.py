"""Where each vacancy stands under the band 2-4 rule, kept beside it so that reports count in the database (V5).

The database keeps these rows itself, by triggers, in the transaction that changes a vacancy, an answer or the
rule's first day (ADR 19). Nothing here writes them but the command that works them all out anew.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.rules import ServiceArea
from recovery_college.kernel.db import Base, Word, one_of


class Standing(StrEnum):
    """As far as it does not depend on today. "Asked" and "returned" wait until a day passes."""

    BEFORE_THE_RULE = "before the rule"
    ON_TIME = "on time"
    LATE = "late"
    ASKED = "asked"
    RETURNED = "returned"
    BAND_TO_READ = "band to read"


class VacancyStanding(Base):
    """A possible PSW role, or one whose band is to be read. No row: the rule does not ask about the vacancy.

    Days, not states, so that no row goes stale overnight: an answer that is waited for is late after `due_on` or
    `over_after`, whichever comes first; the advert was out before the answer from `breach_from` to `breach_until`.
    """

    __tablename__ = "vacancy_standing"
    __table_args__ = (
        one_of("standing", Standing),
        # All that the figures by manager are counted from, so that the rows need not be looked up.
        Index(
            "ix_vacancy_standing_manager",
            *("manager_id", "standing", "due_on", "over_after", "breach_from", "breach_until", "flagged_on"),
        ),
    )

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(Word(Standing))
    flagged_on: Mapped[date | None]
    flagged_month: Mapped[str | None] = mapped_column(String(7))
    directorate_id: Mapped[UUID | None]
    service_area: Mapped[ServiceArea | None] = mapped_column(Word(ServiceArea))
    manager_id: Mapped[UUID | None]
    due_on: Mapped[date | None]
    over_after: Mapped[date | None]
    breach_from: Mapped[date | None]
    breach_until: Mapped[date | None]
