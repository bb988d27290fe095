"""The figures of how the rule was kept (V5), counted in the database from where each vacancy stands.

The rule itself is in `compliance`; a test holds these statements, the rule and a plain recount to the same figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.compliance import (
    BAND_NEEDED,
    BREACH,
    FLAGGED,
    ComplianceCounts,
    ComplianceRow,
    Dimension,
    Narrowing,
    Outcome,
    in_order_of_names,
)
from recovery_college.careers.compliance_models import Standing, VacancyStanding
from recovery_college.careers.deputy_facts import stood_in_for
from recovery_college.careers.models import Directorate
from recovery_college.careers.rules import ServiceArea
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

STAND = VacancyStanding
_COLUMNS: dict[Dimension, Any] = {
    Dimension.DIRECTORATE: STAND.directorate_id,
    Dimension.SERVICE_AREA: STAND.service_area,
    Dimension.MANAGER: STAND.manager_id,
    Dimension.MONTH: STAND.flagged_month,
}


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """All figures of the report, over the same vacancies."""

    total: ComplianceCounts
    rows: Mapping[Dimension, tuple[ComplianceRow, ...]]


@dataclass(frozen=True, slots=True)
class Behind:
    """The vacancies one figure counts: how many, a page of their ids, and the name of the row, if it has one."""

    count: int
    ids: list[UUID]
    name: str | None


@dataclass(frozen=True, slots=True)
class AnswersWaiting:
    """Answers that are waited for (due, overdue, returned); those overdue; and those with nobody to ask."""

    count: int
    overdue: int
    nobody: int


def compliance_strip(actor: Actor) -> ComplianceCounts:
    """How the rule was kept so far, in one row of figures, over what the actor may count: one query."""
    found = session().execute(
        select(*_figures(clock.today())).select_from(STAND).where(*_counted(actor, None, None))
    )
    return _counts(found.one())


def compliance_report(actor: Actor, since: date | None = None, until: date | None = None) -> ComplianceReport:
    """The figures by each dimension, of vacancies flagged from `since` to `until`: one query a dimension."""
    rows = {each: _rows(actor, each, since, until) for each in Dimension}
    # Every vacancy is in one row of each, so any of them adds up to the whole.
    total = sum((row.counts for row in rows[Dimension.MONTH]), ComplianceCounts())
    return ComplianceReport(total, rows)


def _rows(
    actor: Actor, dimension: Dimension, since: date | None, until: date | None
) -> tuple[ComplianceRow, ...]:
    column = _COLUMNS[dimension]
    statement = select(column, *_figures(clock.today())).where(*_counted(actor, since, until))
    found = session().execute(statement.group_by(column)).all()
    names = _names(dimension, [row[0] for row in found if row[0] is not None])
    rows = []
    for value, *figures in found:
        name = names[value] if value is not None else None
        key = value.hex if isinstance(value, UUID) and dimension is Dimension.MANAGER else name or ""
        rows.append(ComplianceRow(name, _counts(figures), key))
    return in_order_of_names(rows)


def _names(dimension: Dimension, values: list[Any]) -> dict[Any, str]:
    if dimension is Dimension.DIRECTORATE:
        rows = session().execute(select(Directorate.id, Directorate.name).where(Directorate.id.in_(values)))
        return {row[0]: row[1] for row in rows}
    if dimension is Dimension.MANAGER:
        people = session().execute(
            select(Person.id, Person.given_name, Person.family_name, Person.preferred_name).where(
                Person.id.in_(values)
            )
        )
        return {one: display_name(given, family, preferred) for one, given, family, preferred in people}
    return {value: str(value) for value in values}


def vacancies_behind(
    actor: Actor,
    chosen: Narrowing,
    since: date | None = None,
    until: date | None = None,
    *,
    skipped: int = 0,
    most: int = 50,
) -> Behind:
    """The vacancies that a figure of the report counts, in the order of their ids."""
    today = clock.today()
    conditions = [*_counted(actor, since, until), _in_figure(chosen.figure, today)]
    name: str | None = None
    if chosen.dimension is not None:
        in_row, name = _in_row(chosen.dimension, chosen.key)
        conditions.append(in_row)
    count = session().scalar(select(func.count()).select_from(STAND).where(*conditions)) or 0
    page = select(STAND.vacancy_id).where(*conditions).order_by(STAND.vacancy_id)
    ids = list(session().scalars(page.offset(skipped).limit(most))) if count else []
    return Behind(count, ids, name if count else None)


def answers_waiting(actor: Actor) -> AnswersWaiting:
    """What is waited for of the vacancies this actor may know of, whoever may see answers: one query."""
    today = clock.today()
    overdue = and_(STAND.standing == Standing.ASKED, STAND.due_on < today)
    row = (
        session()
        .execute(
            select(
                func.count(), func.count().filter(overdue), func.count().filter(STAND.manager_id.is_(None))
            )
            .select_from(STAND)
            .where(
                _known_to(actor, today),
                _is_undecided(),
                or_(STAND.over_after.is_(None), STAND.over_after >= today),
            )
        )
        .one()
    )
    return AnswersWaiting(*map(int, row))


def _counted(actor: Actor, since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """The vacancies this actor's report counts. Nobody without the report's permission counts anything."""
    if not may(actor, Permission.REPORT_CONSIDERATION):
        return [false()]
    conditions = [_known_to(actor, clock.today())]
    if since is not None:
        conditions.append(STAND.flagged_on >= since)
    if until is not None:
        conditions.append(STAND.flagged_on <= until)
    return conditions


def _known_to(actor: Actor, today: date) -> ColumnElement[bool]:
    """`vacancy_list.visible` over standings: a manager's own and those they stand in for, else all or none."""
    if not may(actor, Permission.VACANCY_SEE):
        return false()
    if actor.role is not Role.MANAGER:
        return true()
    stands_in: Select[Any] = stood_in_for(actor.person_id, today)
    return or_(STAND.manager_id == actor.person_id, STAND.manager_id.in_(stands_in))


