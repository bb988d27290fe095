"""Reading a qualification in whole: its units, outcomes and criteria, and the same as the rules take it (A1)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from recovery_college.courses.models import AssessmentCriterion, LearningOutcome, Qualification, Unit
from recovery_college.courses.models import UnitGroup as UnitGroupRow
from recovery_college.courses.specification import (
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
)
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with its id, its number n.m, and its texts."""

    id: UUID
    unit_id: UUID
    number: str
    text: str
    outcome_number: str
    outcome_text: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its criteria in order."""

    id: UUID
    code: str
    title: str
    level: int
    credit: int
    glh: int
    group: str
    criteria: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True)
class Syllabus:
    """A qualification's units with their ids, and the same as the pure Specification rules work on."""

    qualification_id: UUID
    title: str
    version: str
    units: tuple[UnitRow, ...]
    specification: Specification

    def unit(self, unit_id: UUID) -> UnitRow | None:
        """The unit with this id; None for a unit of another version."""
        return next((unit for unit in self.units if unit.id == unit_id), None)

    @property
    def criteria(self) -> dict[UUID, CriterionRow]:
        """Every criterion by its id."""
        return {criterion.id: criterion for unit in self.units for criterion in unit.criteria}


def syllabus_of(qualification_id: UUID) -> Syllabus:
    """A qualification with its groups, units, outcomes and criteria, in three queries."""
    s = session()
    qualification = s.get_one(Qualification, qualification_id)
    criteria, outcomes = _criteria_of(qualification_id)
    units: list[UnitRow] = []
    by_group: dict[UUID, tuple[UnitGroupRow, list[UnitSpec]]] = {}
    statement = (
        select(UnitGroupRow, Unit)
        .outerjoin(Unit, Unit.group_id == UnitGroupRow.id)
        .where(UnitGroupRow.qualification_id == qualification_id)
        .order_by(UnitGroupRow.position, Unit.position)
    )
    for group, unit in s.execute(statement):
        members = by_group.setdefault(group.id, (group, []))[1]
        if unit is not None:
            row_of = UnitRow(
                unit.id, unit.code, unit.title, unit.level, unit.credit, unit.glh or 0, group.name,
                tuple(criteria.get(unit.id, ())),
            )  # fmt: skip
            units.append(row_of)
            members.append(_unit_spec(row_of, unit.reference, outcomes.get(unit.id, {})))
    at_level, least = qualification.at_level, qualification.min_credit_at_level
    specification = Specification(
        qualification.title,
        qualification.version,
        tuple(
            UnitGroup(group.name, tuple(members), group.min_credit, group.min_units)
            for group, members in by_group.values()
        ),
        qualification.min_credit,
        ((at_level, least),) if at_level and least else (),
    )
    return Syllabus(qualification.id, qualification.title, qualification.version, tuple(units), specification)


Outcomes = dict[tuple[str, str], list[CriterionSpec]]


def _criteria_of(qualification_id: UUID) -> tuple[dict[UUID, list[CriterionRow]], dict[UUID, Outcomes]]:
    """By unit: its criteria in order, and its outcomes with theirs; an outcome may have none yet."""
    criteria: dict[UUID, list[CriterionRow]] = {}
    outcomes: dict[UUID, Outcomes] = {}
    rows = session().execute(
        select(
            AssessmentCriterion.id,
            LearningOutcome.unit_id,
            AssessmentCriterion.number,
            AssessmentCriterion.text,
            LearningOutcome.number,
            LearningOutcome.text,
        )
        .select_from(LearningOutcome)
        .outerjoin(AssessmentCriterion, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(Unit, LearningOutcome.unit_id == Unit.id)
        .where(Unit.qualification_id == qualification_id)
        .order_by(LearningOutcome.position, AssessmentCriterion.position)
    )
    for criterion_id, unit_id, number, text, outcome_number, outcome_text in rows:
        found = outcomes.setdefault(unit_id, {}).setdefault((outcome_number, outcome_text), [])
        if criterion_id is not None:
            found.append(CriterionSpec(number, text))
            row = CriterionRow(criterion_id, unit_id, number, text, outcome_number, outcome_text)
            criteria.setdefault(unit_id, []).append(row)
    return criteria, outcomes


def _unit_spec(unit: UnitRow, reference: str, outcomes: Outcomes) -> UnitSpec:
    made = tuple(OutcomeSpec(number, text, tuple(found)) for (number, text), found in outcomes.items())
    return UnitSpec(unit.code, unit.title, unit.level, unit.credit, unit.glh, made, reference)
