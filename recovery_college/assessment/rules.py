"""Rules of what is judged: decisions, unit states, credit, and who may decide. Pure: today is an argument.

The sampling suggestion (A9) is in `sampling.py`.

Order is told by sequence numbers: one count of the college that only rises, in which no two events (a
decision recorded, a decision released, a verdict) share a number.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.wording import day


class Outcome(StrEnum):
    """What an assessor decided about one criterion (A5); never "fail"."""

    MET = "met"
    NOT_YET_MET = "not yet met"


class Verdict(StrEnum):
    """What internal quality assurance said of one student's unit (A8)."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    SAMPLE_CLOSED = "sample closed"


class CriterionState(StrEnum):
    """Where one criterion of one student stands (A5)."""

    NOT_SUBMITTED = "not submitted"
    SUBMITTED = "submitted"
    DRAFT = "draft"
    MET = "met"
    NOT_YET_MET = "not yet met"


class UnitState(StrEnum):
    """Where one unit of one student stands (A8; the words of the results file)."""

    IN_PROGRESS = "in progress"
    ASSESSED = "assessed"
    VERIFIED = "verified"
    CLAIMED = "claimed"
    AWARDED = "awarded"
    WITHDRAWN = "withdrawn"


QUALITY_ASSURED = frozenset({UnitState.VERIFIED, UnitState.CLAIMED, UnitState.AWARDED})
"""The states from verified on: credit is recommended, and decisions are locked."""


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """One decision row about one criterion (A5). `released_sequence` is None while it is a draft (A7).

    `awaits_countersignature`: its assessor works towards their qualification, and no qualified assessor has
    signed beside them yet (A10).

    A correction keeps the attempt and raises the revision; a resubmission is the next attempt.
    """

    criterion: str
    attempt: int
    revision: int
    outcome: Outcome
    decided_on: date
    sequence: int
    released_sequence: int | None = None
    awaits_countersignature: bool = False

    @property
    def released(self) -> bool:
        """Whether the student may see it and unit states count it (A7)."""
        return self.released_sequence is not None

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the criterion's history: the greatest is the latest."""
        return (self.attempt, self.revision)


@dataclass(frozen=True, slots=True)
class VerdictFact:
    """One verdict of internal quality assurance on a student's unit, with its place in the order."""

    verdict: Verdict
    sequence: int


def latest_decision(history: Iterable[DecisionFact]) -> DecisionFact | None:
    """Give the latest decision of one criterion, drafts included: what staff see (A7)."""
    return max(history, key=lambda fact: fact.place, default=None)


def decision_in_force(history: Iterable[DecisionFact]) -> DecisionFact | None:
    """Give the latest released decision of one criterion: what the student sees and units count (A7).

    A draft that corrects it changes nothing until it is released.
    """
    return latest_decision(fact for fact in history if fact.released)


def criterion_state_for_staff(history: Iterable[DecisionFact], submitted: bool = False) -> CriterionState:
    """Say where a criterion stands for staff; `submitted`: evidence for it was handed in and not decided on."""
    latest = latest_decision(history)
    if latest is not None and not latest.released:
        return CriterionState.DRAFT
    return _decided_state(latest, submitted)


def criterion_state_for_student(history: Iterable[DecisionFact], submitted: bool = False) -> CriterionState:
    """Say where a criterion stands for the student, who sees released decisions only (A7)."""
    return _decided_state(decision_in_force(history), submitted)


def _decided_state(decision: DecisionFact | None, submitted: bool) -> CriterionState:
    """Turn a released decision, or none, into the criterion's state. What is met stays so, whatever comes in."""
    if decision is not None and (decision.outcome is Outcome.MET or not submitted):
        return CriterionState(decision.outcome.value)
    return CriterionState.SUBMITTED if submitted else CriterionState.NOT_SUBMITTED


def is_submitted(history: Iterable[DecisionFact], handed_in: int | None) -> bool:
    """Whether the latest evidence (its place in the order, None without any) came after every decision given.

    Give the whole history for staff, the released decisions alone for the student, who must not learn of a
    draft (A7).
    """
    return handed_in is not None and all(fact.sequence < handed_in for fact in history)


def next_attempt(history: Iterable[DecisionFact]) -> tuple[int, int]:
    """Give (attempt, revision) of the next decision of one criterion (A5: every decision is a new row).

    Nothing yet: (1, 1). After a draft, or to correct a released "met": same attempt, next revision. After a
    released "not yet met": the next attempt.
    """
    latest = latest_decision(history)
    if latest is None:
        return (1, 1)
    if latest.released and latest.outcome is Outcome.NOT_YET_MET:
        return (latest.attempt + 1, 1)
    return (latest.attempt, latest.revision + 1)


