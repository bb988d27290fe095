"""Where one student's unit stands for internal quality assurance: its state, with what its verdicts add. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from recovery_college.assessment.rules import DecisionFact, UnitState, Verdict, VerdictFact

LOOKED_AT = frozenset({Verdict.CONFIRMED, Verdict.RETURNED})
"""The verdicts that mean somebody looked: these make the sample."""


class QualityStep(StrEnum):
    """A unit's state as quality assurance sees it (A8), with what its verdicts add."""

    IN_PROGRESS = "in progress"
    COUNTERSIGN = "waits for a countersignature"
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

ASSESSED_ONCE = frozenset(QualityStep) - {
    QualityStep.IN_PROGRESS,
    QualityStep.COUNTERSIGN,
    QualityStep.WITHDRAWN,
}
"""The steps of a unit that was assessed in full: what a sample is drawn from."""


def latest_verdict(verdicts: Iterable[VerdictFact]) -> VerdictFact | None:
    """The verdict in force: the last that was given, in whatever order they came."""
    return max(verdicts, key=lambda fact: fact.sequence, default=None)


def quality_step(
    state: UnitState,
    decisions: Iterable[DecisionFact],
    verdicts: Iterable[VerdictFact],
    *,
    countersign: bool = False,
) -> QualityStep:
    """Say where a unit stands, from its state (`rules.unit_state`) and what led to it.

    `countersign`: every criterion is met, and a countersignature is awaited (A10).
    """
    latest = latest_verdict(verdicts)
    if state is UnitState.VERIFIED:
        closed = latest is not None and latest.verdict is Verdict.SAMPLE_CLOSED
        return QualityStep.CLOSED if closed else QualityStep.CONFIRMED
    if state is UnitState.ASSESSED:
        return QualityStep.WAITING if latest is None else QualityStep.ANSWERED
    open_ = state in (UnitState.IN_PROGRESS, UnitState.WITHDRAWN)
    if open_ and latest is not None and latest.verdict is Verdict.RETURNED:
        answered = any(fact.released and fact.sequence > latest.sequence for fact in decisions)
        if not answered:
            return QualityStep.RETURNED
    if state is UnitState.IN_PROGRESS and countersign:
        return QualityStep.COUNTERSIGN
    return QualityStep(state.value)
