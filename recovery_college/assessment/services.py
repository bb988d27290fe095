"""Recording decisions and releasing them: one verb, one transaction, its audit events within (A5, A7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.answer_letters import tell_of_released
from recovery_college.assessment.cell_facts import CellFacts
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.cells import may_release
from recovery_college.assessment.history_queries import DecisionRow
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.marking_models import DecisionUndo, taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.assessment.resubmission_facts import more_agreed
from recovery_college.assessment.rules import (
    QUALITY_ASSURED,
    Outcome,
    is_beyond_plan,
    may_assess,
    may_decide,
    next_attempt,
)
from recovery_college.assessment.vacsr import CONFIRMED, why_not_with
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused

LONGEST_FEEDBACK = 4000
FEEDBACK_OWED = "Write what would make it met before “not yet met” reaches the student"


class DecisionRefused(DeedRefused):
    """Why a decision was not recorded."""

    field = "outcome"


class NoSuchCell(LookupError):
    """The student, the criterion or the cohort is not there, or the actor may not know of it."""


class StaleCell(Exception):
    """Somebody decided after the page was drawn. `theirs` is the latest decision now, None when it was undone.

    `is_evidence`: nobody decided, but the evidence is not what the page showed.
    """

    def __init__(self, facts: CellFacts, theirs: DecisionRow | None, *, is_evidence: bool = False) -> None:
        super().__init__()
        self.facts = facts
        self.theirs = theirs
        self.is_evidence = is_evidence


@dataclass(frozen=True, slots=True)
class Saved:
    """A decision recorded or undone at a moment: the cell before and as it is now. `unchanged`: it was so already."""

    before: CellFacts
    after: CellFacts
    at: datetime
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
    missing: str = CONFIRMED,
    came: int | None = None,
) -> Saved:
    """Record a tutor's decision on one criterion as a new row (A5), with its audit event.

    `seen` is the id of the latest decision the tutor saw in that cell (0: none). The decision is a draft
    where the cohort holds decisions, else released at once (A7). `missing`: what the evidence lacks of valid,
    authentic, current, sufficient, reliable; "met" confirms that it lacks nothing (A6). The same decision sent
    twice is recorded once. `came`: the evidence the tutor saw, as `CellFacts.came`; None when they look at none.
    What was handed in or taken back since is not decided unseen. Raises NoSuchCell, DecisionRefused, StaleCell.
    """
    with transaction() as s:
        facts = _locked_cell(actor, enrolment_id, criterion_id, cohort_id)
        wanted = (outcome, feedback.strip(), missing)
        if _says_so_already(facts, actor, wanted, seen) and facts.latest:
            return Saved(facts, facts, facts.latest.recorded_at, unchanged=True)
        if facts.seen != seen:
            raise StaleCell(facts, facts.latest)
        if came is not None and facts.came != came:
            raise StaleCell(facts, facts.latest, is_evidence=True)
        return _record(s, actor, facts, *wanted, decided_on)


def restore_decision(
    actor: Actor, enrolment_id: UUID, criterion_id: UUID, seen: int, *, cohort_id: UUID | None = None
) -> Saved:
    """Undo the latest decision by adding a row, for nothing is deleted.

    A draft is taken back, and what stood before it stands again. After a released decision, which the student
    has seen, the one before it is recorded once more. Undone twice is once. Raises as `record_decision` does,
    and DecisionRefused when there is nothing to go back to.
    """
    with transaction() as s:
        facts = _locked_cell(actor, enrolment_id, criterion_id, cohort_id)
        at = clock.now()
        if seen and any(row.id == seen and row.undone for row in facts.history):
            return Saved(facts, facts, at, unchanged=True)
        if facts.seen != seen:
            raise StaleCell(facts, facts.latest)
        if facts.latest is None:
            raise DecisionRefused("Nothing has been decided here, so there is nothing to undo.")
        if facts.latest.released_at is None:
            return _take_back(s, actor, facts, at)
        if len(facts.standing) < 2:
            raise DecisionRefused(FIRST_RELEASED)
        before = facts.standing[-2]
        return _record(s, actor, facts, before.outcome, before.feedback, before.missing, None)


FIRST_RELEASED = (
    "This was the first decision here and the student sees it, so it is kept. "
    "Record the other decision instead."
)


def why_not_now(facts: CellFacts, actor: Actor, on: date | None = None) -> str | None:
    """Why this actor may not decide on this cell on that day (today), or None (A5, A8, A10)."""
    today = clock.today()
    return may_decide(
        facts.state,
        facts.status,
        registered=facts.registered,
        decided_on=on or today,
        enrolled_on=facts.enrolled_on,
        today=today,
        assessor=actor.person_id,
        student=facts.person_id,
        conflicts={facts.person_id} if facts.has_conflict else (),
        previous_decided_on=facts.latest.decided_on if facts.latest else None,
        owes_answer=facts.owes_answer,
    )


def why_not_taken_back(facts: CellFacts, actor: Actor) -> str | None:
    """Why this actor may not take back a cell's draft, or None.

    Nothing more is decided for a student who left, nor in a unit that quality assurance verified meanwhile, so a
    draft that cannot be released would stay for ever: it may still be taken back, for nobody has seen it and no
    unit counts it.
    """
    if facts.status is EnrolmentStatus.WITHDRAWN or facts.state in QUALITY_ASSURED:
        conflicts = {facts.person_id} if facts.has_conflict else ()
        return may_assess(actor.person_id, facts.person_id, conflicts)
    return why_not_now(facts, actor)


def _take_back(s: Session, actor: Actor, facts: CellFacts, at: datetime) -> Saved:
    problem = why_not_taken_back(facts, actor)
    if problem:
        raise DecisionRefused(problem)
    s.add(undo_of(actor, facts, at))
    s.flush()
    record(s, actor, "took back", "decision", facts.seen, **ids_of(facts))
    return Saved(facts, facts.without(facts.seen), at)


def undo_of(actor: Actor, facts: CellFacts, at: datetime) -> DecisionUndo:
    """The row that takes back a cell's latest decision, a draft."""
    assert actor.person_id is not None
    return DecisionUndo(decision_id=facts.seen, undone_by=actor.person_id, undone_at=at)


