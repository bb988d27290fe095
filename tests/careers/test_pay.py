"""Agenda for Change pay in England, as dated data, and pro rata for somebody's own hours."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.bands import Band, in_order
from recovery_college.careers.pay import pay_for_hours, pay_scales, scale_on
from recovery_college.careers.rules import WeeklyHoursError

DAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("bands", "hours", "on", "words", "full_time"),
    [
        ([Band.BAND_3], "22.5", DAY, "£15,456 to £16,486 a year", "£25,760 to £27,476"),
        ([Band.BAND_2], "37.5", DAY, "£25,272 a year", "£25,272"),
        (
            [Band.BAND_2, Band.BAND_3, Band.BAND_4],
            "37.5",
            DAY,
            "£25,272 to £31,157 a year",
            "£25,272 to £31,157",
        ),
        ([Band.BAND_4], "18.75", date(2026, 3, 31), "£13,743 to £15,081 a year", "£27,485 to £30,162"),
        ([Band.BAND_9], "37.5", date(2026, 4, 1), "£112,782 to £129,783 a year", "£112,782 to £129,783"),
    ],
)
def test_pay_for_ones_own_hours(bands: list[Band], hours: str, on: date, words: str, full_time: str) -> None:
    pay = pay_for_hours(bands, Decimal(hours), on)
    assert pay is not None
    assert (pay.in_words, pay.full_time_in_words, pay.is_known) == (words, full_time, True)
    assert pay.source.startswith("NHS Employers")


def test_what_is_not_known_is_not_made_up() -> None:
    assert pay_for_hours([], Decimal(20), DAY) is None
    assert pay_for_hours([Band.BAND_3], Decimal(20), date(2025, 3, 31)) is None
    later = pay_for_hours([Band.BAND_3], None, date(2031, 1, 1))
    assert later is not None
    assert (later.is_known, later.weekly_hours) == (False, Decimal("37.5"))
    with pytest.raises(WeeklyHoursError):
        pay_for_hours([Band.BAND_3], Decimal(0), DAY)


def test_the_table_is_whole_and_its_awards_are_those_announced() -> None:
    """2026/27 is 3.3 % on 2025/26, to the nearest pound, on every step of every band."""
    before, after = pay_scales()
    assert after.valid_from - before.valid_to == timedelta(days=1)
    for old, new in zip(before.points, after.points, strict=True):
        assert (old.band, old.after_years) == (new.band, new.after_years)
        assert abs(old.annual * 1.033 - new.annual) <= 1, old
    assert scale_on(DAY) is after


BANDS = st.sets(st.sampled_from(list(Band)), min_size=1).map(in_order)
HOURS = st.decimals("0.25", 60, places=2)


@given(BANDS, HOURS, HOURS, st.dates(date(2025, 4, 1), date(2030, 1, 1)))
def test_more_hours_never_pay_less_and_full_time_pays_the_scale(
    bands: tuple[Band, ...], some: Decimal, other: Decimal, on: date
) -> None:
    fewer, more = sorted((some, other))
    low, high, full = (pay_for_hours(bands, hours, on) for hours in (fewer, more, None))
    assert low
    assert high
    assert full
    assert low.least <= high.least <= high.most
    assert (full.least, full.most) == (low.full_time_least, low.full_time_most)
