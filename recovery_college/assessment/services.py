"""Recording decisions and releasing them: one verb, one transaction, its audit events within (A5, A7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.cells import may_release
from recovery_college.assessment.history import CellFacts, HistoryRow, cell_facts
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.rules import Outcome, may_decide, next_attempt
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction

LONGEST_FEEDBACK = 4000
FEEDBACK_OWED = "Write what would make it met before “not yet met” reaches the student"


class DecisionRefused(Exception):
    """Why a decision was not recorded, as a sentence. `field` is the form's field it belongs to."""

    def __init__(self, sentence: str, field: str = "outcome") -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchCell(LookupError):
    """The student, the criterion or the cohort is not there, or the actor may not know of it."""


class StaleCell(Exception):
    """Somebody decided after the page was drawn. `theirs` is the latest decision now."""

    def __init__(self, facts: CellFacts, theirs: HistoryRow | None) -> None:
        super().__init__()
        self.facts = facts
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Saved:
    """A recorded decision: the cell before and as it is now. `unchanged`: it said so already."""

    before: CellFacts
    after: CellFacts
    unchanged: bool = False


def record_decision(
    actor: Actor,
    enrolment_id: UUID,
    criterion_id: UUID,
    outcome: Outcome,
    feedback: str,
    seen: int,
    decided_on: date | None = None,
    *,
    cohort_id: UUID | None = None,
) -> Saved:
    """Record a tutor's decision on one criterion as a new row (A5), with its audit event.

    `seen` is the id of the latest decision the tutor saw in that cell (0: none). The decision is a draft
    where the cohort holds decisions, else released at once (A7). The same decision sent twice is recorded
    once. Raises NoSuchCell, DecisionRefused, StaleCell.
    """
    with transaction() as s:
        facts = _locked_cell(actor, enrolment_id, criterion_id, cohort_id)
        wanted = (outcome, feedback.strip())
        if _says_so_already(facts, actor, wanted, seen):
            return Saved(facts, facts, unchanged=True)
        if facts.seen != seen:
            raise StaleCell(facts, facts.latest)
        return _record(s, actor, facts, *wanted, decided_on)


def restore_decision(
    actor: Actor, enrolment_id: UUID, criterion_id: UUID, seen: int, *, cohort_id: UUID | None = None
) -> Saved:
    """Undo: record once more what stood before the latest decision, as a new row, for nothing is deleted.

    Raises as `record_decision` does, and DecisionRefused when there was nothing before it.
    """
    with transaction() as s:
        facts = _locked_cell(actor, enrolment_id, criterion_id, cohort_id)
        if facts.seen != seen:
            raise StaleCell(facts, facts.latest)
        if len(facts.history) < 2:
            raise DecisionRefused(_nothing_before(facts))
        before = facts.history[-2]
        return _record(s, actor, facts, before.outcome, before.feedback, None)


def _nothing_before(facts: CellFacts) -> str:
    if facts.latest is None:
        return "Nothing has been decided here, so there is nothing to undo."
    if facts.latest.released_at is None:
        return (
            "This was the first decision here, and decisions are kept. It is a draft, so the student "
            "does not see it. Record the other decision instead."
        )
    return "This was the first decision here, and decisions are kept. Record the other decision instead."


def _locked_cell(actor: Actor, enrolment_id: UUID, criterion_id: UUID, cohort_id: UUID | None) -> CellFacts:
    facts = cell_facts(actor, enrolment_id, criterion_id, lock=True)
    may_write = may(actor, Permission.DECISION_RECORD) and actor.person_id is not None
    if facts is None or not facts.is_tutor or not may_write:
        raise NoSuchCell
    if cohort_id is not None and facts.cohort_id != cohort_id:
        raise NoSuchCell
    return facts


def _says_so_already(facts: CellFacts, actor: Actor, wanted: tuple[Outcome, str], seen: int) -> bool:
    """Whether this is the same decision sent again, or one that changes nothing.

    A second "not yet met" after a released one is a new attempt, so it counts unless it was sent on `seen`
    before that one was there.
    """
    latest = facts.latest
    if latest is None or (latest.outcome, latest.feedback) != wanted or latest.decided_by != actor.person_id:
        return False
    sent_again = seen == (facts.history[-2].id if len(facts.history) > 1 else 0)
    new_attempt = latest.released_at is not None and latest.outcome is Outcome.NOT_YET_MET
    return sent_again or (seen == latest.id and not new_attempt)


