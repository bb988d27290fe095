"""Codes (A4) and attendance (C3), from outside."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.courses.rules import (
    AccreditationKind,
    AttendanceSummary,
    EnrolmentStatus,
    Mark,
    MarkFact,
    Pause,
    SessionFact,
    attendance_summary,
    course_has_ended,
    course_plan,
    qualification_number_warning,
    unit_reference_warning,
)

START = date(2026, 1, 5)
TODAY = date(2026, 3, 2)


def test_the_words_of_the_files_are_the_values() -> None:
    assert [str(status) for status in EnrolmentStatus] == ["enrolled", "paused", "withdrawn", "completed"]
    assert [str(mark) for mark in Mark] == ["present", "late", "apology", "absent", "cancelled"]
    assert [str(kind) for kind in AccreditationKind] == ["regulated", "centre-devised", "not accredited"]


@pytest.mark.parametrize("number", ["601/4292/3", "60142923", " 601/4292/3 ", "", "601/4608/4"])
def test_a_sound_qualification_number_is_not_commented_on(number: str) -> None:
    assert qualification_number_warning(number) is None


@pytest.mark.parametrize("reference", ["J/601/3538", "f/601/5465", "R/601/5471", "", "PSW-03", "Unit 4"])
def test_a_sound_or_own_unit_code_is_not_commented_on(reference: str) -> None:
    assert unit_reference_warning(reference) is None


def test_a_slip_in_a_code_is_told() -> None:
    assert "ends in 3, not 4" in (qualification_number_warning("601/4292/4") or "")
    assert "begins with J, not K" in (unit_reference_warning("K/601/3538") or "")
    assert "looks like 601/4292/3" in (qualification_number_warning("OCN level 4") or "")
    assert "looks like J/601/3538" in (unit_reference_warning("J/6013538") or "")


@given(st.text(alphabet="0123456789", min_size=7, max_size=7))
def test_each_seven_digits_have_one_check_character(digits: str) -> None:
    stem = f"{digits[:3]}/{digits[3:]}"
    assert sum(qualification_number_warning(f"{stem}/{c}") is None for c in "0123456789X") == 1
    assert sum(unit_reference_warning(f"{c}/{stem}") is None for c in "ADFHJKLMRTY") == 1


@given(st.text(max_size=20))
def test_code_warnings_take_any_text(text: str) -> None:
    for warning in (qualification_number_warning(text), unit_reference_warning(text)):
        assert warning is None or warning.endswith(".")


def weekly(count: int) -> list[SessionFact]:
    days = [START + timedelta(weeks=n) for n in range(count)]
    return [SessionFact(day, day.isoformat()) for day in days]


def marked(sessions: list[SessionFact], *marks: Mark | None) -> list[MarkFact]:
    pairs = zip(sessions, marks, strict=False)
    return [MarkFact(session.session_on, session.key, mark) for session, mark in pairs if mark]


def summary(
    sessions: list[SessionFact],
    marks: list[MarkFact],
    *,
    enrolled_on: date = START,
    today: date = TODAY,
    pauses: tuple[Pause, ...] = (),
    withdrawn_on: date | None = None,
) -> AttendanceSummary:
    return attendance_summary(
        course_plan(sessions, marks),
        marks,
        enrolled_on=enrolled_on,
        today=today,
        pauses=pauses,
        withdrawn_on=withdrawn_on,
    )


def test_both_percentages_to_one_decimal() -> None:
    sessions = weekly(24)
    after = sessions[-1].session_on + timedelta(days=1)
    got = summary(sessions, marked(sessions, *[Mark.PRESENT] * 19), today=after)
    assert (got.attended, got.held, got.planned) == (19, 24, 24)
    assert got.so_far == got.whole_course == Decimal("79.2")
    assert not got.reaches(80)
    assert got.reaches(79)


def test_so_far_and_whole_course_differ_while_the_course_runs() -> None:
    sessions = weekly(10)
    got = summary(sessions, marked(sessions, Mark.PRESENT, Mark.LATE, Mark.ABSENT), today=date(2026, 1, 25))
    assert (got.attended, got.held, got.planned) == (2, 3, 10)
    assert (got.so_far, got.whole_course) == (Decimal("66.7"), Decimal("20.0"))


@pytest.mark.parametrize(
    ("mark", "attended", "held"),
    [
        (Mark.PRESENT, 1, 1),
        (Mark.LATE, 1, 1),
        (Mark.APOLOGY, 0, 1),
        (Mark.ABSENT, 0, 1),
        (None, 0, 1),
        (Mark.CANCELLED, 0, 0),
    ],
)
def test_what_each_mark_counts(mark: Mark | None, attended: int, held: int) -> None:
    sessions = weekly(1)
    got = summary(sessions, marked(sessions, mark))
    assert (got.attended, got.held, got.planned) == (attended, held, held)


def test_a_session_cancelled_in_the_timetable_counts_for_nobody() -> None:
    sessions = weekly(2)
    sessions[0] = replace(sessions[0], cancelled=True)
    got = summary(sessions, marked(sessions, Mark.PRESENT, Mark.ABSENT))
    assert (got.attended, got.held, got.planned) == (0, 1, 1)


def test_a_session_whose_marks_all_say_cancelled_counts_for_an_unmarked_student_neither() -> None:
    sessions = weekly(2)
    plan = course_plan(sessions, marked(sessions, Mark.CANCELLED, Mark.PRESENT))
    got = attendance_summary(plan, [], enrolled_on=START, today=TODAY)
    assert (got.attended, got.held, got.planned) == (0, 1, 1)


def test_one_cancelled_mark_among_others_is_that_students_alone() -> None:
    sessions = weekly(1)
    both = [*marked(sessions, Mark.CANCELLED), *marked(sessions, Mark.PRESENT)]
    got = attendance_summary(course_plan(sessions, both), [], enrolled_on=START, today=TODAY)
    assert (got.held, got.planned) == (1, 1)


def test_days_before_enrolment_and_in_a_pause_leave_both() -> None:
    sessions = weekly(6)
    marks = marked(sessions, *[Mark.PRESENT] * 6)
    pause = Pause(sessions[2].session_on, sessions[3].session_on)
    got = summary(sessions, marks, enrolled_on=sessions[1].session_on, pauses=(pause,))
    assert (got.attended, got.held, got.planned) == (3, 3, 3)


def test_an_open_pause_lasts() -> None:
    sessions = weekly(6)
    got = summary(sessions, [], pauses=(Pause(sessions[1].session_on),))
    assert got.planned == 1


def test_after_withdrawal_nothing_more_is_held_and_the_course_stays_as_planned() -> None:
    sessions = weekly(6)
    got = summary(sessions, marked(sessions, Mark.PRESENT), withdrawn_on=sessions[1].session_on)
    assert (got.attended, got.held, got.planned) == (1, 2, 6)


def test_today_is_held_once_it_is_marked() -> None:
    sessions = weekly(2)
    day = sessions[1].session_on
    assert summary(sessions, marked(sessions, Mark.PRESENT), today=day).held == 1
    assert summary(sessions, marked(sessions, Mark.PRESENT, Mark.PRESENT), today=day).held == 2


def test_a_mark_ahead_of_its_day_is_not_yet_attended() -> None:
    sessions = weekly(2)
    got = summary(sessions, marked(sessions, Mark.PRESENT, Mark.APOLOGY), today=sessions[0].session_on)
    assert (got.attended, got.held, got.planned) == (1, 1, 2)


def test_without_a_timetable_the_registers_dates_stand_for_it() -> None:
    sessions = weekly(3)
    everyone = [*marked(sessions, Mark.PRESENT, Mark.PRESENT, Mark.PRESENT), *marked(sessions, Mark.ABSENT)]
    plan = course_plan([], everyone)
    mine = marked(sessions, Mark.ABSENT)
    got = attendance_summary(plan, mine, enrolled_on=START, today=TODAY)
    assert (got.attended, got.held, got.planned, got.planned_from_marks) == (0, 3, 3, True)
    assert summary(sessions, mine).planned_from_marks is False


def test_marks_outside_the_timetable_count_for_nothing() -> None:
    sessions = weekly(3)
    got = summary(sessions[:2], marked(sessions, *[Mark.PRESENT] * 3))
    assert (got.attended, got.held, got.planned) == (2, 2, 2)


def test_nothing_planned_has_no_percentage() -> None:
    got = summary([], [])
    assert (got.so_far, got.whole_course) == (None, None)
    assert not got.reaches(80)
    assert got.reaches(0)


@pytest.mark.parametrize(("attended", "held", "shown"), [(1, 3, "33.3"), (1, 16, "6.3"), (3, 16, "18.8")])
def test_percentages_round_halves_up(attended: int, held: int, shown: str) -> None:
    assert AttendanceSummary(attended, held, held, False).so_far == Decimal(shown)


def test_the_minimum_is_compared_unrounded() -> None:
    nearly = AttendanceSummary(attended=1599, held=2000, planned=2000, planned_from_marks=False)
    assert nearly.whole_course == Decimal("80.0")
    assert not nearly.reaches(80)
    assert AttendanceSummary(1600, 2000, 2000, False).reaches(80)


marks_or_none = st.lists(st.sampled_from([*Mark, None]), min_size=1, max_size=12)


@given(marks_or_none, st.integers(-3, 100), st.integers(-2, 60), st.integers(-2, 60), st.integers(0, 20))
def test_counts_agree_with_a_plain_count(
    marks: list[Mark | None], today_in: int, enrolled_in: int, pause_in: int, pause_for: int
) -> None:
    sessions = weekly(len(marks))
    today, enrolled_on = START + timedelta(days=today_in), START + timedelta(days=enrolled_in)
    pause = Pause(START + timedelta(days=pause_in), START + timedelta(days=pause_in + pause_for))
    mine = marked(sessions, *marks)
    got = attendance_summary(
        course_plan(sessions, []), mine, enrolled_on=enrolled_on, today=today, pauses=[pause]
    )
    counting = [
        (session.session_on, mark)
        for session, mark in zip(sessions, marks, strict=True)
        if mark != "cancelled"
        and session.session_on >= enrolled_on
        and not (pause.from_on <= session.session_on <= (pause.until_on or date.max))
    ]
    held = [mark for day, mark in counting if day < today or (day == today and mark)]
    assert got.planned == len(counting)
    assert got.held == len(held)
    assert got.attended == len([mark for mark in held if mark in ("present", "late")])


@given(marks_or_none, st.integers(0, 11))
def test_turning_up_never_lowers_attendance(marks: list[Mark | None], place: int) -> None:
    sessions = weekly(len(marks))
    place %= len(marks)
    if marks[place] is Mark.CANCELLED:
        return
    better = [*marks[:place], Mark.PRESENT, *marks[place + 1 :]]
    plan = course_plan(sessions, [])
    before = attendance_summary(plan, marked(sessions, *marks), enrolled_on=START, today=TODAY)
    after = attendance_summary(plan, marked(sessions, *better), enrolled_on=START, today=TODAY)
    assert after.attended >= before.attended
    assert after.planned == before.planned
    assert 0 <= after.attended <= after.held <= after.planned


def test_a_course_has_ended_when_its_last_day_is_over() -> None:
    assert not course_has_ended(TODAY, TODAY)
    assert course_has_ended(TODAY, TODAY + timedelta(days=1))
    assert not course_has_ended(None, TODAY)
