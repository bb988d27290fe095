"""A file of another system: its columns matched with ours once, remembered by name, counted when refused (V6)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from recovery_college import cli
from recovery_college.access.rules import Role
from recovery_college.careers.models import Vacancy
from recovery_college.careers.rules import PswFlag
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.careers.vacancy_words import (
    address_in_words,
    contract_in_words,
    email_in_words,
    hours_in_words,
    service_in_words,
    setting_in_words,
)
from recovery_college.imports.mapping import (
    ColumnMap,
    faults_of_map,
    guess_map,
    mapped,
    needs_matching,
    read_map,
)
from recovery_college.imports.models import ImportUpload
from recovery_college.imports.source_services import attempts_of, source_named, sources_of
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.storage import StorageMissing
from recovery_college.kernel.tables import Table, TableRow, column_name
from recovery_college.kernel.tables_out import write_table
from tests.factories.careers import a_manager, vacancy_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

UPLOAD = "/vacancies/import/vacancies/upload"
HEADINGS = (
    "Vacancy Ref",
    "Job Title",
    "Pay Band",
    "Hours per week",
    "Department",
    "Closing Date",
    "Recruiter",
)
ROWS = (
    ("368-1", "Support worker", "Band 3", "22.5", "Heron Ward", "04/12/2026", "Sam"),
    ("368-2", "Team manager", "NHS AfC: Band 7", "37.5", "Heron Ward", "11 Dec 2026", "Alex"),
)
"""As a recruitment system writes them: its own names, and dates with the day first."""


def file_of(rows: Any = ROWS, headings: Any = HEADINGS) -> bytes:
    return "\n".join(",".join(row) for row in (headings, *rows)).encode()


def theirs() -> tuple[str, ...]:
    return tuple(column_name(heading) for heading in HEADINGS)


# ---- pure -----------------------------------------------------------------------------------------------------------


def test_columns_are_guessed_by_name() -> None:
    assert dict(guess_map(theirs(), VACANCIES.columns).theirs) == {
        "reference": "vacancy_ref", "title": "job_title", "band": "pay_band", "weekly_hours": "hours_per_week",
        "team": "department", "closes_on": "closing_date",
    }  # fmt: skip


def test_our_own_file_needs_no_matching() -> None:
    ours = [column.name for column in VACANCIES.columns]
    assert not needs_matching(ours, VACANCIES.columns, None)
    assert not needs_matching(["title", "reference", "something_else"], VACANCIES.columns, None)
    assert needs_matching(theirs(), VACANCIES.columns, None)


def test_what_was_kept_goes_before_a_guess_and_what_was_left_out_stays_out() -> None:
    kept = ColumnMap({"reference": "vacancy_ref", "title": "department"}, day_first=True)
    again = guess_map(theirs(), VACANCIES.columns, kept)
    assert (dict(again.theirs), again.day_first) == (dict(kept.theirs), True)
    assert not needs_matching(theirs(), VACANCIES.columns, kept)
    assert needs_matching(theirs()[1:], VACANCIES.columns, kept), "a kept column is not in the file"


@given(st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=12))
def test_a_guess_takes_no_column_twice_and_none_that_is_not_there(headings: list[str]) -> None:
    guess = guess_map(headings, VACANCIES.columns)
    assert set(guess.theirs.values()) <= set(headings)
    assert len(set(guess.theirs.values())) == len(guess.theirs)
    assert read_map(guess.as_text()) == guess


def test_a_choice_that_cannot_be_used_says_where() -> None:
    wrong = ColumnMap({"title": "job_title", "team": "job_title", "site": "not_there"})
    assert faults_of_map(wrong, theirs(), VACANCIES.columns) == {
        "reference": "Choose the column of your file that holds it",
        "site": "Choose a column of your file",
        "team": "This column is chosen for “Title” already",
    }


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("04/12/2026", "2026-12-04"), ("4.12.26", "2026-12-04"), ("4 December 2026", "2026-12-04"),
        ("11-Dec-2026", "2026-12-11"), ("2026-12-04", "2026-12-04"), ("31/02/2026", "31/02/2026"),
        ("12/31/2026", "12/31/2026"), ("", ""),
    ],
)  # fmt: skip
def test_dates_with_the_day_first(text: str, read: str) -> None:
    table = Table(("when", "ref"), [TableRow(2, {"when": text, "ref": text})])
    chosen = ColumnMap({"closes_on": "when", "reference": "ref"}, day_first=True)
    assert mapped(table, chosen, VACANCIES.columns).rows[0].values == {"closes_on": read, "reference": text}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-12-04 23:59", "2026-12-04"), ("2026-07-25T23:30:00Z", "2026-07-26"),
        ("Friday 4th December 2026 at 11:59pm", "2026-12-04"), ("04/12/2026 5:00 PM", "2026-12-04"),
        ("TBC", None), ("12/31/2026 10:00", "12/31/2026 10:00"),
    ],
)  # fmt: skip
def test_dates_with_times(text: str, read: str | None) -> None:
    table = Table(("when", "ref"), [TableRow(2, {"when": text, "ref": "x"})])
    chosen = ColumnMap({"closes_on": "when", "reference": "ref"}, day_first=True)
    assert mapped(table, chosen, VACANCIES.columns).rows[0].values.get("closes_on") == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("22.5", "22.5"), ("37,5", "37.5"), ("37½", "37.5"), ("Part time - 22.5 hours per week", "22.5"),
        ("37 hours 30 minutes", "37.5"), ("22h30", "22.5"), ("Thirty-seven and a half hours", "37.5"),
        ("part-time thirty hours", "30"), ("0.6 WTE", "22.5"), ("22.5 hours (0.6 WTE)", "22.5"),
        ("Full time", "37.5"), ("0", "0"), ("99", "99"), ("0.6", None), ("15-22.5", None),
        ("up to 37.5", None), ("5 days a week", None), ("30 hours per month", None), ("£22.50", None),
        ("Various", None), ("Full time, Part time", None),
    ],
)  # fmt: skip
def test_hours_as_others_write_them(text: str, read: str | None) -> None:
    assert hours_in_words(text) == read


@pytest.mark.parametrize("of", [hours_in_words, contract_in_words, setting_in_words, service_in_words])
@given(text=st.text(max_size=60))
def test_any_words_of_theirs_are_ours_or_none(of: Any, text: str) -> None:
    found = of(text)
    assert found is None or found == of(found)


def test_kinds_as_others_call_them() -> None:
    assert contract_in_words("Fixed term: 12 months (maternity cover)") == "fixed-term"
    assert contract_in_words("Permanent, part time") == "permanent"
    assert [contract_in_words(one) for one in ("Permanent/Bank", "Embankment", "non-permanent")] == [None] * 3
    assert [setting_in_words(one) for one in ("Acute Inpatients", "ward & community")] == ["ward", None]
    assert service_in_words("Older Adults Mental Health") == "older people"
    assert [service_in_words(one) for one in ("CAMHS", "All age")] == ["young people", None]
    assert email_in_words("Sam Smith <Sam.S@example.nhs.uk>") == "sam.s@example.nhs.uk"
    assert email_in_words("Sam Smith") is email_in_words("a@b.uk; c@d.uk") is None
    assert address_in_words("www.jobs.example/advert?id=1") == "https://www.jobs.example/advert?id=1"
    assert address_in_words("see Trac") is None


# ---- pages ----------------------------------------------------------------------------------------------------------


def upload(client: PageClient, content: bytes, name: str = "trac.csv", **more: str) -> Any:
    token = client.get(UPLOAD).hidden("csrf_token")
    data = {"csrf_token": token, "band": "", "file": (io.BytesIO(content), name), **more}
    return client.post(UPLOAD, data=data, content_type="multipart/form-data")


def matched(**more: str) -> dict[str, str]:
    guess = guess_map(theirs(), VACANCIES.columns)
    return {
        **{f"c_{name}": heading for name, heading in guess.theirs.items()},
        "dates": "day", "source_name": "Trac", **more,
    }  # fmt: skip


def test_from_a_file_of_another_system_to_its_vacancies(
    client: PageClient, app: Flask, data_folder: Any
) -> None:
    hr = signed_in(Role.HR)
    client.wear(hr)
    at = upload(client, file_of()).response.location
    assert at.endswith("/columns")
    page = client.get(at)
    for words in (
        "Match the columns of your file",
        "trac.csv, 2 rows",
        "Left out so far: recruiter",
        "hours per week (22.5, 37.5)",
    ):
        assert words in page.words, words
    assert client.get(at.removesuffix("/columns")).response.location == at, "nothing to check before that"
    bad = client.send(at, matched(c_title=""))
    assert bad.status == 422
    assert "Choose the column of your file that holds it" in bad.words
    check = client.send(at, matched()).response.location
    words = client.get(check).words
    for part in ("2 will be made", "“vacancy ref” is read as “Reference”", "2026-12-11"):
        assert part in words, part
    done = client.send(check, {"deed": "all"}).response.location
    assert "2 made" in client.get(done).words
    one = vacancy_of("368-1")
    assert (one.flag.value, str(one.weekly_hours), str(one.closes_on)) == ("yes", "22.50", "2026-12-04")
    # The next file of that system is checked at once, and a refused one is counted.
    source = source_named(hr, VACANCIES, "trac")
    assert source is not None
    more = (*ROWS, ("368-3", "Nurse", "Band 5", "99", "Heron Ward", "04/12/2026", "Sam"))
    check = upload(client, file_of(more), source=str(source.id)).response.location
    assert "/columns" not in check
    words = client.get(check).words
    assert "1 row needs mending" in words
    assert "2 are here already" in words
    assert upload(client, b"PK\x03\x04 rubbish", source=str(source.id)).status == 422
    listed = client.get("/vacancies/sources").words
    for part in ("Trac", "1 of 3"):
        assert part in listed
    shown = client.get(f"/vacancies/sources/files/{source.id}").words
    for part in (
        "Closes on Theirs closing date",
        "Site Theirs Not in its files",
        "Checked, not imported",
        "Refused:",
    ):
        assert part in shown, part
    now = sources_of(hr, VACANCIES)[0]
    assert (now.files, now.imported, now.refused_files, now.refused_rows) == (3, 1, 1, 1)


def test_a_file_that_went_away_meanwhile_is_said(
    client: PageClient, app: Flask, data_folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read once, where its being gone is caught: the page says so instead of breaking."""
    client.wear(signed_in(Role.HR))
    at = upload(client, file_of()).response.location
    token, storage = client.get(at).hidden("csrf_token"), app.extensions["storage"]
    reads: list[str] = []

    def gone_after_the_first(key: str) -> bytes:
        reads.append(key)
        if len(reads) > 1:
            raise StorageMissing(key)
        return kept

    kept = storage.get(session().scalars(select(ImportUpload.storage_key)).one())
    monkeypatch.setattr(storage, "get", gone_after_the_first)
    assert client.post(at, data={"csrf_token": token, **matched()}).status == 303
    assert len(reads) == 1
    answer = client.post(at, data={"csrf_token": token, **matched()})
    assert answer.response.location == "/vacancies/import/vacancies/upload"
    assert "Your file is no longer here. Upload it again." in client.get(answer.response.location).words


