"""Working days in England: Monday to Friday without bank holidays (domain V3).

The days come from a committed table, `bank_holidays.csv`, so that a deadline never depends on the network.
A day beyond the table is never quietly counted as if it had no holidays: BankHolidaysNotKnown is raised, and
the caller shows its sentence beside the vacancy instead of a wrong date.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class BankHolidaysNotKnown(ValueError):
    """A day lies outside the years of the bank holiday table; the message can be shown to people."""

    def __init__(self, day: date, first_year: int, last_year: int) -> None:
        self.day = day
        super().__init__(
            f"Bank holidays are known from {first_year} to {last_year}, so working days in {day.year} "
            "cannot be counted. Check the dates; if they are right, ask your administrator to add the bank "
            f"holidays of {day.year}."
        )


@dataclass(frozen=True)
class BankHolidays:
    """Bank holidays by date, complete for each year from `first_year` to `last_year`."""

    names: Mapping[date, str]
    first_year: int
    last_year: int

    def covers(self, day: date) -> bool:
        """Whether the table knows the year of this day; lets a check warn before the table runs out."""
        return self.first_year <= day.year <= self.last_year

    def is_working_day(self, day: date) -> bool:
        """Whether English NHS offices work that day. Raises BankHolidaysNotKnown beyond the table."""
        if not self.covers(day):
            raise BankHolidaysNotKnown(day, self.first_year, self.last_year)
        return day.weekday() < _SATURDAY and day not in self.names


@lru_cache(maxsize=1)
def england_bank_holidays() -> BankHolidays:
    """Load the shipped table (gov.uk's dates for England and Wales, substitute days included), once."""
    table = resources.files(__package__).joinpath("bank_holidays.csv").read_text(encoding="utf-8")
    names = {date.fromisoformat(row["date"]): row["name"] for row in csv.DictReader(table.splitlines())}
    return BankHolidays(MappingProxyType(names), min(names).year, max(names).year)


def add_working_days(start: date, days: int, holidays: BankHolidays) -> date:
    """Return the day `days` (1 or more) working days after `start`; `start` itself counts for nothing.

    Raises ValueError for fewer than one day, BankHolidaysNotKnown when the way leads beyond the table.
    """
    if days < 1:
        raise ValueError("The number of working days must be 1 or more.")
    day, left = start, days
    while left:
        day += _ONE_DAY
        left -= holidays.is_working_day(day)
    return day


def working_days_between(after: date, until: date, holidays: BankHolidays) -> int:
    """Count the working days later than `after`, up to and including `until`; 0 when `until` is not later.

    Raises BankHolidaysNotKnown when a day of that span lies beyond the table.
    """
    if until <= after:
        return 0
    for end in (after + _ONE_DAY, until):
        if not holidays.covers(end):
            raise BankHolidaysNotKnown(end, holidays.first_year, holidays.last_year)
    return sum(
        holidays.is_working_day(date.fromordinal(number))
        for number in range(after.toordinal() + 1, until.toordinal() + 1)
    )
