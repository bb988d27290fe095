"""Reading one version of a specification as its editor needs it: every part with its id, empty ones too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    Enrolment,
    LearningOutcome,
    Qualification,
    Supersession,
    Unit,
    UnitGroup,
    VersionCopy,
    WordingCorrection,
)
from recovery_college.courses.rules import qualification_number_warning, unit_reference_warning
from recovery_college.courses.specification import check_specification, unit_label
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class VersionName:
    """A version to link to."""

    id: UUID
    title: str
    version: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A wording corrected while students were on the version."""

    place: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VersionState:
    """Where a version stands: who is on it, what follows it, and what is missing before a cohort may use it."""

    students: int
    cohorts: int
    superseded_by: VersionName | None
    superseded_at: datetime | None
    copied_from: VersionName | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def frozen(self) -> bool:
        """Whether only wording may be corrected."""
        return self.students > 0 or self.superseded_by is not None


@dataclass(frozen=True, slots=True)
class Version:
    """A version in full, for its page."""

    qualification: Qualification
    syllabus: Syllabus
    state: VersionState


@dataclass(frozen=True, slots=True)
class EditedCriterion:
    """A criterion with its id."""

    id: UUID
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class EditedOutcome:
    """An outcome with its criteria."""

    id: UUID
    number: str
    text: str
    criteria: tuple[EditedCriterion, ...]


@dataclass(frozen=True, slots=True)
class EditedUnit:
    """A unit with its outcomes."""

    id: UUID
    code: str
    title: str
    level: int
    credit: int
    glh: int | None
    reference: str
    outcomes: tuple[EditedOutcome, ...]

    @property
    def criteria(self) -> int:
        """How many criteria it has."""
        return sum(len(outcome.criteria) for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class EditedGroup:
    """A group with its units."""

    id: UUID
    name: str
    is_mandatory: bool
    min_credit: int | None
    min_units: int | None
    units: tuple[EditedUnit, ...]


def students_on(s: Session, qualification_id: UUID) -> int:
    """How many places there are on a version, ended ones too: their record follows it."""
    statement = (
        select(func.count())
        .select_from(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Cohort.qualification_id == qualification_id)
    )
    return s.scalar(statement) or 0


def is_superseded(s: Session, qualification_id: UUID) -> bool:
    """Whether a version takes no new cohort."""
    return s.get(Supersession, qualification_id) is not None


def is_frozen(s: Session, qualification_id: UUID) -> bool:
    """Whether only wording of a version may be corrected: a student is on it, or it is superseded."""
    return is_superseded(s, qualification_id) or students_on(s, qualification_id) > 0


def version_visible_to(actor: Actor, qualification_id: UUID) -> Version | None:
    """A version in full, or None when there is none the actor may know of."""
    if not may(actor, Permission.QUALIFICATION_SEE):
        return None
    s = session()
    qualification = s.get(Qualification, qualification_id)
    if qualification is None:
        return None
    syllabus = syllabus_of(qualification_id)
    check = check_specification(syllabus.specification)
    codes = [
        f"{unit_label(unit.code)}: {warning}"
        for unit in syllabus.specification.units
        for warning in [unit_reference_warning(unit.reference or unit.code)]
        if warning
    ]
    number = qualification_number_warning(qualification.number)
    follows = s.get(Supersession, qualification_id)
    copied = s.get(VersionCopy, qualification_id)
    state = VersionState(
        students_on(s, qualification_id),
        s.scalar(select(func.count(Cohort.id)).where(Cohort.qualification_id == qualification_id)) or 0,
        version_name(s, follows.by_id) if follows else None,
        follows.at if follows else None,
        version_name(s, copied.copied_from_id) if copied else None,
        check.problems,
        (*([number] if number else []), *check.warnings, *codes),
    )
    return Version(qualification, syllabus, state)


def version_name(s: Session, qualification_id: UUID) -> VersionName:
    """A version as links name it."""
    one = s.get_one(Qualification, qualification_id)
    return VersionName(one.id, one.title, one.version)


def copies_of(qualification_id: UUID) -> set[UUID]:
    """The versions copied from this one, and from those: they are newer than it. One query."""
    made_from: dict[UUID, set[UUID]] = {}
    for copy, source in session().execute(select(VersionCopy.qualification_id, VersionCopy.copied_from_id)):
        made_from.setdefault(source, set()).add(copy)
    found, look = set[UUID](), [qualification_id]
    while look:
        newer = made_from.get(look.pop(), set()) - found
        found |= newer
        look += newer
    return found


def superseded_versions() -> dict[UUID, str]:
    """Every superseded version, with the name of the version that took its place."""
    by = aliased(Qualification)
    rows = session().execute(
        select(Supersession.qualification_id, by.version).join(by, by.id == Supersession.by_id)
    )
    return {row[0]: row[1] for row in rows}


def corrections_of(qualification_id: UUID) -> list[Correction]:
    """The wordings corrected with students on the version, newest first."""
    rows = session().execute(
        select(
            WordingCorrection.place, WordingCorrection.before, WordingCorrection.after, WordingCorrection.at
        )
        .where(WordingCorrection.qualification_id == qualification_id)
        .order_by(WordingCorrection.at.desc(), WordingCorrection.id)
    )
    return [Correction(*row) for row in rows]


def groups_of(qualification_id: UUID) -> tuple[EditedGroup, ...]:
    """Every group, unit, outcome and criterion of a version in order, in four queries."""
    s = session()
    own = select(Unit.id).where(Unit.qualification_id == qualification_id)
    criteria: dict[UUID, list[EditedCriterion]] = {}
    for one in s.scalars(
        select(AssessmentCriterion)
        .where(AssessmentCriterion.unit_id.in_(own))
        .order_by(AssessmentCriterion.position)
    ):
        criteria.setdefault(one.outcome_id, []).append(EditedCriterion(one.id, one.number, one.text))
    outcomes: dict[UUID, list[EditedOutcome]] = {}
    for outcome in s.scalars(
        select(LearningOutcome).where(LearningOutcome.unit_id.in_(own)).order_by(LearningOutcome.position)
    ):
        outcomes.setdefault(outcome.unit_id, []).append(
            EditedOutcome(outcome.id, outcome.number, outcome.text, tuple(criteria.get(outcome.id, ())))
        )
    units: dict[UUID, list[EditedUnit]] = {}
    for unit in s.scalars(
        select(Unit).where(Unit.qualification_id == qualification_id).order_by(Unit.position)
    ):
        units.setdefault(unit.group_id, []).append(
            EditedUnit(
                unit.id, unit.code, unit.title, unit.level, unit.credit, unit.glh, unit.reference,
                tuple(outcomes.get(unit.id, ())),
            )
        )  # fmt: skip
    return tuple(
        EditedGroup(
            one.id, one.name, one.is_mandatory, one.min_credit, one.min_units, tuple(units.get(one.id, ()))
        )
        for one in s.scalars(
            select(UnitGroup)
            .where(UnitGroup.qualification_id == qualification_id)
            .order_by(UnitGroup.position)
        )
    )
