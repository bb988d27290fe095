"""How an engagement stands, and which days it may have (A11)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.engagement_rules import (
    LONGEST_ENGAGEMENT,
    EngagementState,
    engagement_state,
    why_not_these_days,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
SPANS = st.integers(-3, 200).map(lambda days: timedelta(days=days))


@given(DAYS, st.integers(0, 92), DAYS)
def test_it_is_open_from_its_first_day_to_its_last_and_on_no_other(
    opens_on: date, days: int, today: date
) -> None:
    ends_on = opens_on + timedelta(days=days)
    state = engagement_state(opens_on, ends_on, today)
    assert (state is EngagementState.OPEN) == (opens_on <= today <= ends_on)
    assert (state is EngagementState.PLANNED) == (today < opens_on)


@given(DAYS, st.integers(0, 92), DAYS, DAYS)
def test_what_was_ended_is_never_open_again(opens_on: date, days: int, today: date, ended_on: date) -> None:
    state = engagement_state(opens_on, opens_on + timedelta(days=days), today, ended_on=ended_on)
    assert state is EngagementState.ENDED


@given(DAYS, SPANS, DAYS)
def test_days_are_refused_exactly_when_they_make_no_engagement(
    opens_on: date, span: timedelta, today: date
) -> None:
    ends_on = opens_on + span
    fits = opens_on <= ends_on and ends_on >= today and span <= LONGEST_ENGAGEMENT
    assert (why_not_these_days(opens_on, ends_on, today) is None) == fits
