"""Who is in training, and who may countersign (A10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.rules import (
    DecisionFact,
    Outcome,
    UnitState,
    Verdict,
    VerdictFact,
    unit_state,
)
from recovery_college.assessment.staff_rules import Award, AwardFact, Standing, may_countersign, standing

DAY = date(2026, 11, 23)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
awards = st.lists(st.builds(AwardFact, st.sampled_from(Award), st.none() | days), max_size=5)


def test_nothing_recorded_is_not_in_training() -> None:
    assert standing([], Award.ASSESSOR, DAY) is Standing.NOT_RECORDED
    assert standing([AwardFact(Award.ASSESSOR)], Award.ASSESSOR, DAY) is Standing.IN_TRAINING
    assert standing([AwardFact(Award.IQA)], Award.ASSESSOR, DAY) is Standing.NOT_RECORDED


def test_the_day_of_the_award_is_the_first_without_a_countersignature() -> None:
    own = [AwardFact(Award.ASSESSOR, DAY)]
    assert standing(own, Award.ASSESSOR, DAY - timedelta(days=1)) is Standing.IN_TRAINING
    assert standing(own, Award.ASSESSOR, DAY) is Standing.QUALIFIED


@given(awards, days, days)
def test_once_qualified_always_qualified(own: list[AwardFact], one: date, other: date) -> None:
    first, later = sorted((one, other))
    if standing(own, Award.ASSESSOR, first) is Standing.QUALIFIED:
        assert standing(own, Award.ASSESSOR, later) is Standing.QUALIFIED


@given(
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(Standing),
    st.sets(st.integers(0, 3)),
)
def test_nobody_signs_their_own_unqualified_or_in_conflict(
    signer: int, assessor: int, student: int, how: Standing, conflicts: set[int]
) -> None:
    allowed = may_countersign(signer, assessor, student, how, conflicts) is None
    wanted = (
        signer not in (assessor, student)
        and how is Standing.QUALIFIED
        and not conflicts & {assessor, student}
    )
    assert allowed is wanted


def fact(criterion: str, awaits: bool, attempt: int = 1) -> DecisionFact:
    return DecisionFact(criterion, attempt, 1, Outcome.MET, DAY, attempt, attempt, awaits)


@pytest.mark.parametrize(("awaits", "state"), [(True, UnitState.IN_PROGRESS), (False, UnitState.ASSESSED)])
def test_a_unit_counts_as_assessed_once_everything_is_signed(awaits: bool, state: UnitState) -> None:
    assert unit_state(["1.1", "1.2"], [fact("1.1", False), fact("1.2", awaits)]) is state


def test_only_the_decision_in_force_needs_its_signature() -> None:
    history = [fact("1.1", True), fact("1.1", False, attempt=2)]
    assert unit_state(["1.1"], history) is UnitState.ASSESSED


def test_an_unsigned_unit_is_not_verified_whatever_was_said_of_it() -> None:
    verdicts = [VerdictFact(Verdict.CONFIRMED, 9)]
    assert unit_state(["1.1"], [fact("1.1", True)], verdicts) is UnitState.IN_PROGRESS
