"""The consideration report as tables and bars (V5)."""

from collections.abc import Callable, Sequence
from datetime import date

from recovery_college.careers.compliance import (
    BAND_NEEDED,
    BREACH,
    FLAGGED,
    ComplianceCounts,
    ComplianceRow,
    Dimension,
    Narrowing,
    Outcome,
    TrendPoint,
)
from recovery_college.careers.compliance_queries import ComplianceReport
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


Link = Callable[[str, Dimension, str], str]
OPENED: tuple[str | None, ...] = (FLAGGED, *Outcome, None, BREACH, BAND_NEEDED)
"""The figure of each column that its number opens; the share opens nothing."""


def breakdowns(report: ComplianceReport, link: Link | None = None) -> list[tuple[str, list[list[object]]]]:
    """A table for each dimension: its heading, and rows that begin with their name.

    `link` gives the address of the vacancies behind a figure, where the reader may see single answers.
    """
    return [
        (
            heading,
            [
                [name_of_row(dimension, row), *_linked(row, dimension, link)]
                for row in report.rows.get(dimension, ())
            ],
        )
        for dimension, heading in DIMENSIONS.items()
    ]


def _linked(row: ComplianceRow, dimension: Dimension, link: Link | None) -> list[object]:
    """The figures of a row, each number that is not 0 leading to its vacancies."""
    return [
        {"text": number, "href": link(figure, dimension, row.key)}
        if link and figure is not None and number
        else number
        for number, figure in zip(figures(row.counts), OPENED, strict=True)
    ]


def opened_totals(counts: ComplianceCounts, link: Callable[[str], str]) -> list[dict[str, object]]:
    """The figures of all vacancies that are not 0, each with the address of its vacancies."""
    return [
        {"text": f"{heading}: {number:,}", "href": link(figure)}
        for heading, number, figure in zip(HEADINGS, figures(counts), OPENED, strict=True)
        if figure is not None and isinstance(number, int) and number
    ]


def trend_bars(points: Sequence[TrendPoint]) -> list[dict[str, object]]:
    """The share on time month by month; a month in which nothing was due is drawn grey and says so."""
    return [
        {
            "label": f"{date.fromisoformat(f'{point.month}-01'):%B %Y}",
            "value": float(point.counts.share_on_time or 0) * 100,
            "shown": f"{share_words(point.counts)} ({point.counts.on_time} of {point.counts.due})"
            if point.counts.due
            else "none due",
            "quiet": not point.counts.due,
        }
        for point in points
    ]


def narrowing_words(chosen: Narrowing, name: str | None) -> str:
    """What an opened figure counts, in words: "Late, directorate: Adult"."""
    figure = chosen.figure.capitalize()
    if chosen.dimension is None:
        return figure
    row = ComplianceRow(name, ComplianceCounts())
    return f"{figure}, {DIMENSIONS[chosen.dimension].lower()}: {name_of_row(chosen.dimension, row)}"


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


def report_rows(report: ComplianceReport) -> list[list[Cell]]:
    """The whole report as one table for a spreadsheet: what it is broken down by, the name, the figures.

    The share on time is a number of hundredths there, empty where none is due.
    """
    rows: list[list[Cell]] = [["All", "All", *_cells(report.total)]]
    for dimension, heading in DIMENSIONS.items():
        for row in report.rows[dimension]:
            rows.append([heading, name_of_row(dimension, row), *_cells(row.counts)])
    return rows


def _cells(counts: ComplianceCounts) -> list[Cell]:
    numbers: list[Cell] = list(figures(counts))
    numbers[6] = None if counts.share_on_time is None else share_words(counts)
    return numbers
