"""The menu above every page: short for every role, and nothing a role has is lost under a heading."""

import pytest
from flask import Flask

from recovery_college.access.rules import GRANTS, Role
from recovery_college.menu import MOST_LOOSE, WAYS, Group
from tests.factories.people import signed_in
from tests.page_client import PageClient


@pytest.mark.parametrize("role", list(Role))
def test_every_way_of_a_role_is_one_heading_away(app: Flask, client: PageClient, role: Role) -> None:
    home = client.wear(signed_in(role)).get("/")
    menu = home.text.split('aria-label="Menu"')[1].split("</nav>")[0]
    assert menu.count('<li class="nhsuk-header__navigation-item') <= MOST_LOOSE
    found = set(home.links)
    for group in Group:
        page = client.get(f"/menu/{group}")
        shown = f'href="/menu/{group}"' in menu
        assert page.status == (200 if shown else 404), group
        found |= set(page.links) if shown else set()
    with app.test_request_context():
        wanted = {app.url_for(way.endpoint) for way in WAYS if not GRANTS[role].isdisjoint(way.permissions)}
    assert wanted <= found


def test_an_address_nobody_made_up(client: PageClient) -> None:
    client.wear(signed_in(Role.ADMIN))
    assert client.get("/menu/elsewhere").status == 404
    assert client.get("/menu/reports").h1 == "Reports"
    audit = client.get("/audit").text
    assert 'href="/menu/reports" aria-current="true"' in audit
