"""Who is told of an answer that is waited for, and when: reminder, deputy, PSW lead, HR lead (domain V4).

Pure. Nothing here decides: each step only tells one more person.
"""

from collections.abc import Collection
from enum import StrEnum

from recovery_college.careers.terms_rules import DEFAULT, Terms


class Duty(StrEnum):
    """What somebody in HR or the college is named for."""

    PSW_LEAD = "psw lead"
    HR_LEAD = "hr lead"
    SECOND_READER = "second reader"


class Step(StrEnum):
    """The steps, in their order. The first comes before the day, the others after it."""

    SOON = "soon"
    REMINDER = "reminder"
    DEPUTY = "deputy"
    PSW_LEAD = "psw lead"
    HR_LEAD = "hr lead"


class Reached(StrEnum):
    """What came of a step."""

    TOLD = "told"
    NOBODY = "nobody"
    NO_ADDRESS = "no address"


def after_last_day(terms: Terms) -> tuple[tuple[Step, int], ...]:
    """Working days after the last day at which each step is due, at the earliest."""
    return (
        (Step.REMINDER, terms.reminder_after),
        (Step.DEPUTY, terms.deputy_after),
        (Step.PSW_LEAD, terms.psw_lead_after),
        (Step.HR_LEAD, terms.hr_lead_after),
    )


def next_step(
    days_left: int, taken: Collection[Step], terms: Terms = DEFAULT, *, taken_today: bool = False
) -> Step | None:
    """The one step to take now about one vacancy, or None.

    `days_left` counts working days, negative once the last day is past. No step is left out and never two are
    taken on one day, so that after a long silence each person gets a chance before the next one is told.
    """
    if taken_today:
        return None
    if days_left >= 0:
        return Step.SOON if days_left <= terms.soon_days and Step.SOON not in taken else None
    for step, after in after_last_day(terms):
        if step not in taken:
            return step if -days_left >= after else None
    return None
