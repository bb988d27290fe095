"""When somebody asks how it goes in a post: after 1, 4 and 12 months (P7). Pure."""

from collections.abc import Collection
from datetime import date, timedelta

from recovery_college.careers.check_rules import months_after

FOLLOW_UP_MONTHS = (1, 4, 12)
LAST_ASKED_MONTHS = 15
"""The last one is asked for no longer than this: of a post from years ago nobody is reminded."""
AGAIN_AFTER = timedelta(days=28)
"""Nobody is written to about the same one sooner than this."""


def asked_until(months: int) -> int:
    """The month of a post in which one of them gives way to the next: who was missed at 1 month is asked at 4."""
    later = [one for one in (*FOLLOW_UP_MONTHS, LAST_ASKED_MONTHS) if one > months]
    return min(later)


def follow_up_to_ask(started_on: date, asked: Collection[int], today: date) -> int | None:
    """Which one is to be asked today, or None: never two of one post, and what was asked is gone."""
    for months in FOLLOW_UP_MONTHS:
        if months_after(started_on, months) <= today < months_after(started_on, asked_until(months)):
            return None if months in asked else months
    return None


def last_start(today: date, months: int) -> date:
    """The last first day that is so many months ago today: who began later has not come so far.

    A month's last day stands for the days that month has not, so several first days can come to one day.
    """
    found = months_after(today, -months)
    while months_after(found + timedelta(days=1), months) <= today:
        found += timedelta(days=1)
    return found
