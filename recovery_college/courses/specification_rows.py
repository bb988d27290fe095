"""Finding the rows of a specification's parts and keeping them in order, for the services that change them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.courses.models import (
    AssessmentCriterion,
    LearningOutcome,
    Qualification,
    Unit,
    UnitGroup,
)
from recovery_college.courses.specification import unit_label
from recovery_college.courses.specification_parts import PARTS, Kind

Row = Qualification | UnitGroup | Unit | LearningOutcome | AssessmentCriterion
Facts = Mapping[str, Any]
MODELS: Mapping[Kind, Any] = {
    Kind.GROUP: UnitGroup,
    Kind.UNIT: Unit,
    Kind.OUTCOME: LearningOutcome,
    Kind.CRITERION: AssessmentCriterion,
}
LAST = 1_000_000
"""Where a new part stands until its version is put in order."""


class PartNotFound(LookupError):
    """There is no such version, or no such part in it."""


def facts_of(row: Row, names: Sequence[str]) -> dict[str, Any]:
    """The facts of a row that a form shows."""
    return {name: getattr(row, name) for name in names}


def part_in(s: Session, qualification_id: UUID, kind: Kind, part_id: UUID) -> Any:
    """A part of this version. Raises PartNotFound when it is no part of it."""
    row = s.get(MODELS[kind], part_id)
    if row is None or _version_of(s, kind, row) != qualification_id:
        raise PartNotFound(kind)
    return row


def _version_of(s: Session, kind: Kind, row: Any) -> UUID:
    if kind in (Kind.GROUP, Kind.UNIT):
        return UUID(str(row.qualification_id))
    return s.get_one(Unit, row.unit_id).qualification_id


def parent_of(
    s: Session, qualification_id: UUID, kind: Kind, parent_id: UUID | None, facts: Facts
) -> dict[str, Any]:
    """Where a new part hangs, once it is sure that this is the same version."""
    if kind is Kind.GROUP:
        return {"qualification_id": qualification_id}
    if kind is Kind.UNIT:
        part_in(s, qualification_id, Kind.GROUP, facts["group_id"])
        return {"qualification_id": qualification_id}
    if parent_id is None:
        raise PartNotFound(kind)
    if kind is Kind.OUTCOME:
        return {"unit_id": part_in(s, qualification_id, Kind.UNIT, parent_id).id}
    outcome = part_in(s, qualification_id, Kind.OUTCOME, parent_id)
    return {"outcome_id": outcome.id, "unit_id": outcome.unit_id}


def same_key(s: Session, qualification_id: UUID, kind: Kind, facts: Facts, own: UUID | None) -> Any:
    """Another part that cannot be told apart from this one: a code, a name or a number twice."""
    model, key = MODELS[kind], PARTS[kind].key
    statement = select(model)
    if kind in (Kind.GROUP, Kind.UNIT):
        statement = statement.where(model.qualification_id == qualification_id)
    else:
        statement = statement.where(model.unit_id == facts["unit_id"])
    wanted = str(facts[key]).casefold()
    found = (one for one in s.scalars(statement) if str(getattr(one, key)).casefold() == wanted)
    return next((one for one in found if one.id != own), None)


def place_in_words(s: Session, kind: Kind, row: Any) -> str:
    """Where a wording stands, in words: "Unit 3", "Unit 3, 1.2"."""
    if kind is Kind.UNIT:
        return unit_label(row.code)
    unit = unit_label(s.get_one(Unit, row.unit_id).code)
    what = "learning outcome" if kind is Kind.OUTCOME else "criterion"
    return f"{unit}, {what} {row.number}"


def siblings_of(s: Session, kind: Kind, row: Any) -> list[Any]:
    """The parts beside a part, in order, it among them."""
    model = MODELS[kind]
    beside = {
        Kind.GROUP: "qualification_id",
        Kind.UNIT: "group_id",
        Kind.OUTCOME: "unit_id",
        Kind.CRITERION: "outcome_id",
    }[kind]
    statement = select(model).where(getattr(model, beside) == getattr(row, beside))
    return list(s.scalars(statement.order_by(model.position, model.id)))


def rows_below(s: Session, model: Any, column: Any, above: UUID) -> list[Any]:
    """The rows that hang on another one, in order."""
    return list(s.scalars(select(model).where(column == above).order_by(model.position, model.id)))


def put_in_order(s: Session, qualification_id: UUID) -> None:
    """Count places as an import of the same would: groups, units through all groups, outcomes, criteria."""
    groups = rows_below(s, UnitGroup, UnitGroup.qualification_id, qualification_id)
    units = [unit for group in groups for unit in rows_below(s, Unit, Unit.group_id, group.id)]
    own = [unit.id for unit in units]
    outcomes = s.scalars(
        select(LearningOutcome)
        .where(LearningOutcome.unit_id.in_(own))
        .order_by(LearningOutcome.unit_id, LearningOutcome.position, LearningOutcome.id)
    )
    criteria = s.scalars(
        select(AssessmentCriterion)
        .where(AssessmentCriterion.unit_id.in_(own))
        .order_by(AssessmentCriterion.outcome_id, AssessmentCriterion.position, AssessmentCriterion.id)
    )
    _count(groups, lambda row: None)
    _count(units, lambda row: None)
    _count(outcomes, lambda row: row.unit_id)
    _count(criteria, lambda row: row.outcome_id)
    s.flush()


def _count(rows: Any, above: Any) -> None:
    places: dict[Any, int] = {}
    for row in rows:
        place = places.get(above(row), 0)
        if row.position != place:
            row.position = place
        places[above(row)] = place + 1
