"""Reading a cohort's whole marking for the grid.

The grid of 640 cells is read as plain rows: identifiers stay as the database gives them, because turning
1,300 of them into UUIDs would take longer than everything else on the page.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, String, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from recovery_college.assessment.cells import CellKind, cell_kind, is_active, is_reached
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.queries import sequence_of
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    DecisionFact,
    Outcome,
    Verdict,
    VerdictFact,
    unit_state,
)
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Unit,
    UnitGroup,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


class GridCriterion(NamedTuple):
    """One column of the grid."""

    id: UUID
    number: str
    text: str
    outcome_number: str
    outcome_text: str


class GridUnit(NamedTuple):
    """A unit with its columns; `first` is the place of its first criterion among all columns."""

    id: UUID
    code: str
    title: str
    first: int
    criteria: tuple[GridCriterion, ...]


class GridCell(NamedTuple):
    """One cell. `seen` is the id of the latest decision (0: none); `counts`: met by a released decision."""

    kind: CellKind
    seen: int
    counts: bool


class GridStudent(NamedTuple):
    """One row: a cell for each column, None where the student is not registered for the unit (A5)."""

    enrolment_id: UUID
    name: str
    status: EnrolmentStatus
    cells: list[GridCell | None]


class Grid(NamedTuple):
    """A cohort's whole marking."""

    units: list[GridUnit]
    students: list[GridStudent]


def _raw(column: InstrumentedAttribute[Any]) -> Any:
    """The column as the driver gives it: fit to be compared, not to be shown."""
    return type_coerce(column, String).label(f"raw_{column.class_.__tablename__}_{column.key}")


def _uuid(raw: Any) -> UUID:
    return UUID(raw) if isinstance(raw, str) else raw


def _moment(raw: Any) -> datetime:
    at = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def grid_of(cohort: Cohort) -> Grid:
    """A cohort's grid in five queries whatever its size (a sixth when units were verified or returned).

    The caller has made sure that the actor may see the cohort.
    """
    s = session()
    units, columns = _units_of(cohort.qualification_id)
    in_cohort = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)
    registered: dict[Any, set[Any]] = {}
    for raw_enrolment, raw_unit in s.execute(
        select(_raw(EnrolmentUnit.enrolment_id), _raw(EnrolmentUnit.unit_id)).where(
            EnrolmentUnit.enrolment_id.in_(in_cohort)
        )
    ):
        registered.setdefault(raw_enrolment, set()).add(raw_unit)
    latest: dict[tuple[Any, Any], Any] = {}
    in_force: dict[tuple[Any, Any], str] = {}
    reached: set[Any] = set()
    for row in s.execute(_decisions(in_cohort)):
        key = (row[0], row[1])
        latest[key] = row
        reached.add(row[1])
        if row[4]:
            in_force[key] = row[3]
    locked = _locked(in_cohort)
    course_over = is_reached(False, cohort.ends_on, clock.today())
    rows = s.execute(
        select(
            _raw(Enrolment.id), Enrolment.status, Person.given_name, Person.family_name, Person.preferred_name
        )
        .join(Person, Enrolment.person_id == Person.id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Person.family_name, Person.given_name, Enrolment.id)
    )
    students = []
    for raw, status, given, family, preferred in rows:
        own = registered.get(raw, set())
        enrolled = is_active(status)
        cells: list[GridCell | None] = []
        blank = {
            (is_locked, is_here): GridCell(_kind(None, False, True, is_locked, enrolled, is_here), 0, False)
            for is_locked in (False, True)
            for is_here in (False, True)
        }
        for raw_criterion, raw_unit in columns:
            if raw_unit not in own:
                cells.append(None)
                continue
            found = latest.get((raw, raw_criterion))
            is_locked = (raw, raw_unit) in locked
            if found is None:
                cells.append(blank[is_locked, course_over or raw_criterion in reached])
                continue
            _, _, seen, word, released, has_feedback = found
            kind = _kind(word, not released, bool(has_feedback), is_locked, enrolled, True)
            cells.append(GridCell(kind, seen, in_force.get((raw, raw_criterion)) == Outcome.MET.value))
        students.append(GridStudent(_uuid(raw), display_name(given, family, preferred), status, cells))
    return Grid(units, students)


def _kind(
    word: str | None, draft: bool, has_feedback: bool, locked: bool, enrolled: bool, reached: bool
) -> CellKind:
    return cell_kind(
        Outcome(word) if word else None,
        draft=draft,
        has_feedback=has_feedback,
        locked=locked,
        enrolled=enrolled,
        reached=reached,
    )


