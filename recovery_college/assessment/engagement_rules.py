"""Words of external quality assurance: how an engagement stands, and what may be answered or found (A11). Pure."""

from datetime import date, timedelta
from enum import StrEnum

LONGEST_ENGAGEMENT = timedelta(days=92)
"""Access that nobody ends should not last for ever: an engagement is opened for three months at most."""


class EngagementState(StrEnum):
    """Whether an external quality assurer can see something now."""

    PLANNED = "planned"
    OPEN = "open"
    ENDED = "ended"


class LeaveAnswer(StrEnum):
    """What a student says when the external asks for a piece of evidence marked sensitive (A6)."""

    YES = "may see it"
    REDACTED = "a copy without the private parts"
    TALK = "would rather talk about it"
    NO = "would rather not"


class Finding(StrEnum):
    """What an external quality assurer's report comes to."""

    NO_ACTION = "no action needed"
    ACTIONS = "actions before the next visit"
    BEFORE_CLAIM = "actions before credit is claimed"


def engagement_state(
    opens_on: date, ends_on: date, today: date, *, ended_on: date | None = None
) -> EngagementState:
    """Say how an engagement stands today: it expires by itself, and may be ended before (A11)."""
    if ended_on is not None or today > ends_on:
        return EngagementState.ENDED
    return EngagementState.PLANNED if today < opens_on else EngagementState.OPEN


def why_not_these_days(opens_on: date, ends_on: date, today: date) -> tuple[str, str] | None:
    """Say (field, sentence) why an engagement cannot run between these days, or None."""
    if ends_on < opens_on:
        return "ends_on", "The last day is before the first day. Enter the same day or a later one"
    if ends_on < today:
        return "ends_on", "The last day is in the past. Enter today or a later day"
    if ends_on - opens_on > LONGEST_ENGAGEMENT:
        return (
            "ends_on",
            "An engagement lasts 92 days at most. Enter an earlier last day, or open another later",
        )
    return None
