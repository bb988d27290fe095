"""Rules of graduating: eligibility explained line by line, and who may certify. Pure: today is an argument.

Serial numbers, verification codes and the match of a typed name are in `checking.py`.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from recovery_college.assessment.rules import QUALITY_ASSURED, UnitState
from recovery_college.courses.rules import AttendanceSummary, EnrolmentStatus, course_has_ended
from recovery_college.courses.specification import (
    Specification,
    combination_shortfalls,
    counted,
    unit_label,
    units_needed,
)


class LineKind(StrEnum):
    """What a line of the explanation is about."""

    ENROLMENT = "enrolment"
    COURSE_END = "course end"
    ATTENDANCE = "attendance"
    NOTE = "note"
    UNIT = "unit"
    COMBINATION = "combination"


@dataclass(frozen=True, slots=True)
class EligibilityLine:
    """One sentence of the explanation; `ok` is False for what still stands in the way. `unit`: its code."""

    text: str
    ok: bool
    kind: LineKind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """Where a registered unit stands: its state, its criteria not yet met in the unit's order, and whether a
    decision of an assessor in training waits for a countersignature (A10).
    """

    state: UnitState
    criteria_not_met: tuple[str, ...] = ()
    awaits_countersignature: bool = False


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a student may graduate (G1) and the lines that say why; counts are of units needed."""

    eligible: bool
    lines: tuple[EligibilityLine, ...]
    units_required: int
    units_verified: int


def eligibility(
    *,
    today: date,
    ends_on: date | None,
    status: EnrolmentStatus,
    attendance: AttendanceSummary,
    min_attendance: Decimal | int,
    spec: Specification | None,
    standings: Mapping[str, UnitStanding],
) -> Eligibility:
    """Say whether a student may graduate and explain it line by line (G1).

    Needed: the course has ended, attendance over the whole course reaches `min_attendance` per cent, and
    every unit the rule of combination needs is at least verified. `standings` holds the registered units by
    code; `spec` is None for a course without a qualification, which asks for no units.
    """
    lines = [
        _enrolment_line(status),
        _course_end_line(ends_on, today),
        _attendance_line(attendance, min_attendance),
    ]
    if attendance.planned_from_marks and attendance.planned:
        text = "No timetable was given, so the sessions in the register stand for the planned course."
        lines.append(EligibilityLine(text, True, LineKind.NOTE))
    verified = {code for code, standing in standings.items() if standing.state in QUALITY_ASSURED}
    needed = units_needed(spec, standings, verified) if spec else ()
    lines += [_unit_line(code, standings.get(code)) for code in needed]
    if spec:
        lines += [
            EligibilityLine(text, False, LineKind.COMBINATION)
            for text in combination_shortfalls(spec, {*standings, *needed}, "among the units registered")
        ]
    return Eligibility(
        eligible=all(line.ok for line in lines),
        lines=tuple(lines),
        units_required=len(needed),
        units_verified=len(verified.intersection(needed)),
    )


def why_not(result: Eligibility) -> str:
    """Give all that stands in the way on one line, for files and lists; empty for who is eligible."""
    return " ".join(line.text for line in result.lines if not line.ok)


def why_not_with_notes(result: Eligibility) -> str:
    """Give the same with what must be known to read it, such as that no timetable was given; for the file."""
    if result.eligible:
        return ""
    return " ".join(line.text for line in result.lines if not line.ok or line.kind is LineKind.NOTE)


def _enrolment_line(status: EnrolmentStatus) -> EligibilityLine:
    """Tell where the place in the cohort stands."""
    text = {
        EnrolmentStatus.ENROLLED: "The student is enrolled.",
        EnrolmentStatus.PAUSED: "The student's place is paused.",
        EnrolmentStatus.WITHDRAWN: "The student has withdrawn from the course.",
        EnrolmentStatus.COMPLETED: "The student has completed the course.",
    }[status]
    ok = status in (EnrolmentStatus.ENROLLED, EnrolmentStatus.COMPLETED)
    return EligibilityLine(text, ok, LineKind.ENROLMENT)


def _course_end_line(ends_on: date | None, today: date) -> EligibilityLine:
    """Tell whether the course has ended: attendance over the whole course is settled only then."""
    if ends_on is None:
        return EligibilityLine("The course has no last day yet.", False, LineKind.COURSE_END)
    day = f"{ends_on.day} {MONTHS[ends_on.month - 1]} {ends_on.year}"
    if course_has_ended(ends_on, today):
        return EligibilityLine(f"The course ended on {day}.", True, LineKind.COURSE_END)
    return EligibilityLine(
        f"The course has not ended yet: its last day is {day}.", False, LineKind.COURSE_END
    )


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _attendance_line(attendance: AttendanceSummary, minimum: Decimal | int) -> EligibilityLine:
    """Tell attendance over the whole course beside what the course asks for."""
    asked = f"The course asks for {_plain(minimum)}%."
    ok = attendance.reaches(minimum)
    if attendance.whole_course is None:
        text = f"No sessions count for this student yet, so there is no attendance to go by. {asked}"
    else:
        sessions = counted(attendance.planned, "session")
        text = f"Attended {attendance.attended} of {sessions} ({attendance.whole_course}%). {asked}"
    return EligibilityLine(text, ok, LineKind.ATTENDANCE)


def _plain(number: Decimal | int) -> str:
    """Write a number without an exponent or idle zeros: 80, 82.5."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit_line(code: str, standing: UnitStanding | None) -> EligibilityLine:
    """Tell where one needed unit stands, naming the criteria not yet met."""
    label = unit_label(code)
    if standing is None:
        text = f"{label} is needed and the student is not registered for it."
        return EligibilityLine(text, False, LineKind.UNIT, code)
    ok = standing.state in QUALITY_ASSURED
    if ok:
        text = f"{label} is {standing.state}."
    elif standing.state is UnitState.ASSESSED:
        text = f"{label} is waiting for internal quality assurance."
    elif standing.state is UnitState.WITHDRAWN:
        text = f"{label} was left before it was achieved."
    elif len(standing.criteria_not_met) == 1:
        text = f"Criterion {standing.criteria_not_met[0]} of {label} is not yet met."
    elif standing.criteria_not_met:
        text = f"Criteria {_listed(standing.criteria_not_met)} of {label} are not yet met."
    elif standing.awaits_countersignature:
        text = f"{label} is waiting for a countersignature."
    else:
        text = f"{label} was returned to the assessor, and a new decision is awaited."
    return EligibilityLine(text, ok, LineKind.UNIT, code)


def _listed(items: Sequence[str]) -> str:
    """Join two or more items as one says them: 1.1, 1.2 and 3.2."""
    return f"{', '.join(items[:-1])} and {items[-1]}"


def may_certify(issuer: Hashable, student: Hashable, conflicts: Collection[Hashable] = ()) -> str | None:
    """Say why this person may not issue this student's certificate, or None (A10: by person)."""
    if issuer == student:
        return "You cannot issue your own certificate. Ask another administrator."
    if student in conflicts:
        return "You declared a conflict of interest with this student. Ask another administrator."
    return None
