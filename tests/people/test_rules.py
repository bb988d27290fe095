"""The learner number (A4) and names, from outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.people.rules import (
    NAME_LENGTH,
    ULN_CHECK_FAILED,
    ULN_IS_NHS_NUMBER,
    ULN_NOT_YET_KNOWN,
    ULN_SHAPE,
    display_name,
    name_as_stored,
    name_problem,
    passes_nhs_number_test,
    uln_as_stored,
    uln_problem,
)

nine_digits = st.text(alphabet="0123456789", min_size=9, max_size=9)


def remainder(nine: str) -> int:
    total = 0
    for position in range(9):
        total += int(nine[position]) * (10 - position)
    return total % 11


@pytest.mark.parametrize("text", ["9276308686", " 9276 308 686 ", "9276-308-686", "9999999999", "", "  "])
def test_uln_accepted(text: str) -> None:
    assert uln_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("9276308685", ULN_CHECK_FAILED),
        ("9276308687", ULN_IS_NHS_NUMBER),  # one too high always passes the NHS test
        ("927630868", ULN_SHAPE),
        ("92763086866", ULN_SHAPE),
        ("927630868X", ULN_SHAPE),
        ("٩٢٧٦٣٠٨٦٨٦", ULN_SHAPE),
        ("9276308686\x00", ULN_SHAPE),
        ("=9276308686", ULN_SHAPE),
        # Published test numbers of the NHS.
        ("9434765919", ULN_IS_NHS_NUMBER),
        ("943 476 5919", ULN_IS_NHS_NUMBER),
        ("9434765870", ULN_IS_NHS_NUMBER),
    ],
)
def test_uln_refused_with_its_reason(text: str, problem: str) -> None:
    assert uln_problem(text) == problem


@given(nine_digits)
def test_exactly_one_check_digit_makes_a_uln(nine: str) -> None:
    accepted = [d for d in "0123456789" if uln_problem(nine + d) is None and nine + d != ULN_NOT_YET_KNOWN]
    if nine[0] == "0" or remainder(nine) == 0:
        assert accepted == []
    else:
        assert accepted == [str(10 - remainder(nine))]


@given(nine_digits, st.sampled_from("0123456789"))
def test_no_accepted_uln_is_an_nhs_number(nine: str, last: str) -> None:
    if uln_problem(nine + last) is None:
        assert not passes_nhs_number_test(nine + last)


def test_not_yet_known_is_not_taken_for_an_nhs_number() -> None:
    assert not passes_nhs_number_test(ULN_NOT_YET_KNOWN)
    assert passes_nhs_number_test("943 476 5919")


@given(nine_digits)
def test_every_nhs_number_is_refused_as_one(nine: str) -> None:
    check = (11 - remainder(nine)) % 11
    number = f"{nine}{check}"
    if check < 10 and number != ULN_NOT_YET_KNOWN:
        assert uln_problem(number) == ULN_IS_NHS_NUMBER


@given(nine_digits, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(nine: str, place: int, shift: int) -> None:
    r = remainder(nine)
    if nine[0] == "0" or r == 0:
        return
    uln = f"{nine}{10 - r}"
    wrong = uln[:place] + str((int(uln[place]) + shift) % 10) + uln[place + 1 :]
    assert uln_problem(uln) is None
    assert uln_problem(wrong) is not None or wrong == ULN_NOT_YET_KNOWN


@given(st.text(max_size=30))
def test_uln_problem_never_raises_nor_repeats_the_value(text: str) -> None:
    problem = uln_problem(text)
    digits = uln_as_stored(text)
    assert problem is None or len(digits) < 10 or digits not in problem


@pytest.mark.parametrize(
    "name",
    [
        "Siân Llŷr",
        "Małgorzata Brzęczyszczykiewicz-Łoś",
        "O'Neill",
        "O’Neill",
        "נועה כהן",
        "مريم السعدي",
        "李",
        "=HYPERLINK(x)",
        "-",
        "x" * NAME_LENGTH,
        "می‌خواهم",  # a zero-width joiner belongs to the spelling
    ],
)
def test_names_of_all_people_are_fine(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("name", ["", "   ", "\u00a0", "\u200b", "\u200f"])
def test_an_empty_name_is_asked_for(name: str) -> None:
    assert name_problem(name, "family name") == "Enter the family name."


@pytest.mark.parametrize(
    "name", ["Ann\tLee", "Ann\nLee", "Ann\x00", "\x1b[31m", "Ann\u2028Lee", "Ann\u202eeeL", "\ud800"]
)
def test_a_hidden_character_is_refused(name: str) -> None:
    problem = name_problem(name)
    assert problem is not None
    assert "hidden character" in problem


def test_a_long_name_is_refused_with_its_length() -> None:
    assert name_problem("x" * 201) == "The name must be 200 characters or fewer. It has 201."


def test_length_is_counted_in_composed_letters() -> None:
    assert name_problem("e\u0301" * 200) is None


@given(st.text(max_size=250))
def test_storing_a_name_twice_changes_nothing(name: str) -> None:
    once = name_as_stored(name)
    assert name_as_stored(once) == once
    assert name_problem(once) == name_problem(name)


@pytest.mark.parametrize(
    ("given_name", "family", "preferred", "shown"),
    [
        ("Elizabeth", "Jones", "Liz", "Liz Jones"),
        ("Elizabeth", "Jones", None, "Elizabeth Jones"),
        ("Elizabeth", "Jones", "  ", "Elizabeth Jones"),
        ("Suharto", "", "", "Suharto"),
        (" Elizabeth ", " Jones", "", "Elizabeth Jones"),
    ],
)
def test_the_preferred_name_takes_the_place_of_the_given_name(
    given_name: str, family: str, preferred: str | None, shown: str
) -> None:
    assert display_name(given_name, family, preferred) == shown