def is_beyond_plan(attempt: int, resubmissions: int, agreed: int = 0) -> bool:
    """Whether an attempt is more than the programme plans and quality assurance agreed to (A5).

    `resubmissions` are planned after the first attempt; `agreed` is how many more were agreed for the student.
    """
    return attempt > 1 + resubmissions + agreed


class Retry(StrEnum):
    """What may come after a released "not yet met" (A5)."""

    OPEN = "another try"
    USED = "tries used up"
    ASKED = "one more asked for"
    REFUSED = "one more not agreed"


def retry_after(attempt: int, resubmissions: int, answers: Sequence[bool | None] = ()) -> Retry:
    """Say what may come after this attempt was decided "not yet met" (A5).

    `answers`: what quality assurance said to each request for one more, the latest first; None while one waits.
    """
    if not is_beyond_plan(attempt + 1, resubmissions, answers.count(True)):
        return Retry.OPEN
    if None in answers:
        return Retry.ASKED
    return Retry.REFUSED if answers and answers[0] is False else Retry.USED


# Imported histories (contract: files, decisions).


@dataclass(frozen=True, slots=True)
class ImportedAttempt:
    """One attempt at one criterion as a file states it. `content` is whatever else the row says."""

    attempt: int
    outcome: Outcome
    decided_on: date
    content: Hashable = None


@dataclass(frozen=True, slots=True)
class AttemptProblem:
    """Why one row is refused; `index` is its place in the sequence that was checked."""

    index: int
    text: str


def attempts_problems(attempts: Sequence[ImportedAttempt]) -> list[AttemptProblem]:
    """Check the whole history of one student's criterion: 1, 2, 3 ... without gaps, in date order.

    Give the attempts already stored first, then the file's rows in any order. A row that says the same
    again is fine; the same attempt with other content is refused, never overwritten.
    """
    problems: list[AttemptProblem] = []
    first_of: dict[int, int] = {}
    for index, row in enumerate(attempts):
        first = first_of.setdefault(row.attempt, index)
        if row.attempt < 1:
            problems.append(AttemptProblem(index, "Attempts are numbered from 1."))
        elif attempts[first] != row:
            text = f"Attempt {row.attempt} is already recorded with other content, and decisions are kept."
            problems.append(AttemptProblem(index, text))
    earlier: ImportedAttempt | None = None
    for number, index in sorted(item for item in first_of.items() if item[0] >= 1):
        row, due = attempts[index], (earlier.attempt + 1 if earlier else 1)
        if number != due:
            text = f"Attempt {number} is here but attempt {due} is missing. Attempts run without gaps."
            problems.append(AttemptProblem(index, text))
        if earlier is not None and row.decided_on < earlier.decided_on:
            text = f"Attempt {number} is dated before attempt {earlier.attempt}. Attempts run in date order."
            problems.append(AttemptProblem(index, text))
        earlier = row
    return sorted(problems, key=lambda problem: problem.index)


# Units and credit (A1, A8).


def criteria_in_force(
    criteria: Collection[str], decisions: Iterable[DecisionFact]
) -> dict[str, DecisionFact]:
    """Give the decision in force for each criterion of a unit that has one."""
    wanted = frozenset(criteria)
    found: dict[str, DecisionFact] = {}
    for fact in decisions:
        if fact.released and fact.criterion in wanted:
            held = found.get(fact.criterion)
            if held is None or fact.place > held.place:
                found[fact.criterion] = fact
    return found


def criteria_not_met(criteria: Sequence[str], decisions: Iterable[DecisionFact]) -> tuple[str, ...]:
    """List the criteria of a unit that no released decision in force meets, in the unit's order."""
    in_force = criteria_in_force(criteria, decisions)
    return tuple(
        number for number in criteria if number not in in_force or in_force[number].outcome is not Outcome.MET
    )


def awaits_countersignature(criteria: Collection[str], decisions: Iterable[DecisionFact]) -> bool:
    """Whether a unit rests on a decision that a qualified assessor has yet to countersign (A10)."""
    return any(fact.awaits_countersignature for fact in criteria_in_force(criteria, decisions).values())


