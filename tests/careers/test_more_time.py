"""Drafts, more time given by HR, answers given back, and redeployment first: nothing decides by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from recovery_college.access.rules import Role
from recovery_college.careers.consideration import Redeployment, check_extension, check_redeployment
from recovery_college.careers.consideration_models import ConsiderationDraft
from recovery_college.careers.considerations import (
    Refused,
    VacancyChanged,
    VacancyNotFound,
    extend_consideration,
    record_consideration,
    return_consideration,
)
from recovery_college.careers.draft_services import StaleDraft, draft_of, save_answer_draft
from recovery_college.careers.models import Consideration, Vacancy
from recovery_college.careers.queries import vacancy_visible_to
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import a_manager, a_vacancy, considered, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def path_of(vacancy) -> str:
    return f"/vacancies/{vacancy.id}/consideration"


def test_a_draft_is_kept_for_its_writer_and_decides_nothing(client: PageClient, app: Flask) -> None:
    manager, other = a_manager(), a_manager("Other")
    vacancy = a_vacancy(manager)
    client.wear(manager)
    said = {"deed": "draft", "answer": "not a psw role", "reason": "other", "other_text": "Half a thought"}
    page = client.get(path_of(vacancy))
    said |= {"version": page.hidden("version"), "seen": page.hidden("seen")}
    assert client.send(path_of(vacancy), said).status == 303
    page = client.get(path_of(vacancy))
    assert "Draft saved" in page.words
    assert "Half a thought" in page.text
    assert session().scalar(select(func.count(Consideration.id))) == 0
    client.wear(signed_in(Role.HR))
    assert "Half a thought" not in client.get(path_of(vacancy)).text
    with pytest.raises(VacancyNotFound):
        save_answer_draft(other, vacancy.id, {"answer": "psw post"}, 0)
    client.wear(manager)
    said |= {"deed": "decide", "seen": "1"}
    assert client.send(path_of(vacancy), said).status == 303
    assert session().scalar(select(func.count()).select_from(ConsiderationDraft)) == 0


def test_a_script_is_answered_in_json_and_two_windows_do_not_overwrite(
    client: PageClient, app: Flask
) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    client.wear(manager)
    page = client.get(path_of(vacancy))
    said = {"csrf_token": page.hidden("csrf_token"), "deed": "draft", "seen": "0", "answer": "psw post"}
    json = {"Accept": "application/json"}
    first = client.client.post(path_of(vacancy), data=said, headers=json)
    assert first.json["version"] == 1
    stale = client.client.post(path_of(vacancy), data=said | {"answer": "open to both"}, headers=json)
    assert (stale.status_code, stale.json["version"]) == (409, 1)
    with pytest.raises(StaleDraft):
        save_answer_draft(manager, vacancy.id, {"answer": "open to both"}, 0)
    same = save_answer_draft(manager, vacancy.id, {"answer": "psw post"}, 0)
    assert same.version == 1, "saying the same again changes nothing"
    assert draft_of(manager, vacancy.id).fields["answer"] == "psw post"


def test_hr_gives_more_time_with_a_reason_the_manager_sees(client: PageClient, app: Flask) -> None:
    with clock.held_at(MONDAY):
        vacancy = a_vacancy(a_manager())
    with clock.held_at(MONDAY + timedelta(days=9)):
        manager, hr = a_manager(), signed_in(Role.HR)
        with transaction() as s:
            s.get_one(Vacancy, vacancy.id).manager_id = manager.person_id
        row = vacancy_visible_to(manager, vacancy.id)
        assert row is not None
        assert row.state == "overdue"
        client.wear(hr)
        page = client.get(f"/vacancies/{vacancy.id}/extend")
        said = {
            "version": page.hidden("version"),
            "to_on-day": "1",
            "to_on-month": "12",
            "to_on-year": "2026",
        }
        early = client.send(f"/vacancies/{vacancy.id}/extend", said | {"why": "Leave"})
        assert early.status == 422
        assert "must be after today" in early.words
        said |= {"to_on-day": "9", "why": "The team moves house"}
        assert client.send(f"/vacancies/{vacancy.id}/extend", said).status == 303
        row = vacancy_visible_to(manager, vacancy.id)
        assert row is not None
        assert (row.state, row.vacancy.consideration_due_on) == ("due", date(2026, 12, 9))
        client.wear(manager)
        assert "The team moves house" in client.get(path_of(vacancy)).words
        assert client.get(f"/vacancies/{vacancy.id}/extend").status == 403
        considered(vacancy, manager)
    one = session().scalars(select(Consideration)).one()
    assert one.due_on == date(2026, 12, 9)
    for raw in ("UPDATE consideration_extension SET why = ''", "DELETE FROM consideration_extension"):
        with pytest.raises(DatabaseError, match="as it was given"):
            session().execute(text(raw))
        session().rollback()


def test_more_time_only_where_an_answer_is_waited_for_and_only_by_hr(app: Flask) -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    later = clock.today() + timedelta(days=30)
    decided, none, due = a_vacancy(manager), a_vacancy(manager, band="6"), a_vacancy(manager)
    considered(decided, manager)
    for vacancy in (decided, none):
        with pytest.raises(Refused, match="no time to extend"):
            extend_consideration(hr, vacancy.id, later, "why", vacancy_of(vacancy.reference).version)
    for actor in (manager, signed_in(Role.ADMIN), signed_in(Role.AUDITOR)):
        with pytest.raises(VacancyNotFound):
            extend_consideration(actor, due.id, later, "why", due.version)
    with pytest.raises(VacancyChanged):
        extend_consideration(hr, due.id, later, "why", due.version + 1)
    with pytest.raises(Refused) as refused:
        extend_consideration(hr, due.id, clock.today() + timedelta(days=61), " ", due.version)
    assert set(refused.value.errors) == {"to_on", "why"}


def test_a_return_gives_five_working_days_again_and_is_never_late_by_itself(app: Flask) -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    with clock.held_at(MONDAY):
        vacancy = a_vacancy(manager)
        considered(vacancy, manager, "not a psw role", "funding")
    with clock.held_at(MONDAY + timedelta(days=21)):
        return_consideration(hr, vacancy.id, "Look again", vacancy_of(vacancy.reference).version)
        row = vacancy_visible_to(manager, vacancy.id)
        assert row is not None
        assert (row.state, row.days_left) == ("returned", 5)
        considered(vacancy, manager, "open to both")
    last = session().scalars(select(Consideration).order_by(Consideration.decided_at.desc())).first()
    assert last is not None
    assert last.due_on is not None
    assert last.decided_on <= last.due_on


def test_redeployment_comes_first_where_the_trust_says_so(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    client.wear(manager)
    assert "looked for first" not in client.get(path_of(vacancy)).words
    settings = current_app.extensions["settings"]
    first = settings.model_copy(update={"redeployment_first": True})
    monkeypatch.setitem(current_app.extensions, "settings", first)
    page = client.get(path_of(vacancy))
    assert "a colleague who needs a new post looked for first" in page.words
    said = {"version": page.hidden("version"), "answer": "psw post"}
    for redeployment, words in (
        ("", "Choose what came"),
        ("not yet", "Ask human resources"),
        ("kept", "kept"),
    ):
        answer = client.send(path_of(vacancy), {**said, "redeployment": redeployment})
        assert answer.status == 422, redeployment
        assert words in answer.words
    assert client.send(path_of(vacancy), {**said, "redeployment": "nobody"}).status == 303
    assert session().scalars(select(Consideration)).one().snapshot["redeployment"] == "nobody"


def test_what_may_follow_redeployment() -> None:
    assert check_redeployment(Redeployment.NOBODY, "psw post") == {}
    assert check_redeployment("kept", "not a psw role") == {}
    assert "answer" in check_redeployment("kept", "open to both")
    assert "redeployment" in check_redeployment("rubbish", "psw post")


def test_a_new_day_is_later_than_the_old_one_and_than_today() -> None:
    today, due = date(2026, 12, 1), date(2026, 12, 4)
    assert check_extension(date(2026, 12, 5), due, today) == ""
    assert check_extension(None, due, today)
    assert "due now" in check_extension(due, due, today)
    assert "today" in check_extension(today, date(2026, 11, 27), today)
    assert "60 days" in check_extension(date(2027, 2, 1), due, today)


def test_nobody_else_decides_even_after_more_time(app: Flask) -> None:
    manager, hr = a_manager(), signed_in(Role.HR)
    vacancy = a_vacancy(manager)
    extend_consideration(hr, vacancy.id, clock.today() + timedelta(days=30), "why", vacancy.version)
    with pytest.raises(VacancyNotFound):
        record_consideration(hr, vacancy.id, "psw post", None, "", vacancy_of(vacancy.reference).version)
    assert session().scalar(select(func.count(Consideration.id))) == 0
