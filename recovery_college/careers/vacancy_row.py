"""A vacancy as somebody gives it to us: by hand, in a table, or from NHS Jobs (contract "vacancies in", V6).

Pure: says which columns there are, how each cell is read, and which of two readings of a band counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from recovery_college.careers.bands import BandReading, BandSource, in_order, read_bands
from recovery_college.careers.nhs_jobs_row import NhsJobsVacancy, read_contract
from recovery_college.careers.rules import (
    ContractKind,
    ServiceArea,
    Setting,
    VacancySource,
    WeeklyHoursError,
    read_weekly_hours,
)
from recovery_college.careers.vacancy_words import (
    address_in_words,
    contract_in_words,
    email_in_words,
    hours_in_words,
    service_in_words,
    setting_in_words,
)
from recovery_college.imports.rules import (
    CellProblem,
    CheckedRow,
    Column,
    choice,
    email,
    iso_date,
    text,
    web_address,
)

# Keys of a feed's row beside its columns. No table can have them: its headings hold no spaces.
FEED_ID = "nhs jobs id"
FEED_SALARY = "nhs jobs salary"
FEED_REMARKS = "nhs jobs remarks"

SOURCES = (VacancySource.HAND, VacancySource.TABLE, VacancySource.NHS_JOBS)
_FIRM = (BandSource.BAND_FIELD, BandSource.TITLE, BandSource.PERSON, BandSource.NOT_AGENDA_FOR_CHANGE)


LONGEST_ADVERT = 50_000


def _one_line(longest: int) -> Any:
    """A reader of text on one line."""
    read = text(longest)

    def reader(given: str) -> str:
        return " ".join(str(read(given)).split())

    return reader


def _hours(given: str) -> Any:
    try:
        return read_weekly_hours(given)
    except WeeklyHoursError as problem:
        raise CellProblem(str(problem)) from None


def _contract(given: str) -> ContractKind:
    """One of our words, or the words other systems use for it ("Fixed-Term", "Substantive")."""
    return read_contract(given) or choice(ContractKind)(given)


def _address(given: str) -> str:
    found = str(web_address(given))
    if len(found) > 1000:
        raise CellProblem("Use a web address of 1,000 characters or fewer")
    return found


_PLAIN: tuple[Column, ...] = (
    Column(
        "reference", _one_line(80), True, "The vacancy's own reference; it is known by it", "368-AMH-0142"
    ),
    Column("title", _one_line(300), True, "The job title as advertised", "Health Care Assistant"),
    Column("band", _one_line(300), False, "As written: 3, Band 2/3, Bands 3 to 4, VSM", "Band 3"),
    Column("weekly_hours", _hours, False, "Hours a week, as a number", "22.5"),
    Column("service_area", choice(ServiceArea), False, "young people, adult or older people", "adult"),
    Column("setting", choice(Setting), False, "ward or community", "ward"),
    Column("site", _one_line(200), False, "Where the work is", "Cambridge"),
    Column("directorate", _one_line(120), False, "Made if it is not known yet", "Adult and specialist"),
    Column("team", _one_line(120), False, "Made if it is not known yet", "Ward S3"),
    Column("employer", _one_line(200), False, "The Trust that employs", "Fenside NHS Foundation Trust"),
    Column("contract", _contract, False, "permanent, fixed-term, bank or apprenticeship", "permanent"),
    Column(
        "posted_on", iso_date, False, "The first day of the advert; empty while it is a draft", "2026-11-20"
    ),
    Column("closes_on", iso_date, False, "The last day to apply", "2026-12-04"),
    Column(
        "manager_email", email, False, "The recruiting manager, who is asked", "ward.manager@example.nhs.uk"
    ),
    Column("url", _address, False, "The advert's address", "https://www.jobs.nhs.uk/candidate/jobadvert/X1"),
    Column("description", text(LONGEST_ADVERT), False, "The text of the advert", ""),
)
_ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "reference": (
        "ref", "reference number", "vacancy reference", "vacancy ref", "job reference", "job ref", "vacancy id",
        "vacancy number", "vacancy no", "advert reference", "requisition number", "req id",
    ),
    "title": ("job title", "vacancy title", "post title", "post", "role", "position", "vacancy name", "job"),
    "band": ("pay band", "afc band", "grade", "pay grade", "nhs afc band", "band grade", "pay scheme band"),
    "weekly_hours": ("hours", "hours per week", "weekly hours", "contracted hours", "hours of work", "no of hours"),
    "service_area": ("care group", "client group", "service area", "age group"),
    "setting": ("care setting", "work setting"),
    "site": ("location", "base", "town", "work location", "job location", "site name", "place of work"),
    "directorate": ("division", "business unit", "service line", "clinical division"),
    "team": ("department", "dept", "ward", "ward team", "team name", "service", "cost centre name"),
    "employer": ("trust", "organisation", "organization", "employer name", "employing organisation"),
    "contract": ("contract type", "type of contract", "employment type", "type", "job type"),
    "posted_on": (
        "posted", "date posted", "post date", "advert start", "advert start date", "publish date", "published",
        "opening date", "open date", "live date", "advertised from", "advert live date",
    ),
    "closes_on": (
        "closing date", "closes", "close date", "closing", "advert end", "advert end date", "advert close date",
        "deadline", "advertised until",
    ),
    "manager_email": (
        "recruiting manager email", "hiring manager email", "appointing manager email", "line manager email",
        "manager email address", "manager", "recruiting manager", "hiring manager", "appointing manager",
    ),
    "url": ("link", "advert url", "advert link", "web address", "job url", "vacancy url"),
    "description": ("job description", "advert text", "summary", "job summary", "job overview", "advert"),
}  # fmt: skip
"""Names these columns have in the exports of other recruitment systems: guesses that a person confirms."""
_IN_THEIR_WORDS: Mapping[str, Callable[[str], str | None]] = {
    "weekly_hours": hours_in_words,
    "service_area": service_in_words,
    "setting": setting_in_words,
    "contract": contract_in_words,
    "manager_email": email_in_words,
    "url": address_in_words,
}
COLUMNS = tuple(
    replace(
        column,
        also_called=_ALSO_CALLED.get(column.name, ()),
        in_their_words=_IN_THEIR_WORDS.get(column.name),
    )
    for column in _PLAIN
)
NAMES = tuple(column.name for column in COLUMNS)

ALSO: tuple[Column, ...] = (Column("source", choice(VacancySource), False, "Where the vacancy came from"),)
"""What only our own export has beside them, and takes back."""

WORKED_OUT = (
    "status",
    "bands",
    "band_known",
    "possible_psw_role",
    "rule_version",
    "why",
    "consideration",
    "consideration_due_on",
    "advertised_before_considered",
    "considered_on",
    "considered_by",
    "reason",
)
"""What our own export tells beside that, in its order: it follows from the rest and from the answers given here."""


@dataclass(frozen=True, slots=True)
class GivenVacancy:
    """One vacancy as given. `said` holds only what the source speaks of; None there means "left empty".

    What a source does not speak of is kept as it is, so a feed without hours never takes hours away.
    """

    line: int
    reference: str
    source: VacancySource
    said: Mapping[str, Any]
    source_id: str = ""
    remarks: str = ""
    band_queried: BandReading | None = None
    first_source: VacancySource | None = None
    """Where a new one came from at first, when that is another source than this one: our own export says so."""


def given_row(row: CheckedRow, band_queried: BandReading | None = None) -> GivenVacancy:
    """A checked row of a table or of a feed as a given vacancy. The band queried counts for a feed only."""
    from_feed = FEED_ID in row.raw
    said = {name: value for name, value in row.values.items() if name in row.raw and name in NAMES}
    if from_feed:
        said["salary"] = row.raw[FEED_SALARY]
    return GivenVacancy(
        row.line,
        row.values["reference"],
        VacancySource.NHS_JOBS if from_feed else VacancySource.TABLE,
        MappingProxyType(said),
        row.raw.get(FEED_ID, "") if from_feed else "",
        row.raw.get(FEED_REMARKS, "") if from_feed else "",
        band_queried if from_feed else None,
        None if from_feed else row.values.get("source"),
    )


def feed_texts(vacancy: NhsJobsVacancy, remarks: str = "") -> dict[str, str]:
    """The cells of a feed's vacancy: the columns it speaks of, and what only a feed has."""
    given = {
        "reference": vacancy.reference,
        "title": vacancy.title,
        "site": _cut("; ".join(vacancy.locations), 200),
        "employer": _cut(vacancy.employer, 200),
        "contract": vacancy.contract.value if vacancy.contract else "",
        "posted_on": vacancy.posted_on.isoformat() if vacancy.posted_on else "",
        "closes_on": vacancy.closes_on.isoformat() if vacancy.closes_on else "",
        "url": vacancy.url or "",
        "description": _cut(vacancy.description, LONGEST_ADVERT),
    }
    for element in vacancy.unread:  # what was known of it is kept
        del given[FEED_DAYS[element]]
    return {**given, FEED_ID: vacancy.source_id, FEED_SALARY: vacancy.salary, FEED_REMARKS: remarks}


