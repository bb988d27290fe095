"""Rules of due dates (A14): which day counts for a student, and whether a reminder goes out. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.wording import day as day_words


class AskedFor(StrEnum):
    """What a student asks for by one button, without a reason."""

    MORE_TIME = "more time"
    PAUSE = "pause"


class TimeAnswer(StrEnum):
    """What a tutor answered."""

    GIVEN = "given"
    TALK_FIRST = "talk first"


class ReminderKind(StrEnum):
    """When a reminder is sent, told from the day work is due."""

    WEEK_BEFORE = "week before"
    DAY_BEFORE = "day before"
    AFTER = "after"


def day_with_extra(
    due_on: date, stood_on: date, set_at: datetime, days: int, since_on: date, ended_at: datetime | None
) -> date:
    """The cohort's day with the days more that a student has for every date (A14).

    `stood_on`: the day that counted for the student when they were agreed: one that had passed does not come
    back. A date set after they ended is everybody's.
    """
    if stood_on < since_on or (ended_at is not None and set_at >= ended_at):
        return due_on
    return due_on + timedelta(days=days)


def day_after_pauses(day: date, set_on: date, pauses: Iterable[tuple[date, date | None]]) -> date:
    """The day with every pause the student had since it was set, so that resting takes no time away (C2).

    `pauses`: first and last day, both within. One that was over when the day was set, or began after the day,
    moves nothing; nor does one that is not over yet, since how long it is nobody knows.
    """
    for from_on, to_on in sorted(pauses, key=lambda one: one[0]):
        if to_on is not None and set_on <= to_on and from_on <= day:
            day += timedelta(days=max((to_on - from_on).days + 1, 0))
    return day


def why_not_back(back_on: date, paused_on: date, today: date) -> str | None:
    """Say why this cannot be the first day back, or None."""
    if back_on < paused_on:
        return f"The pause began on {day_words(paused_on)}. Choose that day or a later one"
    if back_on > today:
        return "Choose today or an earlier day"
    return None


def why_not_pause(from_on: date, enrolled_on: date, last_back_on: date | None, today: date) -> str | None:
    """Say why this cannot be the first day of a pause, or None. `last_back_on`: since when the student is back."""
    if from_on > today:
        return "Choose today or an earlier day"
    if from_on < enrolled_on:
        return f"The place began on {day_words(enrolled_on)}. Choose that day or a later one"
    if last_back_on is not None and from_on < last_back_on:
        return f"The last pause ended before {day_words(last_back_on)}. Choose that day or a later one"
    return None


def reminder_due(
    due_on: date,
    today: date,
    status: EnrolmentStatus,
    *,
    done: bool,
    muted: bool = False,
    asked_for_time: bool = False,
) -> ReminderKind | None:
    """Which reminder is due today, if any. `due_on` is the day that counts for this student.

    None goes to who muted them, handed in, is paused or has left, or has asked for more time and waits for an
    answer. The last one goes in the first week after the day, never later: nobody is nagged.
    """
    if done or muted or asked_for_time or status is not EnrolmentStatus.ENROLLED:
        return None
    left = (due_on - today).days
    if left < 0:
        return ReminderKind.AFTER if left >= -7 else None
    if left <= 1:
        return ReminderKind.DAY_BEFORE
    return ReminderKind.WEEK_BEFORE if left <= 7 else None


def is_later(wanted: date, due_on: date, today: date) -> str | None:
    """Say why a day is no extension of `due_on`, or None."""
    if wanted <= due_on:
        return "Choose a day after the one that counts now."
    if wanted < today:
        return "Choose today or a later day."
    if wanted > today + timedelta(days=366):
        return "Choose a day within a year."
    return None
