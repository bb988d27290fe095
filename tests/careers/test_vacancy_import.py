"""Vacancies coming in: flags, due days, what is kept, what is refused (V1-V3, V6)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers.bands import Band
from recovery_college.careers.considerations import bands_of
from recovery_college.careers.models import Consideration, Team, Vacancy, VacancyBand
from recovery_college.careers.rules import PswFlag
from recovery_college.careers.vacancies import link_managers, override_flag, read_band
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.tables_out import write_table
from tests.factories.careers import (
    NHS_JOBS_SAMPLE,
    a_manager,
    a_vacancy,
    considered,
    email_of,
    import_rows,
    import_text,
    vacancy_of,
)
from tests.factories.people import signed_in

pytestmark = pytest.mark.usefixtures("app")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def bands(vacancy: Vacancy) -> list[str]:
    return [band.value for band in bands_of(session(), vacancy.id)]


@pytest.mark.parametrize(
    ("band", "title", "flag", "read"),
    [
        ("Band 3", "Nurse", "yes", ["3"]),
        ("NHS AfC: Band 3", "Nurse", "yes", ["3"]),
        ("Band 2/3", "Nurse", "yes", ["2", "3"]),
        ("Bands 3 to 5", "Nurse", "yes", ["3", "4", "5"]),
        ("Band 8a", "Nurse", "no", ["8a"]),
        ("5", "Nurse", "no", ["5"]),
        ("", "Health Care Assistant - Band 2", "yes", ["2"]),
        ("VSM", "Director", "no", []),
        ("", "Nurse", "unknown", []),
        ("Band 12", "Nurse", "unknown", []),
        ("B3-1234", "Nurse", "unknown", []),
        ("£24,937 a year", "Nurse", "unknown", []),
    ],
)
def test_bands_are_read_and_flagged(band: str, title: str, flag: str, read: list[str]) -> None:
    vacancy = a_vacancy(band=band, title=title)
    assert vacancy.flag.value == flag
    assert bands(vacancy) == read
    assert vacancy.rule_version == 1
    assert vacancy.why


def test_a_reference_is_never_read_as_a_band() -> None:
    vacancy = a_vacancy(reference="B3-1234", band="", title="Administrator")
    assert vacancy.flag is PswFlag.UNKNOWN


def test_due_in_five_english_working_days() -> None:
    with clock.held_at(datetime(2026, 12, 21, 10, tzinfo=UTC)):
        vacancy = a_vacancy(posted_on="2026-12-28", closes_on="2027-01-20")
    # 22, 23, 24, then Christmas, the substitute for Boxing Day and a weekend, 29, 30.
    assert vacancy.consideration_due_on == date(2026, 12, 30)
    assert vacancy.flagged_on == date(2026, 12, 21)
    assert vacancy.status.value == "draft"
    assert not vacancy.advertised_before_considered


def test_arriving_advertised_is_the_breach() -> None:
    with clock.held_at(MONDAY):
        vacancy = a_vacancy(posted_on="2026-11-23", closes_on="2026-12-04")
        closed = a_vacancy(posted_on="2026-10-01", closes_on="2026-11-22")
        other = a_vacancy(band="6", posted_on="2026-11-01")
    assert vacancy.advertised_before_considered
    assert (vacancy.status.value, closed.status.value) == ("advertised", "closed")
    assert vacancy.consideration_due_on == date(2026, 11, 30)
    assert not other.advertised_before_considered
    assert other.consideration_due_on is None


def test_same_file_twice_changes_nothing() -> None:
    row = {"reference": "A1", "title": "Clerk", "band": "2", "team": "Ward S3", "weekly_hours": "22.5"}
    first, again = import_rows(row), import_rows(row)
    assert (first.created, first.updated, first.unchanged) == (1, 0, 0)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert vacancy_of("A1").version == 1
    assert any("Ward S3" in warning for warning in first.warnings)
    assert not again.warnings


def test_an_import_never_blanks_a_known_band() -> None:
    a_vacancy(reference="A1", band="Band 4", weekly_hours="30")
    import_rows({"reference": "A1", "title": "Health Care Assistant", "band": ""})
    kept = vacancy_of("A1")
    assert bands(kept) == ["4"]
    assert kept.weekly_hours == Decimal("30")
    import_rows({"reference": "A1", "title": "Health Care Assistant", "band": "to be confirmed"})
    assert bands(vacancy_of("A1")) == ["4"]
    assert vacancy_of("A1").flag is PswFlag.YES


def test_a_band_read_by_a_person_outlives_the_next_import() -> None:
    hr = signed_in(Role.HR)
    vacancy = a_vacancy(reference="A1", band="tbc")
    assert read_band(hr, vacancy.id, [Band.BAND_3], vacancy.version) is PswFlag.YES
    import_rows({"reference": "A1", "title": "Health Care Assistant - Band 6", "band": "tbc"})
    assert bands(vacancy_of("A1")) == ["3"]
    import_rows({"reference": "A1", "title": "Health Care Assistant", "band": "Band 6"})
    assert bands(vacancy_of("A1")) == ["6"]
    assert vacancy_of("A1").flag is PswFlag.NO


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"band": "4"}, "The band changed"),
        ({"weekly_hours": "15"}, "The hours changed"),
        ({"team": "Ward S4"}, "The team changed"),
        ({"setting": "community"}, "The setting changed"),
        ({"band": "4", "setting": "community"}, "The band and the setting changed"),
    ],
)
def test_a_material_change_asks_again(change: dict[str, str], why: str) -> None:
    manager = a_manager()
    row = {"reference": "A1", "title": "Clerk", "band": "3", "weekly_hours": "30", "team": "Ward S3"}
    row |= {"setting": "ward", "manager_email": email_of(manager)}
    with clock.held_at(MONDAY):
        import_rows(row)
        considered(vacancy_of("A1"), manager)
    with clock.held_at(MONDAY + timedelta(days=7)):
        import_rows(row | change)
    old = session().scalars(select(Consideration)).one()
    assert old.superseded_why == why
    assert vacancy_of("A1").consideration_due_on == date(2026, 12, 7)


def test_a_changed_description_only_asks_still_right() -> None:
    manager = a_manager()
    vacancy = a_vacancy(manager, reference="A1", description="Old words")
    considered(vacancy, manager)
    import_rows({"reference": "A1", "title": "Health Care Assistant", "description": "New words"})
    assert session().scalars(select(Consideration)).one().superseded_at is None
    assert vacancy_of("A1").still_right_asked


def test_managers_are_asked_only_when_they_are_known() -> None:
    import_rows({"reference": "A1", "title": "Clerk", "band": "2", "manager_email": "Later@fenside.example"})
    waiting = vacancy_of("A1")
    assert (waiting.manager_id, waiting.manager_email) == (None, "later@fenside.example")
    tutor = signed_in(Role.TUTOR)
    assert a_vacancy(tutor).manager_id is None, "a role other than manager is nobody to ask"
    manager = a_manager()
    assert a_vacancy(manager).manager_id == manager.person_id
    import_rows({"reference": "A2", "title": "Clerk", "band": "2", "manager_email": "x@fenside.example"})
    assert link_managers(signed_in(Role.HR)) == 0


def test_employers_elsewhere_are_left_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["settings"], "employers", "Fenside NHS Foundation Trust")
    report = import_rows(
        {"reference": "A1", "title": "Clerk", "employer": "fenside nhs  foundation trust"},
        {"reference": "A2", "title": "Clerk", "employer": "Elsewhere Trust"},
        {"reference": "A3", "title": "Clerk", "employer": ""},
    )
    assert (report.ok, report.created) == (True, 2)
    assert "Left out 1 vacancy of another employer: Elsewhere Trust" in report.warnings


def test_look_alikes_are_shown_not_merged() -> None:
    row = {"title": "Clerk", "band": "2", "team": "Ward S3", "closes_on": "2027-01-04"}
    report = import_rows(
        {"reference": "A1", **row}, {"reference": "A2", **row}, {"reference": "A3", "title": "X"}
    )
    assert (report.ok, report.created) == (True, 3)
    assert sum("looks like" in warning for warning in report.warnings) == 2
    later = import_rows({"reference": "A4", **row})
    assert any("A4 looks like A1, A2" in warning for warning in later.warnings)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("posted_on", "31/02/2026", "not a real date. Write it as year-month-day"),
        ("posted_on", "2026-02-31", "not a real date"),
        ("weekly_hours", "0", "more than 0"),
        ("weekly_hours", "61", "no more than 60"),
        ("weekly_hours", "full time", "number"),
        ("service_area", "children", "young people"),
        ("setting", "hospital", "ward"),
        ("manager_email", "not an address", "email address"),
        ("url", "javascript:alert(1)", "web address"),
        ("title", "x" * 301, "300 characters"),
        ("reference", "x" * 81, "80 characters"),
    ],
)
def test_bad_cells_are_refused_with_line_column_and_reason(column: str, value: str, words: str) -> None:
    rows = {"reference": "A1", "title": "Clerk"}, {"reference": "A2", "title": "Clerk", column: value}
    report = import_rows(*rows)
    assert not report.ok
    assert (report.refused[0].line, report.refused[0].column) == (3, column)
    assert words in report.refused[0].reason
    assert session().scalar(select(func.count(Vacancy.id))) == 0, "nothing is half saved"
    assert import_rows(*rows, accept_good_rows=True).created == 1


def test_dates_that_contradict_are_refused() -> None:
    report = import_rows(
        {"reference": "A1", "title": "X", "posted_on": "2026-12-04", "closes_on": "2026-12-01"}
    )
    assert (report.ok, report.refused[0].column) == (False, "closes_on")
    a_vacancy(reference="A2", posted_on="2026-12-04", closes_on="2026-12-20")
    report = import_rows({"reference": "A2", "title": "X", "closes_on": "2026-12-01"})
    assert (report.ok, report.refused[0].column) == (False, "closes_on")


def test_the_same_reference_with_other_content_is_refused() -> None:
    report = import_rows({"reference": "A1", "title": "Clerk"}, {"reference": "A1", "title": "Nurse"})
    assert [refusal.line for refusal in report.refused] == [2, 3]


@pytest.mark.parametrize(
    "title",
    ['=HYPERLINK("http://evil.example")', "O'Brien's ward", "Gweithiwr Ceŵ", "Łóźć", "عامل دعم", "x" * 200],
)
def test_titles_of_every_kind_are_kept_as_they_are(title: str) -> None:
    content = write_table("csv", ["reference", "title", "band"], [["A1", title, "3"]])
    assert import_text(content).ok
    assert vacancy_of("A1").title == title


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"reference\nA1\n", "title\nÄ".encode("latin-1")])
def test_files_that_are_no_table_are_refused_in_words(content: bytes) -> None:
    report = import_text(content)
    assert not report.ok
    assert report.refused[0].reason


def test_nhs_jobs_with_the_band_queried() -> None:
    content = NHS_JOBS_SAMPLE.read_bytes()
    report = import_text(content, "search.xml", options={"band": "3"})
    assert (report.ok, report.created) == (True, 2)
    by_title, by_query = vacancy_of("999-26-0001"), vacancy_of("999-26-0002")
    assert (by_title.band_source.value, bands(by_title)) == ("title", ["3"])
    assert (by_query.band_source.value, bands(by_query)) == ("band queried", ["3"])
    assert by_query.status.value in ("advertised", "closed")
    again = import_text(content, "search.xml", options={"band": "3"})
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    without = import_text(content, "search.xml")
    assert without.unchanged == 2, "no band queried blanks nothing"


@pytest.mark.parametrize("said", ["", ' encoding="UTF-8"'])
def test_nhs_jobs_in_an_older_code_is_read_and_said(said: str) -> None:
    text = (
        f'<?xml version="1.0"{said}?><nhsJobs><vacancyDetails><id>C1</id><title>Café help</title>'
        "<salary>£12.45 an hour</salary></vacancyDetails></nhsJobs>"
    )
    report = import_text(text.encode("cp1252"), "search.xml", options={"band": "2"})
    assert (report.ok, "in the older Windows code" in report.warnings[0]) == (True, True)
    assert (vacancy_of("C1").title, vacancy_of("C1").salary) == ("Café help", "£12.45 an hour")
    assert import_text(text.encode(), "search.xml", options={"band": "2"}).warnings == ()


def test_a_band_queried_that_is_none_is_refused_for_a_feed_only() -> None:
    report = import_text(NHS_JOBS_SAMPLE.read_bytes(), "search.xml", options={"band": "twelve"})
    assert (report.ok, "is no band" in report.refused[0].reason) == (False, True)
    assert import_text("reference,title\nA1,Clerk\n", options={"band": "twelve"}).ok


def test_nhs_jobs_without_a_band_asks_a_person() -> None:
    told = import_text(NHS_JOBS_SAMPLE.read_bytes(), "search.xml").warnings
    assert any(
        "1 vacancy has no band that we can read. It waits under “Band not known”" in one for one in told
    )
    assert any("upload the file again and say there which it was" in one for one in told)
    assert import_text(NHS_JOBS_SAMPLE.read_bytes(), "search.xml").warnings == told, "said each time"
    assert vacancy_of("999-26-0002").flag is PswFlag.UNKNOWN
    assert vacancy_of("999-26-0001").flag is PswFlag.YES


def test_nhs_jobs_finds_a_table_row_by_its_reference_and_keeps_what_it_does_not_say() -> None:
    import_rows(
        {
            "reference": "999-26-0002",
            "title": "Ward Administrator",
            "band": "Band 4",
            "weekly_hours": "30",
            "employer": "Example NHS Foundation Trust",
        }
    )
    report = import_text(NHS_JOBS_SAMPLE.read_bytes(), "search.xml", options={"band": "2"})
    assert (report.created, report.updated) == (1, 1)
    met = vacancy_of("999-26-0002")
    assert (bands(met), met.weekly_hours, met.source_id) == (["4"], Decimal("30"), "X9999-26-0002")


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><nhsJobs>&a;</nhsJobs>',
        b"<nhsJobs><vacancyDetails>",
        b"<html><body>Sign in</body></html>",
        b"<nhsJobs>" + b"<a/>" * 400_001 + b"</nhsJobs>",
    ],
    ids=["entity", "cut off", "web page", "too many elements"],
)
def test_hostile_xml_is_refused_in_words(content: bytes) -> None:
    report = import_text(content, "search.xml")
    assert not report.ok
    assert report.refused[0].reason.endswith((".", "it", "again"))


def test_every_change_is_on_the_record() -> None:
    before = session().scalar(select(func.max(AuditEvent.seq))) or 0
    vacancy = a_vacancy(reference="A1")
    import_rows({"reference": "A1", "title": "Other"})
    events = (
        session().scalars(select(AuditEvent).where(AuditEvent.seq > before).order_by(AuditEvent.seq)).all()
    )
    assert [event.action for event in events] == [
        "added vacancy", "imported vacancies", "changed vacancy", "imported vacancies"
    ]  # fmt: skip
    assert events[0].subject_id == str(vacancy.id)
    assert "Health Care" not in events[0].details


def test_an_override_holds_until_the_band_changes() -> None:
    hr = signed_in(Role.HR)
    vacancy = a_vacancy(reference="A1")
    override_flag(hr, vacancy.id, PswFlag.NO, "A bank shift, not a post", vacancy.version)
    import_rows({"reference": "A1", "title": "Other title"})
    assert vacancy_of("A1").flag is PswFlag.NO
    import_rows({"reference": "A1", "title": "Other title", "band": "4"})
    assert (vacancy_of("A1").flag, vacancy_of("A1").flag_overridden) == (PswFlag.YES, "")


def test_a_large_file_goes_in_whole() -> None:
    rows = [
        [f"R{n:06}", f"Post {n}", f"Band {n % 9 + 1 if n % 9 != 7 else '8a'}", Decimal("22.5"), f"Team {n % 200}",
         "2026-11-20", "2026-12-20", f"manager{n % 300}@fenside.example"]
        for n in range(3_000)
    ]  # fmt: skip
    columns = [
        "reference",
        "title",
        "band",
        "weekly_hours",
        "team",
        "posted_on",
        "closes_on",
        "manager_email",
    ]
    content = write_table("csv", columns, rows)
    report = import_text(content)
    assert (report.ok, report.created) == (True, 3_000)
    assert session().scalar(select(func.count()).select_from(VacancyBand)) == 3_000
    assert session().scalar(select(func.count(Team.id))) == 200
