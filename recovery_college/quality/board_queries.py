"""Reading quality assurance: a cohort's students and units with the suggested sample, and one unit in full."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.history_queries import decision_rows, verdict_rows
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.steps import ASSESSED_ONCE, WAITS, QualityStep
from recovery_college.assessment.unit_cells import QualityCell, cell_of
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment
from recovery_college.courses.queries import Place, places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import unit_label
from recovery_college.courses.syllabus_queries import UnitRow, syllabus_of
from recovery_college.kernel.db import session
from recovery_college.quality.plan_queries import StoredPick, picks_of
from recovery_college.quality.sampling import (
    LEAST_STUDENTS,
    NEW_PERCENT,
    USUAL_PERCENT,
    Candidate,
    Stage,
    sampling_suggestion,
)
from recovery_college.quality.sampling import UnitResult as Sampled
from recovery_college.quality.verdict_rules import seed_of, why_not_closed


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The sample of one unit in a cohort (A9): what is asked for, what was looked at, what waits."""

    unit: UnitRow
    seed: int
    is_new: bool
    assessed: int
    asked: int
    sampled: int
    waiting: tuple[QualityCell, ...]
    unlooked: int = 0

    @property
    def percent(self) -> int:
        """The share to sample."""
        return NEW_PERCENT if self.is_new else USUAL_PERCENT

    @property
    def why_not_closed(self) -> str | None:
        """Why the sample may not be closed yet, or None."""
        return why_not_closed(self.asked, self.sampled, self.waiting, self.unlooked)

    @property
    def stamp(self) -> str:
        """What closing would verify, to notice that it changed meanwhile."""
        return "_".join(f"{cell.place.enrolment_id.hex}-{cell.stamp}" for cell in self.waiting)


@dataclass(frozen=True, slots=True)
class Board:
    """A cohort's quality assurance: its units, its students, a cell for each registered unit, the plans.

    `picks` are those of the stored plan, set-aside ones included; none before anybody has made a plan.
    """

    cohort: Cohort
    units: tuple[UnitRow, ...]
    places: tuple[Place, ...]
    cells: dict[tuple[UUID, UUID], QualityCell]
    plans: tuple[UnitPlan, ...]
    picks: tuple[StoredPick, ...] = ()

    @property
    def is_planned(self) -> bool:
        """Whether the sample is a plan, not a suggestion."""
        return bool(self.picks)

    def cells_in(self, steps: Collection[QualityStep]) -> list[QualityCell]:
        """The cells in these steps, by student and unit."""
        return [cell for cell in self.cells.values() if cell.step in steps]

    def plan(self, unit_id: UUID) -> UnitPlan | None:
        """The sample of one unit: planned, or suggested before anybody has made a plan."""
        return next((plan for plan in self.plans if plan.unit.id == unit_id), None)


def quality_board(cohort: Cohort) -> Board:
    """A cohort's board in twelve queries at most, whatever its size. The caller checks who may see it.

    The sample is the stored plan; before anybody has made one it is a suggestion.
    """
    syllabus = syllabus_of(cohort.qualification_id)
    places = places_in([cohort.id])
    ids = [place.enrolment_id for place in places]
    registered = units_with_credit(ids)
    decisions, verdicts = decision_rows(ids), verdict_rows(ids)
    cells: dict[tuple[UUID, UUID], QualityCell] = {}
    for place in places:
        for unit in syllabus.units:
            if unit.id in registered[place.enrolment_id]:
                key = (place.enrolment_id, unit.id)
                credit = registered[place.enrolment_id][unit.id]
                cells[key] = cell_of(place, unit, decisions.get(key, []), verdicts.get(key, []), credit)
    assessors = {cell.assessor[0] for cell in cells.values() if cell.assessor}
    known_units = units_sampled_elsewhere(cohort, [unit.id for unit in syllabus.units])
    known_people = assessors_sampled_elsewhere(cohort, assessors)
    stored = picks_of([cohort.id])[cohort.id]
    live = {
        (one.enrolment_id, one.unit_id): one for one in stored if one.stage is Stage.SUMMATIVE and one.live
    }
    for key, pick in live.items():
        if key in cells:
            cells[key] = replace(cells[key], reason=pick.reason)
    plans = []
    for unit in syllabus.units:
        own = [cell for cell in cells.values() if cell.unit.id == unit.id and cell.step in ASSESSED_ONCE]
        by = {cell.assessor[0] for cell in own if cell.assessor}
        is_new = unit.id not in known_units or not by <= known_people
        seed = seed_of(cohort.id, unit.id)
        waiting = tuple(cell for cell in own if cell.step is QualityStep.WAITING)
        sampled = sum(cell.was_sampled for cell in own)
        if stored:
            picked = [cell for cell in own if (cell.place.enrolment_id, unit.id) in live]
            unlooked = sum(not cell.was_sampled for cell in picked)
            asked = max(len(picked), min(LEAST_STUDENTS, len(own)))
            plans.append(UnitPlan(unit, seed, is_new, len(own), asked, sampled, waiting, unlooked))
            continue
        picks = sampling_suggestion([_sampled(cell) for cell in own], is_new, seed)
        for suggested in picks:
            key = (UUID(suggested.result.student), unit.id)
            cells[key] = replace(cells[key], reason=suggested.reason)
        plans.append(UnitPlan(unit, seed, is_new, len(own), len(picks), sampled, waiting))
    return Board(cohort, syllabus.units, tuple(places), cells, tuple(plans), tuple(stored))