def _is_undecided() -> ColumnElement[bool]:
    return STAND.standing.in_((Standing.ASKED, Standing.RETURNED))


def _is_past(today: date) -> ColumnElement[bool]:
    """Of an undecided one, whether its time is over. Never null."""
    return or_(
        and_(STAND.due_on.is_not(None), STAND.due_on < today),
        and_(STAND.over_after.is_not(None), STAND.over_after < today),
    )


def _is_breach(today: date) -> ColumnElement[bool]:
    return and_(STAND.breach_from <= today, or_(STAND.breach_until.is_(None), STAND.breach_until >= today))


def _in_figure(figure: str, today: date) -> ColumnElement[bool]:
    """Which standings a figure counts; the figures are those of `compliance.FIGURES`."""
    undecided = _is_undecided()
    return {
        FLAGGED: STAND.standing != Standing.BAND_TO_READ,
        Outcome.ON_TIME.value: STAND.standing == Standing.ON_TIME,
        Outcome.LATE.value: STAND.standing == Standing.LATE,
        Outcome.NEVER.value: and_(undecided, _is_past(today)),
        Outcome.NOT_DUE_YET.value: and_(undecided, ~_is_past(today)),
        Outcome.BEFORE_THE_RULE.value: STAND.standing == Standing.BEFORE_THE_RULE,
        BREACH: _is_breach(today),
        BAND_NEEDED: STAND.standing == Standing.BAND_TO_READ,
    }[figure]


_ORDER = (
    Outcome.ON_TIME, Outcome.LATE, Outcome.NEVER, Outcome.NOT_DUE_YET, Outcome.BEFORE_THE_RULE, BREACH, BAND_NEEDED,
)  # fmt: skip


def _figures(today: date) -> list[ColumnElement[int]]:
    return [func.count().filter(_in_figure(figure, today)) for figure in _ORDER]


def _counts(figures: Any) -> ComplianceCounts:
    return ComplianceCounts(*map(int, figures))


def _in_row(dimension: Dimension, key: str) -> tuple[ColumnElement[bool], str | None]:
    """Which standings a row counts, by the row's key, and the row's name; "" is what is not recorded."""
    column = _COLUMNS[dimension]
    if not key:
        return column.is_(None), None
    if dimension is Dimension.DIRECTORATE:
        found = session().scalar(select(Directorate.id).where(Directorate.name == key))
        return (column == found, key) if found else (false(), None)
    if dimension is Dimension.MANAGER:
        try:
            one = UUID(hex=key)
        except ValueError:
            return false(), None
        return column == one, _names(dimension, [one]).get(one)
    if dimension is Dimension.SERVICE_AREA and key not in set(ServiceArea):
        return false(), None
    return column == key, key
