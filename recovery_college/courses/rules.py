"""Rules of what is taught: states, marks, codes, attendance. Pure: today is an argument.

The rule of combination (A1) is in `specification.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class EnrolmentStatus(StrEnum):
    """Where a student stands in a cohort (C2)."""

    ENROLLED = "enrolled"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    COMPLETED = "completed"


class Mark(StrEnum):
    """What the register says of one student at one session (C3)."""

    PRESENT = "present"
    LATE = "late"
    APOLOGY = "apology"
    ABSENT = "absent"
    CANCELLED = "cancelled"


ATTENDED = frozenset({Mark.PRESENT, Mark.LATE})
"""The marks that count as attended (C3)."""


class AccreditationKind(StrEnum):
    """Who stands behind a qualification (A3)."""

    REGULATED = "regulated"
    CENTRE_DEVISED = "centre-devised"
    NOT_ACCREDITED = "not accredited"


# Codes (A4): derived from real codes, not from a published rule, so they warn and never refuse.


def _code_remainder(digits: str) -> int:
    """Weigh seven digits 8, 7, ..., 2 and take the sum modulo 11."""
    return sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11


def qualification_number_warning(text: str) -> str | None:
    """Say what looks wrong with an Ofqual qualification number, or None (A4). Empty is fine (A3)."""
    number = text.strip().upper()
    if not number:
        return None
    parts = re.fullmatch(r"([0-9]{3})/?([0-9]{4})/?([0-9X])", number)
    if parts is None:
        return "A qualification number usually looks like 601/4292/3. Check it against the specification."
    check = "0123456789X"[_code_remainder(parts[1] + parts[2])]
    if parts[3] == check:
        return None
    return f"This qualification number usually ends in {check}, not {parts[3]}. Check it for a typing slip."


def unit_reference_warning(text: str) -> str | None:
    """Say what looks wrong with an Ofqual unit reference, or None (A4).

    A code without a slash is a college's own (A3) and is never commented on.
    """
    reference = text.strip().upper()
    if "/" not in reference:
        return None
    parts = re.fullmatch(r"([A-Z])/([0-9]{3})/([0-9]{4})", reference)
    if parts is None:
        return "A unit reference usually looks like J/601/3538. Check it against the specification."
    letter = "ADFHJKLMRTY"[_code_remainder(parts[2] + parts[3])]
    if parts[1] == letter:
        return None
    return f"This unit reference usually begins with {letter}, not {parts[1]}. Check it for a typing slip."


# Attendance (C3; contract: files, attendance).


@dataclass(frozen=True, slots=True)
class SessionFact:
    """One session of the planned course. `key` tells two sessions of one day apart."""

    session_on: date
    key: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class MarkFact:
    """One student's mark at the session with this key."""

    session_on: date
    key: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Pause:
    """Days in which a student's place rests: both days belong to it; no last day means still paused."""

    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day lies in the pause."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """The sessions attendance is measured against, worked out once for a cohort."""

    sessions: tuple[SessionFact, ...]
    from_marks: bool


def course_plan(sessions: Iterable[SessionFact], cohort_marks: Iterable[MarkFact]) -> CoursePlan:
    """Make the plan of a cohort from its timetable and the marks of all its students.

    Without a timetable each session that any student has a mark for stands in the plan, and `from_marks`
    says so. A session is cancelled for everyone if the timetable says so or if all its marks do: a cancelled
    session counts for nobody (C3), also not for a student whose register line was left out.
    """
    planned = {session.key: session for session in sessions}
    from_marks = not planned
    cancelled: dict[str, bool] = {}
    for fact in cohort_marks:
        cancelled[fact.key] = cancelled.get(fact.key, True) and fact.mark is Mark.CANCELLED
        if from_marks:
            planned.setdefault(fact.key, SessionFact(fact.session_on, fact.key))
    return CoursePlan(
        tuple(
            SessionFact(session.session_on, key, session.cancelled or cancelled.get(key, False))
            for key, session in sorted(planned.items(), key=lambda item: (item[1].session_on, item[0]))
        ),
        from_marks,
    )


@dataclass(frozen=True, slots=True)
class AttendanceSummary:
    """One student's attendance: counts of sessions, and both percentages (C3).

    `held` counts the sessions of this student until today, `planned` those of the whole course. Compare
    with a minimum by `reaches`, never by the rounded percentages.
    """

    attended: int
    held: int
    planned: int
    planned_from_marks: bool

    @property
    def so_far(self) -> Decimal | None:
        """Attended of held, in per cent to one decimal; None before the first session."""
        return _percentage(self.attended, self.held)

    @property
    def whole_course(self) -> Decimal | None:
        """Attended of planned, in per cent to one decimal; None without a planned session."""
        return _percentage(self.attended, self.planned)

    def reaches(self, minimum: Decimal | int) -> bool:
        """Whether attendance over the whole course is at least this many per cent, unrounded."""
        return self.attended * 100 >= minimum * self.planned if self.planned else minimum <= 0


def _percentage(part: int, whole: int) -> Decimal | None:
    """Give per cent to one decimal, halves up; None of nothing."""
    if whole == 0:
        return None
    return (Decimal(part * 100) / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def attendance_summary(
    plan: CoursePlan,
    marks: Iterable[MarkFact],
    *,
    enrolled_on: date,
    today: date,
    pauses: Iterable[Pause] = (),
    withdrawn_on: date | None = None,
) -> AttendanceSummary:
    """Count one student's attendance (C3).

    Present and late count; apology and absent do not; no mark on a held session counts as absent. Cancelled
    sessions and days before enrolment or in a pause leave both counts. A session is held once its day is
    over, or on the day itself once the student is marked. After a withdrawal nothing more counts as held,
    while the whole course stays as planned. Marks of sessions that are not in the plan count for nothing.
    """
    mark_of = {fact.key: fact.mark for fact in marks}
    resting = tuple(pauses)
    attended = held = planned = 0
    for session in plan.sessions:
        day, mark = session.session_on, mark_of.get(session.key)
        if session.cancelled or mark is Mark.CANCELLED:
            continue
        if day < enrolled_on or any(pause.holds(day) for pause in resting):
            continue
        planned += 1
        gone = withdrawn_on is not None and day > withdrawn_on
        if not gone and (day < today or (day == today and mark is not None)):
            held += 1
            attended += mark in ATTENDED
    return AttendanceSummary(attended, held, planned, plan.from_marks)


def course_has_ended(ends_on: date | None, today: date) -> bool:
    """Whether the course's last day is over (G1); a course without a last day has not ended."""
    return ends_on is not None and today > ends_on


class CohortPhase(StrEnum):
    """Where a cohort stands by its dates alone."""

    RUNNING = "running"
    PLANNED = "planned"
    FINISHED = "finished"


def cohort_phase(starts_on: date, ends_on: date, today: date) -> CohortPhase:
    """Whether a cohort is yet to start, running (both its first and last day included), or over."""
    if today < starts_on:
        return CohortPhase.PLANNED
    return CohortPhase.FINISHED if course_has_ended(ends_on, today) else CohortPhase.RUNNING


def course_week(starts_on: date, ends_on: date, today: date) -> tuple[int, int]:
    """Which week of how many a day lies in, counted from the first day; at least week 1, at most the last."""
    weeks = (ends_on - starts_on).days // 7 + 1
    return min(max((today - starts_on).days // 7 + 1, 1), weeks), weeks