def ids_of(facts: CellFacts) -> dict[str, str]:
    """What the audit trail says of where a decision belongs."""
    return {"enrolment": str(facts.enrolment_id), "criterion": str(facts.criterion_id)}


def why_no_more(facts: CellFacts) -> str | None:
    """Why there is no further attempt in a cell (A5), or None. One query, where the plan is used up."""
    attempt, revision = next_attempt([row.fact for row in facts.history])
    if revision > 1 or not is_beyond_plan(attempt, facts.resubmissions):
        return None
    planned, agreed = facts.resubmissions, more_agreed(facts.enrolment_id, facts.criterion_id)
    if not is_beyond_plan(attempt, planned, agreed):
        return None
    more = f", and {agreed} more agreed" if agreed else ""
    noun = "resubmission" if planned == 1 else "resubmissions"
    return f"The course plans {planned} {noun}{more}. Ask quality assurance to agree one more."


def _locked_cell(actor: Actor, enrolment_id: UUID, criterion_id: UUID, cohort_id: UUID | None) -> CellFacts:
    facts = cell_facts(actor, enrolment_id, criterion_id, lock=True)
    may_write = may(actor, Permission.DECISION_RECORD) and actor.person_id is not None
    if facts is None or not facts.is_tutor or not may_write:
        raise NoSuchCell
    if cohort_id is not None and facts.cohort_id != cohort_id:
        raise NoSuchCell
    return facts


def _says_so_already(facts: CellFacts, actor: Actor, wanted: tuple[Outcome, str, str], seen: int) -> bool:
    """Whether this is the same decision sent again, or one that changes nothing.

    A second "not yet met" after a released one is a new attempt, so it counts unless it was sent on `seen`
    before that one was there.
    """
    latest = facts.latest
    if latest is None or latest.decided_by != actor.person_id:
        return False
    if (latest.outcome, latest.feedback, latest.missing) != wanted:
        return False
    sent_again = seen == (facts.standing[-2].id if len(facts.standing) > 1 else 0)
    new_attempt = latest.released_at is not None and latest.outcome is Outcome.NOT_YET_MET
    return sent_again or (seen == latest.id and not new_attempt)


