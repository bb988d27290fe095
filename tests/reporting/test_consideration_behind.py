"""The report of considerations: each figure opens exactly its vacancies, and equals a plain recount."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from sqlalchemy import text

from recovery_college.access.rules import Role
from recovery_college.careers.band_rule import set_go_live
from recovery_college.careers.considerations import return_consideration
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.careers import a_manager, a_vacancy, considered, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient
from tests.reporting.recount import recount

PATH = "/reports/consideration"
UUID_PATH = re.compile(r"/vacancies/[0-9a-f-]{36}")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
COLUMNS = {
    "Flagged": "flagged",
    "On time": "on time",
    "Late": "late",
    "Never": "never",
    "Not due yet": "not due",
    "Before the rule": "before",
    "Advertised before considered": "breach",
    "Band to read": "band",
}


def ask(sql: str) -> list[Any]:
    return [dict(row._mapping) for row in session().execute(text(sql))]


def sheet(client: PageClient) -> dict[tuple[str, str], dict[str, int]]:
    """What the service says, from the file people take away. Rows of managers of one name are added up."""
    rows = csv.DictReader(io.StringIO(client.get(f"{PATH}.csv").response.get_data(as_text=True)))
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        so_far = found.setdefault((row["By"], row["Name"]), dict.fromkeys(COLUMNS, 0))
        for name in COLUMNS:
            so_far[name] += int(row[name])
    return found


def vacancies_on(page: Page) -> list[str]:
    return [href for href in page.links if UUID_PATH.fullmatch(href)]


def a_busy_quarter() -> None:
    """Every outcome there is, over three months, two managers of one name, and a rule that came later."""
    hr, manager, namesake = signed_in(Role.HR), a_manager("Robin"), a_manager("Robin")
    with clock.held_at(MONDAY - timedelta(days=70)):
        old = a_vacancy(manager, directorate="Adult", posted_on="2026-08-01", closes_on="2026-12-24")
        early = a_vacancy(manager, directorate="Adult", service_area="adult")
        considered(early, manager, "not a psw role", "funding")
        set_go_live(hr, date(2026, 9, 1))
        a_vacancy(namesake, directorate="Older", closes_on="2026-09-30")
    with clock.held_at(MONDAY - timedelta(days=30)):
        late = a_vacancy(namesake, directorate="Older", service_area="older people", posted_on="2026-10-20")
        back = a_vacancy(manager, directorate="Adult")
        considered(back, manager, "not a psw role", "funding")
        considered(old, manager)
    with clock.held_at(MONDAY - timedelta(days=1)):
        considered(late, namesake)
        return_consideration(hr, back.id, "Look again", vacancy_of(back.reference).version)
        a_vacancy(manager)
        a_vacancy(band="?", directorate="Adult")
        a_vacancy(None, posted_on="2026-12-20")
        a_vacancy(band="7")


def test_the_figures_equal_a_plain_recount(client: PageClient, app: Flask) -> None:
    a_busy_quarter()
    for moment in (MONDAY, MONDAY + timedelta(days=20), MONDAY + timedelta(days=60)):
        with clock.held_at(moment):
            client.wear(signed_in(Role.HR))
            said = sheet(client)
            told = recount(ask, clock.today())
        assert set(said) == set(told)
        for key, counted in told.items():
            assert said[key] == {name: counted[word] for name, word in COLUMNS.items()}, (moment, key)


def test_a_wrong_count_is_found(client: PageClient, app: Flask) -> None:
    """The known-bad twin: a decision moved by hand, behind the service's back, changes the recount."""
    a_busy_quarter()
    with clock.held_at(MONDAY):
        before = recount(ask, clock.today())
        session().execute(text("UPDATE vacancy SET consideration_due_on = '2026-01-01'"))
        assert recount(ask, clock.today()) != before
        session().rollback()


def test_each_number_opens_exactly_its_vacancies(client: PageClient, app: Flask) -> None:
    a_busy_quarter()
    with clock.held_at(MONDAY):
        client.wear(signed_in(Role.HR))
        links = [href for href in client.get(PATH).links if "/vacancies?" in href]
        total = sheet(client)["All", "All"]
        for name in COLUMNS:
            figure = "band to read" if name == "Band to read" else name.lower()
            href = next(
                (one for one in links if f"figure={quote_plus(figure)}" == one.partition("?")[2]), None
            )
            assert (href is not None) == bool(total[name]), name
            if href is not None:
                assert len(vacancies_on(client.get(href))) == total[name], name
        by_manager = client.get(f"{PATH}/vacancies?figure=flagged&by=manager&name=")
        assert "Not recorded" in by_manager.words
        narrowed = client.get(f"{PATH}/vacancies?figure=late&by=directorate&name=Older")
        assert "Late, directorate: Older" in narrowed.words
        assert len(vacancies_on(narrowed)) == 1


def test_namesakes_are_two_rows_and_a_month_is_drawn(client: PageClient, app: Flask) -> None:
    a_busy_quarter()
    with clock.held_at(MONDAY):
        client.wear(signed_in(Role.HR))
        page = client.get(PATH)
    assert page.words.count("Robin Example") == 2
    assert "Are decisions made in time, month by month?" in page.words
    assert "October 2026" in page.words


def test_who_may_open_what(client: PageClient, app: Flask) -> None:
    a_busy_quarter()
    behind = f"{PATH}/vacancies?figure=flagged"
    client.wear(signed_in(Role.AUDITOR))
    assert client.get(behind).status == 200
    client.wear(signed_in(Role.ADMIN))
    assert client.get(behind).status == 403
    assert "/vacancies?" not in client.get(PATH).text, "numbers only"
    client.wear(a_manager("Other"))
    page = client.get(behind)
    assert "No vacancy is counted here" in page.words
    assert client.get(f"{PATH}/vacancies").status == 303, "no figure: back to the report"
    for wrong in ("?figure=made-up", "?figure=late&by=secret", "?figure=late&since-day=99"):
        assert client.get(f"{PATH}/vacancies{wrong}").status == 404


@pytest.mark.parametrize("page", ["0", "x", "-1", "99999", "²"])
def test_an_odd_page_number_is_a_page_all_the_same(client: PageClient, app: Flask, page: str) -> None:
    client.wear(signed_in(Role.HR))
    assert client.get(f"{PATH}/vacancies?figure=late&page={page}").status == 200
