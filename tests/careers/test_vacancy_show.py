"""/vacancies/<id>: one vacancy, and what HR does to it page by page."""

from uuid import uuid4

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from tests.factories.careers import a_manager, a_vacancy, considered, email_of, import_rows, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

HR_PAGES = ("edit", "band", "manager", "flag")


def test_works(client: PageClient, app: Flask) -> None:
    vacancy = a_vacancy(title="<b>Ward</b> Clerk", description="Line one\nLine two")
    page = client.wear(signed_in(Role.HR)).get(f"/vacancies/{vacancy.id}")
    assert page.h1 == "<b>Ward</b> Clerk"
    assert "Possible PSW role" in page.words
    assert "Band 3, as given with the vacancy: rule 1 asks about bands 2, 3 and 4." in page.words
    assert "Nobody to ask" in page.words
    assert "nobody is asked yet" in page.words
    for words in ("The recruiting manager decides", "Give the manager more time"):
        assert words not in page.words, "there is no manager"


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(f"/vacancies/{uuid4()}").status == 303


def test_other_role_refused(client: PageClient, app: Flask) -> None:
    vacancy = a_vacancy()
    client.wear(signed_in(Role.TUTOR))
    assert client.get(f"/vacancies/{vacancy.id}").status == 404


def test_other_managers_vacancy_not_found(client: PageClient, app: Flask) -> None:
    vacancy = a_vacancy(a_manager("Other"))
    manager = a_manager()
    own = a_vacancy(manager)
    client.wear(manager)
    token = client.get(f"/vacancies/{own.id}/consideration").hidden("csrf_token")
    for path in (vacancy.id, uuid4()):
        assert client.get(f"/vacancies/{path}").status == 404
        assert client.get(f"/vacancies/{path}/consideration").status == 404
        data = {"csrf_token": token, "answer": "psw post", "version": "1"}
        assert client.post(f"/vacancies/{path}/consideration", data=data).status == 404
        assert client.post(f"/vacancies/{path}/still-right", data=data).status == 404


def test_hr_pages_are_for_hr(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager)
    client.wear(manager)
    for name in ("band", "manager"):
        assert client.get(f"/vacancies/{vacancy.id}/{name}").status == 404
    for name in ("flag", "return"):
        assert client.get(f"/vacancies/{vacancy.id}/{name}").status == 403
    for path in ("/vacancies/rule/new", "/vacancies/import"):
        assert client.get(path).status == 403
    assert client.get("/vacancies/rule").status == 200


def test_history_tells_who_decided_and_what_it_rested_on(client: PageClient, app: Flask) -> None:
    manager = a_manager("Morgan")
    vacancy = a_vacancy(manager, reference="A1", weekly_hours="30")
    considered(vacancy, manager, "not a psw role", "other", "Nights only")
    import_rows({"reference": "A1", "title": "Health Care Assistant", "weekly_hours": "20"})
    words = client.wear(signed_in(Role.AUDITOR)).get(f"/vacancies/{vacancy.id}").words
    assert "Morgan Example decided: Not a PSW role Nights only" in words
    assert "The hours changed: that answer no longer counts" in words


def test_still_right_is_asked_and_answered(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, reference="A1", description="old")
    considered(vacancy, manager)
    import_rows({"reference": "A1", "title": "Health Care Assistant", "description": "new"})
    client.wear(manager)
    page = client.get(f"/vacancies/{vacancy.id}")
    assert "Is your answer still right?" in page.words
    data = {"csrf_token": page.hidden("csrf_token"), "version": page.hidden("version")}
    assert client.post(f"/vacancies/{vacancy.id}/still-right", data={**data, "version": "1"}).status == 409
    assert client.post(f"/vacancies/{vacancy.id}/still-right", data=data).status == 303
    assert "still right?" not in client.get(f"/vacancies/{vacancy.id}").words


def seen(vacancy: Vacancy) -> dict[str, str]:
    return {"version": str(vacancy_of(vacancy.reference).version)}


def test_hr_reads_a_band(client: PageClient, app: Flask) -> None:
    vacancy = a_vacancy(band="see advert")
    client.wear(signed_in(Role.HR))
    path = f"/vacancies/{vacancy.id}/band"
    assert "see advert" in client.get(path).words
    for ticked, words in (([], "Choose the band, or None"), (["3", "none"], "but not both")):
        page = client.send(path, {**seen(vacancy), "bands": ticked})
        assert page.status == 422
        assert words in page.words
    assert client.send(path, {**seen(vacancy), "bands": ["3", "4"]}).status == 303
    assert vacancy_of(vacancy.reference).flag == "yes"


def test_hr_names_a_manager(client: PageClient, app: Flask) -> None:
    vacancy, manager = a_vacancy(), a_manager()
    client.wear(signed_in(Role.HR))
    path = f"/vacancies/{vacancy.id}/manager"
    page = client.send(path, {**seen(vacancy), "email": "nobody@fenside.example"})
    assert (page.status, "Invite them first" in page.words) == (422, True)
    assert client.send(path, {**seen(vacancy), "email": email_of(manager).upper()}).status == 303
    assert vacancy_of(vacancy.reference).manager_id == manager.person_id