def test_workbooks_are_matched_as_well(client: PageClient, app: Flask, data_folder: Any) -> None:
    hr = signed_in(Role.HR)
    at = upload(client.wear(hr), write_table("xlsx", HEADINGS, ROWS), "trac.xlsx").response.location
    assert client.send(at, matched(source_name="")).status == 303
    assert sources_of(hr, VACANCIES) == [], "without a name nothing is remembered"


def test_our_template_and_nhs_jobs_go_on_without_matching(
    client: PageClient, app: Flask, data_folder: Any
) -> None:
    client.wear(signed_in(Role.HR))
    for content, name in ((b"reference,title\nA1,Clerk\n", "ours.csv"), (b"<nhsJobs/>", "search.xml")):
        answer = upload(client, content, name)
        assert answer.status in (303, 422)
        assert "/columns" not in (answer.response.location or "")


def test_matching_another_person_s_upload_is_not_found(
    client: PageClient, app: Flask, data_folder: Any
) -> None:
    at = upload(client.wear(signed_in(Role.HR)), file_of()).response.location
    assert client.wear(signed_in(Role.HR)).get(at).status == 404
    assert client.wear(a_manager()).get(at).status == 404
    assert client.get("/vacancies/sources/files/00000000-0000-0000-0000-000000000000").status == 404