def _record(
    s: Session,
    actor: Actor,
    facts: CellFacts,
    outcome: Outcome,
    feedback: str,
    missing: str | None,
    decided_on: date | None,
) -> Saved:
    """Check the rules, add the row, and tell of it."""
    at = clock.now()
    decision = new_decision(actor, facts, outcome, feedback, missing, at, decided_on)
    s.add(decision)
    s.flush()
    record_many(s, [decided_event(actor, decision, after_leaving=facts.answers_after_leaving)])
    if decision.released_at is not None:
        tell_of_released(s, [facts.enrolment_id], at)
    return Saved(facts, facts.followed_by(row_of(actor, facts, decision)), at)


def new_decision(
    actor: Actor,
    facts: CellFacts,
    outcome: Outcome,
    feedback: str,
    missing: str | None,
    at: datetime,
    decided_on: date | None = None,
) -> Decision:
    """The next decision of a cell, once the rules allow it. Raises DecisionRefused."""
    problem = why_not_now(facts, actor, decided_on)
    if problem:
        raise DecisionRefused(problem)
    lacking = why_not_with(outcome, missing or CONFIRMED)
    if lacking:
        raise DecisionRefused(lacking, "missing")
    if len(feedback) > LONGEST_FEEDBACK:
        raise DecisionRefused(f"Use {LONGEST_FEEDBACK:,} characters or fewer", "feedback")
    if not facts.holds_decisions and not may_release(outcome, bool(feedback)):
        raise DecisionRefused(FEEDBACK_OWED, "feedback")
    assert actor.person_id is not None
    beyond = why_no_more(facts)
    if beyond:
        raise DecisionRefused(beyond)
    attempt, revision = next_attempt([row.fact for row in facts.history])
    released_at = None if facts.holds_decisions else at
    return Decision(
        enrolment_id=facts.enrolment_id,
        criterion_id=facts.criterion_id,
        attempt=attempt,
        revision=revision,
        outcome=outcome,
        feedback=feedback,
        decided_on=decided_on or clock.today(),
        decided_by=actor.person_id,
        recorded_at=at,
        released_at=released_at,
        released_by=actor.person_id if released_at else None,
        is_imported=False,
        missing=missing,
    )


def decided_event(actor: Actor, decision: Decision, *, after_leaving: bool = False) -> Event:
    """What the audit trail says of a decision that was recorded: no word of its feedback.

    `after_leaving`: it answers a return of the unit of a student who left.
    """
    more = {"after_leaving": True} if after_leaving else {}
    return event_of(
        actor, "decided", "decision", decision.id,
        enrolment=str(decision.enrolment_id), criterion=str(decision.criterion_id), attempt=decision.attempt,
        revision=decision.revision, outcome=decision.outcome.value, released=decision.released_at is not None,
        missing=decision.missing or "", **more,
    )  # fmt: skip


def row_of(actor: Actor, facts: CellFacts, decision: Decision) -> DecisionRow:
    """A decision as a cell's history has it."""
    return DecisionRow(
        decision.id, facts.enrolment_id, facts.unit_id, facts.criterion_id, facts.number, decision.attempt,
        decision.revision, decision.outcome, decision.feedback, decision.decided_on, decision.decided_by,
        decision.recorded_at, decision.released_at, by_name=actor.name, missing=decision.missing,
        awaits_countersignature=facts.in_training,
    )  # fmt: skip


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
        # Nobody takes back meanwhile what is released here.
        of_cohort = select(Enrolment.id).where(Enrolment.cohort_id == cohort_id).order_by(Enrolment.id)
        s.execute(of_cohort.with_for_update())
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
                ~taken_back(later),
            )
            .exists()
        )
        at = clock.now()
        released = s.execute(
            update(Decision)
            .where(Decision.id.in_(ready), Decision.released_at.is_(None), ~followed, ~taken_back())
            .values(released_at=at, released_by=actor.person_id)
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
        tell_of_released(s, {enrolment for _, enrolment, _ in released}, at)
        return Released(len(released), len(asked) - len(ready))
