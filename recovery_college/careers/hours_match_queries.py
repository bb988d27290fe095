"""Whose the hours of a post could be: somebody's alone, or two people's who share it (P2).

The rules of matching_rules and job_share_rules with both sides as columns.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy import literal as said

from recovery_college.careers.candidate_facts import still_a_candidate
from recovery_college.careers.job_share_rules import Share, Sharers, Whole
from recovery_college.careers.matching_facts import PREF, is_counted, usual_start
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidateSite, VacancyPattern
from recovery_college.careers.preference_rules import mask_of
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.kernel.db import session

_NEEDED_DAYS = func.coalesce(VacancyPattern.days, 0)
_NEEDED_TIMES = func.coalesce(VacancyPattern.times, 0)


def posts_that_suit_one(among: Mapping[UUID, date | None], today: date) -> set[UUID]:
    """Those of these posts, each with its last day to apply, that anybody counted and looking has nothing against.

    A job share is not filled by one half, so it asks for all the hours.
    """
    return set(
        session().scalars(
            select(Vacancy.id)
            .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
            .where(Vacancy.id.in_(list(among)), _somebody_fits_alone(among, today))
        )
    )


def late_starts(today: date) -> list[date]:
    """The last days to apply up to which a post begins too soon for somebody: between two of them all are alike."""
    usual = usual_start()
    later = select(PREF.earliest_start).where(is_counted(), PREF.earliest_start > today + usual).distinct()
    return sorted(one - usual for one in session().scalars(later) if one is not None)


def _somebody_fits_alone(among: Mapping[UUID, date | None], today: date) -> ColumnElement[bool]:
    hours = Vacancy.weekly_hours
    alone: list[ColumnElement[bool]] = [
        func.coalesce(PREF.least_hours <= hours, True),
        func.coalesce(PREF.most_hours >= hours, True),
    ]
    for column, needed in ((PREF.days, _NEEDED_DAYS), (PREF.times, _NEEDED_TIMES)):
        alone.append(or_(column == 0, needed == 0, column.bitwise_and(needed) == needed))
    somebody = select(PREF.person_id).where(is_counted(), *alone, *_all_else_suits(among, today))
    return somebody.where(still_a_candidate(PREF.person_id)).correlate(Vacancy, VacancyPattern).exists()


def _all_else_suits(among: Mapping[UUID, date | None], today: date) -> list[ColumnElement[bool]]:
    """What two who share a post must each have nothing against: all but its hours, days and times."""
    conditions: list[ColumnElement[bool]] = [
        func.coalesce(PREF.earliest_start <= _starts_by(among.values(), today), True),
        or_(
            Vacancy.site == "",
            PREF.anywhere,
            select(CandidateSite.person_id)
            .where(CandidateSite.person_id == PREF.person_id, CandidateSite.site == Vacancy.site)
            .correlate(PREF, Vacancy)
            .exists(),
        ),
    ]
    for column, word, kind in (
        (PREF.areas, Vacancy.service_area, ServiceArea),
        (PREF.settings, Vacancy.setting, Setting),
        (PREF.contracts, Vacancy.contract, ContractKind),
    ):
        bit = case({one: mask_of([one], kind) for one in kind}, value=word, else_=0)
        conditions.append(or_(column == 0, bit == 0, column.bitwise_and(bit) != 0))
    return conditions


def _starts_by(last_days: Iterable[date | None], today: date) -> ColumnElement[date]:
    """By when somebody should be able to begin in each post: `matching_rules.starts_by`, day by day as they occur."""
    usual = usual_start()
    from_today: ColumnElement[date] = said(today + usual)
    days = {one: said(one + usual) for one in last_days if one is not None}
    return case(days, value=Vacancy.closes_on, else_=from_today) if days else from_today


def posts_two_could_share(among: Mapping[UUID, date | None], today: date) -> set[UUID]:
    """Those of these posts, none of which suits anybody alone, that two people could hold together.

    One query, however many posts: people who are alike for a post come as one line with their number, and which
    two of the lines make a whole is for the rule. Not one person's id leaves the database.
    """
    share = and_(
        is_counted(),
        PREF.job_share,
        func.coalesce(PREF.least_hours < Vacancy.weekly_hours, True),
        *_all_else_suits(among, today),
        still_a_candidate(PREF.person_id),
    )
    halves_each = (
        select(
            Vacancy.id,
            Vacancy.weekly_hours,
            _NEEDED_DAYS.label("on"),
            _NEEDED_TIMES.label("at"),
            PREF.least_hours,
            PREF.most_hours,
            case((_NEEDED_DAYS == 0, 0), else_=PREF.days).label("free_on"),
            case((_NEEDED_TIMES == 0, 0), else_=PREF.times).label("free_at"),
        )
        .select_from(Vacancy)
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .join(PREF, share)
        .where(Vacancy.id.in_(list(among)), Vacancy.weekly_hours.is_not(None))
        .subquery()
    )
    rows = session().execute(select(*halves_each.c, func.count()).group_by(*halves_each.c))
    shares: dict[tuple[UUID, Whole], Counter[Share]] = defaultdict(Counter)
    for row in rows:
        vacancy_id, hours, on, at, least, most, free_on, free_at, count = tuple(row)
        whole = Whole(hours, on, at)
        shares[vacancy_id, whole][whole.share(least, most, free_on, free_at)] += count
    return {one for (one, whole), counts in shares.items() if Sharers(whole, counts).any_pair()}
