"""A form that was open for too long: the key rotated (F24), the session ended (F25), Back and resubmit (F27)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from recovery_college.access import gate
from recovery_college.access.rules import Role
from recovery_college.careers.models import Consideration, Vacancy
from recovery_college.kernel.db import session
from recovery_college.people.signin import sign_out
from tests.factories.careers import a_manager, a_vacancy, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

TYPED = "Half an hour of thinking, O'Neill said <so>"


@pytest.fixture
def due(app: Flask, client: PageClient) -> Vacancy:
    manager = a_manager()
    client.wear(manager)
    return a_vacancy(manager)


def answers() -> int:
    return session().scalar(select(func.count(Consideration.id))) or 0


def filled(client: PageClient, due: Vacancy) -> dict[str, str]:
    page = client.get(f"/vacancies/{due.id}/consideration")
    return {
        "csrf_token": page.hidden("csrf_token"),
        "version": page.hidden("version"),
        "answer": "not a psw role",
        "reason": "other",
        "other_text": TYPED,
    }


def test_f24_a_rotated_key_keeps_what_was_typed(
    app: Flask, client: PageClient, due: Vacancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = filled(client, due)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key, made this morning, long enough")
    page = client.post(f"/vacancies/{due.id}/consideration", data=sent)
    assert page.status == 400
    assert TYPED in page.words
    assert answers() == 0


def test_f24_twin_a_plain_refusal_would_lose_it(
    app: Flask, client: PageClient, due: Vacancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the answer that Flask-WTF gives to a token of another key when nobody handles it."""
    sent = filled(client, due)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key, made this morning, long enough")
    monkeypatch.setitem(
        app.error_handler_spec[None][None], HTTPException, lambda error: (error.description, error.code)
    )
    answer = client.client.post(f"/vacancies/{due.id}/consideration", data=sent)
    assert answer.status_code == 400
    assert TYPED not in answer.get_data(as_text=True)


def test_f25_a_session_that_ended_keeps_what_was_typed(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    due = a_vacancy(manager)
    sent = filled(client.wear(manager), due)
    sign_out(manager)
    page = client.post(f"/vacancies/{due.id}/consideration", data=sent)
    assert (page.status, page.h1) == (401, "You have been signed out")
    assert TYPED in page.words
    assert "/sign-in" in page.links
    assert answers() == 0


def test_f25_twin_a_plain_redirect_would_lose_it(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: the gate as it was, which led to the sign-in page and forgot the words."""
    monkeypatch.setattr(gate, "SIGNED_IN_MARK", "nothing that is ever there")
    manager = a_manager()
    due = a_vacancy(manager)
    sent = filled(client.wear(manager), due)
    sign_out(manager)
    page = client.post(f"/vacancies/{due.id}/consideration", data=sent)
    assert page.status == 303
    assert TYPED not in page.text


def test_who_never_signed_in_is_led_to_the_sign_in_page(client: PageClient, due: Vacancy) -> None:
    stranger = PageClient(client.client.application.test_client())
    token = stranger.get("/sign-in").hidden("csrf_token")
    page = stranger.post(f"/vacancies/{due.id}/consideration", data={"csrf_token": token})
    assert page.response.location == "/sign-in"


def test_f27_back_and_resubmit_decides_once(client: PageClient, due: Vacancy) -> None:
    sent = filled(client, due)
    first = client.post(f"/vacancies/{due.id}/consideration", data=sent)
    again = client.post(f"/vacancies/{due.id}/consideration", data=sent)
    assert (first.status, again.status, answers()) == (303, 303, 1)


def test_f27_twin_without_the_version_it_would_decide_twice(client: PageClient, due: Vacancy) -> None:
    """The known-bad twin: the page of today sent twice is two decisions; the version in it tells them apart."""
    sent = filled(client, due)
    client.post(f"/vacancies/{due.id}/consideration", data=sent)
    fresh = {**sent, "version": str(vacancy_of(due.reference).version)}
    assert client.post(f"/vacancies/{due.id}/consideration", data=fresh).status == 303
    assert answers() == 2


def test_f27_a_new_vacancy_sent_twice_is_one(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.HR))
    token = client.get("/vacancies/new").hidden("csrf_token")
    sent = {"csrf_token": token, "reference": "TWICE", "title": "Clerk", "band": "Band 3"}
    assert client.post("/vacancies/new", data=sent).status == 303
    again = client.post("/vacancies/new", data=sent)
    assert again.status == 422
    assert "already" in again.words
    assert session().scalar(select(func.count(Vacancy.id))) == 1
