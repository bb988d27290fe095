"""Where a vacancy stands: the database and the rules give the same answers, and lists cost the same queries."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from recovery_college.access.rules import Role
from recovery_college.careers.consideration import consideration_state
from recovery_college.careers.models import Consideration, PswRule, Vacancy
from recovery_college.careers.queries import (
    VacancyFilter,
    all_vacancies,
    considerations_visible_to,
    considerations_waiting,
    vacancies_visible_to,
)
from recovery_college.careers.rules import VacancyStatus, status_on
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import a_manager, considered, email_of, import_rows, vacancy_of
from tests.factories.people import signed_in
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def a_mixture(manager, number: int = 60) -> None:
    chance = random.Random(7)
    today = NOW.date()
    for days_ago in (20, 3):
        rows = []
        for n in range(number // 2):
            posted = chance.choice(["", str(today + chance.randrange(-60, 10) * DAY)])
            closes = str(today + chance.randrange(10, 30) * DAY) if chance.random() < 0.7 else ""
            if posted and posted < str(today - 30 * DAY) and chance.random() < 0.5:
                closes = str(today - 2 * DAY)
            rows.append(
                {
                    "reference": f"R{days_ago}-{n:03}",
                    "title": "Post",
                    "band": chance.choice(["3", "4", "6", "?", "2"]),
                    "posted_on": posted,
                    "closes_on": closes,
                    "manager_email": email_of(manager),
                }
            )
        with clock.held_at(NOW - days_ago * DAY):
            assert import_rows(*rows).ok
            for row in chance.sample(rows, number // 5):
                vacancy = vacancy_of(str(row["reference"]))
                over = status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, clock.today()).is_over
                if vacancy.flag == "yes" and not over:
                    answer = chance.choice(["psw post", "open to both", "not a psw role"])
                    considered(vacancy, manager, answer, "funding")
    with transaction() as s:
        s.execute(update(PswRule).values(go_live_on=today - 40 * DAY))
        for one in s.scalars(select(Consideration).order_by(Consideration.id).limit(3)):
            one.returned_at, one.returned_why = NOW, "Look again"
        s.execute(update(Vacancy).where(Vacancy.reference == "R3-001").values(status=VacancyStatus.WITHDRAWN))


def test_the_database_and_the_rules_agree() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    a_mixture(manager)
    seen = set()
    with clock.held_at(NOW):
        today = clock.today()
        lives = {
            one.vacancy_id: one
            for one in session().scalars(select(Consideration).where(Consideration.superseded_at.is_(None)))
        }
        go_live = session().scalars(select(PswRule.go_live_on)).one()
        for row in all_vacancies(hr):
            vacancy, live = row.vacancy, lives.get(row.vacancy.id)
            status = status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today)
            expected = consideration_state(
                flag=vacancy.flag,
                status=status,
                posted_on=vacancy.posted_on,
                go_live_on=go_live,
                due_on=vacancy.consideration_due_on,
                answer=live.answer if live else None,
                returned=live is not None and live.returned_at is not None,
                today=today,
            )
            assert (row.status, row.state) == (status, expected)
            seen.add(row.state)
        for state in seen:
            listed = vacancies_visible_to(hr, VacancyFilter(state=state)).rows
            assert listed
            assert {row.state for row in listed} == {state}
    assert len(seen) >= 8, f"the mixture reaches most states: {seen}"


def test_lists_cost_the_same_queries_for_ten_times_the_rows() -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    import_rows(*({"reference": f"A{n}", "title": "Post", "band": "3"} for n in range(2)))
    considered_before = considerations_waiting(hr).count
    with statements() as few:
        vacancies_visible_to(hr, VacancyFilter())
        considerations_visible_to(hr)
    import_rows(
        *(
            {"reference": f"B{n}", "title": "Post", "band": "3", "manager_email": email_of(manager)}
            for n in range(30)
        )
    )
    session().expire_all()
    with statements() as many:
        assert len(vacancies_visible_to(hr, VacancyFilter()).rows) == 25
        considerations_visible_to(hr)
    assert considerations_waiting(hr).count == considered_before + 30
    asked_of_few, asked_of_many = (sum(s.startswith("SELECT") for s in each) for each in (few, many))
    # A page that the open vacancies do not fill asks for those that are over as well.
    assert asked_of_many <= asked_of_few == 6


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    hr = signed_in(Role.HR)
    days = ["", "2026-11-01", "2026-11-01", "2026-11-02"]
    rows = [
        {"reference": f"A{n:02}", "title": "Post", "band": "3", "posted_on": days[n % 4]} for n in range(60)
    ]
    import_rows(*rows)
    for read in (
        lambda mark: vacancies_visible_to(hr, VacancyFilter(), mark),
        lambda mark: considerations_visible_to(hr, mark),
    ):
        found, mark = [], ""
        while mark is not None:
            page = read(mark)
            found += [row.vacancy.reference for row in page.rows]
            mark = page.onward
        assert sorted(found) == [row["reference"] for row in rows]
    assert len(vacancies_visible_to(hr, VacancyFilter(), "nonsense").rows) == 25


def test_search_finds_words_and_not_wildcards() -> None:
    hr = signed_in(Role.HR)
    import_rows(
        {"reference": "A1", "title": "Ward Clerk", "team": "Mulberry"},
        {"reference": "A2", "title": "100% nights"},
        {"reference": "A3", "title": "Nurse"},
    )
    for words, found in (("clerk", {"A1"}), ("mulb", {"A1"}), ("a3", {"A3"}), ("%", {"A2"}), ("_", set())):
        rows = vacancies_visible_to(hr, VacancyFilter(words=words)).rows
        assert {row.vacancy.reference for row in rows} == found, words
