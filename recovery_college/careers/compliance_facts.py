"""One fact per vacancy for the report of how the rule was kept (V5), read lean: thousands at once."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.band_rule import is_breach
from recovery_college.careers.compliance import ComplianceFact
from recovery_college.careers.consideration import ConsiderationState
from recovery_college.careers.models import Consideration, Directorate, PswRule, Vacancy
from recovery_college.careers.rules import PswFlag, VacancyStatus
from recovery_college.careers.vacancy_list import LIVE, MANAGER, joined, state_today, status_today, visible
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.rules import display_name


def facts_visible_to(
    actor: Actor, since: date | None = None, until: date | None = None
) -> list[ComplianceFact]:
    """Facts of the vacancies flagged (or waiting for a band) from `since` to `until`, both days included.

    A manager counts their own vacancies only. Nobody without the report's permission counts anything.
    """
    if not may(actor, Permission.REPORT_CONSIDERATION):
        return []
    today = clock.today()
    statement = _statement(actor, today)
    if since is not None:
        statement = statement.where(Vacancy.flagged_on >= since)
    if until is not None:
        statement = statement.where(Vacancy.flagged_on <= until)
    return [_fact_of(row, today) for row in session().execute(statement)]


def _statement(actor: Actor, today: date) -> Select[*tuple[Any, ...]]:
    """What a fact is made of, for every vacancy that the rule flags or cannot tell."""
    first_on = (
        select(func.min(Consideration.decided_on))
        .where(Consideration.vacancy_id == Vacancy.id)
        .correlate(Vacancy)
        .scalar_subquery()
    )
    columns = (
        Vacancy.flag,
        state_today(today),
        status_today(today),
        Vacancy.posted_on,
        Vacancy.consideration_due_on,
        Vacancy.advertised_before_considered,
        Vacancy.flagged_on,
        Vacancy.service_area,
        LIVE.decided_on,
        PswRule.go_live_on,
        first_on,
        Directorate.name,
        MANAGER.given_name,
        MANAGER.family_name,
        MANAGER.preferred_name,
        Vacancy.id,
        Vacancy.manager_id,
    )
    return (
        joined(select(*columns).select_from(Vacancy))
        .outerjoin(Directorate, Directorate.id == Vacancy.directorate_id)
        .outerjoin(MANAGER, MANAGER.id == Vacancy.manager_id)
        .where(visible(actor, today), Vacancy.flag != PswFlag.NO)
    )


def _fact_of(row: Any, today: date) -> ComplianceFact:
    (
        flag, state, status, posted_on, due_on, breach, flagged_on, area, decided_on, go_live_on, first,
        directorate, given, family, preferred, vacancy_id, manager_id,
    ) = row  # fmt: skip
    breached = flag is PswFlag.YES and (
        breach or is_breach(flag, VacancyStatus(status), posted_on, go_live_on, first, today)
    )
    return ComplianceFact(
        flag=flag,
        state=ConsiderationState(state),
        due_on=due_on,
        decided_on=decided_on,
        advertised_before_considered=breached,
        directorate=directorate,
        service_area=area.value if area else None,
        manager=display_name(given, family, preferred) if given is not None else None,
        month=flagged_on.strftime("%Y-%m") if flagged_on else None,
        vacancy_id=vacancy_id,
        manager_id=manager_id if given is not None else None,
    )
