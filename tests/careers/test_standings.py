"""Reports count where vacancies stand: the summary, the rule vacancy by vacancy and a plain recount agree (V5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask, current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from recovery_college import cli
from recovery_college.access.console import console_actor
from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.bands import BandSource
from recovery_college.careers.compliance import (
    FIGURES,
    Dimension,
    Narrowing,
    compliance_by,
    compliance_total,
)
from recovery_college.careers.compliance_facts import facts_visible_to
from recovery_college.careers.compliance_queries import (
    AnswersWaiting,
    answers_waiting,
    compliance_report,
    compliance_strip,
    vacancies_behind,
)
from recovery_college.careers.compliance_services import (
    recount_standings,
    report_differs,
    standings_that_differ,
)
from recovery_college.careers.consideration import ConsiderationAnswer, ConsiderationState
from recovery_college.careers.models import Consideration, Directorate, PswRule, Vacancy
from recovery_college.careers.queries import WAITING, all_vacancies
from recovery_college.careers.rules import PswFlag, ServiceArea, VacancySource, VacancyStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.people import signed_in
from tests.reporting.recount import recount

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
days = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=10))
some_day = st.none() | days


@st.composite
def vacancies(draw: st.DrawFn) -> dict[str, Any]:
    """A vacancy's own columns, in every mixture the table takes, and the days of its answers."""
    posted_on, closes_on = draw(some_day), draw(some_day)
    if posted_on and closes_on:
        posted_on, closes_on = sorted((posted_on, closes_on))
    answers = draw(st.lists(days, max_size=2))
    return {
        "row": {
            "flag": draw(st.sampled_from([PswFlag.YES, PswFlag.YES, PswFlag.YES, PswFlag.UNKNOWN, PswFlag.NO])),
            "status": draw(st.sampled_from(VacancyStatus)),
            "posted_on": posted_on,
            "closes_on": closes_on,
            "consideration_due_on": draw(some_day),
            "flagged_on": draw(some_day),
            "advertised_before_considered": draw(st.booleans()),
            "rule_version": draw(st.sampled_from([None, 1, 2])),
            "service_area": draw(st.sampled_from([None, *ServiceArea])),
        },
        "manager": draw(st.integers(0, 2)),
        "directorate": draw(st.integers(0, 2)),
        "answers": answers,
        "is_live": draw(st.booleans()),
        "is_returned": draw(st.booleans()),
    }  # fmt: skip


def add(
    drawn: list[dict[str, Any]], managers: list[UUID | None], directorates: list[UUID | None]
) -> list[UUID]:
    """Put them into the tables as an import in bulk would, answers after them."""
    ids = [uuid4() for _ in drawn]
    with transaction() as s:
        s.execute(
            insert(Vacancy),
            [
                {
                    "id": one, "reference": one.hex, "source": VacancySource.HAND, "title": "A post",
                    "band_source": BandSource.BAND_FIELD, "created_at": NOON, "updated_at": NOON,
                    "manager_id": managers[each["manager"]],
                    "directorate_id": directorates[each["directorate"]], **each["row"],
                }
                for one, each in zip(ids, drawn, strict=True)
            ],
        )  # fmt: skip
        for one, each in zip(ids, drawn, strict=True):
            for place, decided_on in enumerate(each["answers"]):
                is_last = place == len(each["answers"]) - 1
                s.add(
                    Consideration(
                        vacancy_id=one, answer=ConsiderationAnswer.PSW_POST, snapshot={},
                        decided_by=managers[1], decided_on=decided_on,
                        decided_at=NOON + timedelta(minutes=place),
                        superseded_at=None if is_last and each["is_live"] else NOON,
                        returned_at=NOON if is_last and each["is_returned"] else None,
                    )
                )  # fmt: skip
                s.flush()
    return ids


