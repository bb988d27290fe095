"""Reading one cell of the marking with its history, and everything a decision about it depends on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, bindparam, exists, func, select, true
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor
from recovery_college.assessment.cells import CellKind, cell_kind, is_active, is_reached
from recovery_college.assessment.claim_facts import units_with_credit
from recovery_college.assessment.claim_rules import NOT_CLAIMED, Credit
from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import AWAITS, sequence_of
from recovery_college.assessment.resubmission_facts import without_tries
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    DecisionFact,
    Outcome,
    UnitState,
    Verdict,
    VerdictFact,
    owes_answer,
    unit_state,
)
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.assessment.staff_queries import holds_award, in_conflict
from recovery_college.assessment.staff_rules import Award
from recovery_college.assessment.vacsr import vacsr_words
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    CohortTutor,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Qualification,
    Unit,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


class HistoryRow(NamedTuple):
    """One decision of a cell's history, with who made it. `undone`: it was taken back, and counts no more."""

    id: int
    criterion: str
    attempt: int
    revision: int
    outcome: Outcome
    feedback: str
    decided_on: date
    decided_by: UUID
    by_name: str
    recorded_at: datetime
    released_at: datetime | None
    awaits_countersignature: bool = False
    countersigned_name: str = ""
    missing: str | None = None
    undone: bool = False
    countersigner_note: str = ""

    @property
    def vacsr(self) -> str:
        """What was said of the evidence, in words (A6)."""
        return vacsr_words(self.outcome, self.missing)

    @property
    def recorded_on(self) -> date:
        """The day it was recorded, in London."""
        return in_london(self.recorded_at).date()

    @property
    def fact(self) -> DecisionFact:
        """The row as the rules take it."""
        released = sequence_of(self.released_at) if self.released_at else None
        return DecisionFact(
            self.criterion, self.attempt, self.revision, self.outcome, self.decided_on,
            sequence_of(self.recorded_at), released, self.awaits_countersignature,
        )  # fmt: skip


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
    history: tuple[HistoryRow, ...]
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
    def standing(self) -> tuple[HistoryRow, ...]:
        """The decisions that count: those taken back are left out."""
        return tuple(row for row in self.history if not row.undone)

    @property
    def latest(self) -> HistoryRow | None:
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

    def followed_by(self, row: HistoryRow) -> "CellFacts":
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


def cell_facts(
    actor: Actor, enrolment_id: UUID, criterion_id: UUID, *, lock: bool = False
) -> CellFacts | None:
    """One cell and the history of its unit; None when there is no such cell."""
    return cells_facts(actor, [enrolment_id], [criterion_id], lock=lock).get((enrolment_id, criterion_id))


def cells_facts(
    actor: Actor, enrolment_ids: Collection[UUID], criterion_ids: Collection[UUID], *, lock: bool = False
) -> dict[tuple[UUID, UUID], CellFacts]:
    """The cells of these students and criteria with their histories, in the order of the grid. Two queries, or three
    where a unit has a verdict.

    `lock` holds the enrolments until the transaction ends, so that two tutors decide one after the other. The
    caller makes sure the actor may see the cohort; `is_tutor` says whether they are assigned to it.
    """
    s = session()
    if lock and len(enrolment_ids) > 1:  # in one order, so that two tutors never wait for each other
        s.execute(
            select(Enrolment.id)
            .where(Enrolment.id.in_(enrolment_ids))
            .order_by(Enrolment.id)
            .with_for_update()
        )
    asked = {
        "actor": actor.person_id, "today": clock.today(),
        "enrolments": list(enrolment_ids), "criteria": list(criterion_ids),
    }  # fmt: skip
    rows = s.execute(_cells_statement(lock), asked).all()
    if not rows:
        return {}
    histories, numbers = _histories_of(enrolment_ids, {row[12] for row in rows})
    # Only a verified unit can be claimed, so the others need no third query.
    credits = units_with_credit(enrolment_ids) if any(row[-2] for row in rows) else {}
    return {(row[0], row[1]): _cell_of(row, histories, numbers, credits) for row in rows}