def unit_state(
    criteria: Sequence[str],
    decisions: Sequence[DecisionFact],
    verdicts: Iterable[VerdictFact] = (),
    *,
    claimed: bool = False,
    awarded: bool = False,
    withdrawn: bool = False,
) -> UnitState:
    """Work out where one student's unit stands (A7, A8), from all its decisions and verdicts.

    Assessed: every criterion is met by a released decision, countersigned where its assessor is in training
    (A10). Verified: the latest verdict confirmed it or
    closed the sample, and no decision was released since. A return reopens the unit until a decision is
    recorded and released after it. A student who leaves keeps the units achieved (A12), so `withdrawn` only
    replaces "in progress". A unit without criteria is never assessed.
    """
    if awarded:
        return UnitState.AWARDED
    if claimed:
        return UnitState.CLAIMED
    unfinished = UnitState.WITHDRAWN if withdrawn else UnitState.IN_PROGRESS
    if not criteria or criteria_not_met(criteria, decisions):
        return unfinished
    if awaits_countersignature(criteria, decisions):
        return unfinished
    verdict = max(verdicts, key=lambda fact: fact.sequence, default=None)
    if verdict is None:
        return UnitState.ASSESSED
    wanted = frozenset(criteria)
    released = [fact for fact in decisions if fact.released and fact.criterion in wanted]
    if verdict.verdict is Verdict.RETURNED:
        answered = any(fact.sequence > verdict.sequence for fact in released)
        return UnitState.ASSESSED if answered else unfinished
    since = any((fact.released_sequence or 0) > verdict.sequence for fact in released)
    return UnitState.ASSESSED if since else UnitState.VERIFIED


def credit_recommended(state: UnitState, credit: int) -> int:
    """Credit to recommend for a unit: all of it from verified on, else none; never a part (A1)."""
    return credit if state in QUALITY_ASSURED else 0


def credit_awarded(state: UnitState, credit: int) -> int:
    """Credit the awarding organisation confirmed for a unit: all of it or none (A1, A8)."""
    return credit if state is UnitState.AWARDED else 0


# Who may (A10: by person, not by account or role), and when.


def may_assess(assessor: Hashable, student: Hashable, conflicts: Collection[Hashable] = ()) -> str | None:
    """Say why this person may not assess this student, or None. `conflicts`: students they declared."""
    if assessor == student:
        return "You cannot assess your own work. Ask another assessor."
    if student in conflicts:
        return "You declared a conflict of interest with this student. Ask another assessor."
    return None


def may_verify(
    verifier: Hashable,
    deciders: Collection[Hashable],
    student: Hashable,
    conflicts: Collection[Hashable] = (),
) -> str | None:
    """Say why this person may not quality-assure this unit, or None.

    `deciders`: everyone with a decision in the unit, earlier attempts included. `conflicts`: students or
    assessors the verifier declared.
    """
    if verifier == student:
        return "You cannot quality-assure your own work. Ask another quality assurer."
    if verifier in deciders:
        return "You assessed part of this unit, so someone else must quality-assure it."
    if student in conflicts or any(decider in conflicts for decider in deciders):
        return "You declared a conflict of interest here. Ask another quality assurer."
    return None


def owes_answer(
    verdict: VerdictFact | None,
    looked_at: Collection[str],
    criterion: str,
    decisions: Iterable[DecisionFact],
) -> bool:
    """Whether the latest verdict returned the unit and its assessor owes a decision on this criterion (A8, A9).

    `looked_at`: the criteria the verdict is about. A decision on this one that was recorded since and released
    answers it. Only such an answer may be decided for a student who left, who keeps what they achieved (A12).
    """
    if verdict is None or verdict.verdict is not Verdict.RETURNED or criterion not in looked_at:
        return False
    return not any(
        fact.criterion == criterion and fact.released and fact.sequence > verdict.sequence
        for fact in decisions
    )


def may_decide(
    state: UnitState,
    status: EnrolmentStatus,
    *,
    registered: bool,
    decided_on: date,
    enrolled_on: date,
    today: date,
    assessor: Hashable,
    student: Hashable,
    conflicts: Collection[Hashable] = (),
    previous_decided_on: date | None = None,
    owes_answer: bool = False,
) -> str | None:
    """Say in one sentence why a decision may not be recorded, or None (A5, A8, A10).

    `previous_decided_on` is the date of the criterion's latest decision: attempts stay in date order.
    `owes_answer`: see `owes_answer`, the one thing that is still decided for a student who left.
    """
    own = may_assess(assessor, student, conflicts)
    if own is not None:
        return own
    if (status is EnrolmentStatus.WITHDRAWN or state is UnitState.WITHDRAWN) and not owes_answer:
        return "The student has withdrawn, so nothing more can be decided. What was decided is kept."
    if not registered:
        return "The student is not registered for this unit. Register them for it first."
    if state in QUALITY_ASSURED:
        return (
            f"This unit is {state}. Internal quality assurance must return it before a decision can change."
        )
    if decided_on > today:
        return "The date of the decision is in the future. Enter today or an earlier date."
    if today < enrolled_on:
        return f"This is before the student enrolled: their place begins on {day(enrolled_on)}. Decide from then on."
    if decided_on < enrolled_on:
        return "The date of the decision is before the student enrolled. Enter a later date."
    if previous_decided_on is not None and decided_on < previous_decided_on:
        return "The date is before this criterion's last decision. Enter that date or a later one."
    return None