def test_hr_overrides_with_a_reason(client: PageClient, app: Flask) -> None:
    vacancy = a_vacancy()
    client.wear(signed_in(Role.HR))
    path = f"/vacancies/{vacancy.id}/flag"
    assert client.send(path, {**seen(vacancy), "flag": "no"}).status == 422
    assert client.send(path, {**seen(vacancy), "flag": "no", "reason": "A bank shift"}).status == 303
    words = client.get(f"/vacancies/{vacancy.id}").words
    assert "Set by HR: A bank shift" in words
    assert "Possible PSW role" not in words


def test_hr_returns_an_answer(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager)
    client.wear(signed_in(Role.HR))
    path = f"/vacancies/{vacancy.id}/return"
    assert client.send(path, seen(vacancy)).status == 422
    assert client.send(path, {**seen(vacancy), "why": "Which money?"}).status == 303
    assert "Which money?" in client.wear(manager).get(f"/vacancies/{vacancy.id}").words


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("band", {"bands": ["4"]}),
        ("flag", {"flag": "no", "reason": "A bank shift"}),
        ("manager", {"email": "somebody@fenside.example"}),
        ("edit", {"title": "Other", "reference": "X"}),
    ],
)
def test_a_stale_page_changes_nothing_and_shows_both_sides(
    client: PageClient, app: Flask, page: str, data: dict[str, object]
) -> None:
    from recovery_college.people import services
    from tests.factories.people import CONSOLE

    services.create_user(CONSOLE, "somebody@fenside.example", "Some Body", Role.MANAGER)
    vacancy = a_vacancy()
    client.wear(signed_in(Role.HR))
    for version in ("99", "x", ""):
        answer = client.send(f"/vacancies/{vacancy.id}/{page}", {"version": version, **data})
        assert answer.status == 409
        assert "What you entered" in answer.words
    assert vacancy_of(vacancy.reference).version == 1


def test_a_vacancy_is_entered_by_hand(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.HR))
    today = clock.today()
    page = client.send("/vacancies/new", {"title": "Clerk"})
    assert (page.status, "Enter the vacancy's reference" in page.words) == (422, True)
    typed = {
        "reference": "H1", "elsewhere": "yes", "title": "Clerk", "band": "2/3", "weekly_hours": "22.5",
        "team": "Ward S3",
        "service_area": "adult", "setting": "ward", "contract": "permanent",
        "posted_on-day": str(today.day), "posted_on-month": str(today.month), "posted_on-year": str(today.year),
    }  # fmt: skip
    for wrong, words in (
        ({"posted_on-day": "31", "posted_on-month": "2"}, "real date"),
        ({"closes_on-day": "1", "closes_on-month": "1", "closes_on-year": "2020"}, "before the posting date"),
        ({"weekly_hours": "0"}, "from 0.01 to 60"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"manager_email": "nobody"}, "email address"),
    ):
        page = client.send("/vacancies/new", {**typed, **wrong})
        assert (page.status, words in page.words) == (422, True), wrong
    assert client.send("/vacancies/new", typed).status == 303
    vacancy = vacancy_of("H1")
    assert (vacancy.flag, vacancy.source, vacancy.status) == ("yes", "by hand", "advertised")
    page = client.send("/vacancies/new", typed)
    assert (page.status, "with this reference already" in page.words) == (422, True)


def test_a_vacancy_is_changed_by_hand(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, weekly_hours="30", team="Ward S3")
    considered(vacancy, manager)
    client.wear(signed_in(Role.HR))
    path = f"/vacancies/{vacancy.id}/edit"
    typed = {
        **seen(vacancy),
        "reference": "changed",
        "title": "Clerk",
        "weekly_hours": "15",
        "team": "Ward S3",
    }
    assert client.send(path, typed).status == 303
    now = vacancy_of(vacancy.reference)
    assert (now.title, str(now.weekly_hours), now.flag) == ("Clerk", "15.00", "yes")
    assert "The hours changed" in client.get(f"/vacancies/{vacancy.id}").words


def test_the_rule_is_dated(client: PageClient, app: Flask) -> None:
    a_vacancy(posted_on="2026-09-01")
    client.wear(signed_in(Role.HR))
    path = "/vacancies/rule"
    assert "Every vacancy" in client.get(path).words
    page = client.send(path, {"go_live_on-day": "31", "go_live_on-month": "2", "go_live_on-year": "2026"})
    assert page.status == 422
    assert (
        client.send(path, {"go_live_on-day": "1", "go_live_on-month": "10", "go_live_on-year": "2026"}).status
        == 303
    )
    words = client.get(path).words
    assert "Vacancies posted from 1 October 2026" in words
    assert "Older than the rule 1" in words
    assert "It changed 1 vacancy" in words


def test_import_pages_lead_from_template_to_done(client: PageClient, app: Flask, data_folder) -> None:
    import io

    from tests.factories.careers import NHS_JOBS_SAMPLE

    client.wear(signed_in(Role.HR))
    assert client.get("/vacancies/import").response.location == "/vacancies/import/vacancies"
    assert "weekly_hours" in client.get("/vacancies/import/vacancies").words
    for name, option in (("search.xml", "3"), ("search.xml", "")):
        file = (io.BytesIO(NHS_JOBS_SAMPLE.read_bytes()), name)
        page = client.send(
            "/vacancies/import/vacancies/upload",
            {"file": file, "band": option},
            content_type="multipart/form-data",
        )
        assert page.status == 303
        assert client.get(page.response.location).status == 200
        done = client.send(page.response.location, {"deed": "all"})
        assert done.response.location.endswith("/done")
        assert client.get(done.response.location).status == 200
    assert vacancy_of("999-26-0002").flag == "yes"
