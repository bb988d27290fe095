"""The mapping from one version to the next: pure, with properties (A2)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recovery_college.courses.specification import Specification, UnitGroup
from recovery_college.courses.specification_mapping import CriterionPlace, Fate, counts, mapping, unit_changes
from recovery_college.courses.specification_parts import next_number, stamp_of
from tests.courses.test_specification import SPEC


def place(key: str, unit: str = "U1", number: str = "1.1", text: str = "", **rest: str) -> CriterionPlace:
    return CriterionPlace(
        key, unit, number, text or f"words of {key}", rest.get("outcome", ""), rest.get("origin")
    )


@st.composite
def versions(draw: st.DrawFn, prefix: str, origins: bool = False) -> list[CriterionPlace]:
    spots = draw(
        st.lists(
            st.tuples(st.sampled_from(["U1", "U2"]), st.sampled_from(["1.1", "1.2", "2.1"])), unique=True
        )
    )
    made = []
    for index, (unit, number) in enumerate(spots):
        text = draw(st.sampled_from(["explain", "describe", "compare"]))
        origin = draw(st.sampled_from([None, "o0", "o1", "x9"])) if origins else None
        made.append(CriterionPlace(f"{prefix}{index}", unit, number, text, "", origin))
    return made


@given(versions("o"), versions("n", origins=True))
def test_each_criterion_stands_exactly_once(old: list[CriterionPlace], new: list[CriterionPlace]) -> None:
    lines = mapping(old, new)
    assert [line.old for line in lines if line.old] == old
    assert sorted(line.new.key for line in lines if line.new) == sorted(one.key for one in new)
    found = counts(lines)
    assert sum(found.values()) == len(lines)
    assert len(old) - found[Fate.GONE] == len(new) - found[Fate.NEW]


@given(versions("o"), versions("n", origins=True))
def test_a_fate_says_what_is_true(old: list[CriterionPlace], new: list[CriterionPlace]) -> None:
    """An independent reading of each line from its two sides alone."""
    for line in mapping(old, new):
        if line.old is None or line.new is None:
            assert line.fate is (Fate.NEW if line.old is None else Fate.GONE)
            continue
        stays = (line.old.unit, line.old.number) == (line.new.unit, line.new.number)
        alike = line.old.text == line.new.text
        assert line.fate is (Fate.MOVED if not stays else Fate.SAME if alike else Fate.REWORDED)
        assert line.reworded == (not alike)


@given(versions("o"))
def test_a_copy_is_the_same_in_all(old: list[CriterionPlace]) -> None:
    copy = [replace(one, key=f"n{one.key}", origin=one.key) for one in old]
    assert {line.fate for line in mapping(old, copy)} <= {Fate.SAME}
    assert {line.fate for line in mapping(old, [replace(one, origin=None) for one in copy])} <= {Fate.SAME}


@given(versions("o"), st.randoms())
def test_a_known_origin_is_found_wherever_it_went(old: list[CriterionPlace], random: object) -> None:
    """Copied, then moved and reworded beyond recognition: still the same criterion."""
    copy = [
        CriterionPlace(f"n{one.key}", "U9", f"9.{place}", f"other {place}", "", one.key)
        for place, one in enumerate(old)
    ]
    random.shuffle(copy)  # type: ignore[attr-defined]
    lines = mapping(old, copy)
    assert all(line.new is not None and line.new.origin == line.old.key for line in lines if line.old)
    assert {line.fate for line in lines} <= {Fate.MOVED}


def test_without_origins_words_lead_before_places() -> None:
    old = [place("a", number="1.1", text="explain hope"), place("b", number="1.2", text="describe choice")]
    new = [place("c", number="1.1", text="describe choice"), place("d", number="1.2", text="compare both")]
    first, second, third = mapping(old, new)
    assert (first.fate, first.new) == (Fate.GONE, None)
    assert (second.fate, second.new.key if second.new else "") == (Fate.MOVED, "c")
    assert (third.fate, third.new.key if third.new else "") == (Fate.NEW, "d")


def test_an_outcome_s_new_words_reword_its_criteria() -> None:
    (line,) = mapping([place("a", outcome="understand", text="x")], [place("b", outcome="apply", text="x")])
    assert (line.fate, line.reworded) == (Fate.REWORDED, True)


def test_units_and_the_rule_are_told() -> None:
    core, options, *rest = SPEC.groups
    first, *others = core.units
    changed = Specification(
        SPEC.title, "2",
        (
            UnitGroup(core.name, (replace(first, credit=first.credit + 1), *others)),
            replace(options, min_units=9), *rest,
        ),
        SPEC.min_credit, ((4, 6),),
    )  # fmt: skip
    told = " ".join(unit_changes(SPEC, changed))
    assert f"credit from {first.credit} to {first.credit + 1}" in told
    assert "Least credit at a level: from none to 6 at level 4." in told
    assert f"The group “{options.name}” asks for 9 units" in told
    assert unit_changes(SPEC, SPEC) == ()
    assert "is gone" in " ".join(unit_changes(SPEC, Specification("P", "2", (core,))))


@given(st.lists(st.integers(1, 30)), st.sampled_from(["", "2"]))
def test_the_next_number_is_free(numbers: list[int], under: str) -> None:
    taken = [f"{under}.{n}" if under else str(n) for n in numbers]
    assert next_number(taken, under) not in taken


def test_a_stamp_tells_facts_and_freedom_apart() -> None:
    facts = {"number": "1.1", "text": "x"}
    stamps = {stamp_of(facts, False), stamp_of(facts, True), stamp_of({**facts, "text": "y"}, False)}
    assert len(stamps) == 3
    assert stamp_of(dict(reversed(facts.items())), False) in stamps
