"""What is taught: qualifications with their criteria, sites, cohorts, sessions, enrolments, attendance."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recovery_college.courses.rules import AccreditationKind, EnrolmentStatus, Mark
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id
from recovery_college.people.models import Person


class Site(Base):
    """Where the college teaches and the Trust works."""

    __tablename__ = "site"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Qualification(Base):
    """One version of a specification (A1-A3). A student stays on the version registered for."""

    __tablename__ = "qualification"
    __table_args__ = (UniqueConstraint("title", "version"), one_of("accreditation", AccreditationKind))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(40))
    accreditation: Mapped[AccreditationKind] = mapped_column(
        Word(AccreditationKind), default=AccreditationKind.CENTRE_DEVISED
    )
    number: Mapped[str] = mapped_column(String(20), default="")
    min_credit: Mapped[int | None]
    resubmissions: Mapped[int] = mapped_column(default=1)
    at_level: Mapped[int | None]
    min_credit_at_level: Mapped[int | None]


class VersionCopy(Base):
    """That a version was made as a copy of an earlier one, so that the mapping between them is known (A2)."""

    __tablename__ = "version_copy"

    qualification_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="CASCADE"), primary_key=True
    )
    copied_from_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="RESTRICT"), index=True
    )


class Supersession(Base):
    """That a version is superseded: it takes no new cohort. Said once; students on it stay (A2)."""

    __tablename__ = "supersession"
    __table_args__ = (CheckConstraint("by_id <> qualification_id", name="another"),)

    qualification_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="RESTRICT"), primary_key=True
    )
    by_id: Mapped[UUID] = mapped_column(ForeignKey("qualification.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class WordingCorrection(Base):
    """One corrected wording of a version with students on it: what stood there and what stands now."""

    __tablename__ = "wording_correction"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="RESTRICT"), index=True
    )
    place: Mapped[str] = mapped_column(String(120))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    corrected_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Moment)


class UnitGroup(Base):
    """A group of the rule of combination: the mandatory one, or an option group with its minimums."""

    __tablename__ = "unit_group"
    __table_args__ = (UniqueConstraint("qualification_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification_id: Mapped[UUID] = mapped_column(ForeignKey("qualification.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(120))
    is_mandatory: Mapped[bool]
    min_credit: Mapped[int | None]
    min_units: Mapped[int | None]
    position: Mapped[int]


class Unit(Base):
    """A unit: code, title, level, credit value (total hours / 10), guided learning hours."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("qualification_id", "code"),
        CheckConstraint("credit >= 0", name="credit"),
        CheckConstraint("level BETWEEN 0 AND 8", name="level"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification_id: Mapped[UUID] = mapped_column(ForeignKey("qualification.id", ondelete="RESTRICT"))
    group_id: Mapped[UUID] = mapped_column(ForeignKey("unit_group.id", ondelete="RESTRICT"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    level: Mapped[int]
    credit: Mapped[int]
    glh: Mapped[int | None]
    reference: Mapped[str] = mapped_column(String(20), default="", server_default="")
    position: Mapped[int]


class LearningOutcome(Base):
    """A learning outcome of a unit: "The learner will ..."."""

    __tablename__ = "learning_outcome"
    __table_args__ = (UniqueConstraint("unit_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]


class AssessmentCriterion(Base):
    """An assessment criterion n.m: "The learner can ...". `unit_id` repeats its outcome's, for short queries."""

    __tablename__ = "assessment_criterion"
    __table_args__ = (UniqueConstraint("unit_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    outcome_id: Mapped[UUID] = mapped_column(
        ForeignKey("learning_outcome.id", ondelete="RESTRICT"), index=True
    )
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]


class CriterionOrigin(Base):
    """Which criterion of an earlier version a copied criterion comes from, whatever becomes of its words."""

    __tablename__ = "criterion_origin"

    criterion_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="CASCADE"), primary_key=True
    )
    origin_id: Mapped[UUID] = mapped_column(
        ForeignKey("assessment_criterion.id", ondelete="CASCADE"), index=True
    )


class Cohort(Base):
    """A group of students who take a qualification together, at a site, between two dates."""

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("min_attendance BETWEEN 0 AND 100", name="min_attendance"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    qualification_id: Mapped[UUID] = mapped_column(
        ForeignKey("qualification.id", ondelete="RESTRICT"), index=True
    )
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    capacity: Mapped[int]
    min_attendance: Mapped[int] = mapped_column(default=80)
    holds_decisions: Mapped[bool] = mapped_column(default=True)

    qualification: Mapped[Qualification] = relationship()
    site: Mapped[Site] = relationship()


class CohortTutor(Base):
    """That a tutor is assigned to a cohort."""

    __tablename__ = "cohort_tutor"

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class CourseSession(Base):
    """One planned session of a cohort. Attendance is kept by day."""

    __tablename__ = "course_session"
    __table_args__ = (UniqueConstraint("cohort_id", "session_on", "starts"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    session_on: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    title: Mapped[str] = mapped_column(String(200))
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)


class Enrolment(Base):
    """That a student takes a course with a cohort."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"), one_of("status", EnrolmentStatus))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    status: Mapped[EnrolmentStatus] = mapped_column(Word(EnrolmentStatus))
    enrolled_on: Mapped[date]
    ended_on: Mapped[date | None]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()


class EnrolmentPause(Base):
    """A pause in an enrolment: days in it count neither for nor against (C2).

    `asked_back_at`: when the student asked to come back, by one button.
    """

    __tablename__ = "enrolment_pause"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    asked_back_at: Mapped[datetime | None] = mapped_column(Moment)


class EnrolmentUnit(Base):
    """That a student is registered for a unit (A5)."""

    __tablename__ = "enrolment_unit"

    enrolment_id: Mapped[UUID] = mapped_column(
        ForeignKey("enrolment.id", ondelete="RESTRICT"), primary_key=True
    )
    unit_id: Mapped[UUID] = mapped_column(
        ForeignKey("unit.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class Attendance(Base):
    """One student's mark for one day of the course."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "session_on"),
        one_of("mark", Mark),
        Index("ix_attendance_session_on", "session_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    session_on: Mapped[date]
    mark: Mapped[Mark] = mapped_column(Word(Mark))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
