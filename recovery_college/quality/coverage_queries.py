"""What a cohort's sample has covered (A9), as CAMERA: candidates, assessors, methods, evidence, records, sites."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.models import IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.steps import ASSESSED_ONCE
from recovery_college.assessment.unit_cells import QualityCell
from recovery_college.courses.models import Site
from recovery_college.kernel.db import session
from recovery_college.quality.board_queries import Board
from recovery_college.quality.plan_queries import interim_looks

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Covered:
    """One line of the table: how many of something were looked at, how many there are, how many the plan picks."""

    what: str
    looked: int
    total: int
    planned: int

    @property
    def is_short(self) -> bool:
        """Whether the plan asks for more than was looked at."""
        return self.looked < min(self.planned, self.total)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One letter of CAMERA with its lines."""

    name: str
    counts: str
    lines: tuple[Covered, ...]


def camera(board: Board) -> tuple[Dimension, ...]:
    """The coverage of a cohort's sample, from its board and four queries more."""
    places = [place.enrolment_id for place in board.places]
    assessed = {key: cell for key, cell in board.cells.items() if cell.step in ASSESSED_ONCE}
    early = interim_looks(places)
    looked = {key for key, cell in board.cells.items() if cell.was_sampled or key in early}
    planned = {(one.enrolment_id, one.unit_id) for one in board.picks if one.live}
    names = {place.enrolment_id: place.name for place in board.places}
    site = session().get_one(Site, board.cohort.site_id).name
    every = set(assessed) | looked | planned

    def lines(name_of: dict[Key, str]) -> tuple[Covered, ...]:
        order = dict.fromkeys(name_of[key] for key in board.cells if key in name_of)
        totals = Counter(name_of[key] for key in every & name_of.keys())
        seen = Counter(name_of[key] for key in looked & name_of.keys())
        wanted = Counter(name_of[key] for key in planned & name_of.keys())
        return tuple(Covered(one, seen[one], totals[one], wanted[one]) for one in order if totals[one])

    candidates = lines({key: names[key[0]] for key in board.cells})
    assessors = lines({key: cell.assessor[1] for key, cell in board.cells.items() if cell.assessor})
    sites = lines(dict.fromkeys(board.cells, site))
    methods, evidence = _evidence(places, board, looked)
    return (
        Dimension("Candidates", "units of each student", candidates),
        Dimension("Assessors", "units each assessor decided in", assessors),
        Dimension("Methods", "pieces of evidence of each kind", methods),
        Dimension("Evidence", "pieces of evidence for each unit", evidence),
        Dimension("Records", "decisions with their feedback", _records(places, board)),
        Dimension("Sites", "units at each site", sites),
    )


def _evidence(
    places: list[UUID], board: Board, looked: set[Key]
) -> tuple[tuple[Covered, ...], tuple[Covered, ...]]:
    """Evidence by kind and by unit: all of it, and what belongs to a unit that was looked at."""
    unit_of = {criterion.id: unit for unit in board.units for criterion in unit.criteria}
    rows = session().execute(
        select(Evidence.id, Evidence.enrolment_id, Evidence.kind, EvidenceCriterion.criterion_id)
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .where(Evidence.enrolment_id.in_(places), Evidence.closed_at.is_(None))
    )
    kinds: dict[str, tuple[set[UUID], set[UUID]]] = {}
    units: dict[str, tuple[set[UUID], set[UUID]]] = {}
    for evidence_id, enrolment_id, kind, criterion_id in rows:
        unit = unit_of.get(criterion_id)
        if unit is None:
            continue
        is_seen = (enrolment_id, unit.id) in looked
        for table, name in ((kinds, kind.value.capitalize()), (units, f"{unit.code} {unit.title}")):
            total, seen = table.setdefault(name, (set(), set()))
            total.add(evidence_id)
            if is_seen:
                seen.add(evidence_id)
    return _counted(kinds), _counted(units)


def _counted(table: dict[str, tuple[set[UUID], set[UUID]]]) -> tuple[Covered, ...]:
    return tuple(Covered(name, len(seen), len(total), 0) for name, (total, seen) in sorted(table.items()))


def _records(places: list[UUID], board: Board) -> tuple[Covered, ...]:
    """Decisions by unit: all of them, and those whose criterion a quality assurer ticked."""
    rows = session().execute(
        select(IqaVerdict.enrolment_id, IqaVerdictCriterion.criterion_id)
        .join(IqaVerdict, IqaVerdict.id == IqaVerdictCriterion.verdict_id)
        .where(IqaVerdict.enrolment_id.in_(places), IqaVerdict.verdict != Verdict.SAMPLE_CLOSED)
    )
    ticked: set[Key] = {(enrolment_id, criterion_id) for enrolment_id, criterion_id in rows}
    return tuple(
        Covered(f"{unit.code} {unit.title}", seen, total, 0)
        for unit in board.units
        for seen, total in [_decided(ticked, [c for c in board.cells.values() if c.unit.id == unit.id])]
        if total
    )


def _decided(ticked: set[Key], cells: Iterable[QualityCell]) -> tuple[int, int]:
    decided = {(row.enrolment_id, row.criterion_id) for cell in cells for row in cell.decisions}
    return len(decided & ticked), len(decided)