def candidates_of(board: Board) -> list[Candidate]:
    """What a plan of this cohort is drawn from: each registered unit of every student who has not left (A9)."""
    known_units = units_sampled_elsewhere(board.cohort, [unit.id for unit in board.units])
    assessors = {cell.assessor[0] for cell in board.cells.values() if cell.assessor}
    known_people = assessors_sampled_elsewhere(board.cohort, assessors)
    found = []
    for (enrolment_id, unit_id), cell in board.cells.items():
        if cell.place.status is EnrolmentStatus.WITHDRAWN:
            continue
        assessor = cell.assessor[0] if cell.assessor else None
        new = "" if unit_id in known_units else "a new unit or first cohort"
        if not new and assessor is not None and assessor not in known_people:
            new = "a new assessor"
        found.append(Candidate(str(enrolment_id), str(unit_id), str(assessor or ""), new))
    return found


def _sampled(cell: QualityCell) -> Sampled:
    assessor = str(cell.assessor[0]) if cell.assessor else ""
    return Sampled(str(cell.place.enrolment_id), unit_label(cell.unit.code), assessor)


def units_sampled_elsewhere(cohort: Cohort, unit_ids: Collection[UUID]) -> set[UUID]:
    """The units that quality assurance has confirmed for somebody in another cohort: no longer new (A9)."""
    return set(
        session().scalars(
            select(IqaVerdict.unit_id)
            .join(Enrolment, IqaVerdict.enrolment_id == Enrolment.id)
            .where(
                IqaVerdict.unit_id.in_(unit_ids),
                IqaVerdict.verdict == Verdict.CONFIRMED,
                Enrolment.cohort_id != cohort.id,
            )
            .distinct()
        )
    )


def assessors_sampled_elsewhere(cohort: Cohort, people: Collection[UUID]) -> set[UUID]:
    """Those of these assessors with a decision that was sampled and confirmed in another cohort."""
    return set(
        session().scalars(
            select(Decision.decided_by)
            .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
            .join(
                IqaVerdict,
                (IqaVerdict.enrolment_id == Decision.enrolment_id)
                & (IqaVerdict.unit_id == AssessmentCriterion.unit_id),
            )
            .join(Enrolment, IqaVerdict.enrolment_id == Enrolment.id)
            .where(
                Decision.decided_by.in_(people),
                IqaVerdict.verdict == Verdict.CONFIRMED,
                Enrolment.cohort_id != cohort.id,
            )
            .distinct()
        )
    )


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One student's unit in full: the cell, and its cohort."""

    cohort: Cohort
    cell: QualityCell


def unit_file(
    actor: Actor, cohort_id: UUID, enrolment_id: UUID, unit_id: UUID, *, lock: bool = False
) -> UnitFile | None:
    """One student's registered unit with its whole history, or None when the actor may not know of it.

    `lock` holds the enrolment until the transaction ends, so decisions and verdicts come one after the other.
    """
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None:
        return None
    if lock:
        session().execute(select(Enrolment.id).where(Enrolment.id == enrolment_id).with_for_update())
    place = next((one for one in places_in([cohort.id]) if one.enrolment_id == enrolment_id), None)
    unit = syllabus_of(cohort.qualification_id).unit(unit_id)
    registered = units_with_credit([enrolment_id])[enrolment_id]
    if place is None or unit is None or unit_id not in registered:
        return None
    key = (enrolment_id, unit_id)
    decisions = decision_rows([enrolment_id], unit_id=unit_id).get(key, [])
    verdicts = verdict_rows([enrolment_id], unit_id=unit_id).get(key, [])
    return UnitFile(cohort, cell_of(place, unit, decisions, verdicts, registered[unit_id]))


def waits(cell: QualityCell) -> bool:
    """Whether a quality assurer is awaited."""
    return cell.step in WAITS
