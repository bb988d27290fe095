"""Decisions, unit states and who may decide (A5, A7, A8, A10), from outside."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.rules import (
    CriterionState,
    DecisionFact,
    ImportedAttempt,
    Outcome,
    Retry,
    UnitState,
    Verdict,
    VerdictFact,
    attempts_problems,
    credit_awarded,
    credit_recommended,
    criteria_not_met,
    criterion_state_for_staff,
    criterion_state_for_student,
    decision_in_force,
    may_assess,
    may_decide,
    may_verify,
    next_attempt,
    retry_after,
    unit_state,
)
from recovery_college.courses.rules import EnrolmentStatus

DAY = date(2026, 3, 2)
MET, NOT_YET = Outcome.MET, Outcome.NOT_YET_MET


def fact(
    outcome: Outcome,
    sequence: int,
    released: int | None = None,
    *,
    attempt: int = 1,
    revision: int = 1,
    criterion: str = "1.1",
) -> DecisionFact:
    return DecisionFact(criterion, attempt, revision, outcome, DAY, sequence, released)


def test_the_words_of_the_files_are_the_values() -> None:
    assert [str(outcome) for outcome in Outcome] == ["met", "not yet met"]
    assert [str(verdict) for verdict in Verdict] == ["confirmed", "returned", "sample closed"]
    assert " | ".join(UnitState) == "in progress | assessed | verified | claimed | awarded | withdrawn"


def test_without_a_decision_evidence_tells_the_state() -> None:
    for state in (criterion_state_for_staff, criterion_state_for_student):
        assert state([]) is CriterionState.NOT_SUBMITTED
        assert state([], submitted=True) is CriterionState.SUBMITTED


def test_a_draft_is_seen_by_staff_and_not_by_the_student() -> None:
    draft = [fact(NOT_YET, 1)]
    assert criterion_state_for_staff(draft) is CriterionState.DRAFT
    assert criterion_state_for_student(draft) is CriterionState.NOT_SUBMITTED
    assert criterion_state_for_student(draft, submitted=True) is CriterionState.SUBMITTED


def test_a_released_decision_is_seen_by_both() -> None:
    released = [fact(NOT_YET, 1, 2)]
    assert criterion_state_for_staff(released) is CriterionState.NOT_YET_MET
    assert criterion_state_for_student(released) is CriterionState.NOT_YET_MET


def test_a_draft_correction_leaves_the_released_decision_in_force_for_the_student() -> None:
    met = fact(MET, 1, 2)
    history = [fact(NOT_YET, 3, revision=2), met]
    assert criterion_state_for_staff(history) is CriterionState.DRAFT
    assert criterion_state_for_student(history) is CriterionState.MET
    assert decision_in_force(history) == met


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], (1, 1)),
        ([fact(NOT_YET, 1)], (1, 2)),
        ([fact(MET, 1)], (1, 2)),
        ([fact(NOT_YET, 1, 2)], (2, 1)),
        ([fact(MET, 1, 2)], (1, 2)),
        ([fact(MET, 1, 2), fact(NOT_YET, 3, 4, revision=2)], (2, 1)),
        ([fact(NOT_YET, 3, attempt=2), fact(NOT_YET, 1, 2)], (2, 2)),
    ],
)
def test_the_next_row_of_a_history(history: list[DecisionFact], expected: tuple[int, int]) -> None:
    assert next_attempt(history) == expected


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.booleans()), max_size=10))
def test_a_growing_history_has_unique_rising_places_and_no_gap(steps: list[tuple[Outcome, bool]]) -> None:
    history: list[DecisionFact] = []
    for number, (outcome, released) in enumerate(steps):
        attempt, revision = next_attempt(history)
        assert all((attempt, revision) > row.place for row in history)
        previous = max((row.place for row in history), default=(0, 0))
        assert (attempt, revision) in {(previous[0], previous[1] + 1), (previous[0] + 1, 1)}
        release = 2 * number + 1 if released else None
        history.append(fact(outcome, 2 * number, release, attempt=attempt, revision=revision))


@pytest.mark.parametrize(
    ("attempt", "answers", "expected"),
    [
        (1, [], Retry.OPEN),
        (2, [], Retry.USED),
        (2, [None], Retry.ASKED),
        (2, [True], Retry.OPEN),
        (2, [False], Retry.REFUSED),
        (2, [True, False], Retry.OPEN),
        (3, [True, False], Retry.USED),
        (3, [False, True], Retry.REFUSED),
        (3, [None, True], Retry.ASKED),
    ],
)
def test_what_may_come_after_not_yet_met(attempt: int, answers: list[bool | None], expected: Retry) -> None:
    """A5: one resubmission is planned, more with the agreement of quality assurance."""
    assert retry_after(attempt, 1, answers) is expected


def attempt(number: int, day: int, outcome: Outcome = NOT_YET, content: str = "") -> ImportedAttempt:
    return ImportedAttempt(number, outcome, date(2026, 3, day), content)


def test_a_history_without_gaps_in_date_order_is_taken_in_any_row_order() -> None:
    assert attempts_problems([attempt(2, 9, MET), attempt(1, 2), attempt(3, 9)]) == []
    assert attempts_problems([]) == []


def test_the_same_row_again_is_fine_and_other_content_is_refused() -> None:
    assert attempts_problems([attempt(1, 2), attempt(1, 2)]) == []
    (problem,) = attempts_problems([attempt(1, 2), attempt(2, 3), attempt(1, 2, content="other feedback")])
    assert problem.index == 2
    assert problem.text == "Attempt 1 is already recorded with other content, and decisions are kept."


def test_gaps_and_dates_running_back_are_refused_at_their_row() -> None:
    problems = attempts_problems([attempt(1, 9), attempt(3, 2), attempt(0, 1)])
    assert [(problem.index, problem.text) for problem in problems] == [
        (1, "Attempt 3 is here but attempt 2 is missing. Attempts run without gaps."),
        (1, "Attempt 3 is dated before attempt 1. Attempts run in date order."),
        (2, "Attempts are numbered from 1."),
    ]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), max_size=5, unique_by=lambda row: row[0]))
def test_attempts_are_fine_exactly_when_numbered_1_to_n_with_dates_that_do_not_fall(
    rows: list[tuple[int, int]],
) -> None:
    ordered = sorted(rows)
    days = [day for _, day in ordered]
    fine = [number for number, _ in ordered] == list(range(1, len(rows) + 1)) and days == sorted(days)
    assert (attempts_problems([attempt(*row) for row in rows]) == []) == fine


# Unit states, one example each; the random histories are in test_credit_model.py.

CRITERIA = ("1.1", "1.2")
BOTH_MET = [fact(MET, 1, 2), fact(MET, 3, 4, criterion="1.2")]


def verdict(kind: Verdict, sequence: int) -> VerdictFact:
    return VerdictFact(kind, sequence)


@pytest.mark.parametrize(
    ("decisions", "verdicts", "expected"),
    [
        ([], [], "in progress"),
        ([fact(MET, 1, 2)], [], "in progress"),
        ([fact(MET, 1, 2), fact(MET, 3, criterion="1.2")], [], "in progress"),
        ([fact(MET, 1, 2), fact(NOT_YET, 3, 4, criterion="1.2")], [], "in progress"),
        (BOTH_MET, [], "assessed"),
        (BOTH_MET, [verdict(Verdict.CONFIRMED, 5)], "verified"),
        (BOTH_MET, [verdict(Verdict.SAMPLE_CLOSED, 5)], "verified"),
        (BOTH_MET[:1], [verdict(Verdict.CONFIRMED, 5)], "in progress"),
        ([fact(MET, 1, 6), BOTH_MET[1]], [verdict(Verdict.CONFIRMED, 5)], "assessed"),
        (BOTH_MET, [verdict(Verdict.RETURNED, 5)], "in progress"),
        ([*BOTH_MET, fact(MET, 6, revision=2)], [verdict(Verdict.RETURNED, 5)], "in progress"),
        ([*BOTH_MET, fact(MET, 6, 7, revision=2)], [verdict(Verdict.RETURNED, 5)], "assessed"),
        ([*BOTH_MET, fact(NOT_YET, 6, 7, revision=2)], [verdict(Verdict.RETURNED, 5)], "in progress"),
        (
            [*BOTH_MET, fact(MET, 6, 7, revision=2)],
            [verdict(Verdict.CONFIRMED, 8), verdict(Verdict.RETURNED, 5)],
            "verified",
        ),
    ],
)
def test_unit_state(decisions: list[DecisionFact], verdicts: list[VerdictFact], expected: str) -> None:
    assert unit_state(CRITERIA, decisions, verdicts) == expected


def test_a_draft_recorded_before_a_return_and_released_after_does_not_answer_it() -> None:
    late = [*BOTH_MET, fact(MET, 5, 7, revision=2)]
    assert unit_state(CRITERIA, late, [verdict(Verdict.RETURNED, 6)]) is UnitState.IN_PROGRESS


def test_a_claimed_and_an_awarded_unit_stay_so() -> None:
    confirmed = [verdict(Verdict.CONFIRMED, 5)]
    assert unit_state(CRITERIA, BOTH_MET, confirmed, claimed=True) is UnitState.CLAIMED
    assert unit_state(CRITERIA, BOTH_MET, confirmed, claimed=True, awarded=True) is UnitState.AWARDED
    assert unit_state(CRITERIA, BOTH_MET, confirmed, awarded=True, withdrawn=True) is UnitState.AWARDED


def test_who_leaves_keeps_the_units_achieved() -> None:
    assert unit_state(CRITERIA, [], withdrawn=True) is UnitState.WITHDRAWN
    assert unit_state(CRITERIA, BOTH_MET, withdrawn=True) is UnitState.ASSESSED
    confirmed = [verdict(Verdict.CONFIRMED, 5)]
    assert unit_state(CRITERIA, BOTH_MET, confirmed, withdrawn=True) is UnitState.VERIFIED


def test_a_unit_without_criteria_is_never_assessed() -> None:
    assert unit_state((), [], [verdict(Verdict.CONFIRMED, 1)]) is UnitState.IN_PROGRESS


def test_decisions_on_another_units_criteria_do_not_touch_this_one() -> None:
    other = fact(NOT_YET, 9, 10, criterion="7.7")
    confirmed = [verdict(Verdict.CONFIRMED, 5)]
    assert unit_state(CRITERIA, [*BOTH_MET, other], confirmed) is UnitState.VERIFIED
    assert criteria_not_met(CRITERIA, [other]) == CRITERIA


@pytest.mark.parametrize(
    ("state", "recommended", "awarded"),
    [
        (UnitState.IN_PROGRESS, 0, 0),
        (UnitState.ASSESSED, 0, 0),
        (UnitState.VERIFIED, 6, 0),
        (UnitState.CLAIMED, 6, 0),
        (UnitState.AWARDED, 6, 6),
        (UnitState.WITHDRAWN, 0, 0),
    ],
)
def test_credit_is_whole_or_nothing(state: UnitState, recommended: int, awarded: int) -> None:
    assert (credit_recommended(state, 6), credit_awarded(state, 6)) == (recommended, awarded)


# A10: by person.


def test_nobody_assesses_themselves_or_a_declared_conflict() -> None:
    assert may_assess("ann", "ben") is None
    assert "your own work" in (may_assess("ann", "ann") or "")
    assert "conflict of interest" in (may_assess("ann", "ben", {"ben"}) or "")


def test_nobody_verifies_their_own_decision_work_or_conflict() -> None:
    assert may_verify("ivy", {"ann", "tom"}, "ben") is None
    assert "someone else must" in (may_verify("tom", {"ann", "tom"}, "ben") or "")
    assert "your own work" in (may_verify("ben", {"ann"}, "ben") or "")
    assert "conflict of interest" in (may_verify("ivy", {"ann"}, "ben", {"ben"}) or "")
    assert "conflict of interest" in (may_verify("ivy", {"ann"}, "ben", {"ann"}) or "")


@given(st.integers(0, 4), st.sets(st.integers(0, 4)), st.integers(0, 4), st.sets(st.integers(0, 4)))
def test_may_verify_exactly_when_nobody_is_involved_with_themselves(
    verifier: int, deciders: set[int], student: int, conflicts: set[int]
) -> None:
    allowed = verifier != student and verifier not in deciders and not conflicts & {student, *deciders}
    assert (may_verify(verifier, deciders, student, conflicts) is None) == allowed


def deciding(state: UnitState = UnitState.IN_PROGRESS, **changed: Any) -> str | None:
    given_facts: dict[str, Any] = {
        "status": EnrolmentStatus.ENROLLED,
        "registered": True,
        "decided_on": DAY,
        "enrolled_on": date(2026, 1, 5),
        "today": DAY,
        "assessor": "ann",
        "student": "ben",
    }
    return may_decide(state, **{**given_facts, **changed})


@pytest.mark.parametrize("state", [UnitState.IN_PROGRESS, UnitState.ASSESSED])
@pytest.mark.parametrize("status", ["enrolled", "paused", "completed"])
def test_an_open_unit_may_be_decided(state: UnitState, status: str) -> None:
    assert deciding(state, status=EnrolmentStatus(status)) is None
    assert deciding(state, decided_on=date(2026, 1, 5), previous_decided_on=date(2026, 1, 5)) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"status": EnrolmentStatus.WITHDRAWN}, "has withdrawn"),
        ({"state": UnitState.WITHDRAWN}, "has withdrawn"),
        ({"registered": False}, "not registered for this unit"),
        ({"decided_on": date(2026, 3, 3)}, "in the future"),
        ({"decided_on": date(2026, 1, 4)}, "before the student enrolled"),
        ({"previous_decided_on": date(2026, 3, 3), "today": date(2026, 3, 4)}, "last decision"),
        ({"assessor": "ben"}, "your own work"),
        ({"conflicts": {"ben"}}, "conflict of interest"),
        ({"state": UnitState.VERIFIED}, "return it"),
        ({"state": UnitState.CLAIMED}, "This unit is claimed"),
        ({"state": UnitState.AWARDED}, "This unit is awarded"),
    ],
)
def test_each_refusal_says_why(changed: dict[str, Any], words: str) -> None:
    assert words in (deciding(**changed) or "")
