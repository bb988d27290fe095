"""What a home page is made of, and the lines that several roles share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from recovery_college.access.rules import Actor
from recovery_college.assessment.next_step import NextStep
from recovery_college.careers.compliance import ComplianceCounts
from recovery_college.claims.waiting_queries import claims_to_sign
from recovery_college.courses.models import Cohort, CourseSession
from recovery_college.graduation.models import Certificate
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import clock as at_clock
from recovery_college.quality.countersign_queries import countersignatures_waiting
from recovery_college.quality.report_queries import count_open_actions


@dataclass(frozen=True, slots=True)
class Need:
    """One line: how many, of what, where to find exactly those, and what to know about them."""

    count: int
    text: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A running cohort of a tutor: how far through the course, and how many criteria are met."""

    title: str
    href: str
    site: str
    week: int
    weeks: int
    met: int
    total: int


@dataclass(frozen=True, slots=True)
class Home:
    """All a home page shows. Empty needs mean a calm day."""

    needs: Sequence[Need] = ()
    cohorts: Sequence[CohortLine] = ()
    next_step: NextStep | None = None
    hand_in_at: str = ""
    may_rest: bool = False
    certificate: Certificate | None = None
    compliance: ComplianceCounts | None = None
    next_date: str = ""
    facts: Sequence[str] = field(default=())


def some(*needs: Need) -> list[Need]:
    """Those lines that count something."""
    return [need for need in needs if need.count]


def plural(count: int, one: str, many: str) -> str:
    """The words for this many."""
    return one if count == 1 else many


def next_session(cohort_ids: Sequence[object], today: date) -> str:
    """The next session in words, "Today at 9:30am" first; empty when none is planned."""
    found = session().execute(
        select(CourseSession, Cohort.title)
        .join(Cohort, CourseSession.cohort_id == Cohort.id)
        .where(
            CourseSession.cohort_id.in_(cohort_ids),
            CourseSession.session_on >= today,
            CourseSession.cancelled_at.is_(None),
        )
        .order_by(CourseSession.session_on, CourseSession.starts)
        .limit(1)
    )
    row = found.first()
    if row is None:
        return ""
    planned, title = row
    day = (
        "Today" if planned.session_on == today else f"{planned.session_on:%A} {short_day(planned.session_on)}"
    )
    return f"{day}, {at_clock(planned.starts)}: {planned.title or 'session'} ({title})"


def short_day(on: date) -> str:
    """A day without its year."""
    return f"{on.day} {on:%B}"


def countersign_needs(actor: Actor) -> list[Need]:
    """Decisions of others that this person countersigns."""
    return [
        Need(
            one.count,
            plural(one.count, "decision to countersign", "decisions to countersign"),
            one.href,
            one.cohort,
        )
        for one in countersignatures_waiting(actor)
    ]


def claim_needs(actor: Actor) -> list[Need]:
    """Claims that this person may sign now."""
    return [
        Need(
            1,
            f"claim to sign: {one.label}",
            f"/cohorts/{one.cohort_id}/claim/{one.claim_id}",
            one.cohort,
        )
        for one in claims_to_sign(actor)
    ]


def external_actions(actor: Actor) -> list[Need]:
    """Actions of external reports that are not done, with how many are past their day."""
    count, late = count_open_actions(actor)
    words = plural(count, "action from an external report", "actions from external reports")
    note = f"{late} past {plural(late, 'its', 'their')} day" if late else ""
    return some(Need(count, words, "/engagements/actions", note))
