"""Reading a whole search of NHS Jobs page by page, and when it was read whole (V6).

Pure: whoever fetches a page is given. The feed names no band, so a search is made band by band.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from recovery_college.careers.bands import Band, BandReading, BandSource, bands_in_words
from recovery_college.careers.nhs_jobs import FeedError, from_older_code, read_nhs_jobs
from recovery_college.careers.nhs_jobs_row import FeedProblem, NhsJobsVacancy

NHS_JOBS_ADDRESS = "https://www.jobs.nhs.uk/api/v1/search_xml"
A_PAGE = 100
MOST_PAGES = 200
MOST_DISTANCE = 200
NO_BAND = ""
"""The part of a search that is made without a band: then the band stays unknown unless the title says it."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a source asks NHS Jobs for. `employer` is not asked for but looked at in what comes."""

    name: str
    address: str
    keyword: str
    location: str
    distance: int | None
    employer: str
    bands: tuple[Band, ...]
    every_day: bool

    def parts(self) -> tuple[str, ...]:
        """The parts a fetch is made of: a band each, or one without a band."""
        return tuple(band.value for band in self.bands) or (NO_BAND,)


@dataclass(frozen=True, slots=True)
class BandFetch:
    """What was read of one part; a row's line is its number in the search.

    `refused` names the page, `remarks` what was left out of a vacancy, by its id. `why_not_whole` says why what is
    missing here may not be gone.
    """

    band: str
    rows: tuple[NhsJobsVacancy, ...]
    refused: tuple[tuple[int, FeedProblem], ...]
    remarks: Mapping[str, str]
    pages: int
    why_not_whole: str

    @property
    def is_whole(self) -> bool:
        """Whether every vacancy the search finds was read: only then is a missing one gone."""
        return not self.why_not_whole


def faults_of_search(search: Search) -> dict[str, str]:
    """What is wrong with a source, by box."""
    faults: dict[str, str] = {}
    if not search.name:
        faults["name"] = "Give the source a name"
    elif len(search.name) > 80:
        faults["name"] = "Use 80 characters or fewer"
    if search.distance is not None:
        if not 0 < search.distance <= MOST_DISTANCE:
            faults["distance"] = f"Enter miles from 1 to {MOST_DISTANCE}"
        elif not search.location:
            faults["location"] = "Enter the place that the miles are counted from"
    parts = urlsplit(search.address)
    if parts.query or parts.fragment:
        faults["address"] = "Enter the address without what follows a question mark"
    return faults


def page_address(search: Search, band: str, page: int) -> str:
    """The address of one page of the search under a band."""
    asked = {
        "keyword": search.keyword,
        "location": search.location,
        "distance": str(search.distance or ""),
        "payBand": f"BAND_{band.upper()}" if band else "",
        "sort": "publicationDateDesc",
        "limit": str(A_PAGE),
        "page": str(page),
    }
    return f"{search.address}?{urlencode({name: value for name, value in asked.items() if value})}"


def band_searched(band: str) -> BandReading | None:
    """The band a part was searched under, as a reading; None for a search without one."""
    if not band:
        return None
    bands = (Band(band),)
    return BandReading(bands, True, BandSource.BAND_QUERIED, bands_in_words(bands))


def read_band(band: str, page_of: Callable[[int], bytes], most_pages: int = MOST_PAGES) -> BandFetch:
    """Read every page under one band. `page_of` gives a page's content, or raises FeedError with a sentence.

    What was read before something went wrong is kept: it is true. But only a search that was read to its end,
    whose totals stayed the same meanwhile and whose every vacancy could be read, is whole.
    """
    rows: dict[str, NhsJobsVacancy] = {}
    refused: list[tuple[int, FeedProblem]] = []
    remarks: dict[str, str] = {}
    totals: set[int | None] = set()
    page, last, why = 0, 1, ""
    while page < last and not why:
        try:
            content = page_of(page + 1)
            feed = read_nhs_jobs(from_older_code(content) or content)
        except FeedError as error:
            why = f"Page {page + 1}: {error}".rstrip(".")
            break
        page += 1
        totals.add(feed.total_results)
        refused += [(page, one) for one in feed.problems if one.refused]
        for one in feed.problems:
            begins = [row for row in feed.rows if row.line <= one.line]
            if begins and not one.refused:
                about = begins[-1].source_id
                remarks[about] = " ".join(filter(None, (remarks.get(about), one.sentence)))
        fresh = {row.source_id: row for row in feed.rows if row.source_id not in rows}
        for number, row in enumerate(fresh.values(), start=len(rows) + 1):
            rows[row.source_id] = replace(row, line=number)
        last = feed.total_pages or page
        if last > most_pages:
            why = f"The search has {last:,} pages, and {most_pages} are read at most. Narrow it"
        elif page < last and not fresh:
            why = f"Page {page} holds nothing new although there are {last}"
    missing = why or _what_is_missing(len(rows), len(refused), totals)
    return BandFetch(band, tuple(rows.values()), tuple(refused), remarks, page, missing)


def _what_is_missing(read: int, refused: int, totals: set[int | None]) -> str:
    """Why a search that was read to its last page is not whole after all; empty when it is."""
    if refused:
        return "One vacancy could not be read" if refused == 1 else f"{refused:,} vacancies could not be read"
    if len(totals) != 1:
        return "The number of vacancies changed while they were read"
    (total,) = totals
    if total is None:
        return "The service does not say how many vacancies there are"
    if total != read:
        return f"The service counts {total:,} and {read:,} were read"
    return ""
