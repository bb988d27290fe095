"""The rule of combination (A1) and the checks of an imported specification, from outside."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.courses.specification import (
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
    check_specification,
    combination_shortfalls,
    unit_label,
    units_needed,
)


def unit(code: str, credit: int = 3, level: int = 4) -> UnitSpec:
    outcome = OutcomeSpec("1", "know", (CriterionSpec("1.1", "explain"), CriterionSpec("1.2", "show")))
    return UnitSpec(code, f"Title of {code}", level, credit, credit * 6, (outcome,))


CORE = UnitGroup("mandatory", (unit("M1"), unit("M2")))
OPTIONS = UnitGroup("Options", (unit("O1"), unit("O2", 6), unit("O3", 3, level=3)), min_credit=6)
SPEC = Specification("Peer support", "1", (CORE, OPTIONS), min_credit=12)


def test_nothing_missing_says_nothing() -> None:
    assert combination_shortfalls(SPEC, {"M1", "M2", "O2"}) == []


def test_each_thing_missing_is_one_plain_sentence() -> None:
    assert combination_shortfalls(SPEC, {"M1", "O1"}) == [
        "Unit M2 is mandatory and not yet achieved.",
        "The group “Options” asks for 6 credits; 3 achieved so far.",
        "The qualification asks for 12 credits; 6 achieved so far.",
    ]


def test_units_of_another_specification_bring_nothing() -> None:
    assert combination_shortfalls(SPEC, {"M1", "M2", "X9"}) == combination_shortfalls(SPEC, {"M1", "M2"})


def test_an_empty_minimum_asks_nothing() -> None:
    free = replace(OPTIONS, min_credit=None)
    assert combination_shortfalls(Specification("P", "1", (CORE, free)), {"M1", "M2"}) == []


def test_a_mandatory_group_with_a_minimum_asks_only_that() -> None:
    two_of_three = UnitGroup("Mandatory", (unit("A"), unit("B"), unit("C")), min_units=2)
    spec = Specification("P", "1", (two_of_three,))
    assert combination_shortfalls(spec, {"A", "C"}) == []
    assert combination_shortfalls(spec, {"A"}) == [
        "The group “Mandatory” asks for 2 units; 1 achieved so far."
    ]


def test_credit_at_level() -> None:
    spec = replace(SPEC, credit_at_level=((4, 12),))
    got = combination_shortfalls(spec, {"M1", "M2", "O1", "O3"})
    assert got == ["12 credits must be at level 4 or above; 9 achieved so far."]
    higher = Specification("P", "1", (UnitGroup("A", (unit("A", 12, level=5),)),), None, ((4, 12),))
    assert combination_shortfalls(higher, {"A"}) == []


def test_one_is_singular() -> None:
    spec = Specification("P", "1", (UnitGroup("Extra", (unit("A"),), min_units=1, min_credit=1),))
    assert combination_shortfalls(spec, ()) == [
        "The group “Extra” asks for 1 unit; 0 achieved so far.",
        "The group “Extra” asks for 1 credit; 0 achieved so far.",
    ]


def test_a_unit_taken_on_top_is_not_needed() -> None:
    everything = {"M1", "M2", "O1", "O2", "O3"}
    assert units_needed(SPEC, everything, {"O2"}) == ("M1", "M2", "O2")
    assert units_needed(SPEC, everything, {"O1", "O3"}) == ("M1", "M2", "O1", "O3")


def test_a_mandatory_unit_is_needed_though_not_registered() -> None:
    assert units_needed(SPEC, {"M1", "O2"}) == ("M1", "M2", "O2")


def test_too_few_registered_units_are_all_needed() -> None:
    assert units_needed(SPEC, {"M1", "M2", "O1"}) == ("M1", "M2", "O1")


def test_unit_label() -> None:
    assert unit_label("Unit 3") == "Unit 3"
    assert unit_label("PSW-03") == "Unit PSW-03"


groups = st.lists(
    st.tuples(
        st.sampled_from(["mandatory", "A", "B"]),
        st.lists(st.tuples(st.integers(0, 6), st.integers(2, 5)), min_size=1, max_size=3),
        st.sampled_from([None, 0, 1, 3, 6]),
        st.sampled_from([None, 0, 1, 2]),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def specifications(draw: st.DrawFn) -> Specification:
    made = []
    for number, (name, sizes, min_credit, min_units) in enumerate(draw(groups)):
        units = tuple(unit(f"{number}{i}", credit, level) for i, (credit, level) in enumerate(sizes))
        made.append(UnitGroup(name, units, min_credit, min_units))
    return Specification("P", "1", tuple(made), draw(st.sampled_from([None, 4, 9])))


@given(specifications(), st.sets(st.sampled_from([f"{n}{i}" for n in range(3) for i in range(3)])))
def test_shortfalls_agree_with_a_plain_reading(spec: Specification, achieved: set[str]) -> None:
    fulfilled = True
    total = 0
    for group in spec.groups:
        got = [u for u in group.units if u.code in achieved]
        credit = sum(u.credit for u in got)
        total += credit
        if group.name == "mandatory" and group.min_credit in (None, 0) and group.min_units in (None, 0):
            fulfilled &= len(got) == len(group.units)
        else:
            fulfilled &= credit >= (group.min_credit or 0) and len(got) >= (group.min_units or 0)
    fulfilled &= total >= (spec.min_credit or 0)
    assert (combination_shortfalls(spec, achieved) == []) == fulfilled


@given(specifications(), st.sets(st.sampled_from(["00", "01", "10", "11", "20"])))
def test_one_more_unit_never_adds_a_shortfall(spec: Specification, achieved: set[str]) -> None:
    for code in ("02", "12", "21"):
        more = combination_shortfalls(spec, achieved | {code})
        assert len(more) <= len(combination_shortfalls(spec, achieved))


@given(specifications(), st.sets(st.sampled_from(["00", "01", "10", "11", "20", "21"])))
def test_needed_units_suffice_and_none_is_spare(spec: Specification, registered: set[str]) -> None:
    needed = units_needed(spec, registered)
    mandatory = {u.code for g in spec.groups if g.takes_all for u in g.units}
    assert mandatory <= set(needed) <= mandatory | registered
    if combination_shortfalls(spec, mandatory | registered):
        assert set(needed) == {u.code for u in spec.units} & (mandatory | registered)
        return
    assert combination_shortfalls(spec, needed) == []
    for spare in needed:
        assert combination_shortfalls(spec, [code for code in needed if code != spare])


def test_a_sound_specification_passes() -> None:
    check = check_specification(SPEC)
    assert (check.problems, check.warnings) == ((), ())


def one_unit(made: UnitSpec) -> Specification:
    return Specification("P", "1", (UnitGroup("mandatory", (made,)),))


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (Specification("P", "1", ()), "The specification has no units."),
        (Specification("P", "1", (CORE, CORE)), "Unit M1 appears more than once."),
        (one_unit(replace(unit("A"), outcomes=())), "Unit A: it has no learning outcomes."),
        (one_unit(replace(unit("A"), level=9)), "Unit A: level 9 is not a level from 1 to 8."),
        (
            one_unit(replace(unit("A"), credit=-1, glh=0)),
            "Unit A: credit and guided learning hours cannot be less than 0.",
        ),
        (
            one_unit(replace(unit("A"), outcomes=(OutcomeSpec("1", "x", ()),))),
            "Unit A: learning outcome 1 has no assessment criteria.",
        ),
        (
            one_unit(replace(unit("A"), outcomes=unit("A").outcomes * 2)),
            "Unit A: assessment criterion 1.1 appears more than once.",
        ),
        (
            replace(SPEC, min_credit=99),
            "Even with every unit the rule cannot be fulfilled. "
            "The qualification asks for 99 credits; 18 in all its units.",
        ),
    ],
)
def test_a_specification_nobody_could_achieve_is_refused(spec: Specification, problem: str) -> None:
    assert problem in check_specification(spec).problems


def test_what_is_only_unusual_is_told_and_not_refused() -> None:
    odd = replace(unit("A"), glh=31, outcomes=(OutcomeSpec("2", "x", (CriterionSpec("3.1", "y"),)),))
    check = check_specification(one_unit(odd))
    assert check.problems == ()
    assert check.warnings == (
        "Unit A: 31 guided learning hours are more than its 30 hours of learning.",
        "Unit A: criterion 3.1 stands under learning outcome 2.",
    )
