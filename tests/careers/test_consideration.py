"""The consideration of a possible PSW role (V3): states, deadlines over holidays, checks and changes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.bands import Band
from recovery_college.careers.consideration import (
    REASONS,
    ConsiderationAnswer,
    ConsiderationState,
    Reason,
    VacancySnapshot,
    advertised_before_considered,
    asks_still_right,
    check_consideration,
    consideration_due_on,
    consideration_state,
    is_material_change,
    material_changes,
    working_days_left,
)
from recovery_college.careers.rules import PswFlag, Setting, VacancyStatus
from recovery_college.kernel.working_days import BankHolidaysNotKnown, england_bank_holidays

ENGLAND = england_bank_holidays()
GO_LIVE = date(2026, 9, 1)
DUE = date(2026, 11, 27)
days_known = st.dates(date(2011, 1, 1), date(2027, 12, 31))


def state(
    *,
    flag: PswFlag = PswFlag.YES,
    status: VacancyStatus = VacancyStatus.DRAFT,
    posted_on: date | None = date(2026, 11, 20),
    go_live_on: date | None = GO_LIVE,
    due_on: date | None = DUE,
    answer: ConsiderationAnswer | None = None,
    returned: bool = False,
    today: date = DUE,
) -> str:
    return consideration_state(
        flag=flag,
        status=status,
        posted_on=posted_on,
        go_live_on=go_live_on,
        due_on=due_on,
        answer=answer,
        returned=returned,
        today=today,
    ).value


def test_the_states_are_the_words_of_the_export() -> None:
    assert {each.value for each in ConsiderationState} == {
        "not needed", "band needed", "before the rule", "due", "overdue", "returned",
        "psw post", "open to both", "not a psw role", "closed undecided",
    }  # fmt: skip
    assert [s.value for s in ConsiderationState if s.is_decided] == [
        "psw post",
        "open to both",
        "not a psw role",
    ]
    assert [s.value for s in ConsiderationState if s.waits_for_manager] == ["due", "overdue", "returned"]


def test_each_state_is_reached() -> None:
    assert state(flag=PswFlag.NO) == "not needed"
    assert state(flag=PswFlag.UNKNOWN) == "band needed"
    assert state(flag=PswFlag.UNKNOWN, status=VacancyStatus.CLOSED) == "band needed"
    assert state() == "due"
    assert state(today=DUE + timedelta(days=1)) == "overdue"
    assert state(due_on=None) == "due"
    assert state(status=VacancyStatus.ADVERTISED) == "due"
    assert state(status=VacancyStatus.CLOSED) == "closed undecided"
    assert state(status=VacancyStatus.WITHDRAWN) == "closed undecided"
    for answer in ConsiderationAnswer:
        assert state(answer=answer) == answer.value
        assert state(answer=answer, status=VacancyStatus.CLOSED) == answer.value
        assert state(answer=answer, returned=True) == "returned"
        assert state(answer=answer, returned=True, status=VacancyStatus.CLOSED) == "closed undecided"


def test_vacancies_posted_before_go_live_are_never_due() -> None:
    before = GO_LIVE - timedelta(days=1)
    assert state(posted_on=before, today=date(2027, 5, 1)) == "before the rule"
    assert state(posted_on=before, status=VacancyStatus.CLOSED) == "before the rule"
    assert state(posted_on=before, answer=ConsiderationAnswer.PSW_POST) == "psw post"
    assert state(posted_on=GO_LIVE) == "due"
    assert state(posted_on=None) == "due"
    assert state(go_live_on=None, posted_on=before) == "due"


def test_every_flagged_vacancy_is_decided_waiting_excepted_or_closed() -> None:
    combinations = product(
        VacancyStatus,
        (None, date(2026, 8, 1), date(2026, 11, 20)),
        (None, *ConsiderationAnswer),
        (True, False),
    )
    for status, posted_on, answer, returned in combinations:
        found = ConsiderationState(
            state(status=status, posted_on=posted_on, answer=answer, returned=returned)
        )
        assert found not in (ConsiderationState.NOT_NEEDED, ConsiderationState.BAND_NEEDED)
        assert found.is_decided is (answer is not None and not returned)


@pytest.mark.parametrize(
    ("flagged_on", "due_on"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),  # a plain Monday
        (date(2026, 11, 27), date(2026, 12, 4)),  # a Friday
        (date(2026, 11, 28), date(2026, 12, 4)),  # a Saturday: Monday is the first day
        (date(2026, 12, 22), date(2026, 12, 31)),  # over Christmas, Boxing Day observed on Monday
        (date(2026, 12, 29), date(2027, 1, 6)),  # over New Year
        (date(2026, 4, 1), date(2026, 4, 10)),  # over Easter
        (date(2022, 5, 30), date(2022, 6, 8)),  # the Platinum Jubilee
        (date(2022, 9, 14), date(2022, 9, 22)),  # the State Funeral
        (date(2026, 3, 26), date(2026, 4, 2)),  # clocks go forward on 29 March
        (date(2026, 10, 22), date(2026, 10, 29)),  # clocks go back on 25 October
        (date(2028, 2, 24), date(2028, 3, 2)),  # over 29 February
    ],
)
def test_deadlines_count_english_working_days(flagged_on: date, due_on: date) -> None:
    assert consideration_due_on(flagged_on, ENGLAND) == due_on
    assert ENGLAND.is_working_day(due_on)


def test_a_deadline_beyond_the_table_is_refused_by_name() -> None:
    with pytest.raises(BankHolidaysNotKnown, match="2031"):
        consideration_due_on(date(2030, 12, 28), ENGLAND)


@given(days_known, st.integers(1, 20))
def test_on_the_day_of_the_flag_all_days_are_left(flagged_on: date, days: int) -> None:
    due_on = consideration_due_on(flagged_on, ENGLAND, days)
    assert working_days_left(flagged_on, due_on, ENGLAND) == days
    assert working_days_left(due_on, due_on, ENGLAND) == 0


@given(days_known, days_known)
def test_days_left_never_rise_as_time_passes_and_tell_overdue(today: date, due_on: date) -> None:
    left = working_days_left(today, due_on, ENGLAND)
    assert (left < 0) is (today > due_on)
    assert working_days_left(today + timedelta(days=1), due_on, ENGLAND) <= left


def test_the_weekend_after_the_deadline_is_overdue() -> None:
    assert working_days_left(date(2026, 11, 28), DUE, ENGLAND) == -1
    assert working_days_left(date(2026, 11, 30), DUE, ENGLAND) == -1
    assert working_days_left(date(2026, 12, 1), DUE, ENGLAND) == -2


@pytest.mark.parametrize(
    ("advertised_on", "considered_on", "arrived", "breach"),
    [
        (None, None, False, False),
        (date(2026, 11, 20), None, False, True),
        (date(2026, 11, 20), date(2026, 11, 19), False, False),
        (date(2026, 11, 20), date(2026, 11, 20), False, False),
        (date(2026, 11, 20), date(2026, 11, 20), True, True),
        (date(2026, 11, 20), date(2026, 11, 21), False, True),
        (date(2026, 8, 31), None, True, False),
    ],
)
def test_advertised_before_considered(
    advertised_on: date | None, considered_on: date | None, arrived: bool, breach: bool
) -> None:
    for flag in PswFlag:
        found = advertised_before_considered(
            flag=flag,
            advertised_on=advertised_on,
            first_considered_on=considered_on,
            go_live_on=GO_LIVE,
            arrived_advertised=arrived,
        )
        assert found is (breach and flag is PswFlag.YES)


TODAY = date(2026, 11, 23)


def test_the_starter_reasons_have_unique_codes_and_end_with_other() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS)
    assert REASONS[-1].code == "other"


@pytest.mark.parametrize(
    ("answer", "reason", "text", "field"),
    [
        ("psw post", None, None, None),
        ("open to both", "", "", None),
        (ConsiderationAnswer.PSW_POST, "registration", "left over", None),
        ("not a psw role", "registration", "", None),
        ("not a psw role", "other", "The ward closes in March.", None),
        (None, None, None, "answer"),
        ("", None, None, "answer"),
        ("maybe", None, None, "answer"),
        ("not a psw role", None, None, "reason"),
        ("not a psw role", "no such code", None, "reason"),
        ("not a psw role", "other", "  ", "other_text"),
        ("not a psw role", "other", "x" * 501, "other_text"),
        ("not a psw role", "registration", "x" * 501, "other_text"),
    ],
)
def test_answers_are_checked_field_by_field(
    answer: str | None, reason: str | None, text: str | None, field: str | None
) -> None:
    errors = check_consideration(answer, reason, text, on=TODAY)
    assert list(errors) == ([] if field is None else [field])
    assert all(sentence.endswith(".") for sentence in errors.values())


def test_a_retired_reason_cannot_be_chosen_from_that_day_on() -> None:
    reasons = (Reason("old", "An old reason", retired_on=TODAY), Reason("other", "Another reason"))
    assert (
        check_consideration("not a psw role", "old", "", on=TODAY - timedelta(days=1), reasons=reasons) == {}
    )
    errors = check_consideration("not a psw role", "old", "", on=TODAY, reasons=reasons)
    assert errors == {"reason": 'The reason "An old reason" is no longer offered. Choose another one.'}


VACANCY = VacancySnapshot(
    "Support Worker", "Helps.", (Band.BAND_3,), Decimal("37.5"), "Fen Team", Setting.COMMUNITY
)


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (replace(VACANCY, bands=(Band.BAND_3, Band.BAND_4)), ("band",)),
        (replace(VACANCY, weekly_hours=Decimal(15)), ("hours",)),
        (replace(VACANCY, weekly_hours=None), ("hours",)),
        (replace(VACANCY, team="Ouse Team"), ("team",)),
        (replace(VACANCY, setting=Setting.WARD), ("setting",)),
        (replace(VACANCY, bands=(), setting=None), ("band", "setting")),
    ],
)
def test_material_changes_are_named_and_ask_again(after: VacancySnapshot, changes: tuple[str, ...]) -> None:
    assert material_changes(VACANCY, after) == changes
    assert is_material_change(VACANCY, after)
    assert not asks_still_right(VACANCY, replace(after, description="Other."))


@pytest.mark.parametrize(
    ("after", "asks"),
    [
        (VACANCY, False),
        (replace(VACANCY, weekly_hours=Decimal("37.50"), team=" fen  team"), False),
        (replace(VACANCY, description="Helps.  "), False),
        (replace(VACANCY, description="Leads."), True),
        (replace(VACANCY, title="Senior Support Worker"), True),
    ],
)
def test_changed_words_only_ask_whether_it_is_still_right(after: VacancySnapshot, asks: bool) -> None:
    assert not is_material_change(VACANCY, after)
    assert asks_still_right(VACANCY, after) is asks


def test_tags_that_go_when_a_feed_is_read_again_ask_nothing() -> None:
    tagged = replace(VACANCY, description="<p>Walk along.</p><ul><li>Listen</li></ul>")
    assert not asks_still_right(tagged, replace(tagged, description="Walk along.\n\n• Listen"))
    assert asks_still_right(tagged, replace(tagged, description="Walk along.\n\n• Speak"))
