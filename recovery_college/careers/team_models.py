"""Making a team ready for a peer support worker: steps with owners and dates, and a visit by consent (P4)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.check_rules import TeamStep
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class TeamNamed(Base):
    """That a manager named the team of their own vacancy themselves, and HR has not confirmed it yet.

    It counts only while the vacancy still names that team. Until then the vacancy opens no page of the team: nobody
    widens what they may see by typing a name.
    """

    __tablename__ = "team_named"

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"), primary_key=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    named_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    named_at: Mapped[datetime] = mapped_column(Moment)


class TeamPreparation(Base):
    """One step of a team's preparation: who sees to it, by when, and when it was done."""

    __tablename__ = "team_preparation"
    __table_args__ = (one_of("step", TeamStep),)

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), primary_key=True)
    step: Mapped[TeamStep] = mapped_column(Word(TeamStep), primary_key=True)
    owner: Mapped[str] = mapped_column(String(120), default="")
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    named: Mapped[str] = mapped_column(String(120), default="")
    impossible_why: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)


class TeamVisit(Base):
    """That a peer support worker of another team was asked to visit. Nobody reads their name before their yes."""

    __tablename__ = "team_visit"
    __table_args__ = (
        Index(
            "uq_team_visit_open",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("agreed IS NULL OR answered_at IS NOT NULL", name="answered"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    visit_on: Mapped[date | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
