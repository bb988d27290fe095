"""Matching in the database, both ways, by the very rules of matching_rules (P2); tests hold the two together.

A post is compared with everybody in one pass over the table of wishes. What an advert does not say drops out of
the statement, as it is missed by nobody.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy import literal as said

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidate_facts import gives, still_a_candidate
from recovery_college.careers.consent_models import CandidateBlock
from recovery_college.careers.consent_rules import Consent
from recovery_college.careers.deputy_facts import is_their_manager
from recovery_college.careers.matching_rules import (
    FEW,
    Fit,
    Half,
    Match,
    PostFacts,
    Wish,
    fit_summary,
    match,
    pairs_of,
    starts_by,
)
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidatePreference, CandidateSite, VacancyPattern
from recovery_college.careers.preference_queries import posts_as_facts, wishes_of
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
from recovery_college.careers.vacancy_list import (
    LAST_DAY,
    VacancyRow,
    joined,
    rows_of,
    rows_statement,
    visible,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

MOST_POSTS = 100
MOST_HALVES = 200
"""How many who would share a job are looked at for pairs: 200 make 19,900."""
LOOKED_AT = 200
"""How many who fit or nearly do are looked at before a kind that is rare among them is looked for by itself."""
PREF = CandidatePreference
_NOT_OVER = Vacancy.status.in_((VacancyStatus.DRAFT, VacancyStatus.ADVERTISED))


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Somebody whom a post suits or nearly does, and what is missing."""

    person_id: UUID
    missing: tuple[Wish, ...]


def fit_of_vacancy(actor: Actor, vacancy_id: UUID) -> Fit | None:
    """Whether graduates fit, for the vacancy's own manager and for HR: words, never a number or a name (P1).

    Counts who agreed to be counted and is looking now, so withdrawing changes it on the next request. It takes no
    notice of blocks: else a manager could compare two posts and infer one. None where the actor may not know.
    """
    vacancy = session().get(Vacancy, vacancy_id)
    if vacancy is None or not _may_ask(actor, vacancy):
        return None
    today = clock.today()
    post = posts_as_facts([vacancy])[vacancy.id]
    counts = counts_up_to(post, today)
    fitting = counts.pop((), 0)
    pair = fitting == 0 and bool(pairs_for(post, today, most=1))
    return fit_summary(post, fitting, {missing[0] for missing in counts}, sum(counts.values()), pair)


def _may_ask(actor: Actor, vacancy: Vacancy) -> bool:
    if actor.role is Role.MANAGER:
        return is_their_manager(actor, vacancy, clock.today())
    return may(actor, Permission.CANDIDATE_MATCH)


def counts_up_to(post: PostFacts, today: date, enough: int = FEW) -> dict[tuple[Wish, ...], int]:
    """How many people this post suits (nothing missing), and how many miss just one thing, by what it is.

    A count that reaches `enough` is told as at least that: words need no more (`how_many`), so where many fit the
    first of them answer, and only what is rare among those is looked for further. Counted in the database: not one
    id leaves it, and none need to.
    """
    misses, people = _missing_at_most_one(post, today)
    order, conditions = list(misses), list(misses.values())
    first = select(people.c.mask).where(*_are_near(people)).limit(LOOKED_AT)
    counts = Counter(session().scalars(first))
    if counts.total() == LOOKED_AT:
        masks = [0, *(1 << place for place in range(len(order)))]
        rare = [mask for mask in masks if counts[mask] < enough]
        for mask in rare:
            exactly = _exactly(conditions, mask)
            some = select(PREF.person_id).where(is_counted(), *exactly, still_a_candidate(PREF.person_id))
            statement = select(func.count()).select_from(some.limit(enough).subquery())
            counts[mask] = session().scalar(statement) or 0
    return {missing_in(order, mask): int(count) for mask, count in counts.items() if count}


