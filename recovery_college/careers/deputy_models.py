"""Whose vacancies a recruiting manager answers for: the teams they lead, and who stands in for them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class TeamManager(Base):
    """That a person recruits for a team, from when until when."""

    __tablename__ = "team_manager"
    __table_args__ = (
        CheckConstraint("ended_on >= since_on", name="dates"),
        Index(
            "uq_team_manager_live",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    since_on: Mapped[date]
    ended_on: Mapped[date | None]


class Deputy(Base):
    """Who stands in for a manager: always (`ends_on` is empty), or for a leave.

    The address is what was said; `deputy_id` is set only when it belongs to a recruiting manager HR has confirmed.
    """

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("deputy_id <> manager_id", name="another"),
        Index("ix_deputy_manager", "manager_id", "starts_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    manager_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    deputy_email: Mapped[str] = mapped_column(String(254), index=True)
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    given_by: Mapped[str] = mapped_column(String(80))
    given_at: Mapped[datetime] = mapped_column(Moment)