@cache
def _cells_statement(lock: bool) -> Select[*tuple[Any, ...]]:
    """What `cells_facts` asks. Made once: making it took two thirds of a save's time, while others waited to save."""
    actor = bindparam("actor", type_=Uuid)
    other, later = aliased(Decision), aliased(IqaVerdict)
    somebody, anybody = aliased(Enrolment), aliased(Enrolment)
    came = (
        select(func.max(Evidence.handed_in_at))
        .join(EvidenceCriterion, EvidenceCriterion.evidence_id == Evidence.id)
        .where(
            Evidence.enrolment_id == Enrolment.id,
            EvidenceCriterion.criterion_id == AssessmentCriterion.id,
            Evidence.closed_at.is_(None),
        )
        .correlate(Enrolment, AssessmentCriterion)
    )
    conflict = in_conflict(actor, Enrolment.person_id)
    qualified = holds_award(actor, Award.ASSESSOR, bindparam("today", type_=Date))
    in_training = holds_award(actor, Award.ASSESSOR) & ~qualified
    theirs = aliased(Evidence)
    hands_in = exists().where(
        theirs.enrolment_id == anybody.id, theirs.closed_at.is_(None),
        anybody.cohort_id == Enrolment.cohort_id,
    )  # fmt: skip
    assigned = exists().where(CohortTutor.cohort_id == Enrolment.cohort_id, CohortTutor.person_id == actor)
    statement = (
        select(
            Enrolment.id, AssessmentCriterion.id,
            Cohort.id, Cohort.holds_decisions, Cohort.ends_on, Qualification.resubmissions,
            Enrolment.person_id, Person.given_name, Person.family_name, Person.preferred_name,
            Enrolment.status, Enrolment.enrolled_on,
            Unit.id, Unit.code, Unit.title,
            AssessmentCriterion.number, AssessmentCriterion.text, LearningOutcome.number, LearningOutcome.text,
            EnrolmentUnit.unit_id, assigned,
            exists().where(
                other.criterion_id == AssessmentCriterion.id, other.enrolment_id == somebody.id,
                somebody.cohort_id == Enrolment.cohort_id,
            ),
            came.scalar_subquery(), hands_in, conflict, in_training,
            without_tries(Enrolment.id, AssessmentCriterion.id),
            exists().where(
                IqaVerdictCriterion.verdict_id == IqaVerdict.id,
                IqaVerdictCriterion.criterion_id == AssessmentCriterion.id,
            ),
            IqaVerdict.verdict, IqaVerdict.recorded_at,
        )
        .select_from(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Qualification, Cohort.qualification_id == Qualification.id)
        .join(Person, Enrolment.person_id == Person.id)
        .join(Unit, Unit.qualification_id == Cohort.qualification_id)
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .join(LearningOutcome, AssessmentCriterion.outcome_id == LearningOutcome.id)
        .outerjoin(
            EnrolmentUnit,
            (EnrolmentUnit.enrolment_id == Enrolment.id) & (EnrolmentUnit.unit_id == Unit.id),
        )
        .outerjoin(
            IqaVerdict,
            (IqaVerdict.enrolment_id == Enrolment.id)
            & (IqaVerdict.unit_id == Unit.id)
            & ~exists().where(
                later.enrolment_id == IqaVerdict.enrolment_id, later.unit_id == IqaVerdict.unit_id,
                later.recorded_at > IqaVerdict.recorded_at,
            ),
        )
        .where(
            Enrolment.id.in_(bindparam("enrolments", expanding=True)),
            AssessmentCriterion.id.in_(bindparam("criteria", expanding=True)),
        )
        .order_by(Person.family_name, Person.given_name, Enrolment.id, Unit.position, AssessmentCriterion.position)
    )  # fmt: skip
    return statement.with_for_update(of=Enrolment) if lock else statement