def people_for(
    post: PostFacts, today: date, consent: Consent | None = None, only: UUID | None = None
) -> list[PersonMatch]:
    """Everybody who agreed to be counted, is looking, and whom this post suits, or all but one thing of it.

    Narrowed to who gives `consent`, and to one person, where they are named: the rest is not read.
    """
    misses, people = _missing_at_most_one(post, today)
    order = list(misses)
    told = {mask: missing_in(order, mask) for mask in (0, *(1 << place for place in range(len(order))))}
    statement = select(people.c.person_id, people.c.mask).where(people.c.mask >= 0)
    if only is not None:
        statement = statement.where(people.c.person_id == only)
    if consent is not None:
        statement = statement.where(gives(people.c.person_id, consent))
    statement = statement.where(still_a_candidate(people.c.person_id))
    return [PersonMatch(person_id, told[mask]) for person_id, mask in session().execute(statement)]


def suits_others(post: PostFacts, today: date, but: Collection[UUID]) -> bool:
    """Whether this post suits anybody, or all but one thing of it, who is not among those named."""
    _, people = _missing_at_most_one(post, today)
    first = select(people.c.person_id).where(*_are_near(people)).limit(len(but) + 1)
    return any(one not in but for one in session().scalars(first))


def _missing_at_most_one(post: PostFacts, today: date) -> tuple[dict[Wish, ColumnElement[bool]], Subquery]:
    """Each person with what they miss as a number, a bit a wish: 0 for nothing, -1 for more than one thing.

    Whoever misses two things is not looked at further, so what costs most is asked last and of few.
    """
    misses = misses_of_people(post, today)
    conditions = list(misses.values())
    mask = case(
        *(
            (missed, case((or_(*conditions[place + 1 :]), -1), else_=1 << place))
            if conditions[place + 1 :]
            else (missed, said(1 << place))
            for place, missed in enumerate(conditions)
        ),
        else_=0,
    )
    return misses, select(PREF.person_id, mask.label("mask")).where(is_counted()).subquery()


def _are_near(people: Subquery) -> tuple[ColumnElement[bool], ...]:
    return people.c.mask >= 0, still_a_candidate(people.c.person_id)


def _exactly(conditions: Sequence[ColumnElement[bool]], mask: int) -> list[ColumnElement[bool]]:
    """What is missed by this number and nothing else; what is missed first, as fewest have it."""
    missed = [one for place, one in enumerate(conditions) if mask >> place & 1]
    return [*missed, *(~one for place, one in enumerate(conditions) if not mask >> place & 1)]


def pairs_for(post: PostFacts, today: date, *, most: int = 20) -> list[tuple[UUID, UUID]]:
    """Pairs who could share this post (P2)."""
    if post.weekly_hours is None:
        return []
    conditions = [
        ~condition
        for wish, condition in misses_of_people(post, today).items()
        if wish not in (Wish.HOURS, Wish.DAYS, Wish.TIMES)
    ]
    statement = (
        select(PREF.person_id)
        .where(is_counted(), PREF.job_share, *conditions, still_a_candidate(PREF.person_id))
        .order_by(PREF.updated_at, PREF.person_id)
        .limit(MOST_HALVES)
    )
    ids = list(session().scalars(statement))
    wishes = wishes_of(ids)
    return pairs_of([Half(one, wishes[one]) for one in ids], post, today, most)


def is_counted() -> ColumnElement[bool]:
    """Who agreed to be counted and is looking."""
    return and_(PREF.counted, PREF.looking)


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


@dataclass(frozen=True, slots=True)
class PostMatch:
    """An open post compared with somebody's wishes, for that person alone."""

    row: VacancyRow
    post: PostFacts
    match: Match


def open_now(today: date) -> list[ColumnElement[bool]]:
    """What `visible` asks of a post's days and flag, said so that an index finds the few that are open."""
    return [
        Vacancy.flag == PswFlag.YES,
        or_(Vacancy.closes_on >= today, Vacancy.closes_on.is_(None)),
        _NOT_OVER,
    ]


def masks_of_posts(actor: Actor, wishes: Wishes, today: date) -> tuple[list[Wish], Select[*tuple[Any, ...]]]:
    """The statement that compares every open post with one person's wishes, and the order of its bits.

    In two parts, of posts with a last day and of those without: each is then read from the index of open posts.
    """
    misses = misses_of_posts(wishes, today)
    mask: ColumnElement[int] = said(0)
    count: ColumnElement[int] = said(0)
    for place, condition in enumerate(misses.values()):
        mask = mask + case((condition, 1 << place), else_=0)
        count = count + case((condition, 1), else_=0)
    columns = (Vacancy.id, mask.label("mask"), count.label("missed"), Vacancy.closes_on)
    parts = [
        joined(select(*columns).select_from(Vacancy))
        .outerjoin(VacancyPattern, VacancyPattern.vacancy_id == Vacancy.id)
        .where(Vacancy.flag == PswFlag.YES, is_open, _NOT_OVER, visible(actor, today), ~_kept_away(actor))
        for is_open in (Vacancy.closes_on >= today, Vacancy.closes_on.is_(None))
    ]
    each = union_all(*parts).subquery()
    statement = select(each.c.id, each.c.mask).order_by(
        each.c.missed, func.coalesce(each.c.closes_on, LAST_DAY), each.c.id
    )
    return list(misses), statement


