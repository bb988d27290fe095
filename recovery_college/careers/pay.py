"""What Agenda for Change pays in England, as dated data, and what that is for somebody's own hours.

The figures stand in `pay_scales.csv` with their dates and source. Basic pay before tax: no high cost area
supplement, no enhancement for nights and weekends. A day beyond the table is answered with the last scales known,
and says so; a day before it is not answered.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from recovery_college.careers.bands import Band
from recovery_college.careers.rules import FULL_TIME_HOURS, check_weekly_hours


@dataclass(frozen=True, slots=True)
class PayPoint:
    """One step of a band: full-time pay a year, reached after so many years in the band."""

    band: Band
    after_years: int
    annual: int


@dataclass(frozen=True, slots=True)
class PayScale:
    """The scales of one year of pay."""

    valid_from: date
    valid_to: date
    source: str
    points: tuple[PayPoint, ...]

    def of(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Full-time pay of every step of these bands, lowest first."""
        return tuple(sorted(point.annual for point in self.points if point.band in bands))


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay a year in whole pounds: for the hours asked about, and full time. `starts` is the lowest band's first step.

    `is_known` is false where the day lies beyond the scales, which are then the last ones before it.
    """

    least: int
    most: int
    full_time_least: int
    full_time_most: int
    weekly_hours: Decimal
    valid_from: date
    source: str
    is_known: bool

    @property
    def in_words(self) -> str:
        """Pay for these hours: "£15,456 to £16,486 a year"."""
        return f"{_pounds(self.least, self.most)} a year"

    @property
    def full_time_in_words(self) -> str:
        """Full-time pay: "£25,760 to £27,476"."""
        return _pounds(self.full_time_least, self.full_time_most)


@lru_cache(maxsize=1)
def pay_scales() -> tuple[PayScale, ...]:
    """Every scale known, oldest first. Raises ValueError when the table has a hole, an overlap or a band twice."""
    text = resources.files(__package__).joinpath("pay_scales.csv").read_text("utf-8")
    found: dict[tuple[date, date, str], list[PayPoint]] = {}
    for row in csv.DictReader(text.splitlines()):
        days = (date.fromisoformat(row["valid_from"]), date.fromisoformat(row["valid_to"]), row["source"])
        point = PayPoint(Band(row["band"]), int(row["after_years"]), int(row["annual"]))
        found.setdefault(days, []).append(point)
    scales = tuple(PayScale(*days, tuple(points)) for days, points in sorted(found.items()))
    for one, following in pairwise(scales):
        if (following.valid_from - one.valid_to).days != 1:
            raise ValueError(f"the pay scales have a hole or an overlap at {one.valid_to}")
    for one in scales:
        steps = [(point.band, point.after_years) for point in one.points]
        if len(steps) != len(set(steps)) or {point.band for point in one.points} != set(Band):
            raise ValueError(f"the pay scales from {one.valid_from} lack a band or name a step twice")
    return scales


def scale_on(day: date) -> PayScale | None:
    """The scales of a day, or the last ones known before it; None before the first."""
    return next((one for one in reversed(pay_scales()) if one.valid_from <= day), None)


def pay_for_hours(bands: Sequence[Band], weekly_hours: Decimal | None, on: date) -> Pay | None:
    """What these bands pay for these weekly hours on a day; full time where no hours are given.

    None where there is no band (not Agenda for Change, or not known) or no scale. Raises WeeklyHoursError for hours
    that cannot be. Halves of a pound count up; two bands give the range over both.
    """
    hours = FULL_TIME_HOURS if weekly_hours is None else check_weekly_hours(weekly_hours)
    scale = scale_on(on)
    annual = scale.of(bands) if scale and bands else ()
    if scale is None or not annual:
        return None
    return Pay(
        least=_part(annual[0], hours),
        most=_part(annual[-1], hours),
        full_time_least=annual[0],
        full_time_most=annual[-1],
        weekly_hours=hours,
        valid_from=scale.valid_from,
        source=scale.source,
        is_known=on <= scale.valid_to,
    )


def _part(annual: int, hours: Decimal) -> int:
    return int((annual * hours / FULL_TIME_HOURS).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _pounds(least: int, most: int) -> str:
    return f"£{least:,}" if least == most else f"£{least:,} to £{most:,}"
