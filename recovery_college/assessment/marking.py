"""Reading a cohort's whole marking for the grid."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from recovery_college.assessment.cells import CellKind, cell_kind, is_active, is_reached
from recovery_college.assessment.marking_locks import locked_in, owed_after_leaving, returned_in, verdicts_in
from recovery_college.assessment.marking_rows import (
    COLUMNS,
    DECISIONS,
    HANDED_IN,
    HAS_FEEDBACK,
    MET,
    NO_TRIES,
    REGISTRATIONS,
    RELEASED,
    STUDENTS,
    UNSIGNED,
    WAITS,
    moment_of,
    plain_rows,
    uuid_of,
)
from recovery_college.assessment.queries import sequence_of
from recovery_college.assessment.resubmission_facts import cells_without_tries_in
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import Cohort
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
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
    """One cell. `seen` is the id of the latest decision (0: none); `counts`: met by a released decision.

    `stamp` is what `CellFacts.stamp` is, plain `seen` where there is no evidence.
    """

    kind: CellKind
    seen: int
    counts: bool
    stamp: int | str = 0


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


def grid_of(cohort: Cohort) -> Grid:
    """A cohort's grid in six queries whatever its size (some more when units were verified).

    The caller has made sure that the actor may see the cohort.
    """
    connection, asked = session().connection(), {"cohort_id": cohort.id}
    units, columns = _units_of(connection, cohort.qualification_id)
    registered: dict[Any, set[Any]] = {}
    for raw, raw_unit in plain_rows(connection, REGISTRATIONS, asked):
        registered.setdefault(raw, set()).add(raw_unit)
    decisions = plain_rows(connection, DECISIONS, asked)
    latest, met = _by_student(decisions)
    handed: dict[Any, dict[Any, Any]] = {}
    for raw, raw_criterion, came in plain_rows(connection, HANDED_IN, asked):
        handed.setdefault(raw, {})[raw_criterion] = came
    reached = set[Any]().union(*latest.values())
    if handed:  # the evidence itself says who waits
        reached = set()
    spent = _without_tries(cohort.id, handed, latest)
    if is_reached(False, bool(handed), cohort.ends_on, clock.today()):
        reached = {raw_criterion for _, of_unit in columns for raw_criterion in of_unit}
    verdicts = verdicts_in(connection, asked)
    locked = locked_in(connection, asked, verdicts)
    returned = returned_in(decisions, columns, verdicts)
    owed = owed_after_leaving(connection, asked) if returned else {}
    kinds = _AllKinds()
    students = []
    for raw, status, given, family, preferred in plain_rows(connection, STUDENTS, asked):
        status = EnrolmentStatus(status)
        own, active = registered.get(raw, ()), is_active(status)
        decided, done, evidence = latest.get(raw, {}), met.get(raw, set()), handed.get(raw, {})
        cells: list[GridCell | None] = []
        for raw_unit, of_unit in columns:
            if raw_unit not in own:
                cells += [None] * len(of_unit)
                continue
            key = (raw, raw_unit)
            here = kinds[key in locked, active, key in returned]
            if key in owed and key in returned:  # one who left: only the answer to the return is decided
                there, wanted = kinds[key in locked, True, True], owed[key]
                for raw_criterion in of_unit:
                    one = there if raw_criterion in wanted else here
                    cells += _cells(
                        (raw_criterion,), one, decided, done, evidence, reached, spent.get(raw, ())
                    )
                continue
            cells += _cells(of_unit, here, decided, done, evidence, reached, spent.get(raw, ()))
        students.append(GridStudent(uuid_of(raw), display_name(given, family, preferred), status, cells))
    return Grid(units, students)


def _by_student(decisions: Sequence[Any]) -> tuple[dict[Any, dict[Any, Any]], dict[Any, set[Any]]]:
    """Each student's latest decision by criterion, and the criteria that released decisions say are met."""
    latest: dict[Any, dict[Any, Any]] = {}
    met: dict[Any, set[Any]] = {}
    decided: dict[Any, Any] = {}
    current, done = None, set[Any]()
    for row in decisions:  # a student's stand together
        raw, raw_criterion, _, says, _ = row
        if raw != current:
            current = raw
            decided, done = latest[raw], met[raw] = {}, set()
        decided[raw_criterion] = row
        if says & RELEASED:
            (done.add if says & MET else done.discard)(raw_criterion)
    return latest, met


