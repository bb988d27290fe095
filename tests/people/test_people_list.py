"""/people, /people/<id>, /people/invite: who may sign in, and as what."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.permissions import Permission
from recovery_college.access.rules import GRANTS, Role
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel.db import session
from recovery_college.people import services
from recovery_college.people.models import Account, Person, RoleGrant
from recovery_college.people.signin import SignedIn, roles_of
from tests.factories.people import CONSOLE, a_person, an_account, signed_in
from tests.page_client import Page, PageClient


@pytest.fixture
def sysadmin(client: PageClient) -> SignedIn:
    actor = signed_in(Role.SYSADMIN, name="Sal")
    client.wear(actor)
    return actor


@pytest.fixture
def maya(app: Flask) -> Account:
    return an_account(a_person("Maya", "O'Neill"), Role.TUTOR, email="maya@fenside.example")


def press(client: PageClient, account: Account, deed: str, **more: str) -> Page:
    """Press a button on somebody's page."""
    return client.send(f"/people/{account.id}", {"deed": deed, **more})


def last_event() -> tuple[str, str]:
    event = session().scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert event is not None
    return event.action, event.subject_kind


def test_works(client: PageClient, sysadmin: SignedIn, maya: Account) -> None:
    page = client.get("/people")
    assert "Maya O'Neill" in page.words
    assert "maya@fenside.example" in page.words
    assert f"/people/{maya.id}" in page.links


def test_finds_by_name_and_address_and_says_when_nobody_matches(
    client: PageClient, sysadmin: SignedIn, maya: Account
) -> None:
    assert "Maya O'Neill" in client.get("/people?search=o'neill").words
    assert "Maya O'Neill" in client.get("/people?search=MAYA@").words
    assert "Nobody matches “<b>x”" in client.get("/people?search=<b>x").words
    assert "Maya" not in client.get("/people?search=zz").words


def test_needs_sign_in(client: PageClient, maya: Account) -> None:
    for path in ("/people", f"/people/{maya.id}", "/people/invite"):
        assert client.get(path).response.location.startswith("/sign-in")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
def test_other_role_refused(client: PageClient, maya: Account, role: Role) -> None:
    client.wear(signed_in(role))
    assert client.get("/people").status == 403
    assert client.get(f"/people/{maya.id}").status == 404
    assert client.get(f"/people/{uuid4()}").status == 404


def test_who_may_only_see_people_changes_nobody(
    client: PageClient, maya: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GRANTS, Role.ADMIN, GRANTS[Role.ADMIN] | {Permission.PEOPLE_SEE})
    client.wear(signed_in(Role.ADMIN))
    assert client.get(f"/people/{maya.id}").status == 200
    assert press(client, maya, "give", role="sysadmin").status == 403
    assert press(client, maya, "link").status == 403
    assert Role.SYSADMIN not in roles_of(session(), maya.person_id)


def test_unknown_account_is_not_found(client: PageClient, sysadmin: SignedIn) -> None:
    assert client.get(f"/people/{uuid4()}").status == 404


def test_role_is_given_and_taken(client: PageClient, sysadmin: SignedIn, maya: Account) -> None:
    assert press(client, maya, "give", role="iqa").status == 303
    assert last_event() == ("granted role", "person")
    assert "They are now also: Internal quality assurer" in client.get(f"/people/{maya.id}").words
    press(client, maya, "take", role="tutor")
    assert last_event() == ("ended role", "person")
    assert roles_of(session(), maya.person_id) == [Role.IQA]


def test_who_loses_a_role_is_out_on_their_next_click(
    client: PageClient, app: Flask, sysadmin: SignedIn
) -> None:
    person = a_person("Ben")
    browser = PageClient(app.test_client()).wear(signed_in(Role.HR, person=person))
    assert browser.get("/account").status == 200
    account = session().scalars(select(Account).where(Account.person_id == person.id)).one()
    press(client, account, "take", role="hr")
    assert browser.get("/account").status == 303


def test_nobody_changes_their_own_roles_or_closes_their_own_account(
    client: PageClient, sysadmin: SignedIn
) -> None:
    own = session().get_one(Account, sysadmin.account_id)
    for deed, more in (("give", {"role": "admin"}), ("take", {"role": "sysadmin"}), ("close", {})):
        assert press(client, own, deed, **more).status == 303
        assert "You cannot" in client.get("/account").words
    assert roles_of(session(), sysadmin.person_id) == [Role.SYSADMIN]
    assert session().get_one(Account, own.id).closed_at is None


def test_nor_by_a_second_account_of_theirs(client: PageClient, sysadmin: SignedIn) -> None:
    """Duties are kept apart by person, not by account."""
    second = an_account(
        session().get_one(Account, sysadmin.account_id).person, email="second@fenside.example"
    )
    press(client, second, "give", role="admin")
    assert roles_of(session(), sysadmin.person_id) == [Role.SYSADMIN]


