"""Vacancies, the dated rule that flags them, considerations, teams and posts."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.bands import Band, BandSource
from recovery_college.careers.consideration import ConsiderationAnswer
from recovery_college.careers.rules import (
    ContractKind,
    PswFlag,
    ServiceArea,
    Setting,
    VacancySource,
    VacancyStatus,
)
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Funding(StrEnum):
    """How a post is paid for (P6)."""

    SUBSTANTIVE = "substantive"
    FIXED_TERM = "fixed-term"


class Directorate(Base):
    """A part of the Trust that services belong to."""

    __tablename__ = "directorate"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Team(Base):
    """A team that recruits."""

    __tablename__ = "team"
    __table_args__ = (one_of("service_area", ServiceArea), one_of("setting", Setting))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    directorate_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("directorate.id", ondelete="RESTRICT"), index=True
    )
    service_area: Mapped[ServiceArea | None] = mapped_column(Word(ServiceArea))
    setting: Mapped[Setting | None] = mapped_column(Word(Setting))


class PswRule(Base):
    """A version of the rule "a possible PSW role" (V2): dated data, so history re-run gives the same answer."""

    __tablename__ = "psw_rule"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bands: Mapped[list[str]] = mapped_column(JSON)
    exclusions: Mapped[list[str]] = mapped_column(JSON)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    go_live_on: Mapped[date | None]


class Vacancy(Base):
    """A vacancy of the Trust, with its flag under the rule that was in force when it was flagged.

    `manager_email` is what the file said; `manager_id` is set only when that address belongs to a recruiting
    manager HR has confirmed. No due date before the rule's go-live date (V3).
    """

    __tablename__ = "vacancy"
    __table_args__ = (
        one_of("source", VacancySource),
        one_of("band_source", BandSource),
        one_of("service_area", ServiceArea),
        one_of("setting", Setting),
        one_of("contract", ContractKind),
        one_of("status", VacancyStatus),
        one_of("flag", PswFlag),
        CheckConstraint("weekly_hours > 0 AND weekly_hours <= 60", name="weekly_hours"),
        CheckConstraint("closes_on >= posted_on", name="dates"),
        UniqueConstraint("source", "source_id"),
        Index("ix_vacancy_manager", "manager_id", "flag", "status"),
        Index("ix_vacancy_posted_on", "posted_on", "id"),
        Index("ix_vacancy_due", "flag", "consideration_due_on"),
        Index("ix_vacancy_open", "flag", "closes_on", "status", "posted_on"),
        Index("ix_vacancy_closes_on", "closes_on"),
        Index("ix_vacancy_flag", "flag", "rule_version", "posted_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    source: Mapped[VacancySource] = mapped_column(Word(VacancySource))
    source_id: Mapped[str | None] = mapped_column(String(80))
    employer: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(300))
    band_text: Mapped[str] = mapped_column(String(300), default="")
    band_source: Mapped[BandSource] = mapped_column(Word(BandSource))
    weekly_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 2))
    service_area: Mapped[ServiceArea | None] = mapped_column(Word(ServiceArea))
    setting: Mapped[Setting | None] = mapped_column(Word(Setting))
    site: Mapped[str] = mapped_column(String(200), default="")
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    directorate_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("directorate.id", ondelete="RESTRICT"), index=True
    )
    contract: Mapped[ContractKind | None] = mapped_column(Word(ContractKind))
    salary: Mapped[str] = mapped_column(String(300), default="")
    posted_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    manager_email: Mapped[str] = mapped_column(String(254), default="")
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    url: Mapped[str] = mapped_column(String(1000), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[VacancyStatus] = mapped_column(Word(VacancyStatus))
    flag: Mapped[PswFlag] = mapped_column(Word(PswFlag))
    flag_overridden: Mapped[str] = mapped_column(String(300), default="")
    rule_version: Mapped[int | None] = mapped_column(ForeignKey("psw_rule.version", ondelete="RESTRICT"))
    why: Mapped[str] = mapped_column(String(300), default="")
    flagged_on: Mapped[date | None]
    consideration_due_on: Mapped[date | None]
    advertised_before_considered: Mapped[bool] = mapped_column(default=False)
    still_right_asked: Mapped[bool] = mapped_column(default=False)
    left_feed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class VacancyBand(Base):
    """A band of a vacancy; a range holds every band between its ends (V1)."""

    __tablename__ = "vacancy_band"
    __table_args__ = (one_of("band", Band), Index("ix_vacancy_band_band", "band", "vacancy_id"))

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True)
    band: Mapped[Band] = mapped_column(Word(Band), primary_key=True)


class ConsiderationReason(Base):
    """A reason why a post is not a PSW role. Kept as data: a retired one stays for history."""

    __tablename__ = "consideration_reason"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    words: Mapped[str] = mapped_column(String(200))
    needs_text: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    retired_on: Mapped[date | None]


class Consideration(Base):
    """A recruiting manager's recorded answer, with the vacancy as it was (V3). Never deleted; at most one is live."""

    __tablename__ = "consideration"
    __table_args__ = (
        one_of("answer", ConsiderationAnswer),
        Index(
            "uq_consideration_live",
            "vacancy_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_consideration_vacancy", "vacancy_id", "decided_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    answer: Mapped[ConsiderationAnswer] = mapped_column(Word(ConsiderationAnswer))
    reason_code: Mapped[str | None] = mapped_column(
        ForeignKey("consideration_reason.code", ondelete="RESTRICT")
    )
    reason_text: Mapped[str] = mapped_column(String(1000), default="")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    rule_version: Mapped[int | None] = mapped_column(ForeignKey("psw_rule.version", ondelete="RESTRICT"))
    due_on: Mapped[date | None]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    decided_on: Mapped[date]
    decided_at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    superseded_why: Mapped[str] = mapped_column(String(300), default="")
    returned_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_why: Mapped[str] = mapped_column(String(1000), default="")


class Post(Base):
    """A peer support worker's post in a team, from before this system or from a candidacy in it (P6, P7)."""

    __tablename__ = "post"
    __table_args__ = (
        one_of("band", Band),
        one_of("contract", ContractKind),
        one_of("funding", Funding),
        CheckConstraint("weekly_hours > 0 AND weekly_hours <= 60", name="weekly_hours"),
        CheckConstraint("left_on >= started_on", name="dates"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    band: Mapped[Band] = mapped_column(Word(Band))
    weekly_hours: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    contract: Mapped[ContractKind] = mapped_column(Word(ContractKind))
    funding: Mapped[Funding] = mapped_column(Word(Funding))
    is_job_share: Mapped[bool] = mapped_column(default=False)
    started_on: Mapped[date] = mapped_column(index=True)
    left_on: Mapped[date | None]
    leaving_kind: Mapped[str] = mapped_column(String(80), default="")
