"""The consideration report as tables and bars (V5)."""

from collections.abc import Sequence
from datetime import date

from recovery_college.careers.compliance import (
    ComplianceCounts,
    ComplianceFact,
    ComplianceRow,
    Dimension,
    compliance_by,
    compliance_total,
)
from recovery_college.kernel.tables_out import Cell
from recovery_college.kernel.wording import plain_number

HEADINGS = (
    "Flagged",
    "On time",
    "Late",
    "Never",
    "Not due yet",
    "Before the rule",
    "On time, of those due",
    "Advertised before considered",
    "Band to read",
)
DIMENSIONS = {
    Dimension.DIRECTORATE: "Directorate",
    Dimension.SERVICE_AREA: "Service area",
    Dimension.MANAGER: "Recruiting manager",
    Dimension.MONTH: "Month",
}
NOT_RECORDED = "Not recorded"


def share_words(counts: ComplianceCounts) -> str:
    """The share decided on time of those due; "none due" where there is nothing to be a share of."""
    share = counts.share_on_time
    return "none due" if share is None else f"{plain_number(float(share) * 100, 1)}%"


def figures(counts: ComplianceCounts) -> list[int | str]:
    """The figures of one row, in the order of HEADINGS."""
    return [
        counts.flagged,
        counts.on_time,
        counts.late,
        counts.never,
        counts.not_due_yet,
        counts.before_the_rule,
        share_words(counts),
        counts.advertised_before_considered,
        counts.band_needed,
    ]


def name_of_row(dimension: Dimension, row: ComplianceRow) -> str:
    """The row's name as people read it: "2026-11" is November 2026."""
    if row.name is None:
        return NOT_RECORDED
    if dimension is Dimension.MONTH:
        return f"{date.fromisoformat(f'{row.name}-01'):%B %Y}"
    return row.name.capitalize() if dimension is Dimension.SERVICE_AREA else row.name


def breakdowns(facts: Sequence[ComplianceFact], today: date) -> list[tuple[str, list[list[int | str]]]]:
    """A table for each dimension: its heading, and rows that begin with their name."""
    return [
        (
            heading,
            [
                [name_of_row(dimension, row), *figures(row.counts)]
                for row in compliance_by(dimension, facts, today)
            ],
        )
        for dimension, heading in DIMENSIONS.items()
    ]


def bars(counts: ComplianceCounts) -> list[dict[str, object]]:
    """The five outcomes, which add up to all that were flagged; the open ones are drawn grey."""
    of = counts.flagged
    outcomes = (
        ("On time", counts.on_time, False),
        ("Late", counts.late, False),
        ("Never", counts.never, False),
        ("Not due yet", counts.not_due_yet, True),
        ("Before the rule", counts.before_the_rule, True),
    )
    return [
        {"label": label, "value": number, "shown": f"{number:,} of {of:,}", "quiet": quiet}
        for label, number, quiet in outcomes
    ]


def report_rows(facts: Sequence[ComplianceFact], today: date) -> list[list[Cell]]:
    """The whole report as one table for a spreadsheet: what it is broken down by, the name, the figures.

    The share on time is a number of hundredths there, empty where none is due.
    """
    rows: list[list[Cell]] = [["All", "All", *_cells(compliance_total(facts, today))]]
    for dimension, heading in DIMENSIONS.items():
        for row in compliance_by(dimension, facts, today):
            rows.append([heading, name_of_row(dimension, row), *_cells(row.counts)])
    return rows


def _cells(counts: ComplianceCounts) -> list[Cell]:
    numbers: list[Cell] = list(figures(counts))
    numbers[6] = None if counts.share_on_time is None else share_words(counts)
    return numbers
