"""The words of interim checks and observations, and when an action is overdue (A9). Pure: today is an argument."""

from datetime import date
from enum import StrEnum


class Finding(StrEnum):
    """What an interim check found."""

    SOUND = "sound"
    ACTION = "action needed"


class Seen(StrEnum):
    """What of an assessor's practice was observed."""

    FEEDBACK = "giving feedback"
    OBSERVATION = "observing a student"
    DISCUSSION = "professional discussion"
    TEACHING = "teaching and assessing in a session"


def is_overdue(act_by_on: date, done: bool, today: date) -> bool:
    """Whether an action's day has passed and it is not done. Its own day is still in time."""
    return not done and act_by_on < today