def agree(hr: Any) -> None:
    """Every figure, by every dimension, three ways; and each figure opens exactly what it counts."""
    today = clock.today()
    facts, report = facts_visible_to(hr), compliance_report(hr)
    total = compliance_total(facts, today)
    assert (report.total, compliance_strip(hr)) == (total, total)
    told = recount(lambda sql: [dict(row._mapping) for row in session().execute(text(sql))], today)
    everything = told["All", "All"]
    words = ("on time", "late", "never", "not due", "before", "breach", "band")
    assert [everything[word] for word in words] == [
        total.on_time, total.late, total.never, total.not_due_yet, total.before_the_rule,
        total.advertised_before_considered, total.band_needed,
    ]  # fmt: skip
    for dimension in Dimension:
        assert report.rows[dimension] == compliance_by(dimension, facts, today), dimension
    for figure in FIGURES:
        chosen = Narrowing(figure)
        counted = {fact.vacancy_id for fact in facts if chosen.counts(fact, today)}
        behind = vacancies_behind(hr, chosen, most=10_000)
        assert (set(behind.ids), behind.count) == (counted, len(counted)), figure
    since, until = today - timedelta(days=20), today - timedelta(days=5)
    assert compliance_report(hr, since, until).total == compliance_total(
        facts_visible_to(hr, since, until), today
    )
    waiting = [row for row in all_vacancies(console_actor()) if row.state and row.state.value in WAITING]
    assert answers_waiting(hr) == AnswersWaiting(
        len(waiting),
        sum(row.state is ConsiderationState.OVERDUE for row in waiting),
        sum(row.vacancy.manager_id is None for row in waiting),
    )
    assert standings_that_differ() == 0


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_three_ways_of_counting_agree_whatever_happens(app: Flask, data: st.DataObject) -> None:
    with clock.held_at(NOON):
        hr = signed_in(Role.HR)
        if session().get(PswRule, 2) is None:
            session().add(
                PswRule(
                    version=2, bands=["band 3"], exclusions=[], valid_from=date(2100, 1, 1), go_live_on=TODAY
                )
            )
            session().add_all(Directorate(name=name) for name in ("Adult", "older"))
            session().commit()
        managers = [None, a_manager("Robin").person_id, a_manager("Robin").person_id]
        directorates = [None, *session().scalars(select(Directorate.id).order_by(Directorate.name))]
        ids = add(data.draw(st.lists(vacancies(), min_size=4, max_size=8)), managers, directorates)
        agree(hr)
        changed = data.draw(vacancies())["row"]
        with transaction() as s:
            s.execute(update(Vacancy).where(Vacancy.id == ids[0]).values(**changed))
            s.execute(update(PswRule).where(PswRule.version == 2).values(go_live_on=data.draw(some_day)))
            s.execute(
                update(Consideration)
                .where(Consideration.vacancy_id == ids[1], Consideration.superseded_at.is_(None))
                .values(superseded_at=NOON)
            )
            s.execute(
                update(Consideration)
                .where(Consideration.vacancy_id == ids[2], Consideration.returned_at.is_(None))
                .values(returned_at=NOON)
            )
        agree(hr)
    for later in (-12, 9):
        with clock.held_at(NOON + timedelta(days=later)):
            agree(hr)


def test_a_manager_counts_their_own_and_whom_they_stand_in_for(app: Flask) -> None:
    manager, other = a_manager("Morgan"), a_manager("Other")
    mine = a_vacancy(manager, directorate="Adult")
    a_vacancy(other)
    assert compliance_report(manager).total == compliance_total(facts_visible_to(manager), clock.today())
    assert compliance_strip(manager).flagged == 1
    key = manager.person_id.hex
    behind = vacancies_behind(signed_in(Role.HR), Narrowing("flagged", Dimension.MANAGER, key))
    assert (behind.ids, behind.name) == ([mine.id], "Morgan Example")
    assert vacancies_behind(other, Narrowing("flagged", Dimension.MANAGER, key)).count == 0
    for wrong in ("x", "0" * 32):
        assert vacancies_behind(manager, Narrowing("flagged", Dimension.MANAGER, wrong)).count == 0
    assert compliance_strip(signed_in(Role.TUTOR)).flagged == 0
    assert answers_waiting(signed_in(Role.TUTOR)).count == 0


def test_what_is_not_kept_is_found_and_mended(app: Flask) -> None:
    """The known-bad twin: a standing moved by hand is told by the doctor, and worked out anew by the command."""
    manager = a_manager()
    post = a_vacancy(manager)
    considered(post, manager)
    console = console_actor()
    assert (standings_that_differ(), report_differs(console)) == (0, False)
    with transaction() as s:
        s.execute(text("UPDATE vacancy_standing SET standing = 'late'"))
    assert (standings_that_differ(), report_differs(console)) == (1, True)
    session().commit()
    runner = CliRunner()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cli, "open_app", _opened)
        told = runner.invoke(cli.main, ["doctor"])
        assert "1 vacancy stands otherwise in the reports" in told.output
        assert told.exit_code == 1
        assert "1 was wrong" in runner.invoke(cli.main, ["recount"]).output
        assert "0 were wrong" in runner.invoke(cli.main, ["recount"]).output
    assert (standings_that_differ(), report_differs(console)) == (0, False)
    kept = select(func.count()).where(AuditEvent.action == "worked out standings")
    assert session().scalar(kept) == 2


@contextmanager
def _opened(*_: object, **__: object) -> Iterator[Flask]:
    """The app under test, in place of one made from the settings."""
    session().rollback()
    yield current_app
    session().rollback()


def test_recounting_a_college_without_vacancies(app: Flask) -> None:
    assert recount_standings(console_actor()) == 0
    assert compliance_report(signed_in(Role.HR)).rows[Dimension.MONTH] == ()
