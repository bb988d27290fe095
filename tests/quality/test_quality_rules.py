"""Where a unit stands for quality assurance, when a verdict or a closing is allowed, and a student's next step."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.next_step import OwnCriterion, OwnUnit, StepKind, next_step
from recovery_college.assessment.rules import (
    CriterionState,
    DecisionFact,
    Outcome,
    Retry,
    UnitState,
    Verdict,
    VerdictFact,
)
from recovery_college.assessment.steps import QualityStep, quality_step
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.quality.verdict_rules import seed_of, why_no_verdict, why_not_closed

TODAY = date(2026, 11, 23)


def decision(sequence: int, outcome: Outcome = Outcome.MET, *, released: bool = True) -> DecisionFact:
    return DecisionFact("1.1", 1, 1, outcome, TODAY, sequence, sequence if released else None)


@pytest.mark.parametrize(
    ("state", "verdicts", "decided_at", "step"),
    [
        (UnitState.IN_PROGRESS, [], 1, QualityStep.IN_PROGRESS),
        (UnitState.ASSESSED, [], 1, QualityStep.WAITING),
        (UnitState.IN_PROGRESS, [VerdictFact(Verdict.RETURNED, 2)], 1, QualityStep.RETURNED),
        (UnitState.IN_PROGRESS, [VerdictFact(Verdict.RETURNED, 2)], 3, QualityStep.IN_PROGRESS),
        (UnitState.ASSESSED, [VerdictFact(Verdict.RETURNED, 2)], 3, QualityStep.ANSWERED),
        (UnitState.VERIFIED, [VerdictFact(Verdict.CONFIRMED, 2)], 1, QualityStep.CONFIRMED),
        (UnitState.VERIFIED, [VerdictFact(Verdict.SAMPLE_CLOSED, 2)], 1, QualityStep.CLOSED),
        (
            UnitState.VERIFIED,
            [VerdictFact(Verdict.CONFIRMED, 4), VerdictFact(Verdict.RETURNED, 2)],
            1,
            QualityStep.CONFIRMED,
        ),
        (UnitState.CLAIMED, [VerdictFact(Verdict.CONFIRMED, 2)], 1, QualityStep.CLAIMED),
        (UnitState.AWARDED, [], 1, QualityStep.AWARDED),
        (UnitState.WITHDRAWN, [VerdictFact(Verdict.RETURNED, 2)], 1, QualityStep.RETURNED),
    ],
)
def test_step(state: UnitState, verdicts: list[VerdictFact], decided_at: int, step: QualityStep) -> None:
    assert quality_step(state, [decision(decided_at)], verdicts) is step


def test_a_draft_does_not_answer_a_return() -> None:
    facts = [decision(1), decision(3, released=False)]
    step = quality_step(UnitState.IN_PROGRESS, facts, [VerdictFact(Verdict.RETURNED, 2)])
    assert step is QualityStep.RETURNED


@given(st.uuids(), st.uuids())
def test_a_seed_is_stable_and_told_apart_by_cohort_and_unit(cohort: UUID, unit: UUID) -> None:
    assert seed_of(cohort, unit) == seed_of(cohort, unit)
    assert 0 <= seed_of(cohort, unit) < 1_000_000


def test_a_seed_does_not_change_from_release_to_release() -> None:
    assert seed_of(UUID(int=1), UUID(int=2)) == 917372


@pytest.mark.parametrize("state", UnitState)
@pytest.mark.parametrize("status", EnrolmentStatus)
def test_which_unit_gets_which_verdict(state: UnitState, status: EnrolmentStatus) -> None:
    confirmable = why_no_verdict(Verdict.CONFIRMED, state, status) is None
    returnable = why_no_verdict(Verdict.RETURNED, state, status) is None
    assert confirmable == (state is UnitState.ASSESSED)
    reopened = state is UnitState.VERIFIED and status is not EnrolmentStatus.COMPLETED
    assert returnable == (confirmable or reopened)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_a_sample_closes_only_when_it_is_large_enough(asked: int, sampled: int, waiting: int) -> None:
    why = why_not_closed(asked, sampled, [object()] * waiting)
    assert (why is None) == (waiting > 0 and sampled >= asked)


states = st.sampled_from(
    [CriterionState.MET, CriterionState.NOT_YET_MET, CriterionState.NOT_SUBMITTED, CriterionState.SUBMITTED]
)
criteria = st.builds(
    OwnCriterion,
    st.just("1.1"),
    st.just("Explain"),
    states,
    st.sampled_from(["", "Add an example."]),
    st.just("an-id"),
    st.sampled_from(Retry),
)
units = st.lists(
    st.builds(
        OwnUnit,
        st.just("Unit 1"),
        st.just("Values"),
        st.sampled_from(UnitState),
        st.lists(criteria, min_size=1, max_size=4).map(tuple),
    ),
    max_size=4,
)


@given(units, st.sampled_from(EnrolmentStatus), st.integers(-30, 90))
def test_there_is_always_one_kind_next_step(
    found: list[OwnUnit], status: EnrolmentStatus, day_of_course: int
) -> None:
    starts = TODAY - timedelta(days=day_of_course)
    step = next_step(
        found, status, starts_on=starts, ends_on=starts + timedelta(days=60), site="Cambridge", today=TODAY
    )
    words = f"{step.heading} {step.text}".casefold()
    assert step.heading
    assert step.text.endswith((".", ":"))
    assert not any(word in words for word in ("fail", "must", "overdue", "returned"))
    if status is EnrolmentStatus.PAUSED:
        assert step.kind is StepKind.PAUSED
    if step.kind is StepKind.IMPROVE:
        assert any(one.state is CriterionState.NOT_YET_MET for unit in found for one in unit.criteria)
        assert step.text.endswith(":") == bool(step.advice)
    tries = [one.retry for unit in found for one in unit.criteria if one.state is CriterionState.NOT_YET_MET]
    if "try again" in words:
        assert Retry.OPEN in tries
    if step.kind in (StepKind.TALK, StepKind.ONE_MORE_ASKED):
        assert Retry.OPEN not in tries
        assert not step.criteria
    if step.kind in (StepKind.BEING_CHECKED, StepKind.KEEP_COMING, StepKind.ALL_DONE):
        assert all(one.state is CriterionState.MET for unit in found for one in unit.criteria)
