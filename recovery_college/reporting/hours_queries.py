"""Hours that could be filled: of the possible PSW roles open now, how many hours suit somebody who is looking (P2).

Posts and hours are counted, never people, so no number tells how many graduates there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import case, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.consideration import ConsiderationAnswer
from recovery_college.careers.matching_queries import open_now, somebody_fits_alone
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
    """One line: posts and weekly hours, and those of them that suit somebody."""

    label: str
    posts: int
    hours: Decimal
    posts_that_fit: int
    hours_that_fit: Decimal


@dataclass(frozen=True, slots=True)
class HoursReport:
    """The whole, by what was decided and by service area."""

    total: Hours
    by_answer: list[Hours]
    by_area: list[Hours]


def hours_to_fill(actor: Actor) -> HoursReport | None:
    """The report over every possible PSW role that is open now; one query. None for who may not see matches."""
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    today = clock.today()
    over = (VacancyStatus.CLOSED.value, VacancyStatus.WITHDRAWN.value)
    answer = case((LIVE.returned_at.is_(None), LIVE.answer), else_=None)
    each = (
        joined(
            select(
                answer.label("answer"),
                Vacancy.service_area.label("area"),
                Vacancy.weekly_hours.label("hours"),
                case((somebody_fits_alone(today), 1), else_=0).label("fits"),
            ).select_from(Vacancy)
        )
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .where(*open_now(today), status_today(today).not_in(over))
        .subquery()
    )
    rows = session().execute(
        select(
            each.c.answer,
            each.c.area,
            each.c.fits,
            func.count(),
            func.coalesce(func.sum(each.c.hours), 0),
        ).group_by(each.c.answer, each.c.area, each.c.fits)
    )
    found = [
        (ConsiderationAnswer(said) if said else None, area, bool(fits), count, Decimal(str(hours)))
        for said, area, fits, count, hours in rows
    ]
    return HoursReport(
        _line("All", found),
        [_line(label, [one for one in found if one[0] is said]) for said, label in ANSWERS.items()],
        [
            _line(area.value.capitalize() if area else "Not said", [one for one in found if one[1] == area])
            for area in (*ServiceArea, None)
        ],
    )


def _line(label: str, found: Sequence[tuple[object, object, bool, int, Decimal]]) -> Hours:
    fitting = [one for one in found if one[2]]
    return Hours(
        label,
        sum(one[3] for one in found),
        sum((one[4] for one in found), Decimal(0)),
        sum(one[3] for one in fitting),
        sum((one[4] for one in fitting), Decimal(0)),
    )
