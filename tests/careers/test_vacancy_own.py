"""A recruiting manager enters vacancies and changes their own; what the rule asks about stays asked."""

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.band_rule import set_go_live
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_manager, a_vacancy, considered, email_of, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient

NEW = "/vacancies/new"


@pytest.fixture
def manager(client: PageClient, app: Flask) -> SignedIn:
    who = a_manager()
    client.wear(who)
    return who


def change(client: PageClient, vacancy: Vacancy, **changed: str) -> Page:
    path = f"/vacancies/{vacancy.id}/edit"
    sent = {"reference": vacancy.reference, "title": vacancy.title, "band": vacancy.band_text}
    return client.send(path, {"version": str(vacancy_of(vacancy.reference).version), **sent, **changed})


def test_what_they_enter_is_theirs_and_flagged(client: PageClient, manager: SignedIn) -> None:
    assert "Recruiting manager" not in client.get(NEW).words
    page = client.send(
        NEW, {"reference": "M1", "title": "Clerk", "band": "Band 3", "manager_email": "x@y.example"}
    )
    assert page.status == 303
    vacancy = vacancy_of("M1")
    assert (vacancy.manager_id, vacancy.manager_email) == (manager.person_id, email_of(manager))
    assert (vacancy.flag, vacancy.source) == ("yes", "by hand")
    assert "your decision is needed by" in client.get(page.response.location).words
    assert "Clerk" in client.get("/considerations").words


def test_they_change_their_own(client: PageClient, manager: SignedIn) -> None:
    vacancy = a_vacancy(manager)
    considered(vacancy, manager)
    assert change(client, vacancy, weekly_hours="30").status == 303
    after = vacancy_of(vacancy.reference)
    assert (str(after.weekly_hours), after.manager_id) == ("30.00", manager.person_id)
    assert "hours changed: that answer no longer counts" in client.get(f"/vacancies/{vacancy.id}").words


def test_they_cannot_clear_the_flag(client: PageClient, manager: SignedIn) -> None:
    vacancy = a_vacancy(manager)
    page = change(client, vacancy, band="Band 7", title="Typed")
    assert page.status == 422
    assert "Only HR can make such a change" in page.words
    assert 'value="Typed"' in page.text
    after = vacancy_of(vacancy.reference)
    assert (after.flag, after.title, after.version) == ("yes", vacancy.title, vacancy.version)
    # HR can: the twin that shows it is the role and not the change that is refused.
    client.wear(signed_in(Role.HR))
    assert change(client, vacancy, band="Band 7").status == 303
    assert vacancy_of(vacancy.reference).flag == "no"


def test_they_cannot_date_it_before_the_rule(client: PageClient, manager: SignedIn) -> None:
    set_go_live(signed_in(Role.HR), date(2026, 1, 1))
    vacancy = a_vacancy(manager)
    parts = {"posted_on-day": "1", "posted_on-month": "12", "posted_on-year": "2025"}
    page = change(client, vacancy, **parts)
    assert page.status == 422
    assert "Only HR can make such a change" in page.words
    assert vacancy_of(vacancy.reference).posted_on is None


def test_they_may_say_the_band_of_one_that_has_none(client: PageClient, manager: SignedIn) -> None:
    vacancy = a_vacancy(manager, band="")
    assert change(client, vacancy, band="Band 4").status == 303
    assert vacancy_of(vacancy.reference).flag == "yes"


def test_nothing_is_told_of_anothers_vacancy(client: PageClient, manager: SignedIn) -> None:
    other = a_vacancy(a_manager("Other"), title="Clerk", closes_on="2027-01-04")
    for path in (other.id, uuid4()):
        assert client.get(f"/vacancies/{path}/edit").status == 404
        token = client.get(NEW).hidden("csrf_token")
        sent = {"csrf_token": token, "title": "Mine now", "version": "1", "reference": other.reference}
        assert client.post(f"/vacancies/{path}/edit", data=sent).status == 404
    day = {"closes_on-day": "4", "closes_on-month": "1", "closes_on-year": "2027"}
    page = client.send(NEW, {"reference": "M2", "title": "Clerk", "band": "Band 3", **day})
    assert other.reference not in client.get(page.response.location).text
    taken = client.send(NEW, {"reference": other.reference, "title": "Mine"})
    assert taken.status == 422
    assert "ask HR" in taken.words
    assert vacancy_of(other.reference).title == "Clerk"


