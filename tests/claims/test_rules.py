"""Registration, the clock and signing: pure rules, each with its property."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_rules import Capacity
from recovery_college.claims.rules import (
    Identity,
    ProblemKind,
    capacity_of,
    claim_clock,
    identity_problems,
    problem_summary,
    registration_problems,
    summary,
    why_not_reviewer,
    why_not_sign,
)

BORN = date(1980, 5, 4)
GOOD = Identity("Amina O'Neill", BORN, "9276308686")
TODAY = date(2026, 11, 28)


def test_a_complete_record_has_no_problem() -> None:
    assert identity_problems(GOOD) == []
    assert registration_problems(GOOD, GOOD.sent) == []


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (Identity("", BORN, ""), ProblemKind.NO_NAME),
        (Identity("Amina", None, ""), ProblemKind.NO_BIRTHDAY),
        (Identity("Amina", BORN, "9276308687"), ProblemKind.BAD_ULN),
        (Identity("Amina", BORN, "0276308686"), ProblemKind.BAD_ULN),
    ],
)
def test_what_is_missing_is_named(record: Identity, kind: ProblemKind) -> None:
    assert [problem.kind for problem in identity_problems(record)] == [kind]


def test_an_unknown_uln_is_sent_as_nines_and_is_no_difference_later() -> None:
    unknown = Identity("Amina O'Neill", BORN, "")
    assert unknown.sent.uln == "9999999999"
    assert registration_problems(unknown, unknown.sent) == []
    assert registration_problems(GOOD, unknown.sent) == []  # it became known since


@pytest.mark.parametrize(
    ("registered", "kind"),
    [
        (None, ProblemKind.NOT_REGISTERED),
        (Identity("Amina Oneill", BORN, GOOD.uln), ProblemKind.NAME_DIFFERS),
        (Identity(GOOD.certificate_name, date(1980, 4, 5), GOOD.uln), ProblemKind.BIRTHDAY_DIFFERS),
        (Identity(GOOD.certificate_name, BORN, "1234567890"), ProblemKind.ULN_DIFFERS),
    ],
)
def test_a_difference_from_the_registration_is_named(registered: Identity | None, kind: ProblemKind) -> None:
    assert [problem.kind for problem in registration_problems(GOOD, registered)] == [kind]


def test_the_check_is_summed_up_in_words() -> None:
    assert summary(12, 5, 60) == "12 students, 5 units, 60 unit results"
    assert summary(1, 1, 1) == "1 student, 1 unit, 1 unit result"
    assert (
        problem_summary({ProblemKind.NAME_DIFFERS: 2})
        == "2 students whose name differs from the registration"
    )


@pytest.mark.parametrize(
    ("ends_on", "words"),
    [
        (TODAY - timedelta(weeks=12), "The claim is due today, 28 November 2026"),
        (TODAY - timedelta(weeks=13), "Overdue by 1 week: the claim was due on 21 November 2026"),
        (TODAY - timedelta(weeks=12, days=1), "Overdue by 1 day: the claim was due on 27 November 2026"),
        (TODAY - timedelta(days=1), "The claim is due on 19 February 2027: 11 weeks and 6 days left"),
    ],
)
def test_the_clock_in_words(ends_on: date, words: str) -> None:
    assert claim_clock(ends_on, TODAY).words == words


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-400, 400))
def test_the_clock_is_over_after_84_days_and_not_before(ends_on: date, days: int) -> None:
    assert claim_clock(ends_on, ends_on + timedelta(days=days)).is_over == (days > 84)


PEOPLE = ("tutor", "iqa", "reviewer", "student", "decider")


@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from([Role.TUTOR, Role.IQA, Role.ADMIN])), max_size=12
    )
)
def test_whoever_tries_the_signatures_are_of_different_people_who_may(tries: list[tuple[str, Role]]) -> None:
    signed: dict[Capacity, str] = {}
    for person, role in tries:
        capacity = capacity_of(role, person, "reviewer")
        refused = why_not_sign(
            capacity, person, reviewer="reviewer", signed=signed, students={"student"}, deciders={"decider"}
        )
        if refused is None:
            assert capacity is not None
            signed[capacity] = person
    assert len(set(signed.values())) == len(signed)
    assert "student" not in signed.values()
    assert "decider" not in {signed.get(Capacity.IQA), signed.get(Capacity.REVIEWER)}
    assert signed.get(Capacity.REVIEWER, "reviewer") == "reviewer"


@pytest.mark.parametrize("order", list(permutations(["tutor", "iqa", "reviewer"])))
def test_the_three_may_sign_in_any_order(order: tuple[str, ...]) -> None:
    roles = {"tutor": Role.TUTOR, "iqa": Role.IQA, "reviewer": Role.IQA}
    signed: dict[Capacity, str] = {}
    for person in order:
        capacity = capacity_of(roles[person], person, "reviewer")
        assert (
            why_not_sign(
                capacity, person, reviewer="reviewer", signed=signed, students=set(), deciders={"tutor"}
            )
            is None
        )
        assert capacity is not None
        signed[capacity] = person
    assert set(signed) == set(Capacity)


def test_a_reviewer_is_neither_on_the_claim_nor_its_assessor() -> None:
    assert why_not_reviewer("a", students={"a"}, deciders=set())
    assert why_not_reviewer("a", students=set(), deciders={"a"})
    assert why_not_reviewer("a", students={"b"}, deciders={"c"}) is None
