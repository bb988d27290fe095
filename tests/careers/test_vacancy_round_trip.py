"""What `export vacancies` gives goes in again without a word: here it changes nothing, elsewhere it makes the same."""

from datetime import date
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.careers.bands import Band
from recovery_college.careers.exports import EXPORTS
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting, VacancySource
from recovery_college.careers.vacancies import read_band, save_vacancy
from recovery_college.imports.kind import run_export
from recovery_college.kernel.db import db
from recovery_college.kernel.tables import read_table
from tests.databases import Database
from tests.factories.careers import NHS_JOBS_SAMPLE, import_rows, import_text, vacancy_of
from tests.factories.people import CONSOLE, signed_in

HERE_ONLY = {"consideration_due_on", "advertised_before_considered", "consideration", "why"}
"""What tells how and when a vacancy came here: it may differ where it arrives by another way on another day."""


def exported(form: Any = "csv") -> bytes:
    return run_export(EXPORTS["vacancies"], CONSOLE, form)


def rows() -> list[dict[str, str]]:
    return [row.values for row in read_table(exported()).rows]


def kept(found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: text for name, text in row.items() if name not in HERE_ONLY} for row in found]


def fresh(database: Database) -> None:
    """An empty database."""
    db.session.remove()
    db.engine.dispose()
    database.refresh()


def goes_in_unchanged() -> None:
    for form in ("csv", "xlsx"):
        content = exported(form)
        report = import_text(content, f"vacancies.{form}")
        assert (report.ok, report.created, report.updated) == (True, 0, 0), report
        assert report.warnings == ()
        assert exported(form) == content or form == "xlsx"


def test_every_source_is_kept_where_it_goes_in_afresh(app: Flask, database: Database) -> None:
    hr = signed_in(Role.HR)
    import_rows({"reference": "T1", "title": "A table's", "band": "Band 2/3", "weekly_hours": "22.5"})
    save_vacancy(hr, {"reference": "H1", "title": "By hand", "band": "Band 4", "employer": "Fenside"})
    import_text(NHS_JOBS_SAMPLE.read_bytes(), "x.xml", options={"band": "3"})
    import_rows({"reference": "U1", "title": "Unread", "band": "Band 12"})
    read_band(hr, vacancy_of("U1").id, [Band.BAND_4], vacancy_of("U1").version)
    import_rows({"reference": "N1", "title": "Doctor", "band": "?"})
    read_band(hr, vacancy_of("N1").id, [], vacancy_of("N1").version)
    goes_in_unchanged()
    content, before = exported(), rows()
    assert {row["source"] for row in before} == {source.value for source in VacancySource}
    fresh(database)
    report = import_text(content)
    assert (report.ok, report.created) == (True, len(before))
    assert not [warning for warning in report.warnings if "not known and left out" in warning]
    assert kept(rows()) == kept(before)
    # The feed itself still finds its own.
    again = import_text(NHS_JOBS_SAMPLE.read_bytes(), "x.xml", options={"band": "3"})
    assert again.created == 0, again


def test_a_column_that_is_not_ours_is_still_named(app: Flask) -> None:
    report = import_rows({"reference": "T1", "title": "A Band 3", "why": "x", "grade": "x"})
    assert report.warnings == ("The column is not known and left out: “grade”",)


def test_a_source_that_is_none_is_refused(app: Flask) -> None:
    report = import_rows({"reference": "T1", "title": "A", "source": "a friend"})
    assert [(one.line, one.column, one.value) for one in report.refused] == [(2, "source", "a friend")]


WORDS = st.sampled_from(
    ("Ward S3", "=HYPERLINK(1)", "'quoted'", "Łukasz Żółć", "-5", "007", "شيماء", "A;B", 'Say "yes"')
)
BANDS = st.sampled_from(
    (
        "",
        "3",
        "Band 8a",
        "NHS AfC: Band 3",
        "Band 2/3",
        "Bands 3 to 5",
        "VSM",
        "Band 12",
        "B3-1234",
        "Consultant",
    )
)


def word_of(kind: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(one.value for one in kind)])


ROWS = st.fixed_dictionaries(
    {
        "title": st.one_of(WORDS, st.just("Health Care Assistant - Band 2")),
        "band": BANDS,
        "weekly_hours": st.sampled_from(["", "22.5", "37.50", "1"]),
        "service_area": word_of(ServiceArea),
        "setting": word_of(Setting),
        "site": st.one_of(st.just(""), WORDS),
        "directorate": st.one_of(st.just(""), WORDS),
        "team": st.one_of(st.just(""), WORDS),
        "employer": st.one_of(st.just(""), WORDS),
        "contract": word_of(ContractKind),
        "posted_on": st.one_of(st.just(""), st.dates(date(2025, 1, 1), date(2026, 6, 1)).map(str)),
        "closes_on": st.one_of(st.just(""), st.dates(date(2026, 6, 1), date(2027, 6, 1)).map(str)),
        "manager_email": st.sampled_from(["", "boss@fenside.example"]),
        "url": st.sampled_from(["", "https://x.example/1?a=b&c=d"]),
        "description": st.sampled_from(["", "Two\nlines", "@SUM(1)", "  +44 1223 "]),
        "source": word_of(VacancySource),
    }
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(given_rows=st.lists(ROWS, min_size=1, max_size=5))
def test_any_vacancies_go_out_and_in_unchanged(
    app: Flask, database: Database, given_rows: list[dict[str, str]]
) -> None:
    fresh(database)
    report = import_rows(*({"reference": f"R{n}", **row} for n, row in enumerate(given_rows)))
    assert report.ok, report
    goes_in_unchanged()
    content, before = exported(), rows()
    fresh(database)
    assert import_text(content).ok
    assert kept(rows()) == kept(before)
