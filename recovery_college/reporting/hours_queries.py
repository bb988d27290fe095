"""Hours that could be filled: of the possible PSW roles open now, how many hours suit somebody who is looking (P2).

Posts and hours are counted, never people, so no number tells how many graduates there are.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.consideration import ConsiderationAnswer
from recovery_college.careers.hours_match_queries import (
    late_starts,
    posts_that_suit_one,
    posts_two_could_share,
)
from recovery_college.careers.matching_facts import open_ids
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.careers.rules import ServiceArea
from recovery_college.careers.vacancy_list import LIVE, is_over_today, joined
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

ANSWERS = {
    ConsiderationAnswer.PSW_POST: "PSW post",
    ConsiderationAnswer.OPEN_TO_BOTH: "Open to both",
    ConsiderationAnswer.NOT_A_PSW_ROLE: "Not a PSW role",
    None: "Not decided yet",
}


@dataclass(frozen=True, slots=True)
class Hours:
    """One line: posts and weekly hours, those of them that suit one person, and those that two could share."""

    label: str
    posts: int
    hours: Decimal
    posts_that_fit: int
    hours_that_fit: Decimal
    posts_to_share: int
    hours_to_share: Decimal


@dataclass(frozen=True, slots=True)
class HoursReport:
    """The whole, by what was decided and by service area."""

    total: Hours
    by_answer: list[Hours]
    by_area: list[Hours]


@dataclass(frozen=True, slots=True)
class _Post:
    id: UUID
    answer: ConsiderationAnswer | None
    area: ServiceArea | None
    hours: Decimal | None
    closes_on: date | None
    alike: tuple[object, ...]
    """All that a post is compared by: of posts that are alike in it, one tells for all."""


def hours_to_fill(actor: Actor) -> HoursReport | None:
    """The report over every possible PSW role that is open now; four queries. None for who may not see matches."""
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    today = clock.today()
    posts = _open_posts(today)
    one_each = {one.alike: one.id for one in posts}
    asked = {one.id: one.closes_on for one in posts if one_each[one.alike] == one.id}
    fits = posts_that_suit_one(asked, today)
    shared = posts_two_could_share({one: asked[one] for one in asked.keys() - fits}, today)
    counted = [(one, one_each[one.alike] in fits, one_each[one.alike] in shared) for one in posts]
    return HoursReport(
        _line("All", counted),
        [_line(label, [one for one in counted if one[0].answer is said]) for said, label in ANSWERS.items()],
        [
            _line(
                area.value.capitalize() if area else "Not said",
                [one for one in counted if one[0].area == area],
            )
            for area in (*ServiceArea, None)
        ],
    )


def _open_posts(today: date) -> list[_Post]:
    rows = session().execute(
        joined(
            select(
                Vacancy.id,
                case((LIVE.returned_at.is_(None), LIVE.answer), else_=None),
                Vacancy.service_area,
                Vacancy.weekly_hours,
                Vacancy.closes_on,
                Vacancy.setting,
                Vacancy.contract,
                Vacancy.site,
                func.coalesce(VacancyPattern.days, 0),
                func.coalesce(VacancyPattern.times, 0),
            ).select_from(Vacancy)
        )
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .where(Vacancy.id.in_(open_ids(today)), ~is_over_today(today))
    )
    starts = late_starts(today)
    return [
        _Post(
            vacancy_id,
            ConsiderationAnswer(said) if said else None,
            area,
            hours,
            closes_on,
            (area, hours, bisect_right(starts, closes_on) if closes_on else 0, *rest),
        )
        for vacancy_id, said, area, hours, closes_on, *rest in rows
    ]


def _line(label: str, posts: Sequence[tuple[_Post, bool, bool]]) -> Hours:
    fitting = [post for post, fits, _ in posts if fits]
    shared = [post for post, _, shares in posts if shares]
    return Hours(
        label,
        len(posts),
        _sum(post for post, _, _ in posts),
        len(fitting),
        _sum(fitting),
        len(shared),
        _sum(shared),
    )


def _sum(posts: Iterable[_Post]) -> Decimal:
    return sum((post.hours for post in posts if post.hours is not None), Decimal(0))
