"""What people do wrong around a consideration, by mistake or on purpose: each is answered, and nothing is saved."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.careers.models import Consideration
from recovery_college.careers.queries import vacancy_visible_to
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_manager, a_vacancy, considered, import_rows
from tests.factories.people import signed_in
from tests.page_client import PageClient


def answers() -> int:
    return session().scalar(select(func.count(Consideration.id))) or 0


def test_another_managers_vacancy_is_no_vacancy_on_any_page_or_button(client: PageClient, app: Flask) -> None:
    theirs, missing = a_vacancy(a_manager("Other")), uuid4()
    client.wear(a_manager())
    token = client.get("/account/password").hidden("csrf_token")
    for page in ("", "/consideration", "/edit"):
        assert client.get(f"/vacancies/{theirs.id}{page}").status == 404
    said = {"csrf_token": token, "version": "1", "answer": "psw post"}
    for deed in ("consideration", "still-right", "edit"):
        for data in (said, {**said, "deed": "draft"}):
            there = client.post(f"/vacancies/{theirs.id}/{deed}", data=data)
            nowhere = client.post(f"/vacancies/{missing}/{deed}", data=data)
            assert (there.status, nowhere.status) == (404, 404)
            assert there.words == nowhere.words
    assert answers() == 0


def test_deciding_after_close_is_refused_and_so_is_a_page_left_open_over_it(
    client: PageClient, app: Flask
) -> None:
    now = clock.now()
    with clock.held_at(now):
        manager = a_manager()
        vacancy = a_vacancy(manager, closes_on=clock.today().isoformat())
        client.wear(manager)
        page = client.get(f"/vacancies/{vacancy.id}/consideration")
        said = {
            "csrf_token": page.hidden("csrf_token"),
            "version": page.hidden("version"),
            "answer": "psw post",
        }
    with clock.held_at(now + timedelta(days=1)):
        client.wear(manager := signed_in(Role.MANAGER, person=_person(manager)))
        said["csrf_token"] = client.get("/account/password").hidden("csrf_token")
        answer = client.post(f"/vacancies/{vacancy.id}/consideration", data=said)
        assert answer.status == 303
        assert "closed, so there is nothing left to decide" in client.get(f"/vacancies/{vacancy.id}").words
    assert answers() == 0


def _person(who: SignedIn) -> Person:
    return session().get_one(Person, who.person_id)


@pytest.mark.parametrize(
    ("flagged", "due"),
    [
        (date(2026, 12, 21), date(2026, 12, 30)),  # over Christmas Day and Boxing Day's substitute
        (date(2026, 12, 24), date(2027, 1, 5)),  # and New Year's Day
        (
            date(2027, 3, 24),
            date(2027, 4, 2),
        ),  # over Good Friday and Easter Monday, and the clocks going forward
        (date(2026, 10, 23), date(2026, 10, 30)),  # the clocks going back
        (date(2026, 11, 28), date(2026, 12, 4)),  # from a Saturday
    ],
)
def test_the_last_day_counts_working_days_alone(app: Flask, flagged: date, due: date) -> None:
    manager = a_manager()
    with clock.held_at(datetime(flagged.year, flagged.month, flagged.day, 12, tzinfo=UTC)):
        vacancy = a_vacancy(manager)
    assert vacancy.consideration_due_on == due
    # The last minute of the last day, in London, is on time; the next one is over.
    last = datetime(due.year, due.month, due.day, 22, 59, tzinfo=UTC)
    for moment, state in ((last, "due"), (last + timedelta(hours=2), "overdue")):
        with clock.held_at(moment):
            row = vacancy_visible_to(manager, vacancy.id)
            assert row is not None
            assert row.state == state


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("weekly_hours", "0", "more than 0"),
        ("weekly_hours", "60.5", "no more than 60"),
        ("weekly_hours", "-7.5", "number"),
        ("closes_on", "2026-01-01", "before the posting date"),
    ],
)
def test_hours_and_days_that_cannot_be(app: Flask, column: str, value: str, words: str) -> None:
    report = import_rows(
        {"reference": "BAD", "title": "Support worker", "band": "3", "posted_on": "2026-02-01", column: value}
    )
    assert not report.ok
    (refused,) = report.refused
    assert (refused.column, words in refused.reason) == (column, True), refused


def test_sixty_hours_is_a_vacancy_and_a_double_press_is_one_answer(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, weekly_hours="60")
    client.wear(manager)
    page = client.get(f"/vacancies/{vacancy.id}/consideration")
    said = {"csrf_token": page.hidden("csrf_token"), "version": page.hidden("version"), "answer": "psw post"}
    statuses = [client.post(f"/vacancies/{vacancy.id}/consideration", data=said).status for _ in range(2)]
    assert statuses == [303, 303]
    other = client.post(f"/vacancies/{vacancy.id}/consideration", data={**said, "answer": "open to both"})
    assert other.status == 409, "another answer from the same page is no double press"
    assert answers() == 1


def test_a_refusal_is_reopened_as_long_as_the_vacancy_is_open(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager, "not a psw role", "funding")
    client.wear(manager)
    page = client.get(f"/vacancies/{vacancy.id}/consideration?change=1")
    said = {"version": page.hidden("version"), "answer": "psw post"}
    assert client.send(f"/vacancies/{vacancy.id}/consideration", said).status == 303
    assert answers() == 2
    words = client.get(f"/vacancies/{vacancy.id}").words
    assert "PSW post" in words
    assert "that answer no longer counts" in words
