"""Reading vacancies and considerations: always for an actor, so what they may not know of is not in the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.bands import bands_in_words
from recovery_college.careers.compliance_queries import AnswersWaiting, answers_waiting
from recovery_college.careers.consideration import ConsiderationAnswer, ConsiderationState
from recovery_college.careers.consideration_models import ConsiderationExtension
from recovery_college.careers.models import Consideration, ConsiderationReason, PswRule, Vacancy
from recovery_college.careers.pay import pay_for_hours
from recovery_college.careers.rules import ContractKind, PswFlag, ServiceArea, Setting, VacancyStatus
from recovery_college.careers.vacancy_list import (
    VacancyRow,
    after_mark,
    due_or_last,
    found_newest_first,
    is_older_than_rule,
    joined,
    mark_of,
    newest_first,
    rows_of,
    rows_statement,
    sees_answers,
    state_today,
    status_today,
    visible,
    words_match,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.paging import Page
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

PAGE = 25
WAITING = tuple(state.value for state in ConsiderationState if state.waits_for_manager)


@dataclass(frozen=True, slots=True)
class VacancyFilter:
    """What a list of vacancies is narrowed to; empty means not narrowed by it."""

    words: str = ""
    flag: str = ""
    state: str = ""
    status: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class VacancyPage:
    """Some rows and the mark to go on from, None at the end."""

    rows: list[VacancyRow]
    onward: str | None


@dataclass(frozen=True, slots=True)
class OpenPost:
    """An open post a student or graduate may apply for: no manager, no answer, nothing of how it was decided."""

    id: UUID
    reference: str
    title: str
    bands: str
    weekly_hours: Decimal | None
    service_area: ServiceArea | None
    setting: Setting | None
    site: str
    team: str
    contract: ContractKind | None
    salary: str
    pay: str
    """What the national scales pay for its hours; empty without a band or hours."""
    closes_on: date | None
    url: str
    description: str


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One answer ever given, live or not, with the vacancy as it was."""

    answer: ConsiderationAnswer
    reason: str
    decided_at: datetime
    decided_by: str
    superseded_at: datetime | None
    superseded_why: str
    returned_at: datetime | None
    returned_why: str
    snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GivenTime:
    """More time that HR gave: from which day to which, why, by whom and when."""

    from_on: date
    to_on: date
    why: str
    by: str
    at: datetime


def vacancies_visible_to(actor: Actor, chosen: VacancyFilter, mark: str = "") -> VacancyPage:
    """A page of vacancies, newest first; students and graduates get none here (see open_posts)."""
    if not may(actor, Permission.VACANCY_SEE):
        return VacancyPage([], None)
    today = clock.today()
    conditions = _conditions(actor, chosen, today)
    if chosen.words:
        rows = found_newest_first(conditions, actor, today, mark, PAGE + 1)
    else:
        rows = newest_first(rows_statement(actor, today).where(*conditions), actor, today, mark, PAGE + 1)
    onward = _onward(rows, lambda row: row.vacancy.posted_on)
    return VacancyPage(rows[:PAGE], onward)


def considerations_visible_to(actor: Actor, mark: str = "", state: str = "") -> VacancyPage:
    """Vacancies that wait for their manager's answer, the nearest deadline first."""
    if not sees_answers(actor):
        return VacancyPage([], None)
    today = clock.today()
    wanted = (state,) if state in WAITING else WAITING
    statement = rows_statement(actor, today).where(state_today(today).in_(wanted), after_mark(mark))
    statement = statement.order_by(due_or_last(), Vacancy.id).limit(PAGE + 1)
    rows = rows_of(statement, actor, today)
    return VacancyPage(rows[:PAGE], _onward(rows, lambda row: row.vacancy.consideration_due_on))


def vacancies_by_id(actor: Actor, ids: Sequence[UUID]) -> list[VacancyRow]:
    """Those of the vacancies named that the actor may know of, the oldest deadline first."""
    if not may(actor, Permission.VACANCY_SEE):
        return []
    today = clock.today()
    statement = rows_statement(actor, today).where(Vacancy.id.in_(ids))
    return rows_of(statement.order_by(due_or_last(), Vacancy.id), actor, today)


def vacancy_visible_to(actor: Actor, vacancy_id: UUID) -> VacancyRow | None:
    """One vacancy, or None when there is none this actor may know of."""
    if not may(actor, Permission.VACANCY_SEE):
        return None
    today = clock.today()
    rows = rows_of(rows_statement(actor, today).where(Vacancy.id == vacancy_id), actor, today)
    return rows[0] if rows else None


def all_vacancies(actor: Actor) -> list[VacancyRow]:
    """Every vacancy the actor may know of, in the order of reference: for exports."""
    today = clock.today()
    return rows_of(rows_statement(actor, today).order_by(Vacancy.reference), actor, today, all_bands=True)


def count_open_posts(actor: Actor) -> int:
    """How many posts `open_posts` goes through."""
    if not may(actor, Permission.PSW_POSTS_SEE) or may(actor, Permission.VACANCY_SEE):
        return 0
    each = rows_statement(actor, clock.today()).with_only_columns(Vacancy.id).subquery()
    return session().scalar(select(func.count()).select_from(each)) or 0


