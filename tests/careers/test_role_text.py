"""The words about the role and the reasons: edited by the college and by HR, kept as data."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from recovery_college.access.rules import Role
from recovery_college.careers.considerations import Refused, VacancyNotFound, reasons_offered
from recovery_college.careers.models import ConsiderationReason
from recovery_college.careers.reason_services import (
    add_reason,
    kept_reasons,
    offer_reason_again,
    retire_reason,
)
from recovery_college.careers.role_text_queries import role_text
from recovery_college.careers.role_text_rules import EVERYWHERE, STARTER, lines_of
from recovery_college.careers.role_text_services import TextChanged, save_role_text
from recovery_college.careers.rules import ServiceArea, Setting
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.people import signed_in
from tests.page_client import PageClient

EDIT = "/considerations/role-text"
REASONS = "/considerations/reasons"


def test_points_for_a_team_are_those_of_all_its_setting_and_its_service() -> None:
    ward = STARTER.brings_to(Setting.WARD, None)
    young = STARTER.brings_to(Setting.COMMUNITY, ServiceArea.YOUNG_PEOPLE)
    assert len(ward) == len(STARTER.brings_to(None, None)) + 1
    assert any("young person" in point for point in young)
    assert not any("young person" in point for point in ward)
    assert lines_of(" - one\n\n* two \n") == ("one", "two")


def test_a_saved_text_is_what_managers_read_from_now_on(client: PageClient, app: Flask) -> None:
    client.wear(signed_in(Role.ADMIN))
    page = client.get(EDIT)
    assert "Nobody has changed them yet" in page.words
    said = {
        "seen": "0",
        "everywhere": "A light\nA hand",
        "paragraph": "Come and work",
        "specification": "Kind",
    }
    assert client.send(EDIT, said).status == 303
    assert "Version 1" in client.get(EDIT).words
    manager = a_manager()
    vacancy = a_vacancy(manager)
    client.wear(manager)
    words = client.get(f"/vacancies/{vacancy.id}/consideration").words
    for one in ("A light", "A hand", "Come and work", "Kind", "Copy the person specification"):
        assert one in words


def test_shows_errors_and_the_other_version(client: PageClient, app: Flask) -> None:
    admin = signed_in(Role.ADMIN)
    client.wear(admin)
    page = client.send(EDIT, {"seen": "0", "everywhere": " ", "paragraph": "Kept words", "specification": ""})
    assert page.status == 422
    assert "Kept words" in page.text
    save_role_text(admin, {EVERYWHERE: "Theirs"}, "Their paragraph", "Their list", 0)
    stale = {"seen": "0", "everywhere": "Mine", "paragraph": "My paragraph", "specification": "My list"}
    answer = client.send(EDIT, stale)
    assert answer.status == 409
    assert "Their paragraph" in answer.words
    assert "My paragraph" in answer.words
    assert role_text().paragraph == "Their paragraph"
    with pytest.raises(TextChanged):
        save_role_text(admin, {EVERYWHERE: "x"}, "x", "x", 0)


def test_other_roles_refused(client: PageClient, app: Flask) -> None:
    for role in (Role.MANAGER, Role.HR, Role.AUDITOR, Role.STUDENT):
        client.wear(signed_in(role))
        assert client.get(EDIT).status == 403
    for role in (Role.MANAGER, Role.ADMIN, Role.AUDITOR):
        client.wear(signed_in(role))
        assert client.get(REASONS).status == 403
        with pytest.raises(VacancyNotFound):
            add_reason(signed_in(role), "Mine")
    with pytest.raises(VacancyNotFound):
        save_role_text(signed_in(Role.HR), {EVERYWHERE: "x"}, "x", "x", 0)


def test_a_saved_text_and_given_time_are_never_changed(app: Flask) -> None:
    save_role_text(signed_in(Role.ADMIN), {EVERYWHERE: "x"}, "x", "x", 0)
    for raw in (
        "UPDATE role_text_version SET paragraph = 'y'",
        "DELETE FROM role_text_version",
    ):
        with pytest.raises(DatabaseError, match="never changed"):
            session().execute(text(raw))
        session().rollback()


def test_a_retired_reason_is_not_offered_and_stays_in_history(client: PageClient, app: Flask) -> None:
    hr, manager = signed_in(Role.HR), a_manager()
    vacancy, other = a_vacancy(manager), a_vacancy(manager)
    considered(vacancy, manager, "not a psw role", "funding")
    client.wear(hr)
    page = client.get(REASONS)
    assert "Given 1 time" in page.words
    assert client.send(f"{REASONS}/funding/retire", {}, form_at=REASONS).status == 303
    with pytest.raises(Refused, match="Check your answer") as refused:
        considered(other, manager, "not a psw role", "funding")
    assert "no longer offered" in refused.value.errors["reason"]
    client.wear(manager)
    assert "The money for this post" in client.get(f"/vacancies/{vacancy.id}").words
    form = client.get(f"/vacancies/{other.id}/consideration").text
    assert "The money for this post" not in form
    offer_reason_again(hr, "funding")
    considered(other, manager, "not a psw role", "funding")


def test_a_new_reason_stands_before_another_reason(client: PageClient, app: Flask) -> None:
    hr = signed_in(Role.HR)
    client.wear(hr)
    assert client.send(REASONS, {"words": ""}).status == 422
    assert client.send(REASONS, {"words": "The  post is a student placement"}).status == 303
    again = client.send(REASONS, {"words": "the post is a student placement"})
    assert again.status == 422
    assert "There is this reason already" in again.words
    words = [one.words for one in reasons_offered(session())]
    assert words[-2:] == ["The post is a student placement", "Another reason"]
    with pytest.raises(Refused, match="stays"):
        retire_reason(hr, "other")
    assert client.send(f"{REASONS}/made-up/retire", {}, form_at=REASONS).status == 404
    assert client.send(f"{REASONS}/funding/delete", {}, form_at=REASONS).status == 404


def test_the_day_of_retiring_is_the_first_without_it(app: Flask) -> None:
    hr = signed_in(Role.HR)
    retire_reason(hr, "funding")
    row = session().get_one(ConsiderationReason, "funding")
    assert row.retired_on == clock.today()
    kept = {one.code: one for one in kept_reasons(hr)}
    assert not [
        one
        for one in reasons_offered(session())
        if one.code == "funding" and one.is_offered_on(clock.today())
    ]
    assert kept["funding"].retired_on is not None
