"""/vacancies: the list, its filters and queues, downloads; open PSW posts for students and graduates."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.kernel import clock
from tests.factories.careers import (
    a_manager,
    a_vacancy,
    considered,
    import_rows,
    import_text,
    vacancy_of,
)
from tests.factories.people import CONSOLE, signed_in
from tests.page_client import PageClient

PATH = "/vacancies"


def test_works(client: PageClient, app: Flask) -> None:
    a_vacancy(title="Ward Clerk", band="2")
    a_vacancy(title="Staff Nurse", band="5")
    client.wear(signed_in(Role.HR))
    page = client.get(PATH)
    assert page.status == 200
    assert "Possible PSW role" in page.words
    assert "Ward Clerk" in page.words
    assert "Staff Nurse" in page.words


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get(PATH).response.location == "/sign-in?next=/vacancies"


@pytest.mark.parametrize("role", [Role.TUTOR, Role.IQA, Role.EQA, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    client.wear(signed_in(role))
    assert client.get(PATH).status == 403


def test_is_calm_when_there_is_nothing(client: PageClient, app: Flask) -> None:
    for role, words in (
        (Role.HR, "There are no vacancies yet"),
        (Role.MANAGER, "You have no vacancies yet"),
        (Role.GRADUATE, "No post is open just now"),
        (Role.AUDITOR, "There are no vacancies yet"),
    ):
        assert words in client.wear(signed_in(role)).get(PATH).words
    client.wear(signed_in(Role.HR))
    assert "No vacancy matches" in client.get(f"{PATH}?q=zebra").words


def test_a_manager_sees_their_own_only(client: PageClient, app: Flask) -> None:
    manager, other = a_manager(), a_manager("Other")
    a_vacancy(manager, title="Mine")
    a_vacancy(other, title="Theirs")
    words = client.wear(manager).get(PATH).words
    assert "Mine" in words
    assert "Theirs" not in words


def test_filters_show_exactly_what_they_say(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    a_vacancy(manager, title="Decided post")
    considered(vacancy_of_title("Decided post"), manager, "open to both")
    a_vacancy(manager, title="Due post")
    a_vacancy(title="Unasked post")
    a_vacancy(title="Unread post", band="?")
    a_vacancy(title="Nurse post", band="6")
    client.wear(signed_in(Role.HR))
    for query, found in (
        ("flag=yes", {"Decided", "Due", "Unasked"}),
        ("flag=unknown", {"Unread"}),
        ("flag=no", {"Nurse"}),
        ("state=open+to+both", {"Decided"}),
        ("state=due", {"Due", "Unasked"}),
        ("queue=bands", {"Unread"}),
        ("queue=nobody", {"Unasked"}),
        ("status=draft", {"Decided", "Due", "Unasked", "Unread", "Nurse"}),
        ("status=closed", set()),
        ("q=nurse", {"Nurse"}),
        ("flag=rubbish&state=rubbish&queue=rubbish", {"Decided", "Due", "Unasked", "Unread", "Nurse"}),
    ):
        words = client.get(f"{PATH}?{query}").words
        all_names = ("Decided", "Due", "Unasked", "Unread", "Nurse")
        assert {name for name in all_names if f"{name} post" in words} == found, query
    page = client.get(f"{PATH}?flag=yes&q=post")
    assert f"{PATH}?q=post" in page.links, "each filter can be taken away"


def vacancy_of_title(title: str):
    from sqlalchemy import select

    from recovery_college.careers.models import Vacancy
    from recovery_college.kernel.db import session

    return session().execute(select(Vacancy).where(Vacancy.title == title)).scalar_one()


def test_queues_count_what_they_list(client: PageClient, app: Flask) -> None:
    a_vacancy(band="?")
    a_vacancy()
    client.wear(signed_in(Role.HR))
    words = client.get(PATH).words
    assert "Bands to read: 1" in words
    assert "Nobody to ask: 1" in words


def test_looking_again_for_managers(client: PageClient, app: Flask) -> None:
    from recovery_college.people import services

    vacancy = a_vacancy(manager_email="new@fenside.example")
    client.wear(signed_in(Role.HR))
    page = client.send("/vacancies/link-managers", form_at=f"{PATH}?queue=nobody")
    assert page.response.location.endswith("queue=nobody")
    assert vacancy_of(vacancy.reference).manager_id is None
    services.create_user(CONSOLE, "new@fenside.example", "New Manager", Role.MANAGER)
    client.send("/vacancies/link-managers", form_at=f"{PATH}?queue=nobody")
    assert vacancy_of(vacancy.reference).manager_id is not None


def test_an_administrator_sees_flags_but_no_single_answers(client: PageClient, app: Flask) -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager)
    considered(vacancy, manager, "not a psw role", "other", "Canary words")
    client.wear(signed_in(Role.ADMIN))
    for path in (PATH, f"{PATH}/{vacancy.id}", f"{PATH}?state=not+a+psw+role"):
        page = client.get(path)
        assert "Possible PSW role" in page.words
        assert "Not a PSW role" not in page.words
        assert "Canary" not in page.text
    assert client.get(f"{PATH}/{vacancy.id}/consideration").status == 404


@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE])
def test_students_and_graduates_see_open_psw_posts_only(client: PageClient, app: Flask, role: Role) -> None:
    manager = a_manager("Secretname")
    today = clock.today()
    out = {"posted_on": str(today - timedelta(days=1)), "closes_on": str(today + timedelta(days=9))}
    a_vacancy(manager, title="Open to all", **out)
    a_vacancy(manager, title="For peers", **out)
    a_vacancy(manager, title="Refused one", **out)
    a_vacancy(manager, title="Undecided one", **out)
    a_vacancy(manager, title="Still a draft")
    for title, answer in (
        ("Open to all", "open to both"),
        ("For peers", "psw post"),
        ("Refused one", "not a psw role"),
        ("Still a draft", "psw post"),
    ):
        considered(vacancy_of_title(title), manager, answer, "other", "Canary words")
    client.wear(signed_in(role))
    page = client.get(PATH)
    assert "Open to all" in page.words
    assert "For peers" in page.words
    for hidden in ("Refused one", "Undecided one", "Still a draft", "Secretname", "Canary"):
        assert hidden not in page.text
    post = client.get(f"{PATH}/{vacancy_of_title('For peers').id}")
    assert "For peers" in post.h1
    assert "Secretname" not in post.text
    for title in ("Refused one", "Undecided one", "Still a draft"):
        assert client.get(f"{PATH}/{vacancy_of_title(title).id}").status == 404


def test_downloads_hold_what_one_may_see(client: PageClient, app: Flask) -> None:
    manager, other = a_manager(), a_manager("Other")
    a_vacancy(manager, reference="MINE", title="=HYPERLINK(1)")
    a_vacancy(other, reference="THEIRS")
    considered(vacancy_of("MINE"), manager)
    client.wear(manager)
    answer = client.get("/vacancies/export/vacancies.csv").response
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["reference"] for row in rows] == ["MINE"]
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    assert rows[0]["consideration"] == "psw post"
    answer = client.get("/vacancies/export/considerations.csv").response
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["reference"], row["answer"], row["live"]) for row in rows] == [("MINE", "psw post", "yes")]
    assert client.get("/vacancies/export/vacancies.xlsx").response.data.startswith(b"PK")
    assert client.get("/vacancies/export/people.csv").status == 404
    assert client.get("/vacancies/export/vacancies.pdf").status == 404
    client.wear(signed_in(Role.AUDITOR))
    assert client.get("/vacancies/export/vacancies.csv").status == 404


def test_an_export_goes_in_again_unchanged(client: PageClient, app: Flask) -> None:
    from recovery_college.careers.exports import VACANCY_COLUMNS, export_vacancies
    from recovery_college.kernel.tables_out import write_table
    from tests.factories.careers import NHS_JOBS_SAMPLE

    hr = signed_in(Role.HR)
    full = {
        "reference": "A1", "title": "=1+1", "band": "Band 2/3", "weekly_hours": "22.5", "service_area": "adult",
        "setting": "ward", "site": "Cambridge", "directorate": "Adult", "team": "Ward S3",
        "employer": "Fenside", "contract": "permanent", "posted_on": "2026-11-20", "closes_on": "2026-12-20",
        "manager_email": "m@fenside.example", "url": "https://x.example/1", "description": "Two\nlines, 'quoted'",
    }  # fmt: skip
    import_rows(
        full, {"reference": "A2", "title": "Only this"}, {"reference": "A3", "title": "X", "band": "VSM"}
    )
    import_text(NHS_JOBS_SAMPLE.read_bytes(), "x.xml", options={"band": "3"})
    from recovery_college.careers.bands import Band
    from recovery_college.careers.vacancies import read_band

    read_band(hr, vacancy_of("A2").id, [Band.BAND_4], vacancy_of("A2").version)
    content = write_table("csv", *export_vacancies(CONSOLE))
    report = import_text(content)
    assert (report.ok, report.created, report.updated, report.unchanged) == (True, 0, 0, 5)
    assert write_table("csv", *export_vacancies(CONSOLE)) == content
    assert content.splitlines()[0].decode().split(",") == list(VACANCY_COLUMNS)


def test_an_empty_export_is_its_header(app: Flask) -> None:
    from recovery_college.careers.exports import (
        CONSIDERATION_COLUMNS,
        export_considerations,
        export_vacancies,
    )

    assert list(export_vacancies(CONSOLE)[1]) == []
    columns, rows = export_considerations(CONSOLE)
    assert (list(columns), list(rows)) == (list(CONSIDERATION_COLUMNS), [])
    assert list(export_vacancies(signed_in(Role.TUTOR))[1]) == []


def test_pages_follow_each_other_without_a_hole(client: PageClient, app: Flask) -> None:
    """Drafts first, then the newest: each vacancy stands on just one page, with words looked for and without."""
    from recovery_college.careers.queries import VacancyFilter, vacancies_visible_to

    today = clock.today()
    import_rows(
        *(
            {"reference": f"R{n:03}", "title": f"Support worker {n}", "band": "3",
             "posted_on": "" if n % 4 == 0 else str(today - timedelta(days=n % 5))}
            for n in range(70)
        )
    )  # fmt: skip
    hr = signed_in(Role.HR)
    for chosen in (VacancyFilter(), VacancyFilter(words="support work"), VacancyFilter(flag="yes")):
        mark, seen = "", []
        while mark is not None:
            page = vacancies_visible_to(hr, chosen, mark)
            seen += [
                (row.vacancy.posted_on or today + timedelta(days=1), row.vacancy.id) for row in page.rows
            ]
            mark = page.onward
        assert len(seen) == 70
        assert seen == sorted(seen, reverse=True), chosen


@pytest.mark.parametrize(
    ("words", "found"),
    [("ward", {"A"}), ("WARD CL", {"A"}), ("368-AMH", {"A", "B"}), ("0142", {"A"}), ("heron", {"B"}), ("cl", {"A"}),
     ('"', set()), ("a OR b", set()), ("%", set()), ("_", set()), ("’", set()), ("NEAR(", set())],
)  # fmt: skip
def test_words_are_found_as_they_are_written(
    client: PageClient, app: Flask, words: str, found: set[str]
) -> None:
    from recovery_college.careers.queries import VacancyFilter, vacancies_visible_to

    a_vacancy(title="Ward clerk", reference="368-AMH-0142")
    a_vacancy(title="Support worker", reference="368-AMH-0199", team="Heron unit")
    a_vacancy(title="Nurse", reference="XYZ")
    names = {"368-AMH-0142": "A", "368-AMH-0199": "B"}
    rows = vacancies_visible_to(signed_in(Role.HR), VacancyFilter(words=words)).rows
    assert {names.get(row.vacancy.reference, "C") for row in rows} == found


def test_a_changed_title_is_found_by_its_new_words_only(client: PageClient, app: Flask) -> None:
    from recovery_college.careers.queries import VacancyFilter, vacancies_visible_to

    hr = signed_in(Role.HR)
    a_vacancy(title="Zookeeper", reference="Z1")
    import_rows({"reference": "Z1", "title": "Lighthouse keeper"})
    assert [
        len(vacancies_visible_to(hr, VacancyFilter(words=one)).rows) for one in ("zookeeper", "lighthouse")
    ] == [0, 1]
