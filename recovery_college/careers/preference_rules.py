"""What somebody would like to work as, where and when (P1). Pure.

Nothing here is about health, evidence, decisions or adjustments: there is no field for any of them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from recovery_college.careers.rules import MOST_WEEKLY_HOURS, ContractKind, ServiceArea, Setting

LONGEST_STATEMENT = 2000
LONGEST_PLACE = 200
MOST_PLACES = 60
"""How many places somebody may choose among, and say."""


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


class TimeOfDay(StrEnum):
    """A part of the day."""

    MORNING = "mornings"
    AFTERNOON = "afternoons"
    EVENING = "evenings"
    NIGHT = "nights"


class SiteEase(StrEnum):
    """How a place can be reached: travel is a matter between the person and the site."""

    EASILY = "easily"
    IF_NEED_BE = "if need be"


class AlertFrequency(StrEnum):
    """How often somebody is written to about new posts that may suit them."""

    NEVER = "never"
    WEEKLY = "weekly"
    DAILY = "daily"


WordT = TypeVar("WordT", bound=StrEnum)


def mask_of(words: Iterable[StrEnum], kind: type[StrEnum]) -> int:
    """Words of a list as one number, a bit each in the order of the list: what the table holds."""
    chosen = set(words)
    return sum(1 << place for place, word in enumerate(kind) if word in chosen)


def words_in(mask: int, kind: type[WordT]) -> tuple[WordT, ...]:
    """The words of a number made by `mask_of`, in the order of the list."""
    return tuple(word for place, word in enumerate(kind) if mask >> place & 1)


def everything(kind: type[StrEnum]) -> int:
    """The number that holds every word of the list."""
    return (1 << len(kind)) - 1


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asks of a post. Empty means "I do not mind": it is met by anything."""

    least_hours: Decimal | None = None
    most_hours: Decimal | None = None
    areas: frozenset[ServiceArea] = frozenset()
    settings: frozenset[Setting] = frozenset()
    contracts: frozenset[ContractKind] = frozenset()
    days: frozenset[Day] = frozenset()
    times: frozenset[TimeOfDay] = frozenset()
    job_share: bool = False
    earliest_start: date | None = None
    sites: dict[str, SiteEase] = field(default_factory=dict)


def places_named(text: str, known: Iterable[str]) -> list[str]:
    """The places somebody wrote in a line, as they are called here; one that is not known keeps their own word.

    A word stands for each known place that holds it whole: "Cambridge" for "Fulbourn, Cambridge" too.
    """
    names = {one.casefold(): one for one in known}
    found: dict[str, None] = {}
    for part in re.split(r"[,;/\n]|\band\b|\bor\b", text, flags=re.IGNORECASE):
        said = " ".join(part.split())[:LONGEST_PLACE]
        if not said:
            continue
        whole = re.compile(rf"(?<!\w){re.escape(said.casefold())}(?!\w)")
        fitting = [name for word, name in sorted(names.items()) if whole.search(word)]
        found.update(dict.fromkeys(fitting or [said]))
    return list(found)[:MOST_PLACES]


def check_hours(least: Decimal | None, most: Decimal | None) -> dict[str, str]:
    """What is wrong with the two numbers of hours, by box."""
    errors = {}
    for box, hours in (("least_hours", least), ("most_hours", most)):
        if hours is not None and not 0 < hours <= MOST_WEEKLY_HOURS:
            errors[box] = f"Enter a number of hours a week from 1 to {MOST_WEEKLY_HOURS}, like 15"
    if not errors and least is not None and most is not None and least > most:
        errors["most_hours"] = "The most hours must be the same as the least hours, or more"
    return errors