def posts_for(actor: Actor, wishes: Wishes, most: int = MOST_POSTS) -> list[PostMatch]:
    """Open posts by how little is missing, then by their last day to apply: that order is all there is.

    Posts of teams and managers the actor would rather not work with are left out, and those they recruit for.
    """
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return []
    today = clock.today()
    _, statement = masks_of_posts(actor, wishes, today)
    ids = [one for one, _ in session().execute(statement.limit(most))]
    found = {one.row.vacancy.id: one for one in _matches(actor, ids, wishes, today)}
    return [found[one] for one in ids if one in found]


def post_for(actor: Actor, vacancy_id: UUID, wishes: Wishes) -> PostMatch | None:
    """One post as it suits the actor; None when it is not open to them. Blocks are theirs, so it opens all the same."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return None
    found = _matches(actor, [vacancy_id], wishes, clock.today())
    return found[0] if found else None


def _matches(actor: Actor, ids: list[UUID], wishes: Wishes, today: date) -> list[PostMatch]:
    rows = rows_of(rows_statement(actor, today).where(Vacancy.id.in_(ids)), actor, today)
    facts = posts_as_facts([row.vacancy for row in rows])
    return [
        PostMatch(row, facts[row.vacancy.id], match(wishes, facts[row.vacancy.id], today)) for row in rows
    ]


def _kept_away(actor: Actor) -> ColumnElement[bool]:
    blocked = exists().where(
        CandidateBlock.person_id == actor.person_id,
        CandidateBlock.ended_at.is_(None),
        or_(CandidateBlock.team_id == Vacancy.team_id, CandidateBlock.manager_id == Vacancy.manager_id),
    )
    return or_(blocked, func.coalesce(Vacancy.manager_id == actor.person_id, False))


def blocked_from(vacancy_id: UUID) -> set[UUID]:
    """Whoever would rather not be shown to this vacancy's team or manager. Told to nobody: for leaving out."""
    theirs = or_(CandidateBlock.team_id == Vacancy.team_id, CandidateBlock.manager_id == Vacancy.manager_id)
    return set(
        session().scalars(
            select(CandidateBlock.person_id)
            .join(Vacancy, theirs)
            .where(Vacancy.id == vacancy_id, CandidateBlock.ended_at.is_(None))
        )
    )


def usual_start() -> timedelta:
    """How long after its last day to apply a post usually begins, as the Trust set it."""
    return timedelta(weeks=terms_now().start_weeks)


def somebody_fits_alone(today: date) -> ColumnElement[bool]:
    """Over vacancies and their patterns: whether anybody counted and looking has nothing against the post.

    The same rule with both sides as columns, a little stricter: a job share is not filled by one half, so it asks
    for all the hours, and whoever could only start later than a post of today usually begins is left out.
    """
    hours = Vacancy.weekly_hours
    conditions: list[ColumnElement[bool]] = [
        func.coalesce(PREF.least_hours <= hours, True),
        func.coalesce(PREF.most_hours >= hours, True),
        func.coalesce(PREF.earliest_start <= today + usual_start(), True),
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
    for column, needed in ((PREF.days, VacancyPattern.days), (PREF.times, VacancyPattern.times)):
        must = func.coalesce(needed, 0)
        conditions.append(or_(column == 0, must == 0, column.bitwise_and(must) == must))
    return exists().where(is_counted(), *conditions, still_a_candidate(PREF.person_id))


def missing_in(misses: Sequence[Wish], mask: int) -> tuple[Wish, ...]:
    """The wishes whose bit is set."""
    return tuple(wish for place, wish in enumerate(misses) if mask >> place & 1)
