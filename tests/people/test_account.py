"""/account, /account/password, /account/role."""

from __future__ import annotations

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.kernel.db import session, transaction
from recovery_college.people import services, signin, throttle
from recovery_college.people.models import Account
from recovery_college.people.signin import SignedIn
from tests.factories.people import CONSOLE, a_person, an_account
from tests.page_client import PageClient

OLD = "three quiet words"
NEW = "four rather louder words"


@pytest.fixture
def maya(app: Flask) -> SignedIn:
    account = an_account(a_person("Maya"), Role.TUTOR, Role.IQA, email="maya@fenside.example", password=OLD)
    with transaction() as s:
        return signin._open_session(s, account, Role.TUTOR, "signed in")


def elsewhere(app: Flask, actor: SignedIn) -> PageClient:
    """The same person signed in in another browser."""
    with transaction() as s:
        other = signin._open_session(s, s.get_one(Account, actor.account_id), Role.TUTOR, "signed in")
    return PageClient(app.test_client()).wear(other)


def test_works(client: PageClient, maya: SignedIn) -> None:
    page = client.wear(maya).get("/account")
    assert "Maya Example" in page.words
    assert "maya@fenside.example" in page.words
    assert "/account/role" in page.links


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/role"])
def test_needs_sign_in(client: PageClient, path: str) -> None:
    assert client.get(path).response.location == f"/sign-in?next={path}"


def test_no_switch_is_offered_to_who_has_one_role(client: PageClient, app: Flask) -> None:
    account = an_account(a_person(), Role.HR)
    with transaction() as s:
        actor = signin._open_session(s, account, Role.HR, "signed in")
    assert "/account/role" not in client.wear(actor).get("/account").links


def test_password_is_changed_and_other_places_are_signed_out(
    client: PageClient, app: Flask, maya: SignedIn
) -> None:
    other = elsewhere(app, maya)
    page = client.wear(maya).send("/account/password", {"old_password": OLD, "password": NEW})
    assert page.status == 303
    assert "Your password is changed" in client.get("/account").words
    assert other.get("/account").status == 303
    stored = session().get_one(Account, maya.account_id).password_hash
    assert signin.is_password_right(stored, NEW)
    assert not signin.is_password_right(stored, OLD)


def test_guesses_at_the_current_password_are_counted_with_those_at_sign_in(
    client: PageClient, app: Flask, maya: SignedIn
) -> None:
    client.wear(maya)
    for _ in range(signin.TRIES_PER_ACCOUNT):
        assert client.send("/account/password", {"old_password": "not it", "password": NEW}).status == 422
    page = client.send("/account/password", {"old_password": OLD, "password": NEW})
    assert page.status == 429
    assert int(page.response.headers["Retry-After"]) > 0
    with pytest.raises(throttle.TooManyTries):
        signin.sign_in(app.config["SECRET_KEY"], maya.email, OLD, "127.0.0.1")
    assert signin.is_password_right(session().get_one(Account, maya.account_id).password_hash, OLD)


def test_a_password_that_is_chosen_or_changed_ends_the_other_links(app: Flask, maya: SignedIn) -> None:
    secret = app.config["SECRET_KEY"]
    with transaction() as s:
        first, second = (signin.make_one_time_link(s, maya.account_id) for _ in range(2))
    chosen = signin.use_link(second, NEW)
    assert chosen is not None
    assert signin.account_of_link(first) is None
    assert signin.use_link(first, "whoever has the mail") is None
    with transaction() as s:
        third = signin.make_one_time_link(s, maya.account_id)
    assert signin.change_password(secret, chosen, NEW, OLD)
    assert signin.use_link(third, "whoever has the mail") is None


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"old_password": "not it", "password": NEW}, "This is not your current password"),
        ({"old_password": OLD, "password": "short"}, "Use at least 12 characters"),
        ({"old_password": OLD, "password": "aaaaaaaaaaaa"}, "too easy to guess"),
        ({"old_password": OLD, "password": ""}, "Enter a new password"),
        ({"old_password": "", "password": NEW}, "Enter your current password"),
        ({"old_password": OLD, "password": "x1y2z3" * 40}, "Use at most 200 characters"),
    ],
)
def test_shows_errors(client: PageClient, maya: SignedIn, said: dict[str, str], sentence: str) -> None:
    page = client.wear(maya).send("/account/password", said)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert sentence in page.words
    for typed in filter(None, said.values()):
        assert typed not in page.text  # a password is never sent back
    assert signin.is_password_right(session().get_one(Account, maya.account_id).password_hash, OLD)


def test_the_switch_ends_the_old_session(client: PageClient, app: Flask, maya: SignedIn) -> None:
    stolen = PageClient(app.test_client()).wear(maya)
    client.wear(maya).send("/account/role", {"role": "iqa"})
    assert "Internal quality assurer" in client.get("/account").words
    assert stolen.get("/account").status == 303


@pytest.mark.parametrize("role", ["sysadmin", "student", "", "nonsense"])
def test_a_role_one_does_not_hold_is_not_worn(client: PageClient, maya: SignedIn, role: str) -> None:
    assert client.wear(maya).send("/account/role", {"role": role}).status == 422
    assert "Tutor" in client.get("/account").words


def test_a_role_taken_meanwhile_is_not_worn(client: PageClient, maya: SignedIn) -> None:
    token = client.wear(maya).get("/account/role").hidden("csrf_token")
    services.end_role(CONSOLE, maya.person_id, Role.IQA)
    assert client.post("/account/role", data={"role": "iqa", "csrf_token": token}).status == 422
