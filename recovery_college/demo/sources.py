"""The demo's sources: NHS Jobs, fetched twice, where one advert left, and files of a system called Trac."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from recovery_college.careers.bands import Band
from recovery_college.careers.feed_models import VacancyFeed
from recovery_college.careers.feed_queries import search_of
from recovery_college.careers.feed_rules import NHS_JOBS_ADDRESS, BandFetch
from recovery_college.careers.feed_services import finish_fetch, start_fetch, take_band
from recovery_college.careers.nhs_jobs_row import FeedProblem, NhsJobsVacancy
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.demo.cohorts import SITES, on
from recovery_college.demo.people import DemoActor
from recovery_college.demo.timeline import Timeline
from recovery_college.demo.vacancies import EMPLOYER
from recovery_college.imports.mapping import ColumnMap
from recovery_college.imports.rules import Refusal, Report
from recovery_college.imports.source_services import keep_source, note_attempt
from recovery_college.kernel import clock
from recovery_college.kernel.ids import new_id

TRAC = ColumnMap(
    {
        "reference": "vacancy_ref",
        "title": "job_title",
        "band": "pay_band",
        "weekly_hours": "hours_per_week",
        "team": "department",
        "closes_on": "closing_date",
        "manager_email": "recruiting_manager_email",
    },
    day_first=True,
)
BUSY = "Page 1: The service answers 503: it is busy"


@dataclass(frozen=True, slots=True)
class Job:
    """One advert of the feed: the band it is found under, its days, and in which of the two fetches it is."""

    number: int
    band: Band
    title: str
    posted: int
    closes: int
    fetches: tuple[int, ...] = (1, 2)


JOBS = (
    Job(1, Band.BAND_2, "Housekeeping assistant, evenings", 9, -12),
    Job(2, Band.BAND_3, "Recovery support worker", 8, -13),
    Job(3, Band.BAND_3, "Bank healthcare assistant", 12, -9, (1,)),
    Job(4, Band.BAND_3, "Community links assistant", 1, -20, (2,)),
    Job(6, Band.BAND_2, "Healthcare support worker, nights", 3, -18, (2,)),
    Job(5, Band.BAND_4, "Carers’ support worker", 10, -11, (1,)),
)


def add_sources(timeline: Timeline, people: dict[str, DemoActor], today: date) -> None:
    """Let HR set the source up a week ago, and fetch it then and this morning."""
    hr = people["hr"]
    feed_id = new_id()

    def set_up(s: Session) -> None:
        s.add(
            VacancyFeed(
                id=feed_id,
                name="NHS Jobs, Fenside",
                address=NHS_JOBS_ADDRESS,
                keyword="",
                location="",
                distance=None,
                employer=EMPLOYER,
                bands=["2", "3", "4"],
                every_day=False,
                version=1,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
        s.flush()

    def fetch(s: Session, number: int) -> None:
        search = search_of(s.get_one(VacancyFeed, feed_id))
        run_id = start_fetch(hr, feed_id)
        for band in search.bands:
            take_band(run_id, search, _found(band, number, today))
        finish_fetch(run_id)

    def match(s: Session) -> None:
        source_id = keep_source(hr, VACANCIES, "Trac", TRAC)
        note_attempt(s, source_id, "trac-october.csv", Report(True, created=14)).imported_at = clock.now()

    def refuse(s: Session) -> None:
        source_id = keep_source(hr, VACANCIES, "Trac", TRAC)
        bad = Refusal(9, "closes_on", "TBC", "Write the date as year-month-day, like 2026-03-27")
        note_attempt(s, source_id, "trac-november.csv", Report(False, updated=11, refused=(bad,)))
        note_attempt(s, source_id, "trac-november.pdf", None, trouble="This is a PDF, not a table")

    timeline.do(on(today - timedelta(days=33), 9, 5), match)
    timeline.do(on(today - timedelta(days=3), 15, 40), refuse)
    timeline.do(on(today - timedelta(days=7), 8, 30), set_up)
    timeline.do(on(today - timedelta(days=6), 6, 10), lambda s: fetch(s, 1))
    timeline.do(on(today, 6, 10), lambda s: fetch(s, 2))


def _found(band: Band, number: int, today: date) -> BandFetch:
    """What a fetch read under a band: in the first, one advert had no title; in the second, band 4 did not answer."""
    if number == 2 and band is Band.BAND_4:
        return BandFetch(band.value, (), (), {}, 0, BUSY)
    rows = tuple(
        NhsJobsVacancy(
            source_id=f"C9000-{job.number:04}",
            reference=f"900-FEN-{job.number:04}",
            title=job.title,
            description="",
            employer=EMPLOYER,
            contract_text="Permanent",
            contract=ContractKind.PERMANENT,
            salary="",
            closes_on=today - timedelta(days=job.closes),
            posted_on=today - timedelta(days=job.posted),
            url=None,
            locations=(SITES[job.number % 2],),
            line=line,
        )
        for line, job in enumerate(
            (one for one in JOBS if one.band is band and number in one.fetches), start=1
        )
    )
    if number == 1 and band is Band.BAND_2:
        no_title = FeedProblem(41, "title", "", "The vacancy has no title.")
        return BandFetch(band.value, rows, ((1, no_title),), {}, 1, "One vacancy could not be read")
    return BandFetch(band.value, rows, (), {}, 1, "")
