"""The band rule as dated data (V2) and weekly hours (P6)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recovery_college.careers.bands import Band, BandReading, BandSource, in_order, read_bands
from recovery_college.careers.rules import (
    RULE_V1,
    NoRuleInForce,
    PswFlag,
    RuleVersion,
    VacancyStatus,
    WeeklyHoursError,
    check_weekly_hours,
    is_possible_psw_role,
    read_weekly_hours,
    rule_in_force,
    wte,
)

RULE_V2 = RuleVersion(2, (Band.BAND_3,), date(2027, 4, 1), exclusions=("team leader",))
CLOSED_V1 = RuleVersion(1, RULE_V1.bands, RULE_V1.valid_from, date(2027, 3, 31))


@given(st.sets(st.sampled_from(list(Band)), min_size=1))
def test_any_band_2_3_or_4_makes_a_possible_psw_role(bands: set[Band]) -> None:
    flag = is_possible_psw_role(BandReading(in_order(bands), True, BandSource.BAND_FIELD, "x"), RULE_V1)
    assert flag.answer is (PswFlag.YES if {b.value for b in bands} & {"2", "3", "4"} else PswFlag.NO)
    assert flag.rule_version == 1


@pytest.mark.parametrize(
    ("band", "answer", "why"),
    [
        ("Band 3", "yes", "Band 3, as given with the vacancy: rule 1 asks about bands 2, 3 and 4."),
        ("Band 4/5", "yes", "Bands 4 and 5, as given with the vacancy: rule 1 asks about bands 2, 3 and 4."),
        (
            "8",
            "no",
            "Bands 8a, 8b, 8c and 8d, as given with the vacancy: rule 1 asks about bands 2, 3 and 4 only.",
        ),
        ("VSM", "no", 'The post is paid outside Agenda for Change ("VSM"), so it has no band.'),
        ("", "unknown", "The band could not be read, so a person is asked for it."),
        ("Band 12", "unknown", 'The band could not be read ("Band 12"), so a person is asked for it.'),
    ],
)
def test_the_answer_says_why(band: str, answer: str, why: str) -> None:
    flag = is_possible_psw_role(read_bands(band), RULE_V1)
    assert (flag.answer.value, flag.why) == (answer, why)


def test_a_band_in_the_title_is_named_as_the_source() -> None:
    flag = is_possible_psw_role(read_bands("", "Support Worker, Band 3"), RULE_V1)
    assert flag.why == "Band 3, read from the title: rule 1 asks about bands 2, 3 and 4."


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        ("Team  Leader (days)", "no"),
        ("TEAM LEADER", "no"),
        ("Steam leader", "yes"),
        ("Team leadership", "yes"),
    ],
)
def test_exclusions_are_whole_words_of_the_title(title: str, answer: str) -> None:
    flag = is_possible_psw_role(read_bands("Band 3"), RULE_V2, title)
    assert (flag.answer.value, flag.rule_version) == (answer, 2)
    assert is_possible_psw_role(read_bands("Band 3"), RULE_V1, title).answer is PswFlag.YES


@given(st.dates(date(2010, 1, 1), date(2028, 12, 31)))
@example(date(2010, 1, 1))
@example(date(2027, 3, 31))
@example(date(2027, 4, 1))
def test_one_version_holds_each_day(day: date) -> None:
    rule = rule_in_force([CLOSED_V1, RULE_V2], day)
    assert rule.version == (1 if day < date(2027, 4, 1) else 2)


def test_history_run_again_gives_the_same_answer_under_the_stored_version() -> None:
    reading = read_bands("Band 4")
    assert is_possible_psw_role(reading, CLOSED_V1).answer is PswFlag.YES
    assert is_possible_psw_role(reading, RULE_V2).answer is PswFlag.NO


def test_a_hole_or_an_overlap_in_the_rules_is_named() -> None:
    with pytest.raises(NoRuleInForce, match="For 31 December 2009 there is no version"):
        rule_in_force([RULE_V1], date(2009, 12, 31))
    with pytest.raises(NoRuleInForce, match=r"more than one version \(1, 2\)"):
        rule_in_force([RULE_V1, RULE_V2], date(2027, 4, 1))


@pytest.mark.parametrize(
    "text", ["0", "60.01", "-1", "75", "abc", "NaN", "Infinity", "37,5", "37.555", "1e1", "999"]
)
def test_hours_that_cannot_be_right_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(WeeklyHoursError, match=r"37\.5"):
        read_weekly_hours(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("37.5", "37.5"),
        ("15", "15"),
        (" 22.50 ", "22.5"),
        ("15 hours a week", "15"),
        ("7.5 hrs", "7.5"),
        ("60", "60"),
    ],
)
def test_hours_are_read(text: str, hours: str) -> None:
    assert read_weekly_hours(text) == Decimal(hours)
    assert read_weekly_hours(" ") is None


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_hours_pass_only_between_0_and_60(hours: Decimal) -> None:
    if hours.is_finite() and 0 < hours <= 60:
        assert check_weekly_hours(hours) == hours
    else:
        with pytest.raises(WeeklyHoursError):
            check_weekly_hours(hours)


@pytest.mark.parametrize(
    ("hours", "share"),
    [("37.5", "1.00"), ("18.75", "0.50"), ("4", "0.11"), ("30", "0.80"), ("0.5625", "0.02")],
)
def test_full_time_is_37_and_a_half_hours(hours: str, share: str) -> None:
    assert wte(Decimal(hours)) == Decimal(share)


def test_closed_and_withdrawn_vacancies_are_over() -> None:
    assert [status.value for status in VacancyStatus if status.is_over] == ["closed", "withdrawn"]
