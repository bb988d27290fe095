"""Open vacancies that look like one another: the same title and closing date, and no two teams. For HR."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.look_alike_models import VacancyDifferent
from recovery_college.careers.models import Vacancy
from recovery_college.careers.rules import VacancyStatus
from recovery_college.careers.vacancy_list import VacancyRow, rows_of, rows_statement
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

MOST_GROUPS = 200
GROUPS_SHOWN = 20
MOST_ALIKE = 6


@dataclass(frozen=True, slots=True)
class Alike:
    """Vacancies that look alike, and whether there are more of them than are shown."""

    rows: tuple[VacancyRow, ...]
    more: int


def look_alikes_visible_to(actor: Actor) -> list[Alike]:
    """Groups about which nobody has said yet that they differ, the nearest closing date first; HR only."""
    if not may(actor, Permission.VACANCY_EDIT):
        return []
    today = clock.today()
    keys = _alike(today)
    if not keys:
        return []
    of_keys = or_(
        *(
            and_(Vacancy.closes_on == closes_on, func.lower(Vacancy.title) == title)
            for closes_on, title in keys
        )
    )
    statement = rows_statement(actor, today).where(of_keys, *_open(today))
    rows = rows_of(
        statement.order_by(Vacancy.closes_on, func.lower(Vacancy.title), Vacancy.reference), actor, today
    )
    groups: dict[tuple[date | None, str], list[VacancyRow]] = {}
    for row in rows:
        groups.setdefault((row.vacancy.closes_on, row.vacancy.title.lower()), []).append(row)
    said = _said_different([row.vacancy.id for row in rows])
    unsaid = [
        group
        for same_words in groups.values()
        for group in _by_team(same_words)
        if len(group) > 1 and not _all_differ(group, said)
    ]
    return [
        Alike(tuple(group[:MOST_ALIKE]), max(0, len(group) - MOST_ALIKE)) for group in unsaid[:GROUPS_SHOWN]
    ]


def _open(today: date) -> tuple[ColumnElement[bool], ...]:
    over = (VacancyStatus.CLOSED, VacancyStatus.WITHDRAWN)
    return (Vacancy.closes_on >= today, Vacancy.status.not_in(over))


def _alike(today: date) -> list[tuple[date, str]]:
    """Closing dates and titles that more vacancies have than teams: two of one team, or one that names none."""
    title = func.lower(Vacancy.title)
    statement = (
        select(Vacancy.closes_on, title)
        .where(*_open(today))
        .group_by(Vacancy.closes_on, title)
        .having(func.count() > 1, func.count() > func.count(func.distinct(Vacancy.team_id)))
        .order_by(Vacancy.closes_on)
        .limit(MOST_GROUPS)
    )
    return [(closes_on, words) for closes_on, words in session().execute(statement)]


def _by_team(rows: Sequence[VacancyRow]) -> list[list[VacancyRow]]:
    """Rows of one title and day by their team; a vacancy that names no team may be any of them."""
    if any(row.vacancy.team_id is None for row in rows):
        return [list(rows)]
    teams: dict[UUID | None, list[VacancyRow]] = {}
    for row in rows:
        teams.setdefault(row.vacancy.team_id, []).append(row)
    return list(teams.values())


def _said_different(ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    statement = select(VacancyDifferent.first_id, VacancyDifferent.second_id).where(
        VacancyDifferent.first_id.in_(ids)
    )
    return {(first, second) for first, second in session().execute(statement)}


def _all_differ(group: Sequence[VacancyRow], said: set[tuple[UUID, UUID]]) -> bool:
    ids = sorted((row.vacancy.id for row in group), key=lambda one: one.hex)
    return all(pair in said for pair in combinations(ids, 2))