def test_the_console_reads_a_file_of_a_source(
    client: PageClient, app: Flask, data_folder: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    hr = signed_in(Role.HR)
    monkeypatch.setattr(cli, "open_app", lambda: nullcontext(app))
    file = tmp_path / "trac.csv"
    file.write_bytes(file_of())
    run = CliRunner().invoke
    assert run(cli.main, ["import", "vacancies", str(file), "--source", "Trac"]).exit_code == 1
    client.wear(hr)
    client.send(upload(client, file_of()).response.location, matched())
    said = run(cli.main, ["import", "vacancies", str(file), "--source", "trac"])
    assert (said.exit_code, "2 made" in said.output) == (0, True), said.output
    source = source_named(hr, VACANCIES, "Trac")
    assert source is not None
    assert [one.was_imported for one in attempts_of(source)] == [True, False]
    assert run(cli.main, ["import", "students", str(file), "--source", "Trac"]).exit_code == 2


ODD = """Recruitment dashboard;;;;;;;;;
Run by Sam at 12/11/2026 09:14;;;;;;;;;

Vacancy Ref;Job Title;Pay Band;Hours per week;Contract Type;Location;Location;;Closing Date;Hiring Manager
368-7;Night worker – café;XN03|Band 3;Part time - 22.5 hours;Fixed term: 1 year;A;B;x;04/12/2026 23:59;Sam Smith
368-8;Café help, £12.45 an hour;Band 2 (£24,465);Various;Secondment;A;;;TBC;Sam <sam@example.nhs.uk>
"""
"""A report as it comes: a heading above the header, the same column twice, one without a name, words for numbers."""


def test_an_odd_report_in_an_older_code_loses_no_vacancy(
    client: PageClient, app: Flask, data_folder: Any
) -> None:
    client.wear(signed_in(Role.HR))
    at = upload(client, ODD.replace("\n", "\r\n").encode("cp1252")).response.location
    choice = {
        "c_reference": "vacancy_ref", "c_title": "job_title", "c_band": "pay_band", "c_site": "location",
        "c_weekly_hours": "hours_per_week", "c_contract": "contract_type", "c_closes_on": "closing_date",
        "c_manager_email": "hiring_manager", "dates": "day", "source_name": "Dashboard",
    }  # fmt: skip
    assert "Left out so far: location 2, column 8" in client.get(at).words
    at = client.send(at, choice).response.location
    page = client.get(at)
    for words in (
        "was read in the older Windows code",
        "What stands above the header in line 4 was passed over",
        "Weekly hours: we cannot read “Various”, so it is left out (line 6)",
        "Contract: we cannot read “Secondment”, so it is left out (line 6)",
        "Closes on: we cannot read “TBC”, so it is left out (line 6)",
        "Manager’s email: we cannot read “Sam Smith”, so it is left out (line 5)",
    ):
        assert words in page.words, words
    client.send(at, {"deed": "all"})
    first, second = vacancy_of("368-7"), vacancy_of("368-8")
    assert (first.title, first.weekly_hours) == ("Night worker – café", Decimal("22.5"))
    assert (first.contract, second.contract) == ("fixed-term", None)
    assert (first.closes_on, first.flag, second.flag) == (date(2026, 12, 4), PswFlag.YES, PswFlag.YES)
    assert (second.title, second.weekly_hours, second.manager_email) == (
        "Café help, £12.45 an hour", None, "sam@example.nhs.uk",
    )  # fmt: skip
    with transaction() as s:
        s.get_one(Vacancy, second.id).weekly_hours = Decimal(15)
    again = upload(client, ODD.encode("utf-16")).response.location
    at = client.send(again, choice).response.location
    client.send(at, {"deed": "all"})
    assert vacancy_of("368-8").weekly_hours == 15, "what the row does not speak of stays as it was put right"