def _units_of(qualification_id: UUID) -> tuple[list[GridUnit], list[tuple[Any, Any]]]:
    """The units in order, and for each column its criterion and unit as the database names them."""
    rows = session().execute(
        select(
            _raw(Unit.id), Unit.code, Unit.title,
            _raw(AssessmentCriterion.id), AssessmentCriterion.number, AssessmentCriterion.text,
            LearningOutcome.number, LearningOutcome.text,
        )
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .join(UnitGroup, Unit.group_id == UnitGroup.id)
        .where(Unit.qualification_id == qualification_id)
        .order_by(UnitGroup.position, Unit.position, LearningOutcome.position, AssessmentCriterion.position)
    )  # fmt: skip
    columns: list[tuple[Any, Any]] = []
    by_unit: dict[Any, tuple[str, str, int, list[GridCriterion]]] = {}
    for raw_unit, code, title, raw_criterion, *rest in rows:
        unit = by_unit.setdefault(raw_unit, (code, title, len(columns), []))
        unit[3].append(GridCriterion(_uuid(raw_criterion), *rest))
        columns.append((raw_criterion, raw_unit))
    units = [
        GridUnit(_uuid(raw), code, title, first, tuple(criteria))
        for raw, (code, title, first, criteria) in by_unit.items()
    ]
    return units, columns


def _decisions(in_cohort: Select[Any]) -> Select[Any]:
    """Every decision of a cohort, each criterion's latest last."""
    return (
        select(
            _raw(Decision.enrolment_id),
            _raw(Decision.criterion_id),
            Decision.id,
            _raw(Decision.outcome),
            Decision.released_at.is_not(None),
            Decision.feedback != "",
        )
        .where(Decision.enrolment_id.in_(in_cohort))
        .order_by(Decision.enrolment_id, Decision.criterion_id, Decision.attempt, Decision.revision)
    )


def _locked(in_cohort: Select[Any]) -> set[tuple[Any, Any]]:
    """(enrolment, unit) of every unit that is quality-assured, so that its decisions are locked (A8)."""
    s = session()
    verdicts: dict[tuple[Any, Any], list[VerdictFact]] = {}
    for raw, raw_unit, verdict, at in s.execute(
        select(
            _raw(IqaVerdict.enrolment_id),
            _raw(IqaVerdict.unit_id),
            IqaVerdict.verdict,
            IqaVerdict.recorded_at,
        ).where(IqaVerdict.enrolment_id.in_(in_cohort))
    ):
        verdicts.setdefault((raw, raw_unit), []).append(VerdictFact(verdict, sequence_of(at)))
    closed = {key for key, facts in verdicts.items() if _latest(facts).verdict is not Verdict.RETURNED}
    if not closed:
        return set()
    decisions: dict[tuple[Any, Any], list[DecisionFact]] = {}
    numbers: dict[Any, set[str]] = {}
    statement = (
        select(
            _raw(Enrolment.id), _raw(AssessmentCriterion.unit_id), AssessmentCriterion.number,
            Decision.attempt, Decision.revision, _raw(Decision.outcome), Decision.decided_on,
            _raw(Decision.recorded_at), _raw(Decision.released_at),
        )
        .select_from(Enrolment)
        .join(EnrolmentUnit, EnrolmentUnit.enrolment_id == Enrolment.id)
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == EnrolmentUnit.unit_id)
        .outerjoin(
            Decision,
            (Decision.criterion_id == AssessmentCriterion.id) & (Decision.enrolment_id == Enrolment.id),
        )
        .where(Enrolment.id.in_(in_cohort), AssessmentCriterion.unit_id.in_({_uuid(unit) for _, unit in closed}))
    )  # fmt: skip
    for raw, raw_unit, number, attempt, revision, word, on, recorded_at, released_at in s.execute(statement):
        numbers.setdefault(raw_unit, set()).add(number)
        if attempt is not None and (raw, raw_unit) in closed:
            released = sequence_of(_moment(released_at)) if released_at else None
            fact = DecisionFact(
                number, attempt, revision, Outcome(word), on, sequence_of(_moment(recorded_at)), released
            )
            decisions.setdefault((raw, raw_unit), []).append(fact)
    return {
        key
        for key in closed
        if unit_state(sorted(numbers.get(key[1], ())), decisions.get(key, []), verdicts[key])
        in QUALITY_ASSURED
    }


def _latest(facts: Sequence[VerdictFact]) -> VerdictFact:
    return max(facts, key=lambda fact: fact.sequence)
