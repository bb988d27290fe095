"""/reports/impact: what was counted, and what was only reported, side by side."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.models import Funding, Post, Team
from recovery_college.careers.rules import ContractKind, ServiceArea
from recovery_college.graduation.models import Graduation, GraduationSource
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.practice.models import ReportedFigure
from tests.factories.people import a_person, signed_in
from tests.page_client import PageClient

PATH = "/reports/impact"


@pytest.fixture
def three_graduates(app: Flask) -> None:
    today = clock.today()
    people = [a_person(f"G{number}") for number in range(3)]
    with transaction() as s:
        team = Team(name="Young people's team", service_area=ServiceArea("young people"))
        s.add(team)
        s.flush()
        for number, person in enumerate(people):
            s.add(
                Graduation(
                    person_id=person.id,
                    graduated_on=today - timedelta(days=800),
                    source=GraduationSource.BEFORE,
                    source_note="register",
                )
            )
            if number < 2:
                s.add(
                    Post(
                        person_id=person.id,
                        team_id=team.id,
                        band=Band("3"),
                        weekly_hours=Decimal("22.5"),
                        contract=ContractKind.PERMANENT,
                        funding=Funding.SUBSTANTIVE,
                        started_on=today - timedelta(days=300),
                        left_on=today - timedelta(days=10) if number else None,
                    )
                )
        s.add(ReportedFigure(measure="Graduates", value=118, as_of=today, source="Report (made up)"))


def test_works(client: PageClient, three_graduates: None) -> None:
    page = client.wear(signed_in(Role.ADMIN)).get(PATH)
    assert "3 people have graduated. 2 of them have been in a post, and 1 is in one today." in page.words
    assert "118" in page.words
    assert "Report (made up)" in page.words
    assert "Where do they work today?" in page.words


def test_auditor_sees_totals_and_no_breakdown(client: PageClient, three_graduates: None) -> None:
    page = client.wear(signed_in(Role.AUDITOR)).get(PATH)
    assert "3 people have graduated" in page.words
    assert "Where do they work today?" not in page.words


def test_hr_sees_who_works_where_and_not_how_many_of_a_year_graduated(
    client: PageClient, three_graduates: None
) -> None:
    page = client.wear(signed_in(Role.HR)).get(PATH)
    assert "Where do they work today?" in page.words
    assert "How many people graduated each year?" not in page.words


def test_empty(client: PageClient, app: Flask) -> None:
    page = client.wear(signed_in(Role.HR)).get(PATH)
    assert "0 people have graduated" in page.words
    assert "None are recorded." in page.words


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PATH).status == 303


@pytest.mark.parametrize("role", [Role.STUDENT, Role.TUTOR, Role.MANAGER, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PATH).status == 403
