"""/vacancies/<id>/consideration and /considerations: a manager, in a minute."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.careers.consent_services import save_consents
from recovery_college.careers.deputy_services import name_deputy
from recovery_college.careers.draft_services import save_answer_draft
from recovery_college.careers.models import Consideration
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.candidates import a_candidate
from tests.factories.careers import a_manager, a_vacancy, considered, email_of, import_rows, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def path_of(vacancy) -> str:
    return f"/vacancies/{vacancy.id}/consideration"


def test_works(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, title="Ward Clerk", weekly_hours="22.5", team="Ward S3")
    client.wear(manager)
    page = client.get(path_of(vacancy))
    assert page.h1 == "Could a peer support worker do this job?"
    for words in (
        "Ward Clerk",
        "22.5 hours a week",
        "Ward S3",
        "5 working days left",
        "Role paragraph and person specification to copy",
    ):
        assert words in page.words
    data = {
        "version": page.hidden("version"),
        "answer": "not a psw role",
        "reason": "other",
        "other_text": "Nights",
    }
    saved = client.send(path_of(vacancy), data)
    assert saved.response.location == f"/vacancies/{vacancy.id}"
    words = client.get(saved.response.location).words
    assert "Thank you, your decision is saved" in words
    assert "Nights" in words


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(f"/vacancies/{uuid4()}/consideration").status == 303
    assert client.get("/considerations").status == 303


def test_other_role_refused(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    for role, page, save in (
        (Role.HR, 200, 403),
        (Role.AUDITOR, 200, 403),
        (Role.ADMIN, 404, 404),
        (Role.STUDENT, 404, 404),
    ):
        client.wear(signed_in(role))
        token = client.get("/account/password").hidden("csrf_token")
        assert client.get(path_of(vacancy)).status == page
        assert client.post(path_of(vacancy), data={"csrf_token": token, "answer": "psw post"}).status == save
    assert session().scalar(select(func.count(Consideration.id))) == 0


def test_shows_errors_and_keeps_what_was_typed(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    client.wear(manager)
    for data, words in (
        ({}, "Choose what you decided"),
        ({"answer": "rubbish"}, "Choose from the list"),
        ({"answer": "not a psw role"}, "Choose the reason"),
        ({"answer": "not a psw role", "reason": "other"}, "Write the reason in a sentence"),
        ({"answer": "not a psw role", "reason": "other", "other_text": "x" * 501}, "500 characters"),
    ):
        page = client.send(path_of(vacancy), {"version": str(vacancy.version), **data})
        assert page.status == 422
        assert words in page.words, words
    assert "x" * 501 in page.text
    assert session().scalar(select(func.count(Consideration.id))) == 0


def test_someone_elses_change_is_shown_beside_ones_own(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, reference="A1", weekly_hours="30")
    client.wear(manager)
    page = client.get(path_of(vacancy))
    data = {"csrf_token": page.hidden("csrf_token"), "version": page.hidden("version"), "answer": "psw post"}
    import_rows({"reference": "A1", "title": "Health Care Assistant", "weekly_hours": "15"})
    answer = client.post(path_of(vacancy), data=data)
    assert answer.status == 409
    assert "15 hours a week" in answer.words
    assert "Yes, advertise it as a PSW post" in answer.words
    assert session().scalar(select(func.count(Consideration.id))) == 0


def test_closed_and_unasked_vacancies_offer_no_form(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    closed = a_vacancy(manager, posted_on="2020-01-01", closes_on="2020-02-01")
    unasked = a_vacancy(manager, band="6")
    client.wear(manager)
    assert "nothing left to decide" in client.get(path_of(closed)).words
    assert "The rule does not ask" in client.get(path_of(unasked)).words
    for vacancy in (closed, unasked):
        assert "Save my decision" not in client.get(path_of(vacancy)).words


def test_the_queue_is_ordered_by_days_left_and_counts_itself(client: PageClient, app: Flask) -> None:
    manager, other = a_manager(), a_manager("Other")
    with clock.held_at(MONDAY - timedelta(days=10)):
        a_vacancy(manager, title="Overdue post")
    with clock.held_at(MONDAY - timedelta(days=4)):
        a_vacancy(manager, title="Soon post")
    with clock.held_at(MONDAY):
        a_vacancy(manager, title="Fresh post")
        a_vacancy(other, title="Their post")
        a_vacancy(manager, title="Nurse post", band="6")
        done = a_vacancy(manager, title="Done post")
        considered(done, manager)
        page = client.wear(manager).get("/considerations")
        words = page.words
        assert "3 vacancies wait for an answer, 1 of them overdue" in words
        assert words.index("Overdue post") < words.index("Soon post") < words.index("Fresh post")
        for hidden in ("Their post", "Nurse post", "Done post"):
            assert hidden not in words
        assert "3 working days left" in words
        only = client.get("/considerations?state=overdue").words
        assert "Overdue post" in only
        assert "Soon post" not in only
        for role in (Role.HR, Role.AUDITOR):
            assert "4 vacancies wait" in client.wear(signed_in(role)).get("/considerations").words


def test_a_deputy_reads_whose_vacancy_it_is(client: PageClient, app: Flask) -> None:
    manager, deputy = a_manager("Morgan"), a_manager("Dee")
    theirs, own = a_vacancy(manager, title="Their post", team="Ward S3"), a_vacancy(deputy, title="Own post")
    name_deputy(manager, email_of(deputy), clock.today(), None)
    client.wear(deputy)
    assert client.get("/considerations").words.count("(Morgan") == 1
    assert "You stand in for Morgan" in client.get(path_of(theirs)).words
    assert "You stand in for" not in client.get(path_of(own)).words
    hr = client.wear(signed_in(Role.HR)).get("/managers").words
    assert "Dee Example" in hr.split(email_of(manager))[1].split(email_of(deputy))[0], (
        "a name, not an address"
    )


def test_the_queue_says_where_an_answer_is_begun_and_only_to_who_began_it(
    client: PageClient, app: Flask
) -> None:
    manager, deputy = a_manager("Morgan"), a_manager("Dee")
    vacancy = a_vacancy(manager)
    a_vacancy(manager)
    name_deputy(manager, email_of(deputy), clock.today(), None)
    save_answer_draft(manager, vacancy.id, {"answer": "psw post"}, 0)
    assert client.wear(manager).get("/considerations").words.count("You have begun an answer") == 1
    assert "You have begun" not in client.wear(deputy).get("/considerations").words


def test_a_changed_refusal_begins_from_its_reason(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    client.wear(manager)
    said = {"answer": "not a psw role", "reason": "other", "other_text": "Nights alone"}
    client.send(path_of(vacancy), {"version": "1", **said})
    page = client.get(f"{path_of(vacancy)}?change=1")
    assert "Nights alone" in page.tree.find(".//textarea[@name='other_text']").text  # type: ignore[union-attr]
    client.send(path_of(vacancy), {"version": "2", "answer": "not a psw role", "reason": "registration"})
    page = client.get(f"{path_of(vacancy)}?change=1")
    chosen = page.tree.find(".//option[@selected]")
    assert chosen is not None
    assert chosen.get("value") == "registration"


def test_an_empty_queue_is_calm(client: PageClient, app: Flask) -> None:
    assert "Nothing is waiting for a decision" in client.wear(a_manager()).get("/considerations").words
    for role in (Role.ADMIN, Role.TUTOR, Role.GRADUATE):
        assert client.wear(signed_in(role)).get("/considerations").status == 403


@pytest.mark.parametrize("reason", ["registration", "team-not-ready"])
def test_a_listed_reason_needs_no_words(client: PageClient, app: Flask, reason: str) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    data = {"version": str(vacancy.version), "answer": "not a psw role", "reason": reason}
    assert client.wear(manager).send(path_of(vacancy), data).status == 303
    assert vacancy_of(vacancy.reference).version == 2


def test_who_fits_is_told_in_words_and_changes_with_a_consent_on_the_next_request(
    client: PageClient, app: Flask
) -> None:
    manager, deputy = a_manager(), a_manager("Deputy")
    vacancy = a_vacancy(manager)
    name_deputy(manager, email_of(deputy), clock.today(), None)
    graduate = a_candidate("Zebedee")
    for who, words in ((manager, "fit just now: some"), (deputy, "fit just now: some")):
        client.wear(who)
        page = client.get(path_of(vacancy))
        assert words in page.words
        assert "Zebedee" not in page.text
    save_consents(graduate, ())
    assert "fit just now: none just now" in client.get(path_of(vacancy)).words
    client.wear(signed_in(Role.AUDITOR))
    assert "fit just now" not in client.get(path_of(vacancy)).words
