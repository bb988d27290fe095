"""Hours that could be filled: of the possible PSW roles open now, how many hours suit somebody who is looking (P2).

Posts and hours are counted, never people, so no number tells how many graduates there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.consideration import ConsiderationAnswer
from recovery_college.careers.hours_match_queries import posts_two_could_share, somebody_fits_alone
from recovery_college.careers.matching_facts import open_ids
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.careers.rules import ServiceArea, VacancyStatus
from recovery_college.careers.vacancy_list import LIVE, joined, status_today
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
    answer: ConsiderationAnswer | None
    area: ServiceArea | None
    hours: Decimal
    fits: bool
    shared: bool


def hours_to_fill(actor: Actor) -> HoursReport | None:
    """The report over every possible PSW role that is open now; two queries. None for who may not see matches."""
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    today = clock.today()
    over = (VacancyStatus.CLOSED.value, VacancyStatus.WITHDRAWN.value)
    answer = case((LIVE.returned_at.is_(None), LIVE.answer), else_=None)
    each = (
        joined(
            select(
                Vacancy.id.label("id"),
                answer.label("answer"),
                Vacancy.service_area.label("area"),
                func.coalesce(Vacancy.weekly_hours, 0).label("hours"),
                case((somebody_fits_alone(today), 1), else_=0).label("fits"),
            ).select_from(Vacancy)
        )
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .where(Vacancy.id.in_(open_ids(today)), status_today(today).not_in(over))
        .subquery()
    )
    shared = posts_two_could_share(select(each.c.id).where(each.c.fits == 0), today)
    posts = [
        _Post(
            ConsiderationAnswer(said) if said else None,
            area,
            Decimal(str(hours)),
            bool(fits),
            vacancy_id in shared,
        )
        for vacancy_id, said, area, hours, fits in session().execute(
            select(each.c.id, each.c.answer, each.c.area, each.c.hours, each.c.fits)
        )
    ]
    return HoursReport(
        _line("All", posts),
        [_line(label, [one for one in posts if one.answer is said]) for said, label in ANSWERS.items()],
        [
            _line(area.value.capitalize() if area else "Not said", [one for one in posts if one.area == area])
            for area in (*ServiceArea, None)
        ],
    )


def _line(label: str, posts: Sequence[_Post]) -> Hours:
    fitting = [one.hours for one in posts if one.fits]
    shared = [one.hours for one in posts if one.shared]
    return Hours(
        label,
        len(posts),
        _sum(one.hours for one in posts),
        len(fitting),
        _sum(fitting),
        len(shared),
        _sum(shared),
    )


def _sum(hours: Iterable[Decimal]) -> Decimal:
    return sum(hours, Decimal(0))
