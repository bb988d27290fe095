"""Working days of England (V3), checked against another author's calendar."""

from datetime import date, timedelta

import holidays as calendar_library
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.kernel.working_days import (
    BankHolidays,
    BankHolidaysNotKnown,
    add_working_days,
    england_bank_holidays,
    working_days_between,
)

ENGLAND = england_bank_holidays()
days_known = st.dates(date(2010, 1, 1), date(2027, 12, 31))


def library_weekdays() -> set[date]:
    known = calendar_library.country_holidays("GB", subdiv="ENG", years=range(2010, 2031))
    return {day for day in known if day.weekday() < 5}


def test_the_table_agrees_with_the_holidays_package_for_every_year() -> None:
    assert set(ENGLAND.names) == library_weekdays()
    assert (ENGLAND.first_year, ENGLAND.last_year) == (2010, 2030)


def test_a_table_with_one_wrong_day_would_be_noticed() -> None:
    wrong = set(ENGLAND.names) - {date(2022, 9, 19)}
    assert wrong != library_weekdays()


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2011, 4, 29), False),  # the royal wedding
        (date(2012, 5, 28), True),  # the spring bank holiday moved to June
        (date(2012, 6, 4), False),
        (date(2012, 6, 5), False),
        (date(2020, 5, 4), True),  # the May Day holiday moved to VE Day
        (date(2020, 5, 8), False),
        (date(2022, 5, 30), True),
        (date(2022, 6, 2), False),
        (date(2022, 6, 3), False),
        (date(2022, 9, 19), False),
        (date(2023, 5, 8), False),
        (date(2026, 12, 28), False),  # Boxing Day is a Saturday
        (date(2027, 12, 27), False),
        (date(2027, 12, 28), False),
        (date(2026, 11, 30), True),  # St Andrew's Day is Scotland's
        (date(2026, 3, 17), True),  # St Patrick's Day is Northern Ireland's
        (date(2026, 11, 28), False),
        (date(2028, 2, 29), True),
    ],
)
def test_single_days(day: date, working: bool) -> None:
    assert ENGLAND.is_working_day(day) is working


@pytest.mark.parametrize("day", [date(2009, 12, 31), date(2031, 1, 1), date.max, date.min])
def test_a_day_beyond_the_table_is_named_and_never_guessed(day: date) -> None:
    assert not ENGLAND.covers(day)
    with pytest.raises(BankHolidaysNotKnown, match="known from 2010 to 2030") as error:
        ENGLAND.is_working_day(day)
    assert error.value.day == day
    with pytest.raises(BankHolidaysNotKnown):
        working_days_between(date(2026, 1, 1), date.max, ENGLAND)


def test_adding_across_the_end_of_the_table_is_refused() -> None:
    assert add_working_days(date(2030, 12, 24), 3, ENGLAND) == date(2030, 12, 31)
    with pytest.raises(BankHolidaysNotKnown, match="2031"):
        add_working_days(date(2030, 12, 24), 4, ENGLAND)


@pytest.mark.parametrize("days", [0, -1])
def test_adding_no_days_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        add_working_days(date(2026, 1, 1), days, ENGLAND)


@given(days_known, st.integers(1, 60))
def test_adding_and_counting_are_inverse(start: date, days: int) -> None:
    end = add_working_days(start, days, ENGLAND)
    assert ENGLAND.is_working_day(end)
    assert working_days_between(start, end, ENGLAND) == days
    assert working_days_between(start, end - timedelta(days=1), ENGLAND) == days - 1


@given(days_known, days_known, days_known)
def test_counts_add_up_over_any_day_between(first: date, second: date, third: date) -> None:
    early, middle, late = sorted((first, second, third))
    assert working_days_between(early, late, ENGLAND) == working_days_between(
        early, middle, ENGLAND
    ) + working_days_between(middle, late, ENGLAND)
    assert working_days_between(late, early, ENGLAND) == 0


def test_another_table_can_be_given() -> None:
    table = BankHolidays({date(2030, 1, 1): "New Year's Day"}, 2030, 2030)
    assert add_working_days(date(2030, 1, 1), 1, table) == date(2030, 1, 2)
    assert not table.is_working_day(date(2030, 1, 1))
