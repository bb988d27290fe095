"""Reading the sources that are fetched, and what became of each fetch: for HR, who imports vacancies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.bands import Band, bands_in_words, in_order
from recovery_college.careers.feed_models import VacancyFeed, VacancyFeedRun, VacancySighting
from recovery_college.careers.feed_rules import NO_BAND, Search
from recovery_college.kernel.db import session

RUNS_SHOWN = 20
"""Three weeks of a search that is made every day. What came in stands on each vacancy, however long ago."""


@dataclass(frozen=True, slots=True)
class FeedRun:
    """One fetch, as it stands."""

    id: UUID
    started_at: datetime
    by_itself: bool
    finished_at: datetime | None
    done: int
    total: int
    counts: Mapping[str, int]
    parts: tuple[Mapping[str, Any], ...]
    refusals: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    trouble: str


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A source and how it stands: its last fetch, and what it brought over time."""

    id: UUID
    version: int
    search: Search
    last: FeedRun | None
    fetches: int
    refused: int
    troubled: int
    now_seen: int

    @property
    def bands_in_words(self) -> str:
        """The bands it is searched by."""
        return bands_in_words(self.search.bands) or "Without a band"


COUNTS = ("pages", "found", "created", "updated", "unchanged", "refused", "left_out", "closed", "reopened")
BY_ITSELF = "every day"


def search_of(feed: VacancyFeed) -> Search:
    """What a stored source asks for."""
    return Search(
        name=feed.name,
        address=feed.address,
        keyword=feed.keyword,
        location=feed.location,
        distance=feed.distance,
        employer=feed.employer,
        bands=in_order(Band(word) for word in feed.bands),
        every_day=feed.every_day,
    )


def feeds_visible_to(actor: Actor, feed_id: UUID | None = None) -> list[FeedRow]:
    """The sources in the order of their names, or just one; none for who does not import vacancies."""
    if actor.person_id is not None and not may(actor, Permission.VACANCY_IMPORT):
        return []
    s = session()
    statement = select(VacancyFeed).order_by(func.lower(VacancyFeed.name))
    if feed_id is not None:
        statement = statement.where(VacancyFeed.id == feed_id)
    feeds = list(s.scalars(statement.execution_options(populate_existing=True)))
    shown = [feed.id for feed in feeds]
    sums = {
        feed_id: (int(fetches), int(refused or 0), int(troubled))
        for feed_id, fetches, refused, troubled in s.execute(
            select(
                VacancyFeedRun.feed_id,
                func.count(),
                func.sum(VacancyFeedRun.refused),
                func.count(func.nullif(VacancyFeedRun.trouble, "")),
            )
            .where(VacancyFeedRun.feed_id.in_(shown))
            .group_by(VacancyFeedRun.feed_id)
        )
    }
    counted = (
        select(VacancySighting.feed_id, func.count(func.distinct(VacancySighting.vacancy_id)))
        .where(VacancySighting.feed_id.in_(shown), VacancySighting.left_on.is_(None))
        .group_by(VacancySighting.feed_id)
    )
    seen = {row_id: int(number) for row_id, number in s.execute(counted)}
    newest = select(VacancyFeedRun.feed_id, func.max(VacancyFeedRun.started_at).label("at"))
    last_of = newest.where(VacancyFeedRun.feed_id.in_(shown)).group_by(VacancyFeedRun.feed_id).subquery()
    lasts = {
        run.feed_id: _run(run)
        for run in s.scalars(
            select(VacancyFeedRun)
            .join(
                last_of,
                (last_of.c.feed_id == VacancyFeedRun.feed_id) & (last_of.c.at == VacancyFeedRun.started_at),
            )
            .execution_options(populate_existing=True)
        )
    }
    return [
        FeedRow(
            feed.id,
            feed.version,
            search_of(feed),
            lasts.get(feed.id),
            *sums.get(feed.id, (0, 0, 0)),
            seen.get(feed.id, 0),
        )
        for feed in feeds
    ]


def feed_visible_to(actor: Actor, feed_id: UUID) -> FeedRow | None:
    """One source, or None when there is none this actor may know of."""
    found = feeds_visible_to(actor, feed_id)
    return found[0] if found else None


def feed_named(actor: Actor, name: str) -> FeedRow | None:
    """The source of this name, in any case."""
    wanted = " ".join(name.split()).casefold()
    return next((feed for feed in feeds_visible_to(actor) if feed.search.name.casefold() == wanted), None)


def runs_of(feed: FeedRow) -> list[FeedRun]:
    """The last fetches of a source, newest first."""
    statement = select(VacancyFeedRun).where(VacancyFeedRun.feed_id == feed.id)
    rows = session().scalars(statement.order_by(VacancyFeedRun.started_at.desc()).limit(RUNS_SHOWN))
    return [_run(run) for run in rows]


def run_of(run_id: UUID) -> FeedRun:
    """One fetch as it stands now."""
    return _run(session().get_one(VacancyFeedRun, run_id, populate_existing=True))


def part_words(band: str) -> str:
    """A part of a search in words."""
    return "Without a band" if band == NO_BAND else f"Band {band}"


def _run(run: VacancyFeedRun) -> FeedRun:
    return FeedRun(
        id=run.id,
        started_at=run.started_at,
        by_itself=run.started_by == BY_ITSELF,
        finished_at=run.finished_at,
        done=run.done,
        total=run.total,
        counts={name: int(getattr(run, name)) for name in COUNTS},
        parts=tuple(run.parts),
        refusals=tuple(run.refusals),
        warnings=tuple(run.warnings),
        trouble=run.trouble,
    )
