"""What graduates and students allow, vacancy by vacancy and field by field: only ever added to (P1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.careers.consent_rules import (
    ApplicationWay,
    ConsentField,
    ConsentPurpose,
    IntroductionKind,
    VacancyAnswerKind,
)
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class CandidateConsent(Base):
    """That somebody gave or withdrew their consent for one field and purpose. The highest number counts."""

    __tablename__ = "candidate_consent"
    __table_args__ = (
        one_of("field", ConsentField),
        one_of("purpose", ConsentPurpose),
        UniqueConstraint("person_id", "field", "purpose", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    field: Mapped[ConsentField] = mapped_column(Word(ConsentField))
    purpose: Mapped[ConsentPurpose] = mapped_column(Word(ConsentPurpose))
    number: Mapped[int]
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)


class VacancyAnswer(Base):
    """What somebody said to one vacancy. The highest number counts; only a yes shows them to its manager."""

    __tablename__ = "vacancy_answer"
    __table_args__ = (
        one_of("answer", VacancyAnswerKind),
        UniqueConstraint("person_id", "vacancy_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_vacancy_answer_vacancy", "vacancy_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    answer: Mapped[VacancyAnswerKind] = mapped_column(Word(VacancyAnswerKind))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)


class VacancyApplication(Base):
    """How somebody chose to go on with a vacancy: apply here, at the advert, or be introduced."""

    __tablename__ = "vacancy_application"
    __table_args__ = (
        one_of("way", ApplicationWay),
        UniqueConstraint("person_id", "vacancy_id", "way"),
        Index("ix_vacancy_application_vacancy", "vacancy_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    way: Mapped[ApplicationWay] = mapped_column(Word(ApplicationWay))
    at: Mapped[datetime] = mapped_column(Moment)


class CandidateIntroduction(Base):
    """That HR suggested a vacancy to somebody, or told its manager that they had said yes."""

    __tablename__ = "candidate_introduction"
    __table_args__ = (
        one_of("kind", IntroductionKind),
        UniqueConstraint("person_id", "vacancy_id", "kind"),
        Index("ix_candidate_introduction_vacancy", "vacancy_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id", ondelete="RESTRICT"))
    kind: Mapped[IntroductionKind] = mapped_column(Word(IntroductionKind))
    done_by: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(Moment)


class CandidateBlock(Base):
    """A team or a manager somebody would rather not be shown to. No reason is asked, and there is no place for one."""

    __tablename__ = "candidate_block"
    __table_args__ = (
        CheckConstraint("(team_id IS NULL) <> (manager_id IS NULL)", name="one_of_two"),
        Index(
            "uq_candidate_block_team",
            "person_id",
            "team_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_candidate_block_manager",
            "person_id",
            "manager_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    since_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
