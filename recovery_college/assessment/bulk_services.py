"""“Met” for several cells at once, and its undo: each cell by the same rules as alone, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import tell_of_released
from recovery_college.assessment.cell_facts import CellFacts
from recovery_college.assessment.cell_queries import cells_facts
from recovery_college.assessment.marking_models import BulkMark, BulkMarkDecision
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import (
    FIRST_RELEASED,
    DecisionRefused,
    NoSuchCell,
    decided_event,
    ids_of,
    new_decision,
    undo_of,
    why_no_more,
    why_not_now,
)
from recovery_college.assessment.vacsr import CONFIRMED
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.wording import clock as clock_words

MOST_CELLS = 500


@dataclass(frozen=True, slots=True)
class BulkCell:
    """One cell a bulk decision names. `why_not` says why it is left as it is, or is None."""

    enrolment_id: UUID
    criterion_id: UUID
    student: str
    unit_code: str
    number: str
    text: str
    seen: int
    why_not: str | None = None
    came: int = 0

    @property
    def key(self) -> str:
        """What the form sends when it is ticked: the cell, and the decision and evidence seen there."""
        return f"{self.enrolment_id}:{self.criterion_id}:{self.seen}.{self.came}"

    @property
    def name(self) -> str:
        """The student and the criterion."""
        return f"{self.student}, {self.unit_code} {self.number}"


@dataclass(slots=True)
class BulkDone:
    """What a bulk decision, or its undo, did."""

    bulk_id: UUID
    done: list[BulkCell] = field(default_factory=list)
    left: list[BulkCell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BulkAsked:
    """One cell that was ticked, with the decision (0: none) and the evidence the tutor saw there."""

    enrolment_id: UUID
    criterion_id: UUID
    seen: int
    came: int | None = None


def bulk_cells(
    actor: Actor,
    cohort: Cohort,
    *,
    enrolment_id: UUID | None = None,
    unit_id: UUID | None = None,
    criterion_id: UUID | None = None,
) -> list[BulkCell] | None:
    """The cells of a student's unit, or of a criterion for every student; None when there are none such.

    Each says why it would be left as it is: met already, withdrawn, having a break, not registered,
    locked, no other try planned.
    """
    enrolments = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)
    criteria = select(AssessmentCriterion.id)
    if criterion_id is not None:
        criteria = criteria.where(AssessmentCriterion.id == criterion_id)
    else:
        enrolments = enrolments.where(Enrolment.id == enrolment_id)
        criteria = criteria.where(AssessmentCriterion.unit_id == unit_id)
    facts = cells_facts(actor, session().scalars(enrolments).all(), session().scalars(criteria).all())
    return [_cell(one, _why_left(actor, one)) for one in facts.values()] or None


def _cell(facts: CellFacts, why_not: str | None = None) -> BulkCell:
    return BulkCell(
        facts.enrolment_id, facts.criterion_id, facts.student, facts.unit_code, facts.number, facts.text,
        facts.seen, why_not, facts.came,
    )  # fmt: skip


def _why_left(actor: Actor, facts: CellFacts) -> str | None:
    """Why this cell takes no part in a bulk decision."""
    if facts.latest is not None and facts.latest.outcome is Outcome.MET:
        return "It is met already."
    if facts.status is EnrolmentStatus.PAUSED:
        return "The student is having a break. Open the criterion to decide it by itself."
    if facts.status is EnrolmentStatus.WITHDRAWN:
        return (
            "The student has left. Decide this one alone." if facts.owes_answer else why_not_now(facts, actor)
        )
    return why_not_now(facts, actor) or why_no_more(facts)


def _said(facts: CellFacts) -> str:
    """What somebody else recorded here, for who did not see it."""
    latest = facts.latest
    if latest is None:
        return "The decision you saw was taken back."
    return f"{latest.by_name} recorded {latest.outcome.value} at {clock_words(latest.recorded_at)}."


def record_bulk_met(actor: Actor, cohort_id: UUID, bulk_id: UUID, asked: Sequence[BulkAsked]) -> BulkDone:
    """Record "met" for each ticked cell as a decision of its own (A5), with its evidence confirmed (A6).

    A cell that somebody changed since the page was drawn, or that may not be decided now, is left and named.
    `bulk_id` is made with the form: sent twice, it is recorded once. Raises NoSuchCell, DecisionRefused.
    """
    with transaction() as s:
        person_id = _tutor(actor, cohort_id)
        known = s.get(BulkMark, bulk_id)
        if known is not None:
            if (known.made_by, known.cohort_id) != (person_id, cohort_id):
                raise NoSuchCell
            return BulkDone(bulk_id)
        if len(asked) > MOST_CELLS:
            raise DecisionRefused(f"Record at most {MOST_CELLS} at once")
        cells = _locked(actor, cohort_id, asked)
        at, result = clock.now(), BulkDone(bulk_id)
        decisions: list[Decision] = []
        for one in asked:
            facts = cells[one.enrolment_id, one.criterion_id]
            why_not = _said(facts) if facts.seen != one.seen else _why_left(actor, facts)
            if why_not is None and one.came is not None and facts.came != one.came:
                why_not = "The evidence changed since you looked. Open the criterion to see it."
            if why_not is not None:
                result.left.append(_cell(facts, why_not))
                continue
            decisions.append(new_decision(actor, facts, Outcome.MET, "", CONFIRMED, at))
            result.done.append(_cell(facts))
        s.add(BulkMark(id=bulk_id, cohort_id=cohort_id, made_by=person_id, made_at=at))
        s.add_all(decisions)
        s.flush()
        s.add_all(BulkMarkDecision(decision_id=one.id, bulk_id=bulk_id) for one in decisions)
        events = [decided_event(actor, one) for one in decisions]
        record_many(s, [*events, event_of(actor, "decided together", "bulk", bulk_id, decisions=len(events))])
        tell_of_released(s, {one.enrolment_id for one in decisions if one.released_at}, at)
        return result


def undo_bulk(actor: Actor, cohort_id: UUID, bulk_id: UUID) -> BulkDone:
    """Undo a bulk decision by adding rows: drafts are taken back, what stood before them stands again.

    Cells somebody changed since are left and named; so is a first decision that its student sees already.
    Undone twice is once. Raises NoSuchCell.
    """
    with transaction() as s:
        _tutor(actor, cohort_id)
        decided = _decisions_of(s, cohort_id, bulk_id)
        asked = [BulkAsked(one.enrolment_id, one.criterion_id, one.id) for one in decided]
        cells = _locked(actor, cohort_id, asked)
        at, result = clock.now(), BulkDone(bulk_id)
        events: list[Event] = []
        again: list[Decision] = []
        for one in asked:
            facts = cells[one.enrolment_id, one.criterion_id]
            if any(row.id == one.seen and row.undone for row in facts.history):
                continue
            why_not = _said(facts) if facts.seen != one.seen else why_not_now(facts, actor)
            latest = facts.latest
            if why_not is None and latest and latest.released_at is None:
                s.add(undo_of(actor, facts, at))
                events.append(event_of(actor, "took back", "decision", facts.seen, **ids_of(facts)))
            elif why_not is None and len(facts.standing) > 1:
                before = facts.standing[-2]
                again.append(new_decision(actor, facts, before.outcome, before.feedback, before.missing, at))
            elif why_not is None:
                why_not = FIRST_RELEASED
            (result.left if why_not else result.done).append(_cell(facts, why_not))
        s.add_all(again)
        s.flush()
        events += [decided_event(actor, one) for one in again]
        if events:
            events.append(event_of(actor, "undid together", "bulk", bulk_id, decisions=len(events)))
        record_many(s, events)
        return result


@dataclass(frozen=True, slots=True)
class BulkLine:
    """One cell of a bulk decision as it is now."""

    cell: BulkCell
    now: str
    stands: bool


def bulk_lines(actor: Actor, cohort_id: UUID, bulk_id: UUID) -> list[BulkLine]:
    """What became of each cell of a bulk decision. Raises NoSuchCell for who may not know of it."""
    _tutor(actor, cohort_id)
    decided = _decisions_of(session(), cohort_id, bulk_id)
    cells = cells_facts(actor, {one.enrolment_id for one in decided}, {one.criterion_id for one in decided})
    lines = []
    for one in decided:
        facts = cells[one.enrolment_id, one.criterion_id]
        stands = facts.seen == one.id
        undone = any(row.id == one.id and row.undone for row in facts.history)
        draft = " It is a draft." if stands and one.released_at is None else ""
        now = f"Recorded as met.{draft}" if stands else "Undone." if undone else _said(facts)
        lines.append(BulkLine(_cell(facts), now, stands))
    order = {key: place for place, key in enumerate(cells)}
    return sorted(lines, key=lambda line: order[line.cell.enrolment_id, line.cell.criterion_id])


def _tutor(actor: Actor, cohort_id: UUID) -> UUID:
    """The tutor's person, once the cohort is theirs to mark."""
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or actor.person_id is None or not may(actor, Permission.DECISION_RECORD):
        raise NoSuchCell
    return actor.person_id


def _decisions_of(s: Session, cohort_id: UUID, bulk_id: UUID) -> Sequence[Decision]:
    known = s.get(BulkMark, bulk_id)
    if known is None or known.cohort_id != cohort_id:
        raise NoSuchCell
    return s.scalars(
        select(Decision)
        .join(BulkMarkDecision, BulkMarkDecision.decision_id == Decision.id)
        .where(BulkMarkDecision.bulk_id == bulk_id)
        .order_by(Decision.id)
        .execution_options(populate_existing=True)
    ).all()


def _locked(actor: Actor, cohort_id: UUID, asked: Sequence[BulkAsked]) -> dict[tuple[UUID, UUID], CellFacts]:
    """The facts of every cell asked for, held until the end. All must be the actor's to mark, in this cohort."""
    cells = cells_facts(
        actor, {one.enrolment_id for one in asked}, {one.criterion_id for one in asked}, lock=True
    )
    for one in asked:
        facts = cells.get((one.enrolment_id, one.criterion_id))
        if facts is None or facts.cohort_id != cohort_id or not facts.is_tutor:
            raise NoSuchCell
    return cells