def _record(
    s: Session, actor: Actor, facts: CellFacts, outcome: Outcome, feedback: str, decided_on: date | None
) -> Saved:
    """Check the rules, add the row, and tell of it."""
    today = clock.today()
    on = decided_on or today
    problem = may_decide(
        facts.state,
        facts.status,
        registered=facts.registered,
        decided_on=on,
        enrolled_on=facts.enrolled_on,
        today=today,
        assessor=actor.person_id,
        student=facts.person_id,
        conflicts=conflicts_of(actor.person_id),
        previous_decided_on=facts.latest.decided_on if facts.latest else None,
    )
    if problem:
        raise DecisionRefused(problem)
    if len(feedback) > LONGEST_FEEDBACK:
        raise DecisionRefused(f"Use {LONGEST_FEEDBACK:,} characters or fewer", "feedback")
    if not facts.holds_decisions and not may_release(outcome, bool(feedback)):
        raise DecisionRefused(FEEDBACK_OWED, "feedback")
    assert actor.person_id is not None
    attempt, revision = next_attempt([row.fact for row in facts.history])
    at = clock.now()
    released_at = None if facts.holds_decisions else at
    decision = Decision(
        enrolment_id=facts.enrolment_id,
        criterion_id=facts.criterion_id,
        attempt=attempt,
        revision=revision,
        outcome=outcome,
        feedback=feedback,
        decided_on=on,
        decided_by=actor.person_id,
        recorded_at=at,
        released_at=released_at,
        released_by=actor.person_id if released_at else None,
        is_imported=False,
    )
    s.add(decision)
    s.flush()
    record(
        s, actor, "decided", "decision", decision.id,
        enrolment=str(facts.enrolment_id), criterion=str(facts.criterion_id), attempt=attempt,
        revision=revision, outcome=outcome.value, released=released_at is not None,
    )  # fmt: skip
    row = HistoryRow(
        decision.id, facts.number, attempt, revision, outcome, feedback, on, actor.person_id, actor.name, at,
        released_at,
    )  # fmt: skip
    return Saved(facts, facts.followed_by(row))


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: how many decisions the student now sees, how many drafts are still held back."""

    count: int
    held_back: int


def release_decisions(actor: Actor, cohort_id: UUID, decision_ids: Collection[int] | None = None) -> Released:
    """Release drafts to their students: the named ones, or all of the cohort (A7). Twice is once.

    Only the latest decision of each criterion is released. Held back: "not yet met" without what to do next,
    and drafts of a unit that is quality-assured (A8). Raises NoSuchCell when the cohort is not the actor's.
    """
    with transaction() as s:
        cohort = cohort_known_to(actor, cohort_id)
        if cohort is None or actor.person_id is None or not may(actor, Permission.DECISION_RECORD):
            raise NoSuchCell
        drafts = {
            cell.seen: cell.kind.ready
            for student in grid_of(cohort).students
            for cell in student.cells
            if cell is not None and cell.kind.draft
        }
        asked = drafts.keys() if decision_ids is None else drafts.keys() & set(decision_ids)
        ready = sorted(one for one in asked if drafts[one])
        later = aliased(Decision)
        followed = (
            select(later.id)
            .where(
                later.enrolment_id == Decision.enrolment_id,
                later.criterion_id == Decision.criterion_id,
                later.id > Decision.id,
            )
            .exists()
        )
        released = s.execute(
            update(Decision)
            .where(Decision.id.in_(ready), Decision.released_at.is_(None), ~followed)
            .values(released_at=clock.now(), released_by=actor.person_id)
            .returning(Decision.id, Decision.enrolment_id, Decision.criterion_id),
            execution_options={"synchronize_session": False},
        ).all()
        record_many(
            s,
            [
                event_of(
                    actor, "released", "decision", one, enrolment=str(enrolment), criterion=str(criterion)
                )
                for one, enrolment, criterion in sorted(released)
            ],
        )
        return Released(len(released), len(asked) - len(ready))
