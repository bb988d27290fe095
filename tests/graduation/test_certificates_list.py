"""/certificates: every certificate one may know of; how an auditor gets to them without the register."""

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.graduation import services
from tests.factories.courses import a_tutor_of
from tests.factories.graduation import Finished, a_finished_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient
from tests.statements import statements

PAGE = "/certificates"


@pytest.fixture
def finished(app: Flask) -> Finished:
    made = a_finished_cohort(ready=2, names=("Amina O'Neill", "Siân Łukasz", "Ben Waits"))
    services.issue_for_cohort(CONSOLE, made.cohort)
    return made


def test_works_for_an_auditor_who_sees_no_register(client: PageClient, finished: Finished) -> None:
    client.wear(signed_in(Role.AUDITOR))
    page = client.get(PAGE)
    assert "RC-000002 " in page.words
    assert "Siân Łukasz" in page.words
    assert client.get("/certificates/RC-000001").status == 200
    assert client.get("/certificates/RC-000001.pdf").response.data.startswith(b"%PDF")
    assert client.get("/certificates/RC-000001/revoke").status == 403
    for below in ("", "/students", "/timetable", "/marking", "/graduation", "/register.csv"):
        assert client.get(f"/cohorts/{finished.cohort.id}{below}").status == 404, below
    assert client.get(f"/cohorts/{finished.cohort.id}/quality").status == 200
    assert client.get("/cohorts").status == 403


def test_no_link_leads_an_auditor_nowhere(client: PageClient, finished: Finished) -> None:
    client.wear(signed_in(Role.AUDITOR))
    for path in (
        PAGE,
        "/certificates/RC-000001",
        f"/cohorts/{finished.cohort.id}/quality",
        "/reports/training",
    ):
        for link in {link for link in client.get(path).links if link.startswith("/")}:
            assert client.get(link).status < 400, (path, link)


def test_is_narrowed(client: PageClient, finished: Finished) -> None:
    other = a_finished_cohort(ready=1, names=("Cai Pugh",))
    services.issue_for_cohort(CONSOLE, other.cohort)
    services.revoke_certificate(signed_in(Role.ADMIN), "RC-000001", "Issued in error")
    client.wear(signed_in(Role.ADMIN))
    assert "Amina" not in client.get(f"{PAGE}?cohort={other.cohort.ref}").words
    assert "Cai Pugh" not in client.get(f"{PAGE}?state=revoked").words
    assert "Amina" in client.get(f"{PAGE}?serial=000001").words
    page = client.get(f"{PAGE}?serial=000001&state=valid&cohort=")
    assert "No certificate matches" in page.words
    for odd in ("?before=999999999999999", "?before=x", "?state=x", "?serial=%25"):
        assert client.get(PAGE + odd).status == 200, odd


def test_pages_go_on_in_two_queries(
    client: PageClient, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recovery_college.graduation import queries

    monkeypatch.setattr(queries, "CERTIFICATES_A_PAGE", 1)
    auditor = signed_in(Role.AUDITOR)
    with statements("SELECT") as asked:
        page = queries.certificates_page(auditor)
    assert len(asked) == 2
    assert [line.serial for line in page.lines] == ["RC-000002"]
    after = queries.certificates_page(auditor, before=page.onward)
    assert ([line.serial for line in after.lines], after.onward) == (["RC-000001"], None)


def test_a_tutor_sees_their_own_cohorts_only(client: PageClient, finished: Finished) -> None:
    client.wear(a_tutor_of(finished.cohort))
    assert "RC-000001" in client.get(PAGE).words
    other = a_finished_cohort(ready=1)
    client.wear(a_tutor_of(other.cohort))
    assert "There are no certificates yet" in client.get(PAGE).words


@pytest.mark.parametrize("role", [Role.STUDENT, Role.IQA, Role.HR, Role.MANAGER, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PAGE).status == 403


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PAGE).status == 303
