"""Appeals (A15): who may hear one, where it stands, and that an upheld one asks about others."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.rules import UnitState
from recovery_college.fairness.appeal_rules import (
    CHANGES,
    FIRST,
    SECOND,
    AppealFinding,
    AppealState,
    StageFact,
    appeal_state,
    days_left,
    due_after,
    why_no_finding,
    why_no_second_review,
    why_not_hear,
)
from recovery_college.kernel.working_days import england_bank_holidays

people = st.integers(0, 5)
groups = st.frozensets(people)
findings = st.none() | st.sampled_from(AppealFinding)
DAY = date(2026, 5, 1)


@given(people, people, groups, groups, st.none() | people, groups)
def test_who_hears_had_no_part_in_it(
    person: int, student: int, deciders: frozenset[int], verifiers: frozenset[int], before: int | None,
    conflicts: frozenset[int],
) -> None:  # fmt: skip
    refused = why_not_hear(
        person, student=student, deciders=deciders, verifiers=verifiers, heard_before=before,
        conflicts=conflicts,
    )  # fmt: skip
    involved = {student, before} | deciders | verifiers
    assert (refused is None) == (person not in involved and not conflicts & ({student} | deciders))


@given(
    findings, findings, st.booleans(), st.booleans(), st.booleans(), st.sampled_from(UnitState), st.booleans()
)
def test_where_an_appeal_stands(
    first: AppealFinding | None, second: AppealFinding | None, two: bool, named: bool, since: bool,
    unit: UnitState, told: bool,
) -> None:  # fmt: skip
    stages = {FIRST: StageFact(FIRST, DAY, named, first)}
    if two:
        stages[SECOND] = StageFact(SECOND, DAY, named, second)
    latest = second if two else first
    state = appeal_state(stages, taken_back=False, decided_since=since, unit=unit, ao_told=told)
    assert appeal_state(stages, taken_back=True, decided_since=since, unit=unit, ao_told=told) is (
        AppealState.TAKEN_BACK
    )
    if latest is None:
        assert state in (AppealState.REVIEW, AppealState.NOBODY_YET)
    if state in (AppealState.DECISION_OWED, AppealState.AO_TO_TELL):
        assert latest in CHANGES
        assert not since
    # A claimed unit is never amended (A12): nothing is decided anew there.
    if unit in (UnitState.CLAIMED, UnitState.AWARDED):
        assert state is not AppealState.DECISION_OWED


@given(st.sampled_from(AppealFinding), st.none() | st.booleans(), groups, groups)
def test_an_upheld_appeal_says_whether_others_are_affected(
    finding: AppealFinding, affected: bool | None, others: frozenset[int], possible: frozenset[int]
) -> None:
    problem = why_no_finding(
        finding, reasons="x", next_steps="y", others_affected=affected, others=others, possible=possible
    )
    if problem is None:
        assert (finding in CHANGES) == (affected is not None) or not affected
        assert others <= possible
        assert not (affected and possible and not others)
        if finding in CHANGES:
            assert affected is not None
        else:
            assert not others


def test_reasons_and_what_comes_next_are_owed() -> None:
    for reasons, after, field in (("", "y", "reasons"), ("x", "", "next_steps")):
        problem = why_no_finding(
            AppealFinding.NOT_UPHELD, reasons=reasons, next_steps=after, others_affected=None, others=(),
            possible=(),
        )  # fmt: skip
        assert problem is not None
        assert problem[0] == field


def test_the_second_review_comes_after_the_first() -> None:
    under_way = {FIRST: StageFact(FIRST, DAY, True, None)}
    assert why_no_second_review(under_way, taken_back=False)
    for finding in AppealFinding:
        stages = {FIRST: StageFact(FIRST, DAY, True, finding)}
        assert (why_no_second_review(stages, taken_back=False) is None) == (
            finding is not AppealFinding.UPHELD
        )
        assert why_no_second_review(stages, taken_back=True)
        assert why_no_second_review({**stages, SECOND: stages[FIRST]}, taken_back=False)


@given(st.dates(date(2010, 1, 1), date(2060, 1, 1)), st.integers(1, 60))
def test_an_appeal_always_has_a_day(asked_on: date, days: int) -> None:
    """Also beyond the table of bank holidays: there it has longer, never shorter."""
    known = england_bank_holidays()
    due = due_after(asked_on, days, known)
    assert (due - asked_on).days >= days
    assert days_left(due, due, known) == 0
    assert days_left(asked_on, due, known) >= min(days, 1)
    assert days_left(due, asked_on, known) <= 0
