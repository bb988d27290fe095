from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.kernel import wording

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_days_have_no_leading_nought() -> None:
    assert wording.day(date(2026, 3, 7)) == "7 March 2026"


def test_a_moment_late_in_the_evening_in_summer_is_the_next_day_in_london() -> None:
    assert wording.day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"
    assert wording.moment(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026 at 12:30am"


def test_a_moment_without_a_zone_is_utc() -> None:
    assert wording.clock(datetime(2026, 7, 1, 8, 30)) == "9:30am"  # noqa: DTZ001 the case under test


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0, 0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(9, 0), "9am"),
        (time(11, 59), "11:59am"),
        (time(12, 0), "midday"),
        (time(12, 1), "12:01pm"),
        (time(14, 30), "2:30pm"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_clock_reads_as_the_service_manual_asks(at: time, words: str) -> None:
    assert wording.clock(at) == words


@given(st.times())
def test_no_two_minutes_read_the_same(at: time) -> None:
    shown = {"midnight": "12:00am", "midday": "12:00pm"}.get(wording.clock(at), wording.clock(at))
    back = datetime.strptime(shown if ":" in shown else f"{shown[:-2]}:00{shown[-2:]}", "%I:%M%p")  # noqa: DTZ007
    assert (back.hour, back.minute) == (at.hour, at.minute)


@pytest.mark.parametrize(
    ("weekly", "words"),
    [
        (Decimal("22.50"), "22.5 hours a week"),
        (Decimal("37.5"), "37.5 hours a week"),
        (1, "1 hour a week"),
        (Decimal("1.00"), "1 hour a week"),
        (30, "30 hours a week"),
        (Decimal("18.75"), "18.75 hours a week"),
        (0, "0 hours a week"),
    ],
)
def test_hours(weekly: Decimal, words: str) -> None:
    assert wording.hours(weekly) == words


@pytest.mark.parametrize(
    ("share", "words"), [(88, "88%"), (87.5, "87.5%"), (Decimal("66.66"), "66.7%"), (100, "100%")]
)
def test_percent(share: float, words: str) -> None:
    assert wording.percent(share) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(hours=15), "yesterday"),
        (timedelta(days=4), "4 days ago"),
        (timedelta(days=40), "14 October 2026"),
        (timedelta(days=-2), "25 November 2026 at 2:30pm"),
    ],
)
def test_ago(before: timedelta, words: str) -> None:
    assert wording.ago(NOW - before, NOW) == words
