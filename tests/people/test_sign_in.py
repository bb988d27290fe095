"""/sign-in: the one form that lets people in."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people import services, signin, throttle
from recovery_college.people.models import Account
from tests.factories.people import CONSOLE, a_person, an_account, signed_in
from tests.page_client import PageClient

PASSWORD = "three quiet words"


@pytest.fixture
def account(app: Flask) -> Account:
    return an_account(a_person("Maya"), Role.TUTOR, Role.IQA, email="maya@fenside.example", password=PASSWORD)


def give(client: PageClient, email: str, password: str, **more: str):
    return client.send("/sign-in", {"email": email, "password": password, **more})


def test_works(client: PageClient, account: Account) -> None:
    page = give(client, "Maya@Fenside.example ", PASSWORD)
    assert page.status == 303
    assert page.response.location == "/"
    assert "Maya" in client.get("/").words
    assert session().scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc())) == "signed in"


def test_goes_where_one_wanted_to_but_never_elsewhere(client: PageClient, account: Account) -> None:
    for wanted, goes in (
        ("/account", "/account"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nSet-Cookie: x", "/"),
    ):
        page = give(client, account.email, PASSWORD, next=wanted)
        assert page.response.location == goes
        client.send("/sign-out", form_at="/account")


@pytest.mark.parametrize("email", ["maya@fenside.example", "nobody@fenside.example"])
def test_wrong_password_and_unknown_account_look_the_same(
    client: PageClient, account: Account, email: str
) -> None:
    page = give(client, email, "not the password")
    assert page.status == 422
    assert "The email address or password is not right" in page.words
    assert client.get("/account").status == 303


def test_shows_errors(client: PageClient, account: Account) -> None:
    page = give(client, "maya", "")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "must be in the right format" in page.words
    assert 'value="maya"' in page.text


def test_too_many_tries_pause_the_account_and_the_right_password_too(
    client: PageClient, account: Account
) -> None:
    for _ in range(signin.TRIES_PER_ACCOUNT):
        assert give(client, account.email, "wrong").status == 422
    page = give(client, account.email, PASSWORD)
    assert page.status == 429
    assert int(page.response.headers["Retry-After"]) > 0
    with clock.held_at(clock.now() + throttle.WINDOW + timedelta(seconds=1)):
        assert give(client, account.email, PASSWORD).status == 303


def test_tries_are_counted_by_address_over_many_accounts(client: PageClient, account: Account) -> None:
    for number in range(signin.TRIES_PER_ADDRESS):
        assert give(client, f"guess{number}@fenside.example", "wrong").status == 422
    assert give(client, account.email, PASSWORD).status == 429


def test_session_is_new_at_sign_in(client: PageClient, account: Account) -> None:
    """A cookie planted before signing in is worth nothing after it (fixation)."""
    client.get("/sign-in")
    with client.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    give(client, account.email, PASSWORD)
    with client.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert len(cookie["_user_id"]) >= 40


def test_ends_after_half_an_hour_idle(client: PageClient, account: Account) -> None:
    give(client, account.email, PASSWORD)
    start = clock.now()
    with clock.held_at(start + timedelta(minutes=29)):
        assert client.get("/account").status == 200
    with clock.held_at(start + timedelta(minutes=58)):
        assert client.get("/account").status == 200  # used at 29 minutes, so still fresh
    with clock.held_at(start + timedelta(minutes=89)):
        assert client.get("/account").status == 303


def test_ends_after_twelve_hours_however_busy(client: PageClient, account: Account) -> None:
    give(client, account.email, PASSWORD)
    moment = start = clock.now()
    while moment < start + timedelta(hours=12, minutes=5):
        with clock.held_at(moment):
            status = client.get("/account").status
        moment += timedelta(minutes=20)
    assert status == 303


def test_signing_out_ends_the_session_for_a_copied_cookie_too(client: PageClient, account: Account) -> None:
    give(client, account.email, PASSWORD)
    copied = client.client.get_cookie("rc")
    assert copied is not None
    page = client.send("/sign-out", form_at="/account")
    assert page.response.location == "/signed-out"
    client.client.set_cookie("rc", copied.value)
    assert client.get("/account").status == 303


def test_role_taken_away_counts_on_the_next_request(client: PageClient, app: Flask) -> None:
    actor = signed_in(Role.TUTOR)
    client.wear(actor)
    assert client.get("/account").status == 200
    services.end_role(CONSOLE, actor.person_id, Role.TUTOR)
    assert client.get("/account").status == 303


def test_closed_account_counts_on_the_next_request(client: PageClient, app: Flask) -> None:
    actor = signed_in(Role.TUTOR)
    client.wear(actor)
    services.close_account(CONSOLE, actor.account_id)
    assert client.get("/account").status == 303


def test_account_without_a_password_lets_nobody_in(client: PageClient, app: Flask) -> None:
    an_account(a_person(), Role.TUTOR, email="new@fenside.example")
    assert give(client, "new@fenside.example", "a password nobody has").status == 422


def test_one_time_link_works_once(client: PageClient, app: Flask) -> None:
    account = an_account(a_person(), Role.TUTOR, email="new@fenside.example")
    with transaction() as s:
        token = signin.make_one_time_link(s, account.id)
    assert client.send(f"/welcome/{token}", {"password": "short"}).status == 422
    assert client.send(f"/welcome/{token}", {"password": PASSWORD}).status == 303
    assert client.get("/account").status == 200
    assert client.get(f"/welcome/{token}").status == 404
    assert "no longer works" in client.get("/welcome/unknown").words


def test_switching_role_is_explicit_and_recorded(client: PageClient, account: Account) -> None:
    give(client, account.email, PASSWORD)
    page = client.send("/account/role", {"role": "iqa"})
    assert page.status == 303
    assert "Internal quality assurer" in client.get("/account").text
    last = session().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert last is not None
    assert (last.action, last.role) == ("switched role", "iqa")


def test_role_one_does_not_hold_is_refused(client: PageClient, account: Account) -> None:
    give(client, account.email, PASSWORD)
    assert client.send("/account/role", {"role": "sysadmin"}).status == 422
