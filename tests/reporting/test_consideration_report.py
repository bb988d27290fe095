"""/reports/consideration: the page and its figures for Excel."""

import csv
import io
from datetime import UTC, datetime, timedelta

from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.kernel import clock
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.people import signed_in
from tests.page_client import PageClient

PATH = "/reports/consideration"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def figures(client: PageClient, query: str = "") -> dict[tuple[str, str], dict[str, str]]:
    answer = client.get(f"{PATH}.csv{query}").response
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    return {(row["By"], row["Name"]): row for row in rows}


def a_month(manager) -> None:
    with clock.held_at(MONDAY - timedelta(days=28)):
        on_time = a_vacancy(manager, directorate="Adult", service_area="adult")
        late = a_vacancy(manager, directorate="Adult")
        a_vacancy(directorate="Older", posted_on="2026-10-01")
        considered(on_time, manager)
    with clock.held_at(MONDAY):
        considered(late, manager)
        a_vacancy(manager)
        a_vacancy(band="?")
        a_vacancy(band="7")


def test_works(client: PageClient, app: Flask) -> None:
    a_month(a_manager("Morgan"))
    client.wear(signed_in(Role.HR))
    with clock.held_at(MONDAY):
        page = client.get(PATH)
        rows = figures(client)
    assert "33.3% of the decisions that were due came on time." in page.words
    total = rows["All", "All"]
    assert [total[name] for name in ("Flagged", "On time", "Late", "Never", "Not due yet", "Before the rule")] == [
        "4", "1", "1", "1", "1", "0"
    ]  # fmt: skip
    assert (total["Advertised before considered"], total["Band to read"]) == ("1", "1")
    assert rows["Directorate", "Adult"]["Flagged"] == "2"
    assert rows["Directorate", "Not recorded"]["Flagged"] == "1"
    assert rows["Recruiting manager", "Morgan Example"]["Late"] == "1"
    assert rows["Month", "October 2026"]["Flagged"] == "3"
    assert rows["Service area", "Adult"]["On time"] == "1"


def test_days_narrow_page_and_figures(client: PageClient, app: Flask) -> None:
    a_month(a_manager())
    client.wear(signed_in(Role.AUDITOR))
    query = "?since-day=1&since-month=11&since-year=2026"
    with clock.held_at(MONDAY):
        assert figures(client, query)["All", "All"]["Flagged"] == "1"
        page = client.get(PATH + query)
        assert "from 1 November 2026" in page.words
        assert any(link.startswith(f"{PATH}.xlsx?since-day=1") for link in page.links)
        assert "Nothing to count" in client.get(f"{PATH}?until-day=1&until-month=1&until-year=2020").words


def test_shows_errors(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.HR))
    for query, words in (
        ("?since-day=31&since-month=2&since-year=2026", "The first day must be a real date"),
        ("?since-day=3", "The first day must include the month and the year"),
        (
            "?since-day=1&since-month=3&since-year=2026&until-day=1&until-month=2&until-year=2026",
            "after the first",
        ),
    ):
        page = client.get(PATH + query)
        assert (page.status, words in page.words) == (422, True)
        assert client.get(f"{PATH}.xlsx{query}").status == 404


def test_a_manager_counts_their_own(client: PageClient, app: Flask) -> None:
    manager, other = a_manager("Morgan"), a_manager("Other")
    a_vacancy(manager)
    a_vacancy(other)
    a_vacancy(other)
    client.wear(manager)
    assert figures(client)["All", "All"]["Flagged"] == "1"
    assert "Other" not in client.get(PATH).words


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PATH).status == 303
    assert client.get(f"{PATH}.csv").status == 303


def test_other_role_refused(client: PageClient, app: Flask) -> None:
    for role in (Role.TUTOR, Role.STUDENT, Role.SYSADMIN):
        assert client.wear(signed_in(role)).get(PATH).status == 403
    client.wear(signed_in(Role.ADMIN))
    assert client.get(PATH).status == 200
    assert client.get(f"{PATH}.xlsx").response.data.startswith(b"PK")
    assert client.get(f"{PATH}.pdf").status == 404
