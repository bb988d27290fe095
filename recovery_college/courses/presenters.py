"""Facts of courses in words and tag colours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from recovery_college.courses.models import Cohort, CourseSession
from recovery_college.courses.queries import Place
from recovery_college.courses.rules import (
    AttendanceSummary,
    CohortPhase,
    EnrolmentStatus,
    cohort_phase,
    course_week,
)
from recovery_college.courses.specification import Specification, UnitGroup, counted
from recovery_college.courses.specification_mapping import Fate
from recovery_college.kernel.wording import percent

Tag = tuple[str, str, str]
"""Words, colour and shape of a status tag."""

PHASE_TAGS: Mapping[CohortPhase, Tag] = {
    CohortPhase.RUNNING: ("Running", "green", "arrow"),
    CohortPhase.PLANNED: ("Planned", "blue", "clock"),
    CohortPhase.FINISHED: ("Finished", "grey", "tick"),
}
STATUS_TAGS: Mapping[EnrolmentStatus, Tag] = {
    EnrolmentStatus.ENROLLED: ("Enrolled", "green", "dot"),
    EnrolmentStatus.PAUSED: ("Paused", "yellow", "pause"),
    EnrolmentStatus.WITHDRAWN: ("Withdrawn", "grey", "ring"),
    EnrolmentStatus.COMPLETED: ("Completed", "blue", "tick"),
}

FATE_TAGS: Mapping[Fate, Tag] = {
    Fate.SAME: ("Same", "green", "tick"),
    Fate.REWORDED: ("Reworded", "yellow", "dot"),
    Fate.MOVED: ("Moved", "blue", "arrow"),
    Fate.GONE: ("Gone", "grey", "cross"),
    Fate.NEW: ("New", "purple", "flag"),
}


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort in the list."""

    cohort: Cohort
    phase: CohortPhase
    taken: int
    when: str


def in_phases(
    cohorts: Iterable[Cohort], taken: Mapping[UUID, int], today: date
) -> dict[CohortPhase, list[CohortLine]]:
    """The cohorts by phase, in the order people look for them; phases without any are left out."""
    found: dict[CohortPhase, list[CohortLine]] = {phase: [] for phase in CohortPhase}
    for cohort in cohorts:
        phase = cohort_phase(cohort.starts_on, cohort.ends_on, today)
        found[phase].append(CohortLine(cohort, phase, taken.get(cohort.id, 0), week_words(cohort, today)))
    return {phase: lines for phase, lines in found.items() if lines}


def week_words(cohort: Cohort, today: date) -> str:
    """ "Week 6 of 12" while it runs, else how long it is."""
    week, weeks = course_week(cohort.starts_on, cohort.ends_on, today)
    if cohort_phase(cohort.starts_on, cohort.ends_on, today) is CohortPhase.RUNNING:
        return f"Week {week} of {weeks}"
    return counted(weeks, "week")


def attended_words(attended: int, of: int, share: Decimal | None) -> str:
    """ "9 of 10 (90%)", or that there is nothing to count yet."""
    return "No sessions yet" if share is None else f"{attended} of {of} ({percent(share)})"


def so_far_words(summary: AttendanceSummary) -> str:
    """Attendance of the sessions held (C3)."""
    return attended_words(summary.attended, summary.held, summary.so_far)


def whole_course_words(summary: AttendanceSummary) -> str:
    """Attendance of all planned sessions (C3)."""
    return attended_words(summary.attended, summary.planned, summary.whole_course)


def cohort_so_far(places: Sequence[Place], attendance: Mapping[UUID, AttendanceSummary]) -> str:
    """Everybody's attendance so far as one share, of who has not withdrawn; empty before the first session."""
    here = [
        attendance[place.enrolment_id] for place in places if place.status is not EnrolmentStatus.WITHDRAWN
    ]
    held = sum(summary.held for summary in here)
    attended = sum(summary.attended for summary in here)
    return percent(Decimal(100 * attended) / held) if held else ""


def session_state(session: CourseSession, today: date) -> Tag:
    """Where a session stands."""
    if session.cancelled_at is not None:
        return ("Cancelled", "red", "cross")
    if session.session_on == today:
        return ("Today", "green", "arrow")
    return ("Held", "grey", "tick") if session.session_on < today else ("To come", "blue", "clock")


def group_words(group: UnitGroup) -> str:
    """What a group asks of a student, in a sentence (A1)."""
    if group.takes_all:
        return "Everybody takes all of these units."
    asked = [
        *([counted(group.min_units, "unit")] if group.min_units else []),
        *([counted(group.min_credit, "credit")] if group.min_credit else []),
    ]
    return f"At least {' and '.join(asked)} of this group." if asked else "These units are a free choice."


def rule_words(specification: Specification) -> str:
    """How much the whole qualification asks for (A1)."""
    least = specification.min_credit
    total = sum(unit.credit for unit in specification.units)
    whole = f"{counted(len(specification.units), 'unit')} with {counted(total, 'credit')} in all."
    asked = [f"At least {counted(least, 'credit')} are needed."] if least else []
    asked += [
        f"At least {counted(credit, 'credit')} must be at level {level} or above."
        for level, credit in specification.credit_at_level
    ]
    return " ".join([whole, *asked])
