"""The vacancy part alone: a Trust may switch it on before any student exists (RC_PARTS=careers)."""

from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.kernel.db import db
from recovery_college.kernel.settings import Settings
from tests.factories.careers import a_manager, a_vacancy, considered
from tests.factories.people import signed_in
from tests.page_client import PageClient


def test_vacancies_considerations_and_the_report_work_without_the_college(
    app: Flask, settings: Settings
) -> None:
    alone = create_app(settings.model_copy(update={"parts": "careers"}))
    alone.config["TESTING"] = True
    rules = {rule.rule for rule in alone.url_map.iter_rules()}
    assert not [rule for rule in rules if rule.startswith("/cohorts")]
    assert "/vacancies/<uuid:vacancy_id>/consideration" in rules
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager)
    client = PageClient(alone.test_client())
    with alone.app_context():
        for role in (Role.HR, Role.AUDITOR):
            client.wear(signed_in(role))
            for path in (
                "/vacancies",
                f"/vacancies/{vacancy.id}",
                "/considerations",
                "/reports/consideration",
            ):
                assert client.get(path).status == 200, path
        db.session.remove()
        db.engine.dispose()
