"""The gate before a start, and what is funded (P4, P5, P6), without app or database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.check_rules import (
    CheckKind,
    CheckState,
    Room,
    StepFact,
    StepState,
    TeamStep,
    check_room,
    checks_to_go,
    months_after,
    places_of,
    step_state,
    steps_to_go,
    training_due_on,
    why_no_start,
)

TODAY = date(2026, 11, 28)


@given(st.dictionaries(st.sampled_from(CheckKind), st.sampled_from(CheckState)))
def test_only_six_clear_checks_open_the_gate(states: dict[CheckKind, CheckState]) -> None:
    clear = len(states) == 6 and set(states.values()) == {CheckState.CLEAR}
    assert (checks_to_go(states) == []) is clear


@given(
    st.sampled_from(TeamStep),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.sampled_from(["", "Robin"]),
    st.sampled_from(["", "One post is funded"]),
)
def test_a_step_is_done_only_when_its_day_has_come(
    step: TeamStep, done: date | None, due: date | None, named: str, why: str
) -> None:
    state = step_state(step, StepFact(done, due, named, why), TODAY)
    if state is StepState.DONE:
        assert done is not None
        assert done <= TODAY
        assert named or not step.names_somebody
    if state is StepState.NOT_POSSIBLE:
        assert step is TeamStep.MORE_THAN_ONE
        assert why


def test_one_peer_will_do_where_more_is_not_possible() -> None:
    settled = dict.fromkeys(TeamStep, StepState.DONE) | {TeamStep.MORE_THAN_ONE: StepState.NOT_POSSIBLE}
    assert steps_to_go(settled) == []
    assert steps_to_go(settled | {TeamStep.VISIT: StepState.PLANNED}) == [TeamStep.VISIT]
    assert len(steps_to_go({})) == 5


def test_why_there_is_no_start_yet() -> None:
    assert why_no_start(2, 1) == "Start date cannot be set yet: 2 checks and 1 preparation to go"
    assert why_no_start(0, 0) == ""


@pytest.mark.parametrize(
    ("day", "due"),
    [(date(2026, 8, 31), date(2027, 2, 28)), (date(2027, 8, 31), date(2028, 2, 29))],
)
def test_who_is_hired_before_graduating_is_trained_within_six_months(day: date, due: date) -> None:
    assert training_due_on(day, False) == due
    assert training_due_on(day, True) is None


@given(st.dates(date(1900, 1, 1), date(2190, 1, 1)), st.integers(0, 60))
def test_months_after_never_jumps_over_a_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later >= day - timedelta(days=0)


hours = st.decimals("0.25", "60", places=2)


@given(st.lists(hours, max_size=6), st.decimals("1", "200", places=2), st.integers(1, 4))
def test_what_is_filled_never_exceeds_what_is_funded(
    wanted: list[Decimal], funded: Decimal, places: int
) -> None:
    taken, people = Decimal(0), 0
    for one in wanted:
        if not check_room(Room(funded, places, taken, people), one):
            taken, people = taken + one, people + 1
    assert taken <= funded
    assert people <= places


def test_a_job_share_takes_two_people() -> None:
    assert (places_of(None, True), places_of(None, False), places_of(3, True)) == (2, 1, 3)
    assert "funded" in check_room(Room(None, 1), Decimal(10))
