"""Which open posts suit somebody: for that person alone, with what is met and missing (P1, P2)."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select, union_all
from sqlalchemy import literal as said

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.consent_models import CandidateBlock
from recovery_college.careers.matching_facts import misses_of_posts, open_parts
from recovery_college.careers.matching_rules import Match, MatchKind, PostFacts, Wish, kind_of, match
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import VacancyPattern
from recovery_college.careers.preference_queries import posts_as_facts
from recovery_college.careers.preference_rules import Wishes
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


@dataclass(frozen=True, slots=True)
class PostMatch:
    """An open post compared with somebody's wishes, for that person alone."""

    row: VacancyRow
    post: PostFacts
    match: Match


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
        .where(part, visible(actor, today), ~kept_away(actor.person_id))
        for part in open_parts(today)
    ]
    each = union_all(*parts).subquery()
    statement = select(each.c.id, each.c.mask).order_by(
        each.c.missed, func.coalesce(each.c.closes_on, LAST_DAY), each.c.id
    )
    return list(misses), statement


def posts_for(
    actor: Actor, wishes: Wishes, most: int, skipped: int = 0, but: Collection[UUID] = ()
) -> list[PostMatch]:
    """Open posts by how little is missing, then by their last day to apply: that order is all there is.

    Posts of teams and managers the actor would rather not work with are left out, those they recruit for, and `but`.
    """
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return []
    today = clock.today()
    _, statement = masks_of_posts(actor, wishes, today)
    if but:
        statement = statement.where(statement.selected_columns.id.not_in(but))
    ids = [one for one, _ in session().execute(statement.offset(skipped).limit(most))]
    found = {one.row.vacancy.id: one for one in _matches(actor, ids, wishes, today)}
    return [found[one] for one in ids if one in found]


def counts_for(actor: Actor, wishes: Wishes) -> Counter[MatchKind]:
    """How many open posts fit, nearly fit and do not: of all that `posts_for` goes through, in one query."""
    counts: Counter[MatchKind] = Counter()
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        return counts
    _, statement = masks_of_posts(actor, wishes, clock.today())
    each = statement.order_by(None).subquery()
    for mask, count in session().execute(select(each.c.mask, func.count()).group_by(each.c.mask)):
        counts[kind_of(mask.bit_count())] += count
    return counts


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


def kept_away(person_id: UUID | None) -> ColumnElement[bool]:
    """The posts of teams and managers this person would rather not work with, and those they recruit for."""
    blocked = exists().where(
        CandidateBlock.person_id == person_id,
        CandidateBlock.ended_at.is_(None),
        or_(CandidateBlock.team_id == Vacancy.team_id, CandidateBlock.manager_id == Vacancy.manager_id),
    )
    return or_(blocked, func.coalesce(Vacancy.manager_id == person_id, False))
