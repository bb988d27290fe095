"""What a post and a person miss of one another, as conditions over their tables; both ways, by matching_rules (P2).

What an advert does not say drops out of the statement, as it is missed by nobody. Tests hold the conditions and the
rules to the same answers.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, and_, case, exists, false, func, or_, select, union_all
from sqlalchemy import literal as said

from recovery_college.careers.matching_rules import PostFacts, Wish, starts_by
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidatePreference, CandidateSite, VacancyPattern
from recovery_college.careers.preference_rules import Day, TimeOfDay, Wishes, mask_of
from recovery_college.careers.rules import (
    MOST_WEEKLY_HOURS,
    ContractKind,
    PswFlag,
    ServiceArea,
    Setting,
    VacancyStatus,
)
from recovery_college.careers.terms_facts import terms_now

PREF = CandidatePreference
_OPEN = and_(Vacancy.flag == PswFlag.YES, Vacancy.status.in_((VacancyStatus.DRAFT, VacancyStatus.ADVERTISED)))


def is_counted() -> ColumnElement[bool]:
    """Who agreed to be counted and is looking."""
    return and_(PREF.counted, PREF.looking)


def open_parts(today: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Possible PSW roles that are not over, in two parts: those with a last day to apply, and those without.

    Each part is read from the index of open posts; as one condition with an OR it would not be.
    """
    return and_(_OPEN, Vacancy.closes_on >= today), and_(_OPEN, Vacancy.closes_on.is_(None))


def open_ids(today: date) -> CompoundSelect[UUID]:
    """The ids of possible PSW roles that are not over."""
    return union_all(*(select(Vacancy.id).where(part) for part in open_parts(today)))


def misses_of_people(post: PostFacts, today: date) -> dict[Wish, ColumnElement[bool]]:
    """For each wish the condition that this post does not meet it, over the table of wishes."""
    misses: dict[Wish, ColumnElement[bool]] = {}
    alone: ColumnElement[bool] = said(True)
    if post.weekly_hours is not None:
        hours = post.weekly_hours
        unfit = or_(
            func.coalesce(PREF.least_hours, 0) > hours,
            func.coalesce(PREF.most_hours, MOST_WEEKLY_HOURS) < hours,
        )
        alone = ~unfit
        if post.job_share:
            shares = and_(PREF.job_share, or_(PREF.least_hours.is_(None), PREF.least_hours < hours))
            unfit = and_(unfit, ~shares)
        misses[Wish.HOURS] = unfit
    one_of = (
        (Wish.SERVICE, PREF.areas, post.area, ServiceArea),
        (Wish.SETTING, PREF.settings, post.setting, Setting),
        (Wish.CONTRACT, PREF.contracts, post.contract, ContractKind),
    )
    for wish, column, word, kind in one_of:
        if word is not None:
            misses[wish] = and_(column != 0, column.bitwise_and(mask_of([word], kind)) == 0)
    all_of = (
        (Wish.DAYS, PREF.days, mask_of(post.days, Day)),
        (Wish.TIMES, PREF.times, mask_of(post.times, TimeOfDay)),
    )
    for wish, column, mask in all_of:
        if mask:
            common = column.bitwise_and(mask)
            missed: ColumnElement[bool] = common != mask
            if post.job_share:
                shares = _as_share(post.weekly_hours, alone)
                missed = case((shares, common == 0), else_=missed)
            misses[wish] = and_(column != 0, missed)
    misses[Wish.START] = func.coalesce(PREF.earliest_start, today) > starts_by(post, today)
    if post.site:  # last: the others are told from the row itself
        reached = exists().where(CandidateSite.person_id == PREF.person_id, CandidateSite.site == post.site)
        misses[Wish.PLACE] = and_(~PREF.anywhere, ~reached)
    return misses


def _as_share(hours: Decimal | None, alone: ColumnElement[bool]) -> ColumnElement[bool]:
    """Who would hold a shared post only as half of it."""
    if hours is None:
        return false()
    return and_(PREF.job_share, or_(PREF.least_hours.is_(None), PREF.least_hours < hours), ~alone)


def misses_of_posts(wishes: Wishes, today: date) -> dict[Wish, ColumnElement[bool]]:
    """For each wish the condition that a vacancy does not meet it, over vacancies and their patterns."""
    misses: dict[Wish, ColumnElement[bool]] = {}
    hours = Vacancy.weekly_hours
    limits: list[ColumnElement[bool]] = []
    if wishes.least_hours is not None:
        limits.append(hours < wishes.least_hours)
    if wishes.most_hours is not None:
        limits.append(hours > wishes.most_hours)
    unfit: ColumnElement[bool] = func.coalesce(or_(*limits), False) if limits else false()
    shares: ColumnElement[bool] = false()
    if wishes.job_share:
        shares = func.coalesce(VacancyPattern.job_share, False)
        if wishes.least_hours is not None:
            shares = and_(shares, func.coalesce(hours > wishes.least_hours, True))
    misses[Wish.HOURS] = and_(unfit, ~shares)
    if wishes.sites:
        misses[Wish.PLACE] = and_(Vacancy.site != "", Vacancy.site.not_in(list(wishes.sites)))
    if wishes.areas:
        misses[Wish.SERVICE] = and_(
            Vacancy.service_area.is_not(None), Vacancy.service_area.not_in(wishes.areas)
        )
    if wishes.settings:
        misses[Wish.SETTING] = and_(Vacancy.setting.is_not(None), Vacancy.setting.not_in(wishes.settings))
    if wishes.contracts:
        misses[Wish.CONTRACT] = and_(Vacancy.contract.is_not(None), Vacancy.contract.not_in(wishes.contracts))
    for wish, column, mask in (
        (Wish.DAYS, VacancyPattern.days, mask_of(wishes.days, Day)),
        (Wish.TIMES, VacancyPattern.times, mask_of(wishes.times, TimeOfDay)),
    ):
        if mask:
            common = column.bitwise_and(mask)
            missed = case((and_(shares, unfit), common == 0), else_=common != column)
            misses[wish] = and_(func.coalesce(column, 0) != 0, missed)
    if wishes.earliest_start is not None:
        latest = wishes.earliest_start - usual_start()
        misses[Wish.START] = func.coalesce(Vacancy.closes_on, today) < latest
    return misses


def misses_nothing(misses: Mapping[Wish, ColumnElement[bool]]) -> ColumnElement[bool]:
    """That none of these conditions holds; one that cannot be told, as something is not said, does not hold."""
    return case((or_(false(), *misses.values()), 0), else_=1) == 1


def usual_start() -> timedelta:
    """How long after its last day to apply a post usually begins, as the Trust set it."""
    return timedelta(weeks=terms_now().start_weeks)


def missing_in(misses: Sequence[Wish], mask: int) -> tuple[Wish, ...]:
    """The wishes whose bit is set."""
    return tuple(wish for place, wish in enumerate(misses) if mask >> place & 1)
