"""How dates, times, hours and shares read on a page, after the NHS service manual. Pure: no clock, no app."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def in_london(at: datetime) -> datetime:
    """Return the moment on a clock in London; one without a zone is UTC, as all our `_at` columns are."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(LONDON)


def day(on: date | datetime) -> str:
    """Return "27 March 2026"; a moment is first placed in London."""
    local = in_london(on) if isinstance(on, datetime) else on
    return f"{local.day} {local:%B} {local.year}"


def clock(at: datetime | time) -> str:
    """Return "2:30pm", "9am", "midday" or "midnight"; a moment is first placed in London."""
    local = in_london(at) if isinstance(at, datetime) else at
    if local.minute == 0 and local.hour in (0, 12):
        return "midnight" if local.hour == 0 else "midday"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def moment(at: datetime) -> str:
    """Return "27 March 2026 at 2:30pm", in London."""
    return f"{day(at)} at {clock(at)}"


def plain_number(value: Decimal | float | int, places: int) -> str:
    """Return the number rounded to `places` decimals without trailing noughts: 22.50 is "22.5"."""
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hours(weekly: Decimal | float | int) -> str:
    """Return "22.5 hours a week", "1 hour a week"."""
    number = plain_number(weekly, 2)
    return f"{number} hour{'' if number == '1' else 's'} a week"


def percent(share: Decimal | float | int) -> str:
    """Return "88%" or "87.5%" for a share already counted out of 100, to one decimal."""
    return f"{plain_number(share, 1)}%"


def begun(words: str) -> str:
    """Return words as they begin a line or a cell: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago in words: "just now", "5 minutes ago", "yesterday", "4 days ago", then the date.

    Days are counted on London's calendar, so 11pm last night is "yesterday" at 1am.
    """
    then, here = in_london(at), in_london(now)
    seconds = (here - then).total_seconds()
    days = (here.date() - then.date()).days
    if seconds < 60:
        return "just now" if seconds > -60 else moment(at)
    if days == 0:
        minutes = int(seconds // 60)
        return _count(minutes, "minute") if minutes < 60 else _count(minutes // 60, "hour")
    if days == 1:
        return "yesterday"
    return _count(days, "day") if days < 31 else day(at)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'} ago"
