"""One cell of the marking as a decision about it takes it: its place, its history, and what may be done there."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from recovery_college.assessment.cells import CellKind, cell_kind, is_active
from recovery_college.assessment.history_queries import DecisionRow
from recovery_college.assessment.queries import sequence_of
from recovery_college.assessment.rules import QUALITY_ASSURED, UnitState, Verdict
from recovery_college.courses.rules import EnrolmentStatus


@dataclass(frozen=True, slots=True)
class CellFacts:
    """One cell with everything a decision about it depends on."""

    cohort_id: UUID
    holds_decisions: bool
    enrolment_id: UUID
    person_id: UUID
    student: str
    status: EnrolmentStatus
    enrolled_on: date
    unit_id: UUID
    unit_code: str
    unit_title: str
    criterion_id: UUID
    number: str
    text: str
    outcome_number: str
    outcome_text: str
    resubmissions: int
    registered: bool
    is_tutor: bool
    reached: bool
    state: UnitState
    history: tuple[DecisionRow, ...]
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    handed_in_at: datetime | None = None
    has_conflict: bool = False
    """Whether the actor declared a conflict of interest with the student, or the student with them (A10)."""
    returned: bool = False
    """Whether quality assurance returned the unit, and no decision released since answers it (A8)."""
    owes_answer: bool = False
    """Whether a return of the unit still waits for a decision on this criterion (`rules.owes_answer`)."""
    in_training: bool = False
    """Whether what the actor decides today needs a countersignature (A10)."""
    no_tries: bool = False
    """Whether the last decision is "not yet met" and no try is planned or agreed after it (A5)."""

    @property
    def standing(self) -> tuple[DecisionRow, ...]:
        """The decisions that count: those taken back are left out."""
        return tuple(row for row in self.history if not row.undone)

    @property
    def latest(self) -> DecisionRow | None:
        """The latest decision that counts, drafts included."""
        return next((row for row in reversed(self.history) if not row.undone), None)

    @property
    def seen(self) -> int:
        """The id of the latest decision, 0 when there is none: what a form carries."""
        return self.latest.id if self.latest else 0

    @property
    def came(self) -> int:
        """When the latest evidence that is there came, in microseconds; 0 when there is none."""
        return sequence_of(self.handed_in_at) if self.handed_in_at else 0

    @property
    def stamp(self) -> int | str:
        """The decision and the evidence there are: what a form carries, to notice that either changed.

        Without evidence it is the decision's id alone.
        """
        return f"{self.seen}.{self.came}" if self.came else self.seen

    @property
    def kind(self) -> CellKind:
        """How the grid draws it."""
        latest = self.latest
        return cell_kind(
            latest.outcome if latest else None,
            draft=latest is not None and latest.released_at is None,
            has_feedback=latest is None or bool(latest.feedback),
            locked=self.state in QUALITY_ASSURED,
            enrolled=is_active(self.status) or (self.returned and self.answers_after_leaving),
            reached=self.reached or latest is not None,
            handed_in=self.handed_in,
            returned=self.returned,
            unsigned=latest is not None and latest.awaits_countersignature,
            no_tries=self.no_tries,
        )

    @property
    def answers_after_leaving(self) -> bool:
        """Whether the student left, and quality assurance still waits for the answer here (A8, A12)."""
        return self.owes_answer and self.status is EnrolmentStatus.WITHDRAWN

    @property
    def handed_in(self) -> bool:
        """Whether evidence came since the latest decision (A5)."""
        latest = self.latest
        return self.handed_in_at is not None and (latest is None or self.handed_in_at > latest.recorded_at)

    def followed_by(self, row: DecisionRow) -> "CellFacts":
        """The same cell after one more decision. The unit's state is left as it was: it cannot be locked."""
        held = row.released_at is None
        return replace(
            self, history=(*self.history, row), reached=True,
            returned=self.returned and held, owes_answer=self.owes_answer and held,
        )  # fmt: skip

    def without(self, decision_id: int) -> "CellFacts":
        """The same cell after that draft was taken back."""
        rows = (row._replace(undone=row.undone or row.id == decision_id) for row in self.history)
        return replace(self, history=tuple(rows))