def _cell_of(
    row: Any,
    histories: dict[tuple[UUID, UUID], list[HistoryRow]],
    numbers: dict[UUID, list[str]],
    credits: Mapping[UUID, Mapping[UUID, Credit]],
) -> CellFacts:
    (
        enrolment_id, criterion_id, cohort_id, holds, ends_on, resubmissions, person_id, given, family, preferred,
        status, enrolled_on, unit_id, code, title, number, text, outcome_number, outcome_text, registered,
        is_tutor, decided, handed_in_at, hands_in, conflict, in_training, no_tries, looked_at, verdict, verdict_at,
    ) = row  # fmt: skip
    rows = histories.get((enrolment_id, unit_id), [])
    credit = credits.get(enrolment_id, {}).get(unit_id, NOT_CLAIMED)
    state = unit_state(
        numbers[unit_id],
        [one.fact for one in rows],
        [VerdictFact(verdict, sequence_of(verdict_at))] if verdict else [],
        claimed=credit.claimed,
        awarded=credit.awarded,
        withdrawn=status is EnrolmentStatus.WITHDRAWN,
    )
    returned = verdict is Verdict.RETURNED and not any(
        one.released_at and one.recorded_at > verdict_at for one in rows
    )
    owes = looked_at and owes_answer(
        VerdictFact(verdict, sequence_of(verdict_at)), (number,), number, [one.fact for one in rows]
    )
    reached = is_reached(bool(decided), bool(hands_in), ends_on, clock.today())
    return CellFacts(
        cohort_id, holds, enrolment_id, person_id, display_name(given, family, preferred), status, enrolled_on,
        unit_id, code, title, criterion_id, number, text, outcome_number, outcome_text, resubmissions,
        registered is not None, bool(is_tutor), reached, state,
        tuple(one for one in rows if one.criterion == number), verdict, verdict_at,
        handed_in_at, bool(conflict), returned, bool(owes), bool(in_training), bool(no_tries),
    )  # fmt: skip


def _histories_of(
    enrolment_ids: Collection[UUID], unit_ids: Collection[UUID]
) -> tuple[dict[tuple[UUID, UUID], list[HistoryRow]], dict[UUID, list[str]]]:
    """Students' decisions by (enrolment, unit), each criterion's earliest first, and each unit's criteria."""
    asked = {"enrolments": list(enrolment_ids), "units": list(unit_ids)}
    rows = session().execute(_histories_statement(), asked)
    histories: dict[tuple[UUID, UUID], list[HistoryRow]] = {}
    numbers: dict[UUID, dict[str, None]] = {}
    for (
        enrolment_id, unit_id, number, seen, *facts, missing, undone, awaits, given, family, preferred,
        signer_id, signer_given, signer_family, signer_preferred, note,
    ) in rows:  # fmt: skip
        numbers.setdefault(unit_id, {})[number] = None
        if seen is not None:
            attempt, revision, outcome, feedback, decided_on, decided_by, recorded_at, released_at = facts
            histories.setdefault((enrolment_id, unit_id), []).append(
                HistoryRow(
                    seen, number, attempt, revision, outcome, feedback, decided_on, decided_by,
                    display_name(given, family, preferred), recorded_at, released_at, bool(awaits),
                    display_name(signer_given, signer_family, signer_preferred) if signer_id else "",
                    missing, bool(undone), note or "",
                )
            )  # fmt: skip
    return histories, {unit_id: list(found) for unit_id, found in numbers.items()}


@cache
def _histories_statement() -> Select[*tuple[Any, ...]]:
    signer = aliased(Person)
    return (
        select(
            Enrolment.id, AssessmentCriterion.unit_id, AssessmentCriterion.number,
            Decision.id, Decision.attempt, Decision.revision, Decision.outcome,
            Decision.feedback, Decision.decided_on, Decision.decided_by, Decision.recorded_at,
            Decision.released_at, Decision.missing, taken_back(), AWAITS,
            Person.given_name, Person.family_name, Person.preferred_name,
            signer.id, signer.given_name, signer.family_name, signer.preferred_name, Countersignature.note,
        )
        .select_from(Enrolment)
        .join(AssessmentCriterion, true())
        .outerjoin(
            Decision,
            (Decision.criterion_id == AssessmentCriterion.id) & (Decision.enrolment_id == Enrolment.id),
        )
        .outerjoin(Person, Person.id == Decision.decided_by)
        .outerjoin(Countersignature, Countersignature.decision_id == Decision.id)
        .outerjoin(signer, signer.id == Countersignature.signed_by)
        .where(
            Enrolment.id.in_(bindparam("enrolments", expanding=True)),
            AssessmentCriterion.unit_id.in_(bindparam("units", expanding=True)),
        )
        .order_by(AssessmentCriterion.position, Decision.attempt, Decision.revision)
    )  # fmt: skip
