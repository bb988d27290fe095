"""Counting how the band 2-4 rule was kept (domain V5): on time, late, never and not due yet, shown apart.

Pure: the caller brings one fact per vacancy it may see; every figure follows from those facts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from recovery_college.careers.consideration import ConsiderationState
from recovery_college.careers.rules import PswFlag


class Dimension(StrEnum):
    """What the report can be broken down by; each names a field of ComplianceFact."""

    DIRECTORATE = "directorate"
    SERVICE_AREA = "service_area"
    MANAGER = "manager"
    MONTH = "month"


class Outcome(StrEnum):
    """The one part of the report a flagged vacancy counts in."""

    ON_TIME = "on time"
    LATE = "late"
    NEVER = "never"
    NOT_DUE_YET = "not due yet"
    BEFORE_THE_RULE = "before the rule"


@dataclass(frozen=True)
class ComplianceFact:
    """What the report needs to know of one vacancy. None in a dimension means that it is not recorded.

    `decided_on` is the day of the live answer. `due_on` is None where nothing is ever due (before the rule).
    `month` is text that sorts by time, such as "2026-11": the month of flagging, so that a vacancy stays in
    its row whenever it is decided.
    """

    flag: PswFlag
    state: ConsiderationState
    due_on: date | None
    decided_on: date | None
    advertised_before_considered: bool
    directorate: str | None = None
    service_area: str | None = None
    manager: str | None = None
    month: str | None = None
    vacancy_id: UUID | None = None
    manager_id: UUID | None = None

    def place_in(self, dimension: Dimension) -> tuple[str | None, str]:
        """The row it counts in: its name, and the key in an address. Two managers of one name are two rows."""
        name = getattr(self, dimension.value)
        by_id = dimension is Dimension.MANAGER and self.manager_id is not None
        return name, (self.manager_id.hex if by_id and self.manager_id else name or "")


@dataclass(frozen=True)
class ComplianceCounts:
    """The figures of one row. The five outcomes always add up to `flagged`.

    `advertised_before_considered` cuts across the outcomes; `band_needed` counts vacancies that a person has
    yet to read, which are not flagged and stand beside the sum so that they are never silently left out.
    """

    on_time: int = 0
    late: int = 0
    never: int = 0
    not_due_yet: int = 0
    before_the_rule: int = 0
    advertised_before_considered: int = 0
    band_needed: int = 0

    @property
    def flagged(self) -> int:
        """All possible PSW roles of the row."""
        return self.due + self.not_due_yet + self.before_the_rule

    @property
    def due(self) -> int:
        """Those whose time came: decided on time, decided late, or never decided."""
        return self.on_time + self.late + self.never

    @property
    def share_on_time(self) -> Fraction | None:
        """Compliance: decided on time of those due, 0 to 1 and exact; None while nothing is due."""
        return Fraction(self.on_time, self.due) if self.due else None

    def __add__(self, other: "ComplianceCounts") -> "ComplianceCounts":
        return ComplianceCounts(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )


@dataclass(frozen=True)
class ComplianceRow:
    """One row of a breakdown; `name` is None for what is not recorded."""

    name: str | None
    counts: ComplianceCounts
    key: str = ""


def outcome_of(fact: ComplianceFact, today: date) -> Outcome | None:
    """Say which part a vacancy counts in (V5); None when it is not a possible PSW role.

    A decision on the last day is on time. A decision taken although nothing was ever due stays "before the
    rule"; one without its day cannot be shown to be on time, so it is late. An undecided vacancy is "never"
    once it is overdue or over, and a returned one once its day is past.
    """
    if fact.flag is not PswFlag.YES:
        return None
    state = fact.state
    if state is ConsiderationState.BEFORE_THE_RULE or (state.is_decided and fact.due_on is None):
        return Outcome.BEFORE_THE_RULE
    if state.is_decided and fact.due_on is not None:
        on_time = fact.decided_on is not None and fact.decided_on <= fact.due_on
        return Outcome.ON_TIME if on_time else Outcome.LATE
    if state in (ConsiderationState.OVERDUE, ConsiderationState.CLOSED_UNDECIDED):
        return Outcome.NEVER
    if state is ConsiderationState.RETURNED and fact.due_on is not None and today > fact.due_on:
        return Outcome.NEVER
    return Outcome.NOT_DUE_YET


def compliance_total(facts: Iterable[ComplianceFact], today: date) -> ComplianceCounts:
    """Count all facts into one row."""
    tally: dict[str, int] = defaultdict(int)
    for fact in facts:
        if fact.flag is PswFlag.UNKNOWN:
            tally["band_needed"] += 1
        outcome = outcome_of(fact, today)
        if outcome is not None:
            tally[outcome.name.lower()] += 1
            tally["advertised_before_considered"] += fact.advertised_before_considered
    return ComplianceCounts(**tally)


def compliance_by(
    dimension: Dimension, facts: Iterable[ComplianceFact], today: date
) -> tuple[ComplianceRow, ...]:
    """Count the facts per value of a dimension, sorted by name with "not recorded" last.

    Values that hold neither a flagged vacancy nor one without a band make no row, so the rows add up to
    compliance_total of the same facts.
    """
    groups: dict[tuple[str | None, str], list[ComplianceFact]] = defaultdict(list)
    for fact in facts:
        if fact.flag is not PswFlag.NO:
            groups[fact.place_in(dimension)].append(fact)
    return in_order_of_names(
        ComplianceRow(name, compliance_total(group, today), key) for (name, key), group in groups.items()
    )


def in_order_of_names(rows: Iterable[ComplianceRow]) -> tuple[ComplianceRow, ...]:
    """Rows of a breakdown as they are shown: by name, "not recorded" last, two of one name by their keys."""
    return tuple(
        sorted(rows, key=lambda row: (row.name is None, (row.name or "").casefold(), row.name or "", row.key))
    )


@dataclass(frozen=True)
class Narrowing:
    """Which vacancies a figure of the report counts: a row of a breakdown, and one of the figures of its row.

    `key` is the row's key, "" for what is not recorded; without a dimension every row counts.
    """

    figure: str
    dimension: Dimension | None = None
    key: str = ""

    def counts(self, fact: ComplianceFact, today: date) -> bool:
        """Whether the figure counts this vacancy."""
        if self.dimension is not None and fact.place_in(self.dimension)[1] != self.key:
            return False
        if self.figure == BAND_NEEDED:
            return fact.flag is PswFlag.UNKNOWN
        outcome = outcome_of(fact, today)
        if outcome is None:
            return False
        if self.figure == FLAGGED:
            return True
        if self.figure == BREACH:
            return fact.advertised_before_considered
        return self.figure == outcome.value


FLAGGED = "flagged"
BREACH = "advertised before considered"
BAND_NEEDED = "band to read"
FIGURES: tuple[str, ...] = (FLAGGED, *Outcome, BREACH, BAND_NEEDED)
"""Every figure that can be opened: its vacancies are exactly those it counts."""


@dataclass(frozen=True)
class TrendPoint:
    """One month of the trend, with what was flagged in it."""

    month: str
    counts: ComplianceCounts


def trend_of(by_month: Iterable[ComplianceRow], today: date, months: int = 12) -> tuple[TrendPoint, ...]:
    """The last months up to this one, the oldest first. A month without a vacancy is there too, and empty.

    Begins with the first month that has any, so that a young service shows no row of empty months before it.
    """
    rows = {row.name: row.counts for row in by_month if row.name}
    last = today.year * 12 + today.month - 1
    names = [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(last - months + 1, last + 1)]
    seen = [name for name in names if name in rows]
    if not seen:
        return ()
    return tuple(
        TrendPoint(name, rows.get(name, ComplianceCounts())) for name in names[names.index(seen[0]) :]
    )
