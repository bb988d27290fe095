"""Reading a cohort's whole marking for the grid.

The grid of 640 cells is read as plain rows: identifiers stay as the database gives them, because turning
1,300 of them into UUIDs would take longer than everything else on the page.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    case,
    exists,
    func,
    select,
    type_coerce,
)

from recovery_college.assessment.cells import CellKind, cell_kind, is_active, is_reached
from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import AWAITS, sequence_of
from recovery_college.assessment.resubmission_facts import cells_without_tries_in
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    DecisionFact,
    Outcome,
    Verdict,
    VerdictFact,
    unit_state,
)
from recovery_college.assessment.staff_models import Countersignature
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


def _raw(column: Any, name: str) -> Any:
    """The column as the driver gives it: fit to be compared, not to be shown."""
    return type_coerce(column, String).label(name)


def _uuid(raw: Any) -> UUID:
    return UUID(int=int(raw, 16)) if isinstance(raw, str) else raw


def _rows(connection: Connection, statement: Select[Any], asked: Mapping[str, UUID]) -> Sequence[Any]:
    """The rows as the driver gives them, plain tuples: SQLAlchemy would make a Row of each for nothing."""
    result = connection.execute(statement, asked)
    rows: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return rows


def _bit(condition: ColumnElement[bool], bit: int) -> ColumnElement[int]:
    return case((condition, bit), else_=0)


def _moment(raw: Any) -> datetime:
    at = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# The statements are made once: making them anew would cost as much as running them.
_enrolment, _person = Enrolment.__table__.c, Person.__table__.c
_registration, _decision, _verdict = EnrolmentUnit.__table__.c, Decision.__table__.c, IqaVerdict.__table__.c
_evidence, _about = Evidence.__table__.c, EvidenceCriterion.__table__.c
_group, _unit, _outcome = UnitGroup.__table__.c, Unit.__table__.c, LearningOutcome.__table__.c
_criterion = AssessmentCriterion.__table__.c
_countersignature = Countersignature.__table__.c
_IN_COHORT = select(_enrolment.id).where(_enrolment.cohort_id == bindparam("cohort_id"))

_STUDENTS = (
    select(
        _raw(_enrolment.id, "raw_id"), _raw(_enrolment.status, "word"),
        _person.given_name, _person.family_name, _person.preferred_name,
    )
    .select_from(Enrolment.__table__.join(Person.__table__, _enrolment.person_id == _person.id))
    .where(_enrolment.cohort_id == bindparam("cohort_id"))
    .order_by(_person.family_name, _person.given_name, _enrolment.id)
)  # fmt: skip
_REGISTRATIONS = select(
    _raw(_registration.enrolment_id, "raw_enrolment"), _raw(_registration.unit_id, "raw_unit")
).where(_registration.enrolment_id.in_(_IN_COHORT))
_COLUMNS = (
    select(
        _raw(_unit.id, "raw_unit"), _unit.code, _unit.title,
        _raw(_criterion.id, "raw_criterion"), _criterion.number, _criterion.text,
        _outcome.number.label("outcome_number"), _outcome.text.label("outcome_text"),
    )
    .select_from(
        Unit.__table__.join(UnitGroup.__table__, _unit.group_id == _group.id)
        .join(AssessmentCriterion.__table__, _criterion.unit_id == _unit.id)
        .join(LearningOutcome.__table__, _criterion.outcome_id == _outcome.id)
    )
    .where(_unit.qualification_id == bindparam("qualification_id"))
    .order_by(_group.position, _unit.position, _outcome.position, _criterion.position)
)  # fmt: skip
MET, RELEASED, HAS_FEEDBACK, UNSIGNED, WAITS, NO_TRIES = 1, 2, 4, 8, 16, 32
"""What a decision says of its cell, as bits: the database adds up the first four."""

# Each criterion's latest decision comes last.
_DECISIONS = (
    select(
        _raw(_decision.enrolment_id, "raw_enrolment"), _raw(_decision.criterion_id, "raw_criterion"),
        _decision.id,
        (
            _bit(_decision.outcome == Outcome.MET, MET)
            + _bit(_decision.released_at.is_not(None), RELEASED)
            + _bit(_decision.feedback != "", HAS_FEEDBACK)
            + _bit(AWAITS, UNSIGNED)
        ).label("says"),
        _raw(_decision.recorded_at, "recorded"),
    )
    .select_from(
        Decision.__table__.outerjoin(Countersignature.__table__, _countersignature.decision_id == _decision.id)
    )
    .where(_decision.enrolment_id.in_(_IN_COHORT), ~taken_back())
    .order_by(_decision.enrolment_id, _decision.criterion_id, _decision.attempt, _decision.revision)
)  # fmt: skip
# When the latest evidence came that is still there, by cell.
_HANDED_IN = (
    select(
        _raw(_evidence.enrolment_id, "raw_enrolment"), _raw(_about.criterion_id, "raw_criterion"),
        type_coerce(func.max(_evidence.handed_in_at), String).label("came"),
    )
    .select_from(Evidence.__table__.join(EvidenceCriterion.__table__, _about.evidence_id == _evidence.id))
    .where(_evidence.enrolment_id.in_(_IN_COHORT), _evidence.closed_at.is_(None))
    .group_by(_evidence.enrolment_id, _about.criterion_id)
)  # fmt: skip
_VERDICTS = select(
    _raw(_verdict.enrolment_id, "raw_enrolment"), _raw(_verdict.unit_id, "raw_unit"),
    _verdict.verdict, _verdict.recorded_at,
).where(_verdict.enrolment_id.in_(_IN_COHORT))  # fmt: skip
_looked_at, _later = IqaVerdictCriterion.__table__.c, IqaVerdict.__table__.alias()
_LOOKED_AT_AFTER_LEAVING = (
    select(
        _raw(_verdict.enrolment_id, "raw_enrolment"), _raw(_verdict.unit_id, "raw_unit"),
        _raw(_looked_at.criterion_id, "raw_criterion"),
    )
    .select_from(
        IqaVerdict.__table__.join(IqaVerdictCriterion.__table__, _looked_at.verdict_id == _verdict.id)
        .join(Enrolment.__table__, _verdict.enrolment_id == _enrolment.id)
    )
    .where(
        _enrolment.cohort_id == bindparam("cohort_id"),
        _enrolment.status == EnrolmentStatus.WITHDRAWN,
        ~exists().where(
            _later.c.enrolment_id == _verdict.enrolment_id, _later.c.unit_id == _verdict.unit_id,
            _later.c.recorded_at > _verdict.recorded_at,
        ),
    )
)  # fmt: skip
# The criteria of every registered unit, with their decisions: what the state of a unit is worked out from.
_FACTS = (
    select(
        _raw(_registration.enrolment_id, "raw_enrolment"), _raw(_registration.unit_id, "raw_unit"),
        _criterion.number, _decision.attempt, _decision.revision, _raw(_decision.outcome, "word"),
        _decision.decided_on, _raw(_decision.recorded_at, "recorded"), _raw(_decision.released_at, "released"),
        AWAITS.label("awaits"),
    )
    .select_from(
        EnrolmentUnit.__table__.join(
            AssessmentCriterion.__table__, _criterion.unit_id == _registration.unit_id
        ).outerjoin(
            Decision.__table__,
            (_decision.criterion_id == _criterion.id) & (_decision.enrolment_id == _registration.enrolment_id),
        ).outerjoin(Countersignature.__table__, _countersignature.decision_id == _decision.id)
    )
    .where(_registration.enrolment_id.in_(_IN_COHORT))
)  # fmt: skip


def grid_of(cohort: Cohort) -> Grid:
    """A cohort's grid in six queries whatever its size (some more when units were verified).

    The caller has made sure that the actor may see the cohort.
    """
    connection, asked = session().connection(), {"cohort_id": cohort.id}
    units, columns = _units_of(connection, cohort.qualification_id)
    registered: dict[Any, set[Any]] = {}
    for raw, raw_unit in _rows(connection, _REGISTRATIONS, asked):
        registered.setdefault(raw, set()).add(raw_unit)
    decisions = _rows(connection, _DECISIONS, asked)
    latest, met = _by_student(decisions)
    handed: dict[Any, dict[Any, Any]] = {}
    for raw, raw_criterion, came in _rows(connection, _HANDED_IN, asked):
        handed.setdefault(raw, {})[raw_criterion] = came
    reached = set[Any]().union(*latest.values())
    if handed:  # the evidence itself says who waits
        reached = set()
    spent = _without_tries(cohort.id, handed, latest)
    if is_reached(False, bool(handed), cohort.ends_on, clock.today()):
        reached = {raw_criterion for _, of_unit in columns for raw_criterion in of_unit}
    verdicts = _verdicts(connection, asked)
    locked = _locked(connection, asked, verdicts)
    returned = _returned(decisions, columns, verdicts)
    owed = _owed_after_leaving(connection, asked) if returned else {}
    kinds = _AllKinds()
    students = []
    for raw, status, given, family, preferred in _rows(connection, _STUDENTS, asked):
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
        students.append(GridStudent(_uuid(raw), display_name(given, family, preferred), status, cells))
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
        if (_uuid(raw), _uuid(raw_criterion)) in without:
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
            stamp = f"{seen}.{sequence_of(_moment(came))}"
            if came > recorded:
                says |= WAITS | NO_TRIES if raw_criterion in spent else WAITS
            kind = kinds[says]
            yield GridCell(kind, seen, raw_criterion in done, stamp)
        elif came:
            yield GridCell(kinds.handed_in, 0, False, f"0.{sequence_of(_moment(came))}")
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
    rows = _rows(connection, _COLUMNS, {"qualification_id": qualification_id})
    for first, (raw_unit, code, title, raw_criterion, *rest) in enumerate(rows):
        unit = found.setdefault(raw_unit, (code, title, first, []))
        unit[3].append(GridCriterion(_uuid(raw_criterion), *rest))
        raws.setdefault(raw_unit, []).append(raw_criterion)
    units = [
        GridUnit(_uuid(raw), code, title, first, tuple(criteria))
        for raw, (code, title, first, criteria) in found.items()
    ]
    return units, list(raws.items())


Verdicts = Mapping[tuple[Any, Any], Sequence[VerdictFact]]
"""Every verdict, by (enrolment, unit)."""


def _verdicts(connection: Connection, asked: Mapping[str, UUID]) -> Verdicts:
    verdicts: dict[tuple[Any, Any], list[VerdictFact]] = {}
    for raw, raw_unit, verdict, at in connection.execute(_VERDICTS, asked):
        verdicts.setdefault((raw, raw_unit), []).append(VerdictFact(verdict, sequence_of(at)))
    return verdicts


def _returned(
    decisions: Sequence[Any], columns: Sequence[tuple[Any, list[Any]]], verdicts: Verdicts
) -> set[tuple[Any, Any]]:
    """(enrolment, unit) of every unit that was returned, and that no decision released since answers (A8)."""
    latest = {key: _latest(facts) for key, facts in verdicts.items()}
    since = {key: fact.sequence for key, fact in latest.items() if fact.verdict is Verdict.RETURNED}
    if not since:
        return set()
    unit_of = {raw_criterion: raw_unit for raw_unit, of_unit in columns for raw_criterion in of_unit}
    answered = set()
    for raw, raw_criterion, _, says, recorded in decisions:
        key = (raw, unit_of.get(raw_criterion))
        if says & RELEASED and key in since and sequence_of(_moment(recorded)) > since[key]:
            answered.add(key)
    return since.keys() - answered


def _owed_after_leaving(connection: Connection, asked: Mapping[str, UUID]) -> dict[tuple[Any, Any], set[Any]]:
    """By (enrolment, unit) of students who left, the criteria that the latest verdict is about. One query."""
    owed: dict[tuple[Any, Any], set[Any]] = {}
    for raw, raw_unit, raw_criterion in _rows(connection, _LOOKED_AT_AFTER_LEAVING, asked):
        owed.setdefault((raw, raw_unit), set()).add(raw_criterion)
    return owed


def _locked(connection: Connection, asked: Mapping[str, UUID], verdicts: Verdicts) -> set[tuple[Any, Any]]:
    """(enrolment, unit) of every unit that is quality-assured, so that its decisions are locked (A8).

    Claimed and awarded units are among them without being asked for: only a verified unit is claimed, and
    what is on a locked claim can be neither decided nor returned (triggers see to both).
    """
    closed = {key for key, facts in verdicts.items() if _latest(facts).verdict is not Verdict.RETURNED}
    if not closed:
        return set()
    decisions: dict[tuple[Any, Any], list[DecisionFact]] = {}
    numbers: dict[Any, set[str]] = {}
    for raw, raw_unit, number, attempt, revision, word, on, recorded, released, awaits in connection.execute(
        _FACTS, asked
    ):
        numbers.setdefault(raw_unit, set()).add(number)
        if attempt is not None and (raw, raw_unit) in closed:
            released_sequence = sequence_of(_moment(released)) if released else None
            fact = DecisionFact(
                number,
                attempt,
                revision,
                Outcome(word),
                on,
                sequence_of(_moment(recorded)),
                released_sequence,
                bool(awaits),
            )
            decisions.setdefault((raw, raw_unit), []).append(fact)
    return {
        key
        for key in closed
        if unit_state(sorted(numbers.get(key[1], ())), decisions.get(key, []), verdicts[key])
        in QUALITY_ASSURED
    }


def locked_units(cohort_id: UUID) -> set[tuple[UUID, UUID]]:
    """(enrolment, unit) of every quality-assured unit of a cohort: its decisions are locked (A8)."""
    connection, asked = session().connection(), {"cohort_id": cohort_id}
    found = _locked(connection, asked, _verdicts(connection, asked))
    return {(_uuid(enrolment), _uuid(unit)) for enrolment, unit in found}


def _latest(facts: Sequence[VerdictFact]) -> VerdictFact:
    return max(facts, key=lambda fact: fact.sequence)