FEED_DAYS = {"postDate": "posted_on", "closeDate": "closes_on"}
FEED_COLUMNS = (
    "reference",
    "title",
    "site",
    "employer",
    "contract",
    "posted_on",
    "closes_on",
    "url",
    "description",
)


def band_reading(given_band: str, title: str, queried: BandReading | None) -> BandReading:
    """Read a vacancy's band: its band field, else its title, else the band an NHS Jobs search asked for."""
    reading = read_bands(given_band, title)
    if queried is not None and reading.source is BandSource.UNREADABLE and not given_band:
        return BandReading(queried.bands, True, BandSource.BAND_QUERIED, queried.text)
    return reading


def reading_to_keep(old: BandReading, new: BandReading) -> BandReading:
    """Choose between what is stored and what a newer source says: no import ever blanks a known band.

    A title or a search is weaker than the band field and than a person who read it. Two searches that both
    found the vacancy add up, because an advert for two bands is found by either.
    """
    if not old.known:
        return new
    if not new.known:
        return old
    if new.source is BandSource.BAND_QUERIED:
        if old.source in _FIRM:
            return old
        bands = in_order((*old.bands, *new.bands))
        return old if bands == old.bands else BandReading(bands, True, new.source, new.text)
    if new.bands == old.bands and old.source in (BandSource.PERSON, BandSource.BAND_QUERIED):
        return old
    if new.source is BandSource.TITLE and old.source in (BandSource.BAND_FIELD, BandSource.PERSON):
        return old
    return old if (new.bands, new.source) == (old.bands, old.source) else new


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
