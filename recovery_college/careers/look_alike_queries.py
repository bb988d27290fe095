"""Open vacancies that look like one another, by `look_alike_rules`. For HR."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from uuid import UUID

from sqlalchemy import ColumnElement, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.look_alike_models import VacancyDifferent
from recovery_college.careers.look_alike_rules import Facts, alike_among, look_alike
from recovery_college.careers.models import Vacancy
from recovery_college.careers.rules import OVER
from recovery_college.careers.vacancy_list import VacancyRow, rows_of, rows_statement
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

GROUPS_SHOWN = 20
MOST_ALIKE = 6
"""How many stand side by side: a table of more columns cannot be read."""
MOST_SETTLED = 100
"""How many can be said to differ at once. More of one title in one team or site are a fault of their source."""


@dataclass(frozen=True, slots=True)
class AlsoAlike:
    """One that looks like those side by side, in short."""

    id: UUID
    reference: str
    closes_on: date


@dataclass(frozen=True, slots=True)
class Alike:
    """Vacancies that look alike: those side by side, and the others of the group."""

    rows: tuple[VacancyRow, ...]
    others: tuple[AlsoAlike, ...] = ()

    @property
    def ids(self) -> tuple[UUID, ...]:
        """All of them: what is said of the group is said of each."""
        return (*(row.vacancy.id for row in self.rows), *(one.id for one in self.others))


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """The groups to settle first, and how many come after them."""

    groups: tuple[Alike, ...] = ()
    more: int = 0


def look_alikes_visible_to(actor: Actor) -> LookAlikes:
    """Groups about which nobody has said yet that they differ, the nearest closing date first; HR only."""
    if not may(actor, Permission.VACANCY_EDIT):
        return LookAlikes()
    today = clock.today()
    said = _said_different()
    unsettled = [group for group in alike_among(_open_facts(today)) if not _all_differ(group, said)]
    groups = unsettled[:GROUPS_SHOWN]
    ids = [one.key for group in groups for one in group[:MOST_ALIKE]]
    found: dict[Hashable, VacancyRow] = {
        row.vacancy.id: row
        for row in rows_of(rows_statement(actor, today).where(Vacancy.id.in_(ids)), actor, today)
    }
    others = _in_short([one.key for group in groups for one in group[MOST_ALIKE:MOST_SETTLED]])
    shown = tuple(
        Alike(
            tuple(found[one.key] for one in group[:MOST_ALIKE] if one.key in found),
            tuple(others[one.key] for one in group[MOST_ALIKE:MOST_SETTLED] if one.key in others),
        )
        for group in groups
    )
    return LookAlikes(shown, len(unsettled) - len(groups))


def _in_short(ids: Sequence[Hashable]) -> dict[Hashable, AlsoAlike]:
    rows = session().execute(
        select(Vacancy.id, Vacancy.reference, Vacancy.closes_on).where(Vacancy.id.in_(ids))
    )
    return {one: AlsoAlike(one, reference, day) for one, reference, day in rows if day is not None}


def _open_facts(today: date) -> list[Facts]:
    """What the open vacancies are compared by, in the order of their references."""
    columns = (Vacancy.id, Vacancy.title, Vacancy.team_id, Vacancy.site, Vacancy.closes_on)
    rows = session().execute(select(*columns).where(*_open(today)).order_by(Vacancy.reference))
    return [
        Facts(one, title, team_id, site, closes_on)
        for one, title, team_id, site, closes_on in rows
        if closes_on is not None
    ]


def _open(today: date) -> tuple[ColumnElement[bool], ...]:
    return (Vacancy.closes_on >= today, Vacancy.status.not_in(OVER))


def _said_different() -> set[tuple[Hashable, Hashable]]:
    rows = session().execute(select(VacancyDifferent.first_id, VacancyDifferent.second_id))
    return {(first, second) for first, second in rows}


def _all_differ(group: Sequence[Facts], said: set[tuple[Hashable, Hashable]]) -> bool:
    """Whether HR said of each two that look alike here that they differ."""
    if len(group) > len(said) + 1:
        return False
    ordered = sorted(group, key=lambda one: one.key.hex)  # type: ignore[attr-defined]
    return all(
        (one.key, other.key) in said for one, other in combinations(ordered, 2) if look_alike(one, other)
    )
