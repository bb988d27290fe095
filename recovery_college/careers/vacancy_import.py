"""`import vacancies`: tables, and NHS Jobs search results in XML, through the one intake (V6)."""

from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission
from recovery_college.careers.bands import Band, BandReading, BandSource, read_bands
from recovery_college.careers.intake import take_in
from recovery_college.careers.nhs_jobs import FeedError, NhsJobsFeed, from_older_code, read_nhs_jobs
from recovery_college.careers.vacancy_row import (
    ALSO,
    COLUMNS,
    FEED_COLUMNS,
    FEED_ID,
    WORKED_OUT,
    feed_texts,
    given_row,
)
from recovery_college.imports.kind import ImportKind, ImportOption, Options, Outcome
from recovery_college.imports.rules import CheckedRow
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.tables import OLDER_CODE, RowProblem, Table, TableProblem, TableRow

BAND_OPTION = "band"
_SAY_THE_BAND = (
    " NHS Jobs names none: if you searched for one band, upload the file again and say there which it was."
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def _queried(options: Options) -> BandReading | None:
    """The band an NHS Jobs search asked for. Raises TableProblem when it is none."""
    words = options.get(BAND_OPTION, "").strip()
    if not words:
        return None
    reading = read_bands(words)
    if not reading.bands:
        raise TableProblem(f"“{words[:60]}” is no band. Give the band you searched for, like 3 or 8a")
    return BandReading(reading.bands, True, BandSource.BAND_QUERIED, words)


def read_feed(content: bytes, file_name: str, options: Options) -> Table | None:
    """An NHS Jobs file as a table, each refusal of the feed as a problem of its line; None for other files."""
    if not _is_xml(content, file_name):
        return None
    _queried(options)
    in_utf8 = from_older_code(content)
    try:
        feed = read_nhs_jobs(content if in_utf8 is None else in_utf8)
    except FeedError as error:
        raise TableProblem(str(error)) from error
    problems = tuple(RowProblem(one.line, one.sentence, one.value) for one in feed.problems if one.refused)
    remarks = () if in_utf8 is None else (OLDER_CODE,)
    return Table(FEED_COLUMNS, _feed_rows(feed), problems, remarks)


def _feed_rows(feed: NhsJobsFeed) -> list[TableRow]:
    remarks: dict[int, list[str]] = {}
    lines = sorted(vacancy.line for vacancy in feed.rows)
    for one in feed.problems:
        if not one.refused:
            begins = max((line for line in lines if line <= one.line), default=one.line)
            remarks.setdefault(begins, []).append(one.sentence)
    return [
        TableRow(vacancy.line, feed_texts(vacancy, " ".join(remarks.get(vacancy.line, ()))))
        for vacancy in feed.rows
    ]


def _is_xml(content: bytes, file_name: str) -> bool:
    start = content[:400]
    for mark in _MARKS:
        start = start.removeprefix(mark)
    start = start.replace(b"\0", b"").lstrip().lower()
    return start.startswith((b"<?xml", b"<nhs", b"<!--")) or (
        file_name.lower().endswith(".xml") and not start.startswith(b"pk")
    )


def apply_vacancies(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
    """Take checked rows in. Employers other than those of RC_EMPLOYERS are left out and named."""
    is_feed = any(FEED_ID in row.raw for row in rows)
    queried = _queried(options) if is_feed else None
    employers = the_settings().employer_names
    hint = _SAY_THE_BAND if is_feed and queried is None else ""
    return take_in(s, actor, [given_row(row, queried) for row in rows], employers, hint)


VACANCIES = ImportKind(
    name="vacancies",
    title="Vacancies",
    columns=COLUMNS,
    key=("reference",),
    apply=apply_vacancies,
    permission=Permission.VACANCY_IMPORT,
    note=(
        "A vacancy is known by its reference, so importing the same file twice changes nothing. "
        "NHS Jobs search results in XML hold no band: say which band you searched for. "
        "A file of another system, such as Trac, is uploaded as it is: you match its columns once."
    ),
    read=read_feed,
    endings=(".csv", ".xlsx", ".ods", ".xml"),
    options=(
        ImportOption(
            BAND_OPTION,
            "For NHS Jobs search results: the band you searched for",
            tuple((band.value, f"Band {band.value}") for band in Band),
            "Leave it empty for a table, or if you did not search by band",
        ),
    ),
    also=ALSO,
    worked_out=frozenset(WORKED_OUT),
    seen_at="careers.vacancy_list",
    seen_as="See the vacancies",
    maps=True,
)
