"""The rule of combination (A1) against a model on paper, over random specifications and random achievements."""

from collections.abc import Callable, Collection
from dataclasses import replace

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from recovery_college.courses.specification import (
    MANDATORY,
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
    combination_shortfalls,
    units_needed,
)
from tests.courses.paper_rule import Paper, is_fulfilled

CODES = [f"U{n}" for n in range(8)]
small = st.none() | st.integers(0, 12)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    """A specification of up to three groups; the first may be the mandatory one."""
    codes = iter(CODES)
    groups = []
    for number in range(draw(st.integers(1, 3))):
        units = [
            (next(codes), draw(st.integers(2, 5)), draw(st.integers(0, 6)))
            for _ in range(draw(st.integers(0 if number else 1, 2)))
        ]
        mandatory = number == 0 and draw(st.booleans())
        numbers = (
            (None, None)
            if mandatory and draw(st.booleans())
            else (draw(small), draw(st.none() | st.integers(0, 3)))
        )
        groups.append(
            {"mandatory": mandatory, "units": units, "min_credit": numbers[0], "min_units": numbers[1]}
        )
    level = draw(st.none() | st.integers(2, 5))
    return {
        "groups": groups, "min_credit": draw(st.none() | st.integers(0, 20)), "level": level,
        "min_credit_at_level": draw(small) if level else None,
    }  # fmt: skip


achievements = st.sets(st.sampled_from([*CODES, "X9"]))


def ours(paper: Paper) -> Specification:
    """The same specification as the product has it."""
    outcome = OutcomeSpec("1", "know", (CriterionSpec("1.1", "explain"),))
    groups = tuple(
        UnitGroup(
            MANDATORY if group["mandatory"] else f"Group {number}",
            tuple(
                UnitSpec(code, code, level, credit, 0, (outcome,)) for code, level, credit in group["units"]
            ),
            group["min_credit"],
            group["min_units"],
        )
        for number, group in enumerate(paper["groups"])  # type: ignore[arg-type, var-annotated]
    )
    level, least = paper["level"], paper["min_credit_at_level"]
    at_level = ((level, least),) if level and least else ()
    return Specification("P", "1", groups, paper["min_credit"], at_level)  # type: ignore[arg-type]


@given(paper=papers(), achieved=achievements)
@settings(max_examples=300, deadline=None)
def test_the_rule_agrees_with_the_paper(paper: Paper, achieved: set[str]) -> None:
    assert (combination_shortfalls(ours(paper), achieved) == []) == is_fulfilled(paper, achieved)


@given(paper=papers(), achieved=achievements, more=achievements)
@settings(max_examples=100, deadline=None)
def test_one_unit_more_never_takes_anything_away(paper: Paper, achieved: set[str], more: set[str]) -> None:
    spec = ours(paper)
    if not combination_shortfalls(spec, achieved):
        assert not combination_shortfalls(spec, achieved | more)


@given(paper=papers(), registered=achievements)
@settings(max_examples=100, deadline=None)
def test_what_is_needed_is_enough_whenever_anything_is(paper: Paper, registered: set[str]) -> None:
    spec = ours(paper)
    needed = set(units_needed(spec, registered))
    mandatory = {unit.code for group in spec.groups if group.takes_all for unit in group.units}
    assert mandatory <= needed <= mandatory | registered
    assert is_fulfilled(paper, needed) == is_fulfilled(paper, registered | mandatory)


def _without_groups(spec: Specification, achieved: Collection[str]) -> list[str]:
    free = tuple(replace(group, min_credit=None, min_units=None) for group in spec.groups)
    return combination_shortfalls(replace(spec, groups=free), achieved)


def _without_total(spec: Specification, achieved: Collection[str]) -> list[str]:
    return combination_shortfalls(replace(spec, min_credit=None), achieved)


def _without_level(spec: Specification, achieved: Collection[str]) -> list[str]:
    return combination_shortfalls(replace(spec, credit_at_level=()), achieved)


def _part_credit(spec: Specification, achieved: Collection[str]) -> list[str]:
    """As if a unit that is begun brought its credit."""
    return combination_shortfalls(spec, {*achieved, *(unit.code for unit in spec.units[:1])})


@pytest.mark.parametrize("bad", [_without_groups, _without_total, _without_level, _part_credit])
def test_a_mutated_rule_is_caught(bad: Callable[[Specification, Collection[str]], list[str]]) -> None:
    def differs(one: tuple[Paper, set[str]]) -> bool:
        return (bad(ours(one[0]), one[1]) == []) != is_fulfilled(*one)

    find(st.tuples(papers(), achievements), differs, settings=settings(max_examples=2000, deadline=None))
