"""The layout, the components and the headers, as a visitor meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from recovery_college.kernel import nhsuk, paths
from recovery_college.kernel.nhsuk import component
from recovery_college.kernel.pages import CONTENT_SECURITY_POLICY, warm_up
from tests.kernel.gallery_app import STATEMENTS, gallery_app
from tests.page_client import Page, PageClient

SIGNED_IN = gallery_app()
SIGNED_OUT = gallery_app(signed_in=False)
PAGES = ["/", "/form", "/form-kept", "/question", "/flashes", *(f"/pages/{name}" for name in STATEMENTS)]


def sent(path: str, typed: dict[str, str]) -> Page:
    """Open the page, then send its form with its token, as a browser does."""
    client = PageClient(SIGNED_IN)
    return client.post(path, data={**typed, "csrf_token": client.get(path).hidden("csrf_token")})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_keeps_the_promises_signed_in_and_not(path: str) -> None:
    signed_in = PageClient(SIGNED_IN).get(path)
    anonymous = PageClient(SIGNED_OUT).get(path)
    assert signed_in.status == anonymous.status == 200
    assert "Sign out" in signed_in.text
    assert "Sign out" not in anonymous.text
    assert signed_in.title.endswith(" - Fenside Recovery College")


def test_the_header_says_who_and_in_which_role() -> None:
    page = PageClient(SIGNED_IN).get("/")
    header = page.text[: page.text.index("<main")]
    assert "Maya Okonkwo-Featherstonehaugh" in header
    assert "Tutor" in header
    assert 'action="/sign-out" method="post"' in header
    assert 'aria-current="true"' in header
    assert "M200 0v80H0V0" not in page.text  # the NHS mark is not ours to wear


def test_a_form_with_errors_draws_one_summary_with_links_to_each_field() -> None:
    page = sent("/form", {"seen_on-day": "31", "seen_on-month": "02", "seen_on-year": "2026"})
    assert page.title == "Error: Every field - Fenside Recovery College"
    assert page.text.count("nhsuk-error-summary__list") == 1
    assert {"#name", "#seen_on-day", "#decision", "#agreed"} <= set(page.links)
    assert page.text.index("nhsuk-error-summary") < page.text.index("<h1")


def test_a_lone_question_is_the_heading() -> None:
    page = sent("/question", {})
    assert page.h1 == "When does the cohort start?"
    assert page.title.startswith("Error: When does the cohort start?")


def test_messages_are_shown_once_and_escaped() -> None:
    client = PageClient(SIGNED_IN)
    page = client.get("/flashes")
    assert "Certificates issued to 12 people" in page.words
    assert "&lt;b&gt;attendance&lt;/b&gt;" in page.text
    assert "Certificates issued" not in client.get("/form").words


def test_the_components_say_in_words_what_they_draw() -> None:
    page = PageClient(SIGNED_IN).get("/")
    for words in (
        "21 of 40",
        "2 of 4 met, 1 being looked at",
        "Possible PSW role",
        "Ward Clerk <b>",
        "31 of 35",
        "Add start date",
        "Not known yet",
        "23 November 2026 at 2:30pm, just now",
        "22.5 hours a week, 87.5% so far",
    ):
        assert words in page.words
    assert 'scope="row"' in page.text
    assert 'aria-current="step"' in page.text


def test_a_misspelt_variable_is_an_error_not_an_empty_page() -> None:
    app = gallery_app()
    with app.test_request_context("/misspelt"), pytest.raises(UndefinedError, match="cohrt"):
        app.jinja_env.get_template("gallery_misspelt.html").render(cohort="11")


def test_components_are_found_by_hyphen_or_underscore() -> None:
    assert component("back-link")({"href": "/"}) == component("back_link")({"href": "/"})


@pytest.mark.parametrize("path", ["/", "/nowhere", "/bug"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = SIGNED_IN.test_client().get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_static_files_may_be_kept_and_pages_ask_for_existing_ones() -> None:
    client = SIGNED_IN.test_client()
    page = client.get("/").get_data(as_text=True)
    wanted = {
        part.split('"')[0] for mark in ('href="/static', 'src="/static') for part in page.split(mark)[1:]
    }
    assert len(wanted) == 5
    kept = {f"/static{rest}": "public, max-age=31536000, immutable" for rest in wanted}
    kept["/static/src/app.css"] = "public, max-age=3600"
    kept["/static/src/none.css"] = "no-store"
    for address, lifetime in kept.items():
        with client.get(address) as answer:
            assert answer.status_code == (404 if "none" in address else 200)
            assert answer.headers["Cache-Control"] == lifetime


def test_the_styles_fetch_nothing_from_elsewhere_and_ship_no_licensed_font() -> None:
    for file in paths.static_folder().rglob("*.css"):
        css = file.read_text("utf-8")
        assert "http" not in css.replace("http://www.w3.org/2000/svg", ""), file
        assert "frutiger" not in css.lower(), file
        for part in css.split("url(")[1:]:
            assert (file.parent / part.split(")")[0].strip("\"'")).is_file(), f"{file}: {part[:60]}"


def test_folders_are_beside_the_package_in_a_checkout_and_inside_it_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "recovery_college"
    (tmp_path / "templates").mkdir()
    (package / "_static").mkdir(parents=True)
    # The folders are looked up once in a process; here we look again.
    monkeypatch.setattr(paths, "_folder", paths._folder.__wrapped__)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.templates_folder() == tmp_path / "templates"
    assert paths.static_folder() == package / "_static"


def test_a_component_is_drawn_once_for_the_same_plain_words_and_anew_for_ready_made_html() -> None:
    """Remembering must not mix up plain text with HTML, nor yes with 1, nor one form's token with another's."""
    button = component("button")
    assert button({"text": "Save"}) is button({"text": "Save"})
    assert button({"text": "<b>"}) != button({"html": Markup("<b>")})
    assert component("tag")({"text": "<b>Soon</b>"}) != component("tag")({"text": Markup("<b>Soon</b>")})
    first = component("inset_text")({"html": Markup("<p>token 1</p>")})
    assert "token 1" in first
    assert "token 2" in component("inset_text")({"html": Markup("<p>token 2</p>")})


def test_what_is_remembered_of_a_component_is_bounded() -> None:
    tag = component("tag")
    for number in range(3_000):
        tag({"text": f"Number {number} " * 20})
        assert sum(len(key) + len(drawn) for key, drawn in tag._drawn.items()) <= 1_000_000
    before = dict(tag._drawn)
    tag({"text": "long " * 50_000})
    assert len(tag._drawn) <= len(before), "what is long is not kept"


def test_a_warm_server_compiles_nothing_for_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    app = gallery_app()
    warm_up(app)
    for environment in (app.jinja_env, nhsuk._environment()):
        monkeypatch.setattr(
            environment, "compile", lambda *_, **__: pytest.fail("compiled while somebody waits")
        )
    for path in ("/form", f"/pages/{STATEMENTS[0]}"):
        assert PageClient(app).get(path).status == 200
