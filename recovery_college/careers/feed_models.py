"""Sources on NHS Jobs that are fetched: what is searched for, each fetch, and where a vacancy was seen (V6)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class VacancyFeed(Base):
    """A search on NHS Jobs that is fetched band by band; the feed itself says nothing of bands."""

    __tablename__ = "vacancy_feed"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    address: Mapped[str] = mapped_column(String(300))
    keyword: Mapped[str] = mapped_column(String(100), default="")
    location: Mapped[str] = mapped_column(String(100), default="")
    distance: Mapped[int | None]
    employer: Mapped[str] = mapped_column(String(200), default="")
    bands: Mapped[list[str]] = mapped_column(JSON)
    every_day: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class VacancyFeedRun(Base):
    """One fetch of a source. Its state lives here, so that a lost worker's fetch is taken up again.

    `parts` holds one entry a band that is done: what was read, and whether all of it was.
    """

    __tablename__ = "vacancy_feed_run"
    __table_args__ = (
        CheckConstraint("done <= total", name="done"),
        Index(
            "uq_vacancy_feed_run_under_way",
            "feed_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_vacancy_feed_run_feed_id", "feed_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    feed_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy_feed.id", ondelete="RESTRICT"))
    started_by: Mapped[str] = mapped_column(String(80))
    started_role: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    trouble: Mapped[str] = mapped_column(String(500), default="")


class VacancySighting(Base):
    """That a vacancy was seen in a source under a band. `left_on`: it was missing from a complete fetch since."""

    __tablename__ = "vacancy_sighting"
    __table_args__ = (Index("ix_vacancy_sighting_vacancy_id", "vacancy_id"),)

    feed_id: Mapped[UUID] = mapped_column(
        ForeignKey("vacancy_feed.id", ondelete="RESTRICT"), primary_key=True
    )
    band: Mapped[str] = mapped_column(String(2), primary_key=True)
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    left_on: Mapped[date | None]
