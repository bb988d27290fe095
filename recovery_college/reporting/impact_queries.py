"""What the college did, counted from its records; and beside it what was reported before this system."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, or_, select

from recovery_college.access.rules import Actor, Role
from recovery_college.careers.models import Post, Team
from recovery_college.careers.rules import ServiceArea
from recovery_college.graduation.models import Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.practice.models import ReportedFigure

SEES_YEARS = frozenset({Role.ADMIN})
SEES_AREAS = frozenset({Role.ADMIN, Role.HR})


@dataclass(frozen=True, slots=True)
class Impact:
    """Whole-programme totals (exact, D2), and breakdowns for who may see the people behind them anyway.

    `graduates_by_year` and `in_post_by_area` are None for everybody else: a small number in a breakdown could
    tell who somebody is. HR knows who is in post but not who studies, and training in numbers hides from them
    how many of a cohort graduated: a year with one cohort would tell it.
    """

    graduates: int
    ever_in_post: int
    in_post_now: int
    job_shares: int
    least_hours: Decimal | None
    most_hours: Decimal | None
    graduates_by_year: Sequence[tuple[int, int]] | None
    in_post_by_area: Sequence[tuple[str, int]] | None
    reported: Sequence[ReportedFigure]


def impact_for(actor: Actor) -> Impact:
    """Count graduates and posts, for an actor who may see the impact report. Seven queries at most."""
    s = session()
    today = clock.today()
    now = (Post.started_on <= today) & or_(Post.left_on.is_(None), Post.left_on > today)
    in_post, shares, least, most = s.execute(
        select(
            func.count(func.distinct(Post.person_id)),
            func.count().filter(Post.is_job_share),
            func.min(Post.weekly_hours),
            func.max(Post.weekly_hours),
        ).where(now)
    ).one()
    return Impact(
        graduates=s.scalar(select(func.count(func.distinct(Graduation.person_id)))) or 0,
        ever_in_post=s.scalar(select(func.count(func.distinct(Post.person_id)))) or 0,
        in_post_now=in_post,
        job_shares=shares,
        least_hours=least,
        most_hours=most,
        graduates_by_year=_by_year() if actor.role in SEES_YEARS else None,
        in_post_by_area=_by_area() if actor.role in SEES_AREAS else None,
        reported=s.scalars(
            select(ReportedFigure).order_by(ReportedFigure.as_of, ReportedFigure.measure)
        ).all(),
    )


def _by_year() -> list[tuple[int, int]]:
    year = func.extract("year", Graduation.graduated_on)
    rows = session().execute(
        select(year, func.count(func.distinct(Graduation.person_id))).group_by(year).order_by(year)
    )
    return [(int(row[0]), int(row[1])) for row in rows]


def _by_area() -> list[tuple[str, int]]:
    today = clock.today()
    rows = session().execute(
        select(Team.service_area, func.count(func.distinct(Post.person_id)))
        .join(Team, Post.team_id == Team.id)
        .where(Post.started_on <= today, or_(Post.left_on.is_(None), Post.left_on > today))
        .group_by(Team.service_area)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    known = [(area.value.capitalize(), counts.get(area, 0)) for area in ServiceArea]
    unknown = [("Not recorded", counts[None])] if counts.get(None) else []
    return [*known, *unknown]
