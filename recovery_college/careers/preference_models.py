"""What graduates and students would like of a post, and what a vacancy says beyond its advert (P1, P2).

Lists of words are one number each, a bit a word (preference_rules.mask_of), so that one vacancy is compared with
everybody in one pass. What is written in free text stands apart: it is never searched.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.preference_rules import AlertFrequency, SiteEase
from recovery_college.kernel.db import Base, Moment, Word, one_of


class CandidatePreference(Base):
    """One person's wishes. `counted` is the newest word of their consent to be counted, kept with it."""

    __tablename__ = "candidate_preference"
    __table_args__ = (
        one_of("alerts", AlertFrequency),
        CheckConstraint("least_hours > 0 AND least_hours <= 60", name="least_hours"),
        CheckConstraint("most_hours > 0 AND most_hours <= 60", name="most_hours"),
        CheckConstraint("least_hours <= most_hours", name="hours"),
        CheckConstraint("areas BETWEEN 0 AND 7", name="areas"),
        CheckConstraint("settings BETWEEN 0 AND 3", name="settings"),
        CheckConstraint("contracts BETWEEN 0 AND 15", name="contracts"),
        CheckConstraint("days BETWEEN 0 AND 127", name="days"),
        CheckConstraint("times BETWEEN 0 AND 15", name="times"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    looking: Mapped[bool] = mapped_column(default=True)
    counted: Mapped[bool] = mapped_column(default=False)
    least_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    most_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    areas: Mapped[int] = mapped_column(default=0)
    settings: Mapped[int] = mapped_column(default=0)
    contracts: Mapped[int] = mapped_column(default=0)
    days: Mapped[int] = mapped_column(default=0)
    times: Mapped[int] = mapped_column(default=0)
    job_share: Mapped[bool] = mapped_column(default=False)
    anywhere: Mapped[bool] = mapped_column(default=True)
    earliest_start: Mapped[date | None]
    alerts: Mapped[AlertFrequency] = mapped_column(Word(AlertFrequency), default=AlertFrequency.NEVER)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class CandidateStatement(Base):
    """What somebody wants employers to read. Shown by consent, never searched."""

    __tablename__ = "candidate_statement"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class CandidateSite(Base):
    """A place somebody can get to, and how easily. None at all means any place."""

    __tablename__ = "candidate_site"
    __table_args__ = (one_of("ease", SiteEase), Index("ix_candidate_site_site", "site", "person_id"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    site: Mapped[str] = mapped_column(String(200), primary_key=True)
    ease: Mapped[SiteEase] = mapped_column(Word(SiteEase))


class CandidateAlert(Base):
    """That somebody was written to about a post, so that nobody is told twice."""

    __tablename__ = "candidate_alert"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    vacancy_id: Mapped[UUID] = mapped_column(
        ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    told_on: Mapped[date]


class VacancyPattern(Base):
    """The days and times on which the work of a vacancy must be done, and whether two may share it (P6).

    Adverts do not carry them, so people say them here. 0 means nobody has said.
    """

    __tablename__ = "vacancy_pattern"
    __table_args__ = (
        CheckConstraint("days BETWEEN 0 AND 127", name="days"),
        CheckConstraint("times BETWEEN 0 AND 15", name="times"),
    )

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int] = mapped_column(default=0)
    times: Mapped[int] = mapped_column(default=0)
    job_share: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Moment)