def test_closed_account_is_out_and_offers_nothing_more(
    client: PageClient, sysadmin: SignedIn, maya: Account
) -> None:
    press(client, maya, "close")
    assert last_event() == ("closed account", "account")
    page = client.get(f"/people/{maya.id}")
    assert "Closed" in page.words
    assert "Make a one-time link" not in page.words
    assert press(client, maya, "link").status == 303
    assert "Nobody signs in with this email address" in client.get("/account").words


def test_link_is_shown_once_and_works(
    client: PageClient, app: Flask, sysadmin: SignedIn, maya: Account
) -> None:
    page = press(client, maya, "link")
    found = re.search(r"http://127\.0\.0\.1:8000(/welcome/[\w-]+)", page.text)
    assert found
    assert found[1] not in client.get(f"/people/{maya.id}").text
    assert PageClient(app.test_client()).get(found[1]).status == 200


@pytest.mark.parametrize(
    "said", [{"deed": "give", "role": "king"}, {"deed": "nothing"}, {}, {"deed": "give"}]
)
def test_a_button_that_is_not_there_is_refused(
    client: PageClient, sysadmin: SignedIn, maya: Account, said: dict[str, str]
) -> None:
    assert client.send(f"/people/{maya.id}", said).status == 400
    assert roles_of(session(), maya.person_id) == [Role.TUTOR]


MAY_INVITE = {
    Role.SYSADMIN: set(Role),
    Role.ADMIN: {Role.TUTOR, Role.STUDENT},
    Role.HR: {Role.MANAGER},
}


@pytest.mark.parametrize("role", list(Role))
def test_invites_only_whom_this_role_may(client: PageClient, role: Role) -> None:
    client.wear(signed_in(role))
    token = client.get("/account/password").hidden("csrf_token")
    for offered in Role:
        address = f"new-{offered.value}@fenside.example"
        said = {"csrf_token": token, "name": "New Person", "email": address, "role": offered.value}
        page = client.post("/people/invite", data=said)
        made = session().scalar(select(Account).where(Account.email == address))
        if offered in MAY_INVITE.get(role, set()):
            assert "/welcome/" in page.text
            assert "&lt;" not in page.text
            assert made is not None
            assert roles_of(session(), made.person_id) == [offered]
        else:
            assert page.status in (403, 422)
            assert made is None


def test_invited_again_gains_the_role_without_a_link(client: PageClient, maya: Account) -> None:
    """Who may invite must not be able to open somebody's account with it."""
    client.wear(signed_in(Role.HR))
    page = client.send("/people/invite", {"name": "", "email": "MAYA@fenside.example", "role": "manager"})
    assert page.status == 303
    assert "/welcome/" not in page.text
    assert roles_of(session(), maya.person_id) == [Role.TUTOR, Role.MANAGER]


@pytest.mark.parametrize(
    ("name", "role", "joins"),
    [
        ("Amina O.", Role.STUDENT, True),
        ("Amina O.", Role.GRADUATE, True),
        ("amina  example", Role.TUTOR, True),
        ("Amina O.", Role.TUTOR, False),
        ("Amina Example", Role.MANAGER, False),
    ],
)
def test_who_is_on_record_is_not_made_twice(app: Flask, name: str, role: Role, joins: bool) -> None:
    amina = a_person("Amina", email="Amina@fenside.example")
    assert services.create_user(CONSOLE, "amina@fenside.example", name, role)
    account = session().scalars(select(Account)).one()
    assert (account.person_id == amina.id) is joins
    assert session().get_one(Person, amina.id).family_name == "Example"


def test_two_of_one_address_are_not_guessed_between(app: Flask) -> None:
    for name in ("Amina", "Ben"):
        a_person(name, email="both@fenside.example")
    with pytest.raises(services.PeopleRefusal, match="Several people"):
        services.create_user(CONSOLE, "both@fenside.example", "A. Example", Role.STUDENT)
    assert services.create_user(CONSOLE, "both@fenside.example", "Ben Example", Role.STUDENT)
    assert session().scalars(select(Person.given_name).join(Account)).one() == "Ben"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"name": "A B", "email": "nobody", "role": "manager"}, "Email address must be in the right format"),
        ({"name": "A B", "email": "", "role": "manager"}, "Enter their email address"),
        ({"name": "", "email": "new@fenside.example", "role": "manager"}, "Enter the person's name"),
        ({"name": "x" * 201, "email": "new@fenside.example", "role": "manager"}, "200"),
    ],
)
def test_shows_errors(client: PageClient, app: Flask, said: dict[str, str], sentence: str) -> None:
    client.wear(signed_in(Role.HR))
    page = client.send("/people/invite", said)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert sentence in page.words
    assert session().scalar(select(RoleGrant).where(RoleGrant.role == Role.MANAGER)) is None
