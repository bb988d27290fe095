"""Where one student's unit stands for internal quality assurance, and when a sample may be closed. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from recovery_college.assessment.rules import DecisionFact, UnitState, Verdict, VerdictFact
from recovery_college.courses.rules import EnrolmentStatus

LOOKED_AT = frozenset({Verdict.CONFIRMED, Verdict.RETURNED})
"""The verdicts that mean somebody looked: these make the sample."""


class QualityStep(StrEnum):
    """A unit's state as quality assurance sees it (A8), with what its verdicts add."""

    IN_PROGRESS = "in progress"
    WAITING = "waits for quality assurance"
    RETURNED = "returned to assessor"
    ANSWERED = "changed since, waits again"
    CONFIRMED = "verified: sampled"
    CLOSED = "verified: sample closed"
    CLAIMED = "claimed"
    AWARDED = "awarded"
    WITHDRAWN = "withdrawn"


WAITS = frozenset({QualityStep.WAITING, QualityStep.ANSWERED})
"""The steps that wait for a quality assurer."""

ASSESSED_ONCE = frozenset(QualityStep) - {QualityStep.IN_PROGRESS, QualityStep.WITHDRAWN}
"""The steps of a unit that was assessed in full: what a sample is drawn from."""


def latest_verdict(verdicts: Iterable[VerdictFact]) -> VerdictFact | None:
    """The verdict in force."""
    return max(verdicts, key=lambda fact: fact.sequence, default=None)


def quality_step(
    state: UnitState, decisions: Iterable[DecisionFact], verdicts: Iterable[VerdictFact]
) -> QualityStep:
    """Say where a unit stands, from its state (`rules.unit_state`) and what led to it."""
    latest = latest_verdict(verdicts)
    if state is UnitState.VERIFIED:
        closed = latest is not None and latest.verdict is Verdict.SAMPLE_CLOSED
        return QualityStep.CLOSED if closed else QualityStep.CONFIRMED
    if state is UnitState.ASSESSED:
        return QualityStep.WAITING if latest is None else QualityStep.ANSWERED
    if state is UnitState.IN_PROGRESS and latest is not None and latest.verdict is Verdict.RETURNED:
        answered = any(fact.released and fact.sequence > latest.sequence for fact in decisions)
        return QualityStep.IN_PROGRESS if answered else QualityStep.RETURNED
    return QualityStep(state.value)


def seed_of(cohort_id: UUID, unit_id: UUID) -> int:
    """The seed of a unit's sample in a cohort, 0 to 999999: anybody can draw the same picks again (A9)."""
    return int.from_bytes(sha256(cohort_id.bytes + unit_id.bytes).digest()[:8], "big") % 1_000_000


def why_no_verdict(verdict: Verdict, state: UnitState, status: EnrolmentStatus) -> str | None:
    """Say why a unit in this state cannot get this verdict, or None (A8).

    Confirming asks for an assessed unit. Returning also reopens a verified one, since an error may be found
    later, but not once the student has completed the course or the unit was claimed.
    """
    if state is UnitState.ASSESSED:
        return None
    if state is UnitState.IN_PROGRESS:
        return "This unit is not assessed yet: every criterion needs a released decision that it is met."
    if state is UnitState.WITHDRAWN:
        return "The student has left and this unit was not finished, so there is nothing to check."
    if state is UnitState.VERIFIED and verdict is Verdict.RETURNED:
        if status is not EnrolmentStatus.COMPLETED:
            return None
        return "The student has completed the course with this unit, so it cannot be returned any more."
    if state is UnitState.VERIFIED:
        return "This unit is verified already."
    return f"This unit is {state}, so its verdict stands."


def why_not_closed(asked: int, sampled: int, waiting: Sequence[object]) -> str | None:
    """Say why a unit's sample may not be closed, or None (A8, A9).

    `asked`: how many students the plan asks to look at (all of them where there are so few); `sampled`: how
    many were looked at; `waiting`: those whom closing would verify.
    """
    if not waiting:
        return "No student's unit is waiting for this sample, so there is nothing to close."
    if sampled < asked:
        left = asked - sampled
        noun = "student" if left == 1 else "students"
        return f"The sample asks for {asked}; {sampled} looked at so far. Look at {left} more {noun} first."
    return None
