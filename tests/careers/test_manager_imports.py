"""`import managers`: roles, teams, deputies, and vacancies that waited for an address (V4)."""

import pytest
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.careers.considerations import Refused
from recovery_college.careers.deputy_models import Deputy, TeamManager
from recovery_college.careers.manager_imports import MANAGERS
from recovery_college.careers.manager_queries import addresses_waiting, managers_known_to
from recovery_college.careers.manager_services import (
    ManagerNotFound,
    give_vacancies,
    invite_manager,
    link_for_manager,
)
from recovery_college.careers.models import Team
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person
from recovery_college.people.signin import roles_of
from tests.factories.careers import a_manager, a_vacancy, email_of, vacancy_of
from tests.factories.people import CONSOLE, a_person, an_account, signed_in

pytestmark = pytest.mark.usefixtures("app")
HEAD = "email,name,team,deputy_email\n"
TWO = HEAD + "ann@fen.example,Ann Lee,Ward S3,bo@fen.example\nbo@fen.example,Bo Day,ward s3,\n"


def brought(text: str, **options: object) -> Report:
    return run_import(MANAGERS, CONSOLE, text.encode(), "managers.csv", **options)  # type: ignore[arg-type]


def person_of(email: str) -> Person:
    return session().scalars(select(Person).join(Account).where(Account.email == email)).one()


def test_managers_come_with_team_and_deputy_and_cannot_sign_in_yet() -> None:
    report = brought(TWO)
    assert (report.ok, report.created, report.updated) == (True, 2, 0)
    assert "Ward S3" in report.warnings[0]
    ann, bo = person_of("ann@fen.example"), person_of("bo@fen.example")
    assert (ann.given_name, ann.family_name) == ("Ann", "Lee")
    assert set(roles_of(session(), ann.id)) == {Role.MANAGER}
    account = session().scalars(select(Account).where(Account.person_id == ann.id)).one()
    assert account.password_hash is None
    deputy = session().scalars(select(Deputy)).one()
    assert (deputy.manager_id, deputy.deputy_id) == (ann.id, bo.id)
    assert session().scalar(select(func.count()).select_from(Team)) == 1
    assert session().scalar(select(func.count()).select_from(TeamManager)) == 2


def test_the_same_file_twice_changes_nothing() -> None:
    brought(TWO)
    again = brought(TWO)
    assert (again.created, again.updated, again.unchanged, again.warnings) == (0, 0, 2, ())
    assert session().scalar(select(func.count()).select_from(Deputy)) == 1


def test_a_dry_run_writes_nothing_and_tells_the_same() -> None:
    tried = brought(TWO, dry_run=True)
    assert (tried.ok, tried.created) == (True, 2)
    assert session().scalar(select(func.count()).select_from(Account)) == 0


def test_team_name_and_deputy_can_change_and_a_left_out_column_stays() -> None:
    brought(TWO)
    changed = brought(HEAD + "ann@fen.example,Anna Lee,Ward S4,\n")
    assert (changed.updated, changed.unchanged) == (1, 0)
    assert person_of("ann@fen.example").given_name == "Anna"
    live = select(TeamManager).where(TeamManager.ended_on.is_(None))
    assert session().scalar(select(func.count()).select_from(live.subquery())) == 2
    assert session().scalars(select(Deputy)).one().ends_on is not None
    assert brought("email,name\nann@fen.example,Anna Lee\n").unchanged == 1


def test_vacancies_that_waited_are_theirs_and_a_deputy_may_come_later() -> None:
    vacancy = a_vacancy(manager_email="ann@fen.example")
    assert vacancy.manager_id is None
    report = brought(HEAD + "ann@fen.example,Ann Lee,,late@fen.example\n")
    assert any("1 vacancy that waited" in one for one in report.warnings)
    assert any("kept and waits" in one for one in report.warnings)
    assert vacancy_of(vacancy.reference).manager_id == person_of("ann@fen.example").id
    brought(HEAD + "late@fen.example,Late Comer,,\n")
    session().expire_all()
    assert session().scalars(select(Deputy)).one().deputy_id == person_of("late@fen.example").id


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("new@fen.example,,Ward S3,", "name"),
        ("not an address,Ann Lee,,", "email"),
        ("ann@fen.example,Ann Lee,,ann@fen.example", "deputy_email"),
    ],
)
def test_a_row_is_refused_with_its_line_and_column(row: str, column: str) -> None:
    report = brought(HEAD + row + "\n")
    assert not report.ok
    assert [(one.line, one.column) for one in report.refused] == [(2, column)]
    assert session().scalar(select(func.count()).select_from(Account)) == 0


def test_a_student_who_recruits_gains_the_role_and_keeps_the_name() -> None:
    student = a_person("Sol", "Marsh")
    an_account(student, Role.STUDENT, email="sol@fen.example")
    report = brought(HEAD + "sol@fen.example,Somebody Else,,\n")
    assert report.updated == 1
    assert set(roles_of(session(), student.id)) == {Role.STUDENT, Role.MANAGER}
    assert person_of("sol@fen.example").given_name == "Sol"


def test_hr_invites_who_waits_and_only_hr_may() -> None:
    hr, other = signed_in(Role.HR), a_manager()
    vacancy = a_vacancy(manager_email="ann@fen.example")
    assert [(one.email, one.vacancies) for one in addresses_waiting(hr)[0]] == [("ann@fen.example", 1)]
    assert addresses_waiting(other)[0] == []
    with pytest.raises(ManagerNotFound):
        invite_manager(other, "ann@fen.example", "Ann Lee")
    token, found = invite_manager(hr, "ann@fen.example", "Ann Lee")
    assert token
    assert found == 1
    assert vacancy_of(vacancy.reference).manager_id == person_of("ann@fen.example").id
    assert addresses_waiting(hr)[0] == []
    assert {one.email for one in managers_known_to(hr)[0]} >= {"ann@fen.example"}


def test_hr_gives_waiting_vacancies_to_a_confirmed_manager() -> None:
    hr, manager = signed_in(Role.HR), a_manager()
    vacancy = a_vacancy(manager_email="gone@fen.example")
    with pytest.raises(Refused):
        give_vacancies(hr, "gone@fen.example", "nobody@fen.example")
    assert give_vacancies(hr, "gone@fen.example", email_of(manager)) == 1
    assert vacancy_of(vacancy.reference).manager_id == manager.person_id


def test_a_link_is_only_for_who_is_nothing_but_a_manager_and_was_never_here() -> None:
    hr = signed_in(Role.HR)
    brought(TWO)
    assert link_for_manager(hr, person_of("ann@fen.example").id)
    both = a_person("Both", "Roles")
    an_account(both, Role.MANAGER, Role.SYSADMIN)
    for person in (both, a_person("No", "Account")):
        with pytest.raises(ManagerNotFound):
            link_for_manager(hr, person.id)


def test_the_pages(client) -> None:  # type: ignore[no-untyped-def]
    a_vacancy(manager_email="ann@fen.example")
    hr = signed_in(Role.HR)
    client.wear(hr)
    page = client.get("/managers")
    assert "ann@fen.example" in page.text
    refused = client.send("/managers/invite", {"email": "x", "name": ""})
    assert refused.status == 422
    assert "must be in the right format" in refused.text
    shown = client.send("/managers/invite", {"email": "ann@fen.example", "name": "Ann Lee"})
    assert "/welcome/" in shown.text
    assert "Waiting for you" not in client.get("/managers").text
