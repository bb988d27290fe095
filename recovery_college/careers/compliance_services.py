"""Whether the reports' standings are what the vacancies say, and working them all out anew (ADR 19)."""

from sqlalchemy import column, delete, except_, func, insert, select, table, union_all
from sqlalchemy.orm import Session

from recovery_college.access.console import ConsoleActor
from recovery_college.audit.services import record
from recovery_college.careers.compliance import compliance_total
from recovery_college.careers.compliance_facts import facts_visible_to
from recovery_college.careers.compliance_models import VacancyStanding
from recovery_college.careers.compliance_queries import compliance_strip
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction

_COLUMNS = [one.name for one in VacancyStanding.__table__.columns]
_KEPT = VacancyStanding.__table__
# What the rows say now, by the one definition that the triggers copy from.
_NOW = table("vacancy_standing_now", *(column(one.name, one.type) for one in _KEPT.columns))


def recount_standings(actor: ConsoleActor) -> int:
    """Work out every vacancy's standing anew; how many were wrong. Reports are right from then on."""
    with transaction() as s:
        wrong = _differing(s)
        if wrong:
            s.execute(delete(VacancyStanding))
            s.execute(insert(VacancyStanding).from_select(_COLUMNS, select(_NOW)))
        record(s, actor, "worked out standings", "vacancy", "all", wrong=wrong)
        return wrong


def standings_that_differ() -> int:
    """How many vacancies stand otherwise in the reports than their own rows say."""
    return _differing(session())


def report_differs(actor: ConsoleActor) -> bool:
    """Whether the figures counted from standings are others than the rule gives, vacancy by vacancy.

    Reads every vacancy: seconds for 100,000 of them, so it is for the doctor and not for a page.
    """
    return compliance_strip(actor) != compliance_total(facts_visible_to(actor), clock.today())


def _differing(s: Session) -> int:
    kept, now = select(_KEPT), select(_NOW)
    apart = union_all(
        select(except_(kept, now).subquery().c.vacancy_id), select(except_(now, kept).subquery().c.vacancy_id)
    ).subquery()
    return s.scalar(select(func.count(func.distinct(apart.c.vacancy_id)))) or 0