def open_posts(actor: Actor, vacancy_id: UUID | None = None, page: Page | None = None) -> list[OpenPost]:
    """Posts advertised now that are PSW posts or open to both, for students and graduates; one, or a page of them."""
    if not may(actor, Permission.PSW_POSTS_SEE) or may(actor, Permission.VACANCY_SEE):
        return []
    today = clock.today()
    statement = rows_statement(actor, today).order_by(
        func.coalesce(Vacancy.closes_on, date(9999, 12, 31)), Vacancy.id
    )
    if vacancy_id is not None:
        statement = statement.where(Vacancy.id == vacancy_id)
    if page is not None:
        statement = statement.offset(page.skipped).limit(page.size)
    return [_open_post(row) for row in rows_of(statement, actor, today)]


def past_answers(actor: Actor, vacancy_id: UUID) -> list[PastAnswer]:
    """Every answer ever given about a vacancy, newest first; none for who may not see answers."""
    if not sees_answers(actor):
        return []
    today = clock.today()
    statement = (
        select(Consideration, Person, ConsiderationReason.words)
        .join(Person, Person.id == Consideration.decided_by)
        .outerjoin(ConsiderationReason, ConsiderationReason.code == Consideration.reason_code)
        .where(
            Consideration.vacancy_id.in_(
                joined(select(Vacancy.id).select_from(Vacancy)).where(
                    Vacancy.id == vacancy_id, visible(actor, today)
                )
            )
        )
        .order_by(Consideration.decided_at.desc())
    )
    return [
        PastAnswer(
            one.answer,
            one.reason_text or words or "",
            one.decided_at,
            name_of(person),
            one.superseded_at,
            one.superseded_why,
            one.returned_at,
            one.returned_why,
            one.snapshot,
        )
        for one, person, words in session().execute(statement)
    ]


def extensions_of(actor: Actor, vacancy_id: UUID) -> list[GivenTime]:
    """Every time HR gave more time for a vacancy's answer, newest first; none for who may not see answers."""
    if not sees_answers(actor):
        return []
    known = joined(select(Vacancy.id).select_from(Vacancy)).where(
        Vacancy.id == vacancy_id, visible(actor, clock.today())
    )
    statement = (
        select(ConsiderationExtension, Person)
        .join(Person, Person.id == ConsiderationExtension.extended_by)
        .where(ConsiderationExtension.vacancy_id.in_(known))
        .order_by(ConsiderationExtension.extended_at.desc())
    )
    return [
        GivenTime(one.from_on, one.to_on, one.why, name_of(person), one.extended_at)
        for one, person in session().execute(statement)
    ]


def considerations_waiting(actor: Actor) -> AnswersWaiting:
    """How many answers are waited for (due, overdue, returned): a manager's own, else all the actor may see."""
    return answers_waiting(actor) if sees_answers(actor) else AnswersWaiting(0, 0, 0)


def bands_to_read(actor: Actor) -> int:
    """How many vacancies wait for a person to read their band; 0 for who cannot read bands."""
    if not may(actor, Permission.VACANCY_EDIT):
        return 0
    counted = select(func.count(Vacancy.id)).outerjoin(PswRule, PswRule.version == Vacancy.rule_version)
    return int(session().scalar(counted.where(visible(actor, clock.today()), _bands_queue())) or 0)


def nobody_to_ask(actor: Actor) -> int:
    """How many possible PSW roles wait for an answer and have no manager known; 0 for who cannot assign one."""
    return answers_waiting(actor).nobody if may(actor, Permission.VACANCY_EDIT) else 0


def _bands_queue() -> ColumnElement[bool]:
    return and_(Vacancy.flag == PswFlag.UNKNOWN, ~is_older_than_rule())


def _nobody_queue(today: date) -> ColumnElement[bool]:
    return and_(Vacancy.manager_id.is_(None), state_today(today).in_(WAITING))


def _conditions(actor: Actor, chosen: VacancyFilter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.words:
        conditions.append(words_match(chosen.words))
    if chosen.flag in set(PswFlag):
        conditions.append(Vacancy.flag == PswFlag(chosen.flag))
    if chosen.status in set(VacancyStatus):
        conditions.append(status_today(today) == chosen.status)
    if chosen.state in set(ConsiderationState) and sees_answers(actor):
        conditions.append(state_today(today) == chosen.state)
    if chosen.queue == "bands":
        conditions.append(_bands_queue())
    if chosen.queue == "nobody":
        conditions.append(_nobody_queue(today))
    return conditions


def _onward(rows: list[VacancyRow], day: Any) -> str | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    return mark_of(day(last), last.vacancy.id)


def _open_post(row: VacancyRow) -> OpenPost:
    vacancy = row.vacancy
    pay = pay_for_hours(row.bands, vacancy.weekly_hours, clock.today())
    return OpenPost(
        vacancy.id,
        vacancy.reference,
        vacancy.title,
        bands_in_words(row.bands),
        vacancy.weekly_hours,
        vacancy.service_area,
        vacancy.setting,
        vacancy.site,
        row.team,
        vacancy.contract,
        vacancy.salary,
        pay.in_words if pay else "",
        vacancy.closes_on,
        vacancy.url,
        vacancy.description,
    )


def go_live_effect(actor: Actor) -> dict[str, int]:
    """How many possible PSW roles count under the rule, and how many are older than it; HR only."""
    if not may(actor, Permission.VACANCY_EDIT):
        return {"counting": 0, "older": 0}
    older = is_older_than_rule()
    statement = joined(select(older, func.count(Vacancy.id)).select_from(Vacancy))
    found = session().execute(statement.where(Vacancy.flag == PswFlag.YES).group_by(older)).all()
    counts = {bool(is_older): int(number) for is_older, number in found}
    return {"counting": counts.get(False, 0), "older": counts.get(True, 0)}
