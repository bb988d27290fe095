"""Setting up a source on NHS Jobs, and fetching it: band by band, each band whole or absent (V6)."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from time import sleep
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.access.starter import Starter
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.careers.considerations import Refused
from recovery_college.careers.feed_models import VacancyFeed, VacancyFeedRun, VacancySighting
from recovery_college.careers.feed_queries import search_of
from recovery_college.careers.feed_rules import (
    BandFetch,
    Search,
    band_searched,
    faults_of_search,
    page_address,
    read_band,
)
from recovery_college.careers.intake import take_in
from recovery_college.careers.models import Vacancy
from recovery_college.careers.nhs_jobs import FeedError
from recovery_college.careers.rules import VacancySource, VacancyStatus, status_on
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.careers.vacancy_row import FEED_COLUMNS, GivenVacancy, feed_texts, given_row
from recovery_college.imports.rules import Refusal, check_table
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.fetch import FetchLimits, FetchProblem, Host, fetch, host_of
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.tables import Table, TableRow

LEFT_ALONE = timedelta(minutes=10)
"""A fetch that has not moved for so long was lost with its worker."""
A_DAY = timedelta(hours=20)
CHUNK = 2_000
SHOWN = 100
LEFT = "It left NHS Jobs, so it was closed"


class NoSuchFeed(LookupError):
    """There is no such source, or none this actor may know of."""


class FeedChanged(Exception):
    """Somebody changed the source after the page was opened."""


def allowed_hosts() -> tuple[Host, ...]:
    """The services that may be asked (RC_FEED_HOSTS)."""
    settings = the_settings()
    return settings.feed_host_list


def save_feed(actor: Actor, search: Search, feed_id: UUID | None = None, version: int = 0) -> UUID:
    """Add a source, or change one; its id. Only HR. Raises Refused by box, FeedChanged, NoSuchFeed."""
    if not may(actor, Permission.VACANCY_IMPORT):
        raise NoSuchFeed
    faults = faults_of_search(search)
    try:
        host_of(search.address, allowed_hosts())
    except FetchProblem as problem:
        faults.setdefault("address", str(problem))
    with transaction() as s:
        taken = select(VacancyFeed.id).where(func.lower(VacancyFeed.name) == search.name.lower())
        if any(one != feed_id for one in s.scalars(taken)):
            faults["name"] = "There is a source with this name already"
        if faults:
            raise Refused("Check the source", faults)
        feed = VacancyFeed(id=new_id(), version=0, created_at=clock.now())
        if feed_id is not None:
            found = s.get(VacancyFeed, feed_id, with_for_update=True, populate_existing=True)
            if found is None:
                raise NoSuchFeed
            feed = found
            if feed.version != version:
                raise FeedChanged
        feed.name, feed.address, feed.keyword = search.name, search.address, search.keyword
        feed.location, feed.distance, feed.employer = search.location, search.distance, search.employer
        feed.bands, feed.every_day = [band.value for band in search.bands], search.every_day
        feed.version += 1
        feed.updated_at = clock.now()
        s.add(feed)
        s.flush()
        what = "changed vacancy source" if feed_id else "added vacancy source"
        record(s, actor, what, "vacancy feed", feed.id, bands=";".join(feed.bands), every_day=feed.every_day)
        return feed.id


def start_fetch(actor: Actor, feed_id: UUID) -> UUID:
    """The fetch that is under way, if there is one (double click), or a new one. Returns its id."""
    if actor.person_id is not None and not may(actor, Permission.VACANCY_IMPORT):
        raise NoSuchFeed
    with transaction() as s:
        feed = s.get(VacancyFeed, feed_id, with_for_update=True, populate_existing=True)
        if feed is None:
            raise NoSuchFeed
        under_way = s.scalar(
            select(VacancyFeedRun.id).where(
                VacancyFeedRun.feed_id == feed_id, VacancyFeedRun.finished_at.is_(None)
            )
        )
        if under_way is not None:
            return under_way
        run = VacancyFeedRun(
            id=new_id(),
            feed_id=feed_id,
            started_by=actor.audit_id,
            started_role=actor.role.value,
            started_at=clock.now(),
            total=len(search_of(feed).parts()),
            parts=[],
            refusals=[],
            warnings=[],
        )
        s.add(run)
        s.flush()
        record(s, actor, "started fetch of vacancies", "vacancy feed", feed_id, fetch=str(run.id))
        return run.id


def make_fetch(
    run_id: UUID, wait: Callable[[float], object] = sleep, limits: FetchLimits | None = None
) -> None:
    """Fetch what is not fetched yet. Twice, or at once, takes each band in once: who is later gives way."""
    run = session().get(VacancyFeedRun, run_id, populate_existing=True)
    if run is None or run.finished_at is not None:
        return
    feed = session().get_one(VacancyFeed, run.feed_id)
    search, done = search_of(feed), {str(part["band"]) for part in run.parts}
    session().rollback()
    hosts, bounds = allowed_hosts(), limits or FetchLimits()
    for band in search.parts():
        if band in done:
            continue

        def page_of(page: int, band: str = band) -> bytes:
            _move(run_id)
            try:
                return fetch(page_address(search, band, page), hosts, bounds, sleep=wait, now=clock.now)
            except FetchProblem as problem:
                raise FeedError(str(problem)) from problem

        got = read_band(band, page_of)
        if not take_band(run_id, search, got):
            return
    finish_fetch(run_id)


def _move(run_id: UUID) -> None:
    """Say that somebody is at work, and let go of the database while the other service is waited for."""
    with transaction() as s:
        s.execute(
            update(VacancyFeedRun)
            .where(VacancyFeedRun.id == run_id, VacancyFeedRun.finished_at.is_(None))
            .values(moved_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def take_band(run_id: UUID, search: Search, got: BandFetch) -> bool:
    """Take one band in, in one transaction. False when somebody else took it, or ended the fetch, meanwhile."""
    settings = the_settings()
    employers = (search.employer,) if search.employer else settings.employer_names
    with transaction() as s:
        run = s.get_one(VacancyFeedRun, run_id, with_for_update=True, populate_existing=True)
        if run.finished_at is not None or got.band in {str(part["band"]) for part in run.parts}:
            return False
        actor = Starter(run.started_by, Role(run.started_role))
        given, refusals = _given(got)
        left_before = _left_before(s, got)
        outcome = take_in(s, actor, given, employers)
        s.flush()
        refusals += outcome.refusals
        ids = _ids_of(s, [row.source_id for row in got.rows])
        _note_sightings(s, run, got.band, ids)
        closed = _close_missing(s, actor, run, got) if got.is_whole else 0
        reopened = _came_back(s, actor, left_before)
        run.pages += got.pages
        run.found += len(got.rows)
        run.created += outcome.created
        run.updated += outcome.updated
        run.unchanged += outcome.unchanged
        run.refused += len(got.refused) + len({refusal.line for refusal in refusals})
        run.left_out += (
            len(given) - outcome.created - outcome.updated - outcome.unchanged - len(outcome.refusals)
        )
        run.closed += closed
        run.reopened += reopened
        run.done += 1
        run.moved_at = clock.now()
        whole = {
            "band": got.band,
            "pages": got.pages,
            "found": len(got.rows),
            "why_not_whole": got.why_not_whole[:500],
        }
        run.parts = [*run.parts, whole]
        run.refusals = [*run.refusals, *_told(got, refusals)][:SHOWN]
        run.warnings = [*run.warnings, *outcome.warnings][:SHOWN]
        record(
            s,
            actor,
            "fetched vacancies",
            "vacancy feed",
            run.feed_id,
            fetch=str(run.id),
            band=got.band,
            found=len(got.rows),
            created=outcome.created,
            updated=outcome.updated,
            closed=closed,
            whole=got.is_whole,
        )
    return True


def _given(got: BandFetch) -> tuple[list[GivenVacancy], list[Refusal]]:
    """The vacancies of a band, each cell checked as in an import, and what cannot be taken."""
    rows = [TableRow(row.line, feed_texts(row, got.remarks.get(row.source_id, ""))) for row in got.rows]
    # No key: what has one reference in two vacancies is told apart by employer and id.
    checked = check_table(Table(FEED_COLUMNS, rows), VACANCIES.columns, ())
    searched = band_searched(got.band)
    return [given_row(row, searched) for row in checked.rows], checked.refusals


def _told(got: BandFetch, refusals: Sequence[Refusal]) -> list[dict[str, str]]:
    """What could not be taken, with where it stands: a page of the search, or a vacancy."""
    told = [
        (f"page {page}, line {one.line}", one.element, one.value, one.reason) for page, one in got.refused
    ]
    names = {row.line: row.reference for row in got.rows}
    told += [(names.get(one.line, ""), one.column, one.value, one.reason) for one in refusals]
    return [
        {"band": got.band, "where": where[:100], "column": column, "value": value[:200], "reason": reason}
        for where, column, value, reason in told[:SHOWN]
    ]


def _ids_of(s: Session, source_ids: Sequence[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for chunk in _chunks(source_ids):
        statement = select(Vacancy.source_id, Vacancy.id).where(
            Vacancy.source == VacancySource.NHS_JOBS, Vacancy.source_id.in_(chunk)
        )
        found |= {str(source_id): vacancy_id for source_id, vacancy_id in s.execute(statement)}
    return found


def _left_before(s: Session, got: BandFetch) -> list[UUID]:
    """The vacancies that had left, and are in the feed again."""
    found: list[UUID] = []
    for chunk in _chunks([row.source_id for row in got.rows]):
        statement = select(Vacancy.id).where(
            Vacancy.source == VacancySource.NHS_JOBS,
            Vacancy.source_id.in_(chunk),
            Vacancy.left_feed_on.is_not(None),
        )
        found += s.scalars(statement)
    return found


def _came_back(s: Session, actor: Actor, left_before: Sequence[UUID]) -> int:
    back = [
        vacancy_id
        for chunk in _chunks(left_before)
        for vacancy_id in s.scalars(
            select(Vacancy.id).where(Vacancy.id.in_(chunk), Vacancy.left_feed_on.is_(None))
        )
    ]
    record_many(
        s, [event_of(actor, "reopened vacancy", "vacancy", one, why="back in the feed") for one in back]
    )
    return len(back)


def _note_sightings(s: Session, run: VacancyFeedRun, band: str, ids: dict[str, UUID]) -> None:
    """Remember where each vacancy was seen, and when."""
    now = clock.now()
    known = set(
        s.scalars(
            select(VacancySighting.vacancy_id).where(
                VacancySighting.feed_id == run.feed_id, VacancySighting.band == band
            )
        )
    )
    for chunk in _chunks(sorted(known & set(ids.values()))):
        s.execute(
            update(VacancySighting)
            .where(
                VacancySighting.feed_id == run.feed_id,
                VacancySighting.band == band,
                VacancySighting.vacancy_id.in_(chunk),
            )
            .values(seen_at=now, left_on=None)
            .execution_options(synchronize_session=False)
        )
    fresh = [one for one in dict.fromkeys(ids.values()) if one not in known]
    s.add_all(VacancySighting(feed_id=run.feed_id, band=band, vacancy_id=one, seen_at=now) for one in fresh)
    s.flush()


def _close_missing(s: Session, actor: Actor, run: VacancyFeedRun, got: BandFetch) -> int:
    """After a whole fetch: what was seen in this source and band before and is not in it now has left.

    It is closed when no other source or band still shows it. Nothing is deleted.
    """
    today, here = clock.today(), {row.source_id for row in got.rows}
    seen = s.execute(
        select(VacancySighting, Vacancy.source_id)
        .join(Vacancy, Vacancy.id == VacancySighting.vacancy_id)
        .where(VacancySighting.feed_id == run.feed_id, VacancySighting.band == got.band)
    ).all()
    gone = [sighting for sighting, source_id in seen if source_id not in here]
    for sighting in gone:
        sighting.left_on = sighting.left_on or today
    s.flush()
    closed = []
    for chunk in _chunks([sighting.vacancy_id for sighting in gone]):
        elsewhere = select(VacancySighting.vacancy_id).where(
            VacancySighting.vacancy_id == Vacancy.id, VacancySighting.left_on.is_(None)
        )
        statement = select(Vacancy).where(Vacancy.id.in_(chunk), ~elsewhere.exists())
        for vacancy in s.scalars(statement.order_by(Vacancy.id).with_for_update()):
            if status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today).is_over:
                continue
            vacancy.status, vacancy.left_feed_on = VacancyStatus.CLOSED, today
            vacancy.version += 1
            vacancy.updated_at = clock.now()
            closed.append(vacancy.id)
    record_many(s, [event_of(actor, "closed vacancy", "vacancy", one, why="left the feed") for one in closed])
    return len(closed)


def finish_fetch(run_id: UUID) -> None:
    """End a fetch whose bands are all done, with what was not whole in words."""
    with transaction() as s:
        run = s.get_one(VacancyFeedRun, run_id, with_for_update=True, populate_existing=True)
        if run.finished_at is not None:
            return
        run.finished_at, run.moved_at = clock.now(), None
        reasons = Counter(str(part["why_not_whole"]) for part in run.parts if part["why_not_whole"])
        run.trouble = ". ".join(reasons)[:500]


def lost_fetches() -> list[UUID]:
    """The fetches that nobody is working on."""
    since = clock.now() - LEFT_ALONE
    statement = select(VacancyFeedRun.id).where(
        VacancyFeedRun.finished_at.is_(None),
        func.coalesce(VacancyFeedRun.moved_at, VacancyFeedRun.started_at) < since,
    )
    found = list(session().scalars(statement))
    session().rollback()
    return found


def feeds_due() -> list[UUID]:
    """The sources that are fetched every day and were not fetched since yesterday."""
    last = (
        select(func.max(VacancyFeedRun.started_at))
        .where(VacancyFeedRun.feed_id == VacancyFeed.id)
        .correlate(VacancyFeed)
        .scalar_subquery()
    )
    statement = select(VacancyFeed.id).where(
        VacancyFeed.every_day, or_(last.is_(None), last < clock.now() - A_DAY)
    )
    found = list(session().scalars(statement))
    session().rollback()
    return found


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
