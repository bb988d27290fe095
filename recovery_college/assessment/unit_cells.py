"""One student's registered unit in full: its state, its whole history of decisions, and its verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recovery_college.assessment.claim_rules import NOT_CLAIMED, Credit
from recovery_college.assessment.history_queries import DecisionRow, VerdictRow
from recovery_college.assessment.queries import UnitResult, unit_result
from recovery_college.assessment.steps import LOOKED_AT, QualityStep, quality_step
from recovery_college.courses.queries import Place
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import UnitRow


@dataclass(frozen=True, slots=True)
class QualityCell:
    """One student's registered unit as quality assurance sees it. `reason` says why it is picked, or is ""."""

    place: Place
    result: UnitResult
    step: QualityStep
    decisions: tuple[DecisionRow, ...]
    verdicts: tuple[VerdictRow, ...]
    reason: str = ""

    @property
    def unit(self) -> UnitRow:
        """The unit as the syllabus has it."""
        return self.result.unit

    @property
    def verdict(self) -> VerdictRow | None:
        """The latest verdict: the one in force, whatever came before it (A8)."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def was_sampled(self) -> bool:
        """Whether a quality assurer has looked at it."""
        return any(row.verdict in LOOKED_AT for row in self.verdicts)

    @property
    def deciders(self) -> frozenset[UUID]:
        """Everyone with a decision in the unit, drafts and earlier attempts included, or who countersigned (A10)."""
        signed = (row.countersigned_by for row in self.decisions if row.countersigned_by)
        return frozenset((*(row.decided_by for row in self.decisions), *signed))

    @property
    def assessor(self) -> tuple[UUID, str] | None:
        """Who decided last in this unit."""
        last = max(self.decisions, key=lambda row: row.id, default=None)
        return (last.decided_by, last.by_name) if last else None

    @property
    def stamp(self) -> str:
        """How much has been recorded about this unit. Rows are only ever added, so it changes with each."""
        released = sum(row.released_at is not None for row in self.decisions)
        awaited = sum(row.awaits_countersignature for row in self.decisions)
        return f"{len(self.decisions)}.{released}.{len(self.verdicts)}" + (f".{awaited}" if awaited else "")


def cell_of(
    place: Place,
    unit: UnitRow,
    decisions: list[DecisionRow],
    verdicts: list[VerdictRow],
    credit: Credit = NOT_CLAIMED,
    handed_in: Mapping[UUID, datetime] | None = None,
) -> QualityCell:
    """Put the rules to work on one student's unit. `handed_in`: by criterion, when its latest evidence came."""
    facts = [row.fact for row in decisions if not row.undone]
    said = [row.fact for row in verdicts]
    withdrawn = place.status is EnrolmentStatus.WITHDRAWN
    result = unit_result(unit, facts, said, credit, withdrawn=withdrawn, handed_in=handed_in)
    all_met = result.awaits_countersignature and not result.not_met
    step = quality_step(result.state, facts, said, countersign=all_met)
    return QualityCell(place, result, step, tuple(decisions), tuple(verdicts))
