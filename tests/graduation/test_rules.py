"""Eligibility to graduate (G1), explained line by line, from outside."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.assessment.rules import UnitState
from recovery_college.courses.rules import AttendanceSummary, EnrolmentStatus
from recovery_college.courses.specification import (
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
)
from recovery_college.graduation.rules import (
    Eligibility,
    EligibilityLine,
    LineKind,
    UnitStanding,
    eligibility,
    may_certify,
    why_not,
    why_not_with_notes,
)

ENDS = date(2026, 3, 27)


def unit(code: str, credit: int = 3) -> UnitSpec:
    return UnitSpec(code, "A title", 4, credit, 20, (OutcomeSpec("1", "x", (CriterionSpec("1.1", "y"),)),))


SPEC = Specification(
    "Peer support",
    "1",
    (
        UnitGroup("mandatory", (unit("Unit 3"), unit("Unit 4"))),
        UnitGroup("Options", (unit("Unit 5"), unit("Unit 6")), min_units=1),
    ),
)
VERIFIED = UnitStanding(UnitState.VERIFIED)
DONE = {
    "Unit 3": VERIFIED,
    "Unit 4": UnitStanding(UnitState.AWARDED),
    "Unit 5": UnitStanding(UnitState.CLAIMED),
}


def check(**changed: Any) -> Eligibility:
    facts: dict[str, Any] = {
        "today": ENDS + timedelta(days=1),
        "ends_on": ENDS,
        "status": EnrolmentStatus.ENROLLED,
        "attendance": AttendanceSummary(20, 24, 24, False),
        "min_attendance": 80,
        "spec": SPEC,
        "standings": DONE,
    }
    return eligibility(**{**facts, **changed})


def test_who_has_it_all_is_eligible_and_reads_why() -> None:
    result = check()
    assert result.eligible
    assert why_not(result) == ""
    assert (result.units_required, result.units_verified) == (3, 3)
    assert [line.text for line in result.lines] == [
        "The student is enrolled.",
        "The course ended on 27 March 2026.",
        "Attended 20 of 24 sessions (83.3%). The course asks for 80%.",
        "Unit 3 is verified.",
        "Unit 4 is awarded.",
        "Unit 5 is claimed.",
    ]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"attendance": AttendanceSummary(19, 24, 24, False)},
            "Attended 19 of 24 sessions (79.2%). The course asks for 80%.",
        ),
        (
            {"attendance": AttendanceSummary(0, 0, 0, True)},
            "No sessions count for this student yet, so there is no attendance to go by. "
            "The course asks for 80%.",
        ),
        ({"today": ENDS}, "The course has not ended yet: its last day is 27 March 2026."),
        ({"ends_on": None}, "The course has no last day yet."),
        ({"status": EnrolmentStatus.PAUSED}, "The student's place is paused."),
        ({"status": EnrolmentStatus.WITHDRAWN}, "The student has withdrawn from the course."),
        (
            {"standings": {**DONE, "Unit 3": UnitStanding(UnitState.IN_PROGRESS, ("3.2",))}},
            "Criterion 3.2 of Unit 3 is not yet met.",
        ),
        (
            {"standings": {**DONE, "Unit 3": UnitStanding(UnitState.IN_PROGRESS, ("1.1", "1.2", "3.2"))}},
            "Criteria 1.1, 1.2 and 3.2 of Unit 3 are not yet met.",
        ),
        (
            {"standings": {**DONE, "Unit 4": UnitStanding(UnitState.ASSESSED)}},
            "Unit 4 is waiting for internal quality assurance.",
        ),
        (
            {"standings": {**DONE, "Unit 4": UnitStanding(UnitState.IN_PROGRESS)}},
            "Unit 4 was returned to the assessor, and a new decision is awaited.",
        ),
        (
            {"standings": {**DONE, "Unit 4": UnitStanding(UnitState.WITHDRAWN, ("1.1",))}},
            "Unit 4 was left before it was achieved.",
        ),
        (
            {"standings": {"Unit 3": VERIFIED, "Unit 5": VERIFIED}},
            "Unit 4 is needed and the student is not registered for it.",
        ),
        (
            {"standings": {"Unit 3": VERIFIED, "Unit 4": VERIFIED}},
            "The group “Options” asks for 1 unit; 0 among the units registered.",
        ),
    ],
)
def test_each_thing_in_the_way_is_one_line_and_refuses(changed: dict[str, Any], text: str) -> None:
    result = check(**changed)
    assert not result.eligible
    assert why_not(result) == text


def test_several_things_in_the_way_stand_on_one_line() -> None:
    text = why_not(check(today=ENDS, status=EnrolmentStatus.PAUSED))
    assert (
        text == "The student's place is paused. The course has not ended yet: its last day is 27 March 2026."
    )


def test_a_completed_student_stays_eligible() -> None:
    assert check(status=EnrolmentStatus.COMPLETED).eligible


def test_a_plan_made_from_the_register_is_said_and_does_not_refuse() -> None:
    result = check(attendance=AttendanceSummary(20, 24, 24, True))
    assert result.eligible
    text = "No timetable was given, so the sessions in the register stand for the planned course."
    assert EligibilityLine(text, True, LineKind.NOTE) in result.lines
    assert why_not_with_notes(result) == ""
    behind = check(attendance=AttendanceSummary(2, 24, 24, True))
    assert why_not_with_notes(behind) == f"{why_not(behind)} {text}"


def test_a_unit_on_top_of_the_rule_is_not_asked_for() -> None:
    standings = {**DONE, "Unit 6": UnitStanding(UnitState.IN_PROGRESS, ("1.1",))}
    assert check(standings=standings).eligible
    assert check(standings={**DONE, "Unit 6": VERIFIED}).units_verified == 3
    behind = check(standings={**standings, "Unit 5": UnitStanding(UnitState.ASSESSED)})
    assert not behind.eligible
    assert (behind.units_required, behind.units_verified) == (3, 2)


def test_whole_course_counts_not_so_far() -> None:
    assert not check(attendance=AttendanceSummary(10, 10, 24, False)).eligible


def test_the_minimum_is_the_cohorts_own() -> None:
    attendance = AttendanceSummary(19, 24, 24, False)
    assert check(attendance=attendance, min_attendance=79).eligible
    assert "asks for 100%" in why_not(check(attendance=attendance, min_attendance=100))


def test_a_course_without_a_qualification_asks_for_no_units() -> None:
    result = check(spec=None, standings={})
    assert result.eligible
    assert result.units_required == 0


@given(
    st.integers(0, 24),
    st.sampled_from(EnrolmentStatus),
    st.integers(-2, 2),
    st.tuples(*[st.sampled_from(UnitState)] * 4),
)
def test_eligible_exactly_when_every_part_of_g1_holds(
    attended: int, status: EnrolmentStatus, days: int, states: tuple[UnitState, ...]
) -> None:
    standings = {f"Unit {n}": UnitStanding(state) for n, state in enumerate(states, start=3)}
    result = check(
        attendance=AttendanceSummary(attended, 24, 24, False),
        status=status,
        today=ENDS + timedelta(days=days),
        standings=standings,
    )
    sound = [str(state) in ("verified", "claimed", "awarded") for state in states]
    expected = (
        attended / 24 >= 0.8
        and status in ("enrolled", "completed")
        and days > 0
        and sound[0]
        and sound[1]
        and (sound[2] or sound[3])
    )
    assert result.eligible == expected
    assert (why_not(result) == "") == expected
    assert "\n" not in why_not(result)
    assert result.units_required == 3


def test_nobody_certifies_themselves_or_a_declared_conflict() -> None:
    assert may_certify("col", "ben") is None
    assert "your own certificate" in (may_certify("ben", "ben") or "")
    assert "conflict of interest" in (may_certify("col", "ben", {"ben"}) or "")
