"""Each of the demo's people can sign in, owns something real, and finds no broken page on their way."""

import re
from collections import deque

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.demo.people import PEER_TUTOR, SIGN_INS, SignIn
from recovery_college.kernel.db import db
from recovery_college.kernel.settings import Settings
from tests.demo.conftest import PASSWORD
from tests.page_client import PageClient

OWNED = {
    "admin": ("/cohorts", "Cohort 12"),
    "tutor": ("/cohorts", "Cohort 12"),
    "iqa": ("/cohorts", "Cohort 11"),
    "eqa": ("/cohorts", "Cohort 11"),
    "student": ("/my-progress", "You have met 12 of 40 criteria"),
    "graduate": ("/my-future", "RC-00000"),
    "manager": ("/considerations", "Team administrator"),
    "hr": ("/vacancies", "Community connector"),
    "auditor": ("/audit", "decided"),
    "sysadmin": ("/people", "peer.tutor@demo.example"),
    "peer.tutor": ("/account/role", "Tutor"),
}


@pytest.fixture
def client(college: Flask) -> PageClient:
    return PageClient(college.test_client())


def sign_in(client: PageClient, who: SignIn) -> None:
    answer = client.send("/sign-in", {"email": who.email, "password": PASSWORD})
    assert answer.status == 303, who.email


def test_there_is_one_for_each_role() -> None:
    assert [who.roles for who in SIGN_INS] == [
        (role,)
        for role in (
            Role.ADMIN, Role.TUTOR, Role.IQA, Role.EQA, Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR,
            Role.AUDITOR, Role.SYSADMIN,
        )
    ]  # fmt: skip
    assert len(PEER_TUTOR.roles) == 2


@pytest.mark.parametrize("who", [*SIGN_INS, PEER_TUTOR], ids=lambda who: who.key)
def test_each_signs_in_and_owns_something(client: PageClient, who: SignIn) -> None:
    sign_in(client, who)
    assert client.get("/").status == 200
    path, words = OWNED[who.key]
    assert words in client.get(path).words


def test_a_wrong_password_does_not_open_it(client: PageClient) -> None:
    answer = client.send("/sign-in", {"email": "admin@demo.example", "password": f"{PASSWORD}!"})
    assert answer.status != 303


def test_eqa_knows_of_the_finished_cohort_only(client: PageClient) -> None:
    sign_in(client, next(who for who in SIGN_INS if who.key == "eqa"))
    words = client.get("/cohorts").words
    assert "Cohort 11" in words
    assert "Cohort 12" not in words


@pytest.mark.parametrize("who", [*SIGN_INS, PEER_TUTOR], ids=lambda who: who.key)
def test_every_link_each_follows_leads_somewhere(client: PageClient, college: Flask, who: SignIn) -> None:
    """Follow links from home, two pages of each kind; PageClient judges every page on the way."""
    sign_in(client, who)
    seen: dict[str, int] = {}
    followed = set()
    waiting = deque(["/"])
    while waiting:
        path = waiting.popleft()
        kind = kind_of(college, path)
        if path in followed or seen.get(kind, 0) >= 2:
            continue
        followed.add(path)
        seen[kind] = seen.get(kind, 0) + 1
        page = client.get(path)
        assert page.status in (200, 303), f"{who.key} {path}: {page.status}"
        if page.tree is not None:
            waiting += [link for link in page.links if re.match(r"/(?!/|static/)", link)]
    assert len(followed) > 5


def kind_of(app: Flask, path: str) -> str:
    """The endpoint behind an address, so that one page of a list stands for all."""
    try:
        return str(app.url_map.bind("localhost").match(path.split("?")[0].split("#")[0])[0])
    except HTTPException as wrong:
        raise AssertionError(f"a link leads nowhere: {path}") from wrong


@pytest.mark.parametrize("who", [*SIGN_INS, PEER_TUTOR], ids=lambda who: who.key)
def test_where_only_vacancies_are_open_no_home_page_leads_elsewhere(
    college: Flask, settings: Settings, who: SignIn
) -> None:
    """The same people and records, in a Trust that opened the vacancy part alone (RC_PARTS=careers)."""
    alone = create_app(settings.model_copy(update={"parts": "careers"}))
    alone.config["TESTING"] = True
    client = PageClient(alone.test_client())
    sign_in(client, who)
    for path in {link for link in client.get("/").links if link.startswith("/")}:
        assert client.get(path).status == 200, path
    with alone.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ("sysadmin", {"/people", "/audit"}),
        ("auditor", {"/audit", "/reports/impact"}),
        ("admin", {"/audit", "/people/invite", "/reports/impact"}),
        ("hr", {"/managers", "/reports/impact"}),
    ],
)
def test_the_menu_leads_to_what_a_role_is_for(client: PageClient, key: str, paths: set[str]) -> None:
    sign_in(client, next(who for who in SIGN_INS if who.key == key))
    links = set(client.get("/").links)
    for heading in [link for link in links if link.startswith("/menu/")]:
        links |= set(client.get(heading).links)
    assert paths <= links