def _without_tries(
    cohort_id: UUID, handed: Mapping[Any, Mapping[Any, Any]], latest: Mapping[Any, Mapping[Any, Any]]
) -> dict[Any, set[Any]]:
    """By student, the criteria with new evidence and no try left (A5). One query, where one may be among them."""
    again = [
        (raw, raw_criterion)
        for raw, came_on in handed.items()
        for raw_criterion, came in came_on.items()
        if (row := latest.get(raw, {}).get(raw_criterion)) is not None
        and row[3] & (MET | RELEASED) == RELEASED
        and came > row[4]
    ]
    without = cells_without_tries_in(cohort_id) if again else ()
    spent: dict[Any, set[Any]] = {}
    for raw, raw_criterion in again:
        if (uuid_of(raw), uuid_of(raw_criterion)) in without:
            spent.setdefault(raw, set()).add(raw_criterion)
    return spent


def _cells(
    of_unit: Sequence[Any],
    kinds: "_Kinds",
    decided: Mapping[Any, Any],
    done: Collection[Any],
    evidence: Mapping[Any, Any],
    reached: Collection[Any],
    spent: Collection[Any],
) -> Iterator[GridCell]:
    """One student's cells of one unit. A plain loop: this is the page's hot spot."""
    ahead, here = kinds.blank
    decision_on, came_on = decided.get, evidence.get
    for raw_criterion in of_unit:
        found, came = decision_on(raw_criterion), came_on(raw_criterion)
        if found is not None:
            _, _, seen, says, recorded = found
            if came is None:
                yield _new(GridCell, (kinds[says], seen, raw_criterion in done, seen))
                continue
            stamp = f"{seen}.{sequence_of(moment_of(came))}"
            if came > recorded:
                says |= WAITS | NO_TRIES if raw_criterion in spent else WAITS
            kind = kinds[says]
            yield GridCell(kind, seen, raw_criterion in done, stamp)
        elif came:
            yield GridCell(kinds.handed_in, 0, False, f"0.{sequence_of(moment_of(came))}")
        else:
            yield here if raw_criterion in reached else ahead


_new: Callable[[type[GridCell], tuple[CellKind, int, bool, int]], GridCell] = tuple.__new__
"""A GridCell of four values, in a third of the time that its own maker takes."""


class _AllKinds(dict[tuple[bool, bool, bool], "_Kinds"]):
    """The kinds of cells by whether the unit is locked, the student active and the unit returned."""

    def __missing__(self, place: tuple[bool, bool, bool]) -> "_Kinds":
        self[place] = kinds = _Kinds(*place)
        return kinds


class _Kinds(dict[int, CellKind]):
    """The kinds of cells by what the latest decision says (MET and the bits after it), each worked out when met."""

    def __init__(self, locked: bool, enrolled: bool, returned: bool) -> None:
        super().__init__()
        self.locked, self.enrolled, self.returned = locked, enrolled, returned
        self.blank = tuple(
            GridCell(self._kind(None, False, False, is_here), 0, False) for is_here in (False, True)
        )
        self.handed_in = self._kind(None, False, False, True, True)

    def __missing__(self, says: int) -> CellKind:
        outcome = Outcome.MET if says & MET else Outcome.NOT_YET_MET
        self[says] = kind = self._kind(
            outcome, not says & RELEASED, bool(says & HAS_FEEDBACK), True, bool(says & WAITS),
            bool(says & UNSIGNED), bool(says & NO_TRIES),
        )  # fmt: skip
        return kind

    def _kind(
        self,
        outcome: Outcome | None,
        draft: bool,
        has_feedback: bool,
        reached: bool,
        handed_in: bool = False,
        unsigned: bool = False,
        no_tries: bool = False,
    ) -> CellKind:
        return cell_kind(
            outcome,
            draft=draft,
            has_feedback=has_feedback,
            locked=self.locked,
            enrolled=self.enrolled,
            reached=reached,
            handed_in=handed_in,
            returned=self.returned,
            unsigned=unsigned,
            no_tries=no_tries,
        )


def _units_of(
    connection: Connection, qualification_id: UUID
) -> tuple[list[GridUnit], list[tuple[Any, list[Any]]]]:
    """The units in order, and for each its id and its criteria's as the database gives them."""
    raws: dict[Any, list[Any]] = {}
    found: dict[Any, tuple[str, str, int, list[GridCriterion]]] = {}
    rows = plain_rows(connection, COLUMNS, {"qualification_id": qualification_id})
    for first, (raw_unit, code, title, raw_criterion, *rest) in enumerate(rows):
        unit = found.setdefault(raw_unit, (code, title, first, []))
        unit[3].append(GridCriterion(uuid_of(raw_criterion), *rest))
        raws.setdefault(raw_unit, []).append(raw_criterion)
    units = [
        GridUnit(uuid_of(raw), code, title, first, tuple(criteria))
        for raw, (code, title, first, criteria) in found.items()
    ]
    return units, list(raws.items())
