"""When things go wrong: the right number, plain words, the typed text kept, nothing given away."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.kernel.gallery_app import ERROR_CODES, gallery_app
from tests.page_client import PageClient

APP = gallery_app(csrf=False)
GUARDED = gallery_app()
TYPED = {"feedback": "Three hours of writing <b>", "password": "hunter2", "csrf_token": "abc", "blank": " "}
HEADINGS = {
    400: "We could not use what was sent",
    401: "You have been signed out",
    403: "You cannot do this in your role",
    404: "We cannot find that page",
    409: "Someone else changed this first",
    413: "That is too much at once",
    429: "Please wait a little",
    500: "Sorry, something went wrong",
    503: "We cannot show that page just now",
}


@pytest.fixture
def client() -> PageClient:
    return PageClient(APP)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_each_error_has_its_page_with_the_way_home_and_whom_to_ask(client: PageClient, code: int) -> None:
    page = client.get(f"/errors/{code}")
    assert (page.status, page.h1) == (code, HEADINGS[code])
    assert {"/", "/help", "mailto:college@fenside.example"} <= set(page.links)
    assert "Fenside NHS Foundation Trust" in page.text


def test_other_refusals_keep_their_number_and_headers(client: PageClient) -> None:
    page = client.post("/")
    assert page.status == 405
    assert "GET" in page.response.headers["Allow"]
    assert client.get("/errors/418").status == 418
    assert client.get("/errors/406").h1 == HEADINGS[400]


def test_both_sides_of_a_conflict_are_shown(client: PageClient) -> None:
    words = client.get("/errors/409").words
    assert "Met, by Jo at 10:40am" in words
    assert "Say more please" in words


def test_too_many_tries_says_how_long_to_wait(client: PageClient) -> None:
    page = client.get("/errors/429")
    assert page.response.headers["Retry-After"] == "120"
    assert "in 2 minutes" in page.words


@pytest.mark.parametrize("path", ["/database-away", "/disk-full"])
def test_nothing_to_store_in_keeps_what_was_typed(client: PageClient, path: str) -> None:
    page = client.post(path, data=TYPED)
    assert (page.status, page.h1) == (503, "We could not save that just now")
    assert page.response.headers["Retry-After"] == "30"
    assert "Three hours of writing <b>" in page.words
    assert "Feedback" in page.words
    for hidden in ("hunter2", "abc", "Blank"):
        assert hidden not in page.words


def test_a_bug_shows_a_reference_that_the_log_knows_and_no_more(client: PageClient) -> None:
    with capture_logs() as logs:
        page = client.post("/bug", data=TYPED)
    (line,) = [line for line in logs if line["event"] == "unexpected_error"]
    assert page.status == 500
    assert line["reference"] in page.words
    assert "Three hours of writing" in page.words
    assert "Traceback" not in page.text
    assert "ZeroDivisionError" not in page.text
    assert line["kind"] == "ZeroDivisionError"
    assert "gallery_app.py" in str(line["where"])


def test_no_log_holds_what_a_person_typed(client: PageClient) -> None:
    with capture_logs() as logs:
        client.post("/bug", data=TYPED)
        client.post("/database-away", data=TYPED)
    assert len(logs) == 2
    for told in ("Three hours", "hunter2", "Amina"):
        assert told not in str([{**line, "where": ""} for line in logs])


def test_a_page_is_drawn_even_when_the_visitor_cannot_be_read(client: PageClient) -> None:
    page = client.post("/form?visitor=away", data=TYPED)
    assert page.status == 503
    assert "Fenside NHS Foundation Trust" in page.text
    assert "Sign out" not in page.text


def test_a_form_from_before_a_key_change_keeps_what_was_typed() -> None:
    page = PageClient(GUARDED).post("/form", data={"name": "Zoë O'Neill", "csrf_token": "of another key"})
    assert (page.status, page.h1) == (400, HEADINGS[400])
    assert "Zoë O'Neill" in page.words


def test_a_request_that_is_too_large_says_so(client: PageClient) -> None:
    page = client.post("/form", data={"name": "x" * 2_000_000})
    assert (page.status, page.h1) == (413, HEADINGS[413])


def test_redirects_are_left_alone() -> None:
    app = gallery_app()
    app.add_url_rule("/folder/", view_func=lambda: "ok")
    assert app.test_client().get("/folder").status_code == 308


def test_a_file_that_is_too_large_is_told_the_limit_of_its_own_page(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(APP.extensions, "largest", {"gallery.every_field": 20 * 1024**2})
    page = client.post("/form", data={"name": "x" * 2_000_000})
    assert (page.status, page.h1) == (413, "That file is too big")
    assert "20 MB at most here" in page.words
