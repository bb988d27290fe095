"""NHS Jobs fetched band by band from a real server that misbehaves; closed only after a whole fetch (V6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.careers import feed_services, feed_tasks
from recovery_college.careers.bands import Band
from recovery_college.careers.considerations import Refused, bands_of
from recovery_college.careers.feed_models import VacancyFeedRun
from recovery_college.careers.feed_queries import FeedRun, feed_named, feed_visible_to, run_of
from recovery_college.careers.feed_rules import Search, faults_of_search, page_address, read_band
from recovery_college.careers.feed_services import (
    FeedChanged,
    NoSuchFeed,
    feeds_due,
    lost_fetches,
    make_fetch,
    save_feed,
    start_fetch,
)
from recovery_college.careers.models import Vacancy
from recovery_college.careers.nhs_jobs import FeedError
from recovery_college.commands import feeds as console
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.careers import NHS_JOBS_SAMPLE, a_manager, import_rows, import_text, vacancy_of
from tests.factories.feed_server import FeedServer, cut, feed_server, packed, saying, searching, xml_of
from tests.factories.people import signed_in
from tests.page_client import PageClient

pytestmark = pytest.mark.loopback
SEARCH = Search(
    "NHS Jobs, us", "https://www.jobs.nhs.uk/api/v1/search_xml", "", "", None, "", (Band.BAND_3,), False
)
CLOSES = (clock.today() + timedelta(days=20)).isoformat()


def job(number: int, **more: str) -> dict[str, str]:
    """One vacancy of the feed."""
    given = {
        "id": f"C{number}", "reference": f"368-{number}", "title": f"Support worker {number}",
        "employer": "Fenside NHS Foundation Trust", "closeDate": CLOSES, "salary": "£25,760 to £27,476 a year",
    }  # fmt: skip
    return given | more


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    with feed_server() as one:
        settings = app.extensions["settings"].model_copy(update={"feed_hosts": one.host})
        monkeypatch.setitem(app.extensions, "settings", settings)
        yield one


def a_feed(server: FeedServer, *bands: str, **more: Any) -> UUID:
    chosen = tuple(Band(band) for band in bands) or (Band.BAND_3,)
    search = replace(SEARCH, address=server.address, bands=chosen, **more)
    return save_feed(signed_in(Role.HR), search)


def fetched(feed_id: UUID) -> FeedRun:
    run_id = start_fetch(signed_in(Role.HR), feed_id)
    make_fetch(run_id, wait=lambda seconds: None)
    return run_of(run_id)


def status_of(reference: str) -> str:
    return vacancy_of(reference).status.value


# ---- the rules ------------------------------------------------------------------------------------------------------


def test_a_page_is_asked_for_by_band() -> None:
    address = page_address(replace(SEARCH, keyword="peer support", location="Ely", distance=10), "8a", 3)
    assert address.startswith(
        "https://www.jobs.nhs.uk/api/v1/search_xml?keyword=peer+support&location=Ely&distance=10"
    )
    assert "payBand=BAND_8A" in address
    assert address.endswith("limit=100&page=3")


@pytest.mark.parametrize(
    ("more", "box"),
    [({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"distance": 5}, "location"),
     ({"distance": 500, "location": "Ely"}, "distance"), ({"address": SEARCH.address + "?page=1"}, "address")],
)  # fmt: skip
def test_a_source_that_cannot_be_asked_says_where(more: Mapping[str, Any], box: str) -> None:
    assert list(faults_of_search(replace(SEARCH, **more))) == [box]


@hypothesis_settings(max_examples=40)
@given(st.integers(0, 23), st.integers(1, 7), st.integers(-1, 30))
def test_a_search_is_whole_only_when_all_of_it_was_read(count: int, a_page: int, broken: int) -> None:
    pages = max(1, -(-count // a_page))

    def page_of(page: int) -> bytes:
        if page == broken:
            raise FeedError("broken")
        return xml_of([job(n) for n in range(count)][(page - 1) * a_page : page * a_page], pages, count)

    got = read_band("3", page_of)
    assert got.is_whole == (not 1 <= broken <= pages)
    if got.is_whole:
        assert {row.source_id for row in got.rows} == {f"C{n}" for n in range(count)}


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([xml_of([job(1)], 1, 2)], "The service counts 2 and 1 were read"),
        ([xml_of([job(1)], 2, 2), xml_of([job(1)], 2, 2)], "The service counts 2 and 1 were read"),
        ([xml_of([job(1)], 3, 3), xml_of([job(1)], 3, 3)], "Page 2 holds nothing new although there are 3"),
        (
            [xml_of([job(1)], 2, 2), xml_of([job(2)], 2, 3)],
            "The number of vacancies changed while they were read",
        ),
        ([xml_of([job(1), job(2, title="")])], "One vacancy could not be read"),
        ([xml_of([job(1)], 999, 99_900)], "The search has 999 pages, and 200 are read at most. Narrow it"),
        ([b"<nhsJobs/>"], "The service does not say how many vacancies there are"),
        ([b"<!doctype html><title>Sorry</title>"], "Page 1: This is a web page"),
    ],
)
def test_what_is_not_whole_says_why(pages: list[bytes], why: str) -> None:
    got = read_band("3", lambda page: pages[page - 1])
    assert got.why_not_whole.startswith(why)
    assert not got.why_not_whole.endswith("."), "the page ends the sentence"


# ---- fetching -------------------------------------------------------------------------------------------------------


def test_each_band_is_read_to_its_last_page(server: FeedServer) -> None:
    low, high = [job(n) for n in range(5)], [job(n) for n in range(4, 9)]
    server.usual = searching({"BAND_3": low, "BAND_4": high}, a_page=2)
    run = fetched(a_feed(server, "3", "4"))
    assert [(one["payBand"], one["page"]) for one in server.asked] == [
        ("BAND_3", "1"), ("BAND_3", "2"), ("BAND_3", "3"), ("BAND_4", "1"), ("BAND_4", "2"), ("BAND_4", "3"),
    ]  # fmt: skip
    assert (run.counts["found"], run.counts["created"], run.counts["updated"]) == (10, 9, 1)
    assert not run.trouble
    both = vacancy_of("368-4")
    assert [band.value for band in bands_of(session(), both.id)] == ["3", "4"], "found by either search"
    assert both.flag.value == "yes"
    assert both.salary.startswith("£25,760")
    assert (
        vacancy_of("368-0").why
        == "Band 3, the band searched for on NHS Jobs: rule 1 asks about bands 2, 3 and 4."
    )


def test_the_same_again_changes_nothing(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1), job(2)]})
    feed = a_feed(server)
    fetched(feed)
    run = fetched(feed)
    assert (run.counts["created"], run.counts["updated"], run.counts["unchanged"]) == (0, 0, 2)


def test_what_left_is_closed_and_what_comes_back_is_open_again(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1), job(2)]})
    feed = a_feed(server)
    fetched(feed)
    server.usual = searching({"BAND_3": [job(1)]})
    assert fetched(feed).counts["closed"] == 1
    assert (status_of("368-1"), status_of("368-2")) == ("advertised", "closed")
    assert fetched(feed).counts["closed"] == 0, "once"
    # Our own list of vacancies does not bring it back, nor does typing in it; the feed does.
    import_rows({"reference": "368-2", "title": "Support worker 2", "weekly_hours": "30"})
    assert status_of("368-2") == "closed"
    server.usual = searching({"BAND_3": [job(1), job(2)]})
    run = fetched(feed)
    assert (run.counts["reopened"], run.counts["created"]) == (1, 0)
    assert status_of("368-2") == "advertised"
    actions = set(session().scalars(select(AuditEvent.action)))
    assert {"closed vacancy", "reopened vacancy", "fetched vacancies"} <= actions
    server.usual = searching({"BAND_3": [job(1)]})
    fetched(feed)
    later = (clock.today() + timedelta(days=40)).isoformat()
    import_rows({"reference": "368-2", "title": "Support worker 2", "closes_on": later})
    assert status_of("368-2") == "advertised", "new dates: it runs again"


@pytest.mark.parametrize(
    "trouble",
    [
        saying(500),
        saying(429, Retry_After="9999"),
        saying(
            200, b"<!doctype html><html><body>We will be back soon</body></html>", Content_Type="text/html"
        ),
        cut(xml_of([job(1), job(2)])),
        packed(b"\0" * 40_000_000),
        saying(200, xml_of([job(1)], 1, 2)),
        saying(200, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><nhsJobs>&b;</nhsJobs>'),
        saying(302, Location="http://169.254.169.254/latest/meta-data"),
    ],
)
def test_nothing_is_closed_after_a_fetch_that_was_not_whole(server: FeedServer, trouble: Any) -> None:
    server.usual = searching({"BAND_3": [job(1), job(2)]})
    feed = a_feed(server)
    fetched(feed)
    server.usual = trouble
    run = fetched(feed)
    assert run.trouble
    assert run.counts["closed"] == 0
    assert (status_of("368-1"), status_of("368-2")) == ("advertised", "advertised")
    assert feed_visible_to(signed_in(Role.HR), feed).troubled == 1


def test_one_band_in_trouble_leaves_the_others_whole(server: FeedServer) -> None:
    answer = searching({"BAND_3": [job(1)], "BAND_4": [job(2)]})
    server.usual = answer
    feed = a_feed(server, "3", "4")
    fetched(feed)
    empty = searching({})
    server.usual = lambda handler, asked: (saying(404) if asked["payBand"] == "BAND_3" else empty)(
        handler, asked
    )
    run = fetched(feed)
    assert (status_of("368-1"), status_of("368-2")) == ("advertised", "closed")
    assert "answers 404" in run.trouble


def test_a_vacancy_another_band_or_source_still_shows_stays_open(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1)], "BAND_4": [job(1)]})
    feed = a_feed(server, "3", "4")
    fetched(feed)
    server.usual = searching({"BAND_4": [job(1)]})
    assert fetched(feed).counts["closed"] == 0
    server.usual = searching({})
    assert fetched(feed).counts["closed"] == 1


def test_a_file_never_closes_anything(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1), job(2)]})
    fetched(a_feed(server))
    report = import_text(xml_of([job(1)]), "search.xml", options={"band": "3"})
    assert report.ok
    assert status_of("368-2") == "advertised"
    assert import_text(NHS_JOBS_SAMPLE.read_bytes(), "sample.xml").ok
    assert status_of("368-2") == "advertised"


def test_other_employers_are_left_out_and_what_is_bad_is_told(server: FeedServer) -> None:
    long = job(3, reference="x" * 90)
    server.usual = searching({"BAND_3": [job(1), job(2, employer="Elsewhere NHS Trust"), long]})
    run = fetched(a_feed(server, employer="fenside nhs foundation trust"))
    assert (run.counts["created"], run.counts["left_out"], run.counts["refused"]) == (1, 1, 1)
    assert run.refusals[0]["column"] == "reference"


def test_two_vacancies_of_one_reference_are_told_not_merged(server: FeedServer) -> None:
    server.usual = searching(
        {"BAND_3": [job(1), job(9, reference="368-1"), job(8, reference="368-1", employer="Other")]}
    )
    run = fetched(a_feed(server))
    assert run.counts["created"] + run.counts["refused"] == 3
    assert session().scalar(select(func.count()).select_from(Vacancy)) == run.counts["created"]


# ---- jobs -----------------------------------------------------------------------------------------------------------


def test_pressed_twice_it_is_one_fetch_and_run_twice_it_is_taken_once(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1)], "BAND_4": [job(2)]})
    feed, hr = a_feed(server, "3", "4"), signed_in(Role.HR)
    run_id = start_fetch(hr, feed)
    assert start_fetch(hr, feed) == run_id
    make_fetch(run_id)
    make_fetch(run_id)
    assert run_of(run_id).counts["created"] == 2
    assert len(server.asked) == 2


def test_a_lost_fetch_goes_on_where_it_stopped(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.usual = searching({"BAND_3": [job(1)], "BAND_4": [job(2)]})
    run_id = start_fetch(signed_in(Role.HR), a_feed(server, "3", "4"))
    real = feed_services.take_band

    def dies(run: UUID, search: Search, got: Any) -> bool:
        if got.band == "4":
            raise KeyboardInterrupt
        return real(run, search, got)

    monkeypatch.setattr(feed_services, "take_band", dies)
    with pytest.raises(KeyboardInterrupt):
        make_fetch(run_id)
    monkeypatch.setattr(feed_services, "take_band", real)
    assert run_of(run_id).done == 1
    assert lost_fetches() == [], "somebody may be at work still"
    with transaction() as s:
        s.get_one(VacancyFeedRun, run_id).moved_at = clock.now() - timedelta(hours=1)
    assert lost_fetches() == [run_id]
    feed_tasks.take_up_fetches()
    run = run_of(run_id)
    assert run.finished_at
    assert [one["payBand"] for one in server.asked] == ["BAND_3", "BAND_4", "BAND_4"]


def test_a_source_for_every_day_is_fetched_once_a_day(server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1)]})
    feed = a_feed(server, every_day=True)
    a_feed(server, name="By hand")
    assert feeds_due() == [feed]
    feed_tasks.fetch_every_day()
    assert feeds_due() == []
    last = feed_visible_to(signed_in(Role.HR), feed).last
    assert last is not None
    assert last.by_itself
    with clock.held_at(clock.now() + timedelta(hours=25)):
        assert feeds_due() == [feed]


# ---- who may --------------------------------------------------------------------------------------------------------


def test_only_hr_sets_up_and_fetches(server: FeedServer) -> None:
    feed = a_feed(server)
    for other in (a_manager(), signed_in(Role.ADMIN), signed_in(Role.AUDITOR)):
        with pytest.raises(NoSuchFeed):
            save_feed(other, SEARCH)
        with pytest.raises(NoSuchFeed):
            start_fetch(other, feed)
        assert feed_visible_to(other, feed) is None


def test_a_service_that_is_not_named_cannot_be_set_up(app: Flask) -> None:
    hr = signed_in(Role.HR)
    for address in (
        "https://evil.example/x",
        "http://127.0.0.1/x",
        "http://www.jobs.nhs.uk/x",
        "ftp://x",
        "x",
    ):
        with pytest.raises(Refused) as refused:
            save_feed(hr, replace(SEARCH, address=address))
        assert list(refused.value.errors) == ["address"]
    feed = save_feed(hr, SEARCH)
    with pytest.raises(Refused, match="Check the source"):
        save_feed(hr, replace(SEARCH, name="nhs jobs, US"))
    save_feed(hr, replace(SEARCH, keyword="peer"), feed, 1)
    with pytest.raises(FeedChanged):
        save_feed(hr, replace(SEARCH, keyword="ward"), feed, 1)
    assert feed_named(hr, " nhs  jobs, us ") is not None


def test_the_pages_lead_from_a_new_source_to_its_last_fetch(client: PageClient, server: FeedServer) -> None:
    server.usual = searching({"BAND_3": [job(1), job(2, closeDate="never"), job(3, title="")]})
    client.wear(signed_in(Role.HR))
    assert "No search is set up yet" in client.get("/vacancies/sources").words
    path = "/vacancies/sources/nhs-jobs/new"
    typed = {"name": "Our Trust", "bands": ["3"], "every_day": "yes", "address": server.address}
    bad = client.send(path, {**typed, "address": "https://evil.example/", "name": ""})
    assert bad.status == 422
    assert "evil.example is not among the services" in bad.words
    saved = client.send(path, typed)
    assert saved.status == 303
    here = saved.response.location
    assert "It was not fetched yet" in client.get(here).words
    assert client.send(f"{here}/fetch", form_at=here).response.location == here
    run_id = session().scalars(select(VacancyFeedRun.id)).one()
    assert "data-rc-again" in client.get(here).text
    make_fetch(run_id)
    words = client.get(here).words
    for part in (
        "Read 2 vacancies on 1 page",
        "New 2",
        "The vacancy is read without it",
        "One vacancy could not be read",
        "page 1, line 1",
    ):
        assert part in words, part
    listed = client.get("/vacancies/sources").words
    for part in ("Our Trust", "Band 3", "Every day", "1 of 1"):
        assert part in listed
    edit = f"{here}/edit"
    assert client.send(edit, {**typed, "version": "1", "name": "Us"}).status == 303
    assert client.send(edit, {**typed, "version": "1", "name": "Them"}).status == 409


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AUDITOR, Role.TUTOR])
def test_other_role_refused(client: PageClient, app: Flask, role: Role) -> None:
    client.wear(signed_in(role))
    for path in ("/vacancies/sources", "/vacancies/sources/nhs-jobs/new"):
        assert client.get(path).status == 403


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get("/vacancies/sources").response.location == "/sign-in?next=/vacancies/sources"


def test_dates_stay_days(server: FeedServer) -> None:
    server.usual = searching(
        {"BAND_3": [job(1, closeDate="2026-12-04T00:00:00", postDate="2026-07-25T23:30:00Z")]}
    )
    fetched(a_feed(server))
    vacancy = vacancy_of("368-1")
    assert (vacancy.closes_on, vacancy.posted_on) == (date(2026, 12, 4), date(2026, 7, 26))


def test_the_console_fetches_as_the_page_does(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def here() -> Iterator[None]:
        yield

    monkeypatch.setattr(console, "open_app", here)
    server.usual = searching({"BAND_3": [job(1)]})
    a_feed(server)
    run = CliRunner().invoke
    assert run(console.feeds, ["list"]).output == "NHS Jobs, us: Band 3, not fetched yet\n"
    first = run(console.feeds, ["fetch", "nhs jobs, us", "--json"])
    assert (first.exit_code, json.loads(first.output)["created"]) == (0, 1)
    server.usual = saying(404)
    second = run(console.feeds, ["fetch", "NHS Jobs, us"])
    assert second.exit_code == 1
    assert "Not whole: Page 1: The service answers 404" in second.output
    assert run(console.feeds, ["fetch", "Nobody"]).exit_code == 1