def test_somebody_saved_first(client: PageClient, manager: SignedIn) -> None:
    vacancy = a_vacancy(manager)
    assert change(client, vacancy, version="99").status == 409


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_who_may_only_look_is_told_so(client: PageClient, app: Flask, role: Role) -> None:
    client.wear(signed_in(role))
    assert client.get(f"/vacancies/{a_vacancy().id}/edit").status == 403
    assert client.get(NEW).status == 403


def test_nothing_is_marked_advertised_here_before_it_was_considered(client: PageClient, app: Flask) -> None:
    """V3: the one way round it says that the advert is out elsewhere, and that is counted."""
    manager, hr = a_manager(), signed_in(Role.HR)
    today = clock.today()
    day = {"posted_on-day": today.day, "posted_on-month": today.month, "posted_on-year": today.year}
    for who in (manager, hr):
        client.wear(who)
        said = {"reference": f"OUT-{who.role}", "title": "Support worker", "band": "3", **day}
        page = client.send("/vacancies/new", said)
        assert page.status == 422
        assert "nobody has considered it yet" in page.words
        assert session().scalar(select(Vacancy.id).where(Vacancy.reference == said["reference"])) is None
        assert client.send("/vacancies/new", {**said, "band": "6"}).status == 303, "not asked by the rule"
    said = {"reference": "OUT-2", "title": "Support worker", "band": "3", **day}
    assert client.send("/vacancies/new", {**said, "elsewhere": "yes"}).status == 303
    assert vacancy_of("OUT-2").advertised_before_considered
    draft = a_vacancy(manager, title="Draft")
    client.wear(manager)
    edit = f"/vacancies/{draft.id}/edit"
    changed = {"version": draft.version, "reference": draft.reference, "title": "Draft", "band": "3", **day}
    assert "nobody has considered it yet" in client.send(edit, changed).words
    considered(draft, manager)
    changed["version"] = vacancy_of(draft.reference).version
    assert client.send(edit, changed).status == 303
    assert not vacancy_of(draft.reference).advertised_before_considered


def test_typing_the_name_of_a_team_opens_nothing_of_it(client: PageClient, manager: SignedIn) -> None:
    other, hr = a_manager("Other"), signed_in(Role.HR)
    theirs = a_vacancy(other, team="Ward S3").team_id
    assert (
        client.send(NEW, {"reference": "M1", "title": "Clerk", "band": "3", "team": "ward s3"}).status == 303
    )
    assert (
        client.send(NEW, {"reference": "M2", "title": "Clerk", "band": "3", "team": "New team"}).status == 303
    )
    named, made = vacancy_of("M1"), vacancy_of("M2")
    assert named.team_id == theirs
    here = f"/vacancies/{named.id}"
    assert client.get(f"/teams/{theirs}").status == 404
    assert "confirms first that you recruit for Ward S3" in client.get(here).words
    assert client.get(f"/teams/{made.team_id}").status == 200, "nobody else's: they made it"
    client.wear(hr)
    assert "The manager named the team Ward S3 themselves" in client.get(here).words
    assert change(client, vacancy_of("M1"), team="Ward S3").status == 303
    client.wear(manager)
    assert client.get(f"/teams/{theirs}").status == 200
    assert change(client, vacancy_of("M2"), team="Ward S3").status == 303, "a team they know by now"
    assert "confirms first" not in client.get(f"/vacancies/{made.id}").words
