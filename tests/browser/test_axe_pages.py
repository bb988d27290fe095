"""Each page of the product in each state, on a desk and on a phone: axe finds nothing and nothing overflows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, template_rendered
from sqlalchemy.exc import OperationalError

from recovery_college.kernel.paths import templates_folder
from tests.browser.axe import faults_at_both_widths
from tests.browser.conftest import Guests
from tests.browser.places import places_of
from tests.browser.visits import BUTTONS, PAGES, REFUSED, Visit

pytestmark = pytest.mark.browser

NO_PAGES = ("components", "layouts", "documents", "email")
# Drawn in tests below: they need the product to break, or to be pressed hard.
BROKEN = {"errors/401.html", "errors/413.html", "errors/429.html", "errors/500.html", "errors/503.html"}
# Parts that other pages include.
PARTS = {"imports/refused.html", "imports/warnings.html"}


@pytest.fixture(scope="module")
def places(guests: Guests) -> dict[str, str]:
    return places_of(guests.app)


@pytest.fixture
def drawn(one_app: Flask) -> Iterator[list[str]]:
    """The templates drawn since the test began."""
    names: list[str] = []

    def note(_: Flask, template: Any, **rest: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, one_app):
        yield names


def test_every_template_is_visited() -> None:
    folder = templates_folder()
    pages = {str(path.relative_to(folder)) for path in folder.glob("*/*.html") if path.name[0] != "_"}
    pages = {name for name in pages if name.split("/")[0] not in NO_PAGES}
    assert pages - PARTS == {visit.template for visit in (*PAGES, *REFUSED)} | BROKEN


def test_every_form_is_refused_once(one_app: Flask) -> None:
    sent = {
        visit.endpoint or visit.template.removesuffix(".html").replace("/", ".")
        for visit in REFUSED
        if visit.sent is not None
    }
    posted = {rule.endpoint for rule in one_app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posted - BUTTONS == sent
    assert posted >= BUTTONS


@pytest.mark.parametrize("visit", PAGES, ids=lambda visit: visit.label)
def test_a_page_is_clean(guests: Guests, places: dict[str, str], drawn: list[str], visit: Visit) -> None:
    page = guests.tab(visit.who)
    answer = page.goto(visit.path.format(**places))
    assert (answer.status, visit.template in drawn) == (visit.status, True), drawn
    assert faults_at_both_widths(page) == []


@pytest.mark.parametrize("visit", REFUSED, ids=lambda visit: f"{visit.label}-{visit.status}")
def test_a_refusal_is_clean(guests: Guests, places: dict[str, str], drawn: list[str], visit: Visit) -> None:
    page = guests.tab(visit.who)
    answer = page.goto(visit.path.format(**places))
    if visit.sent is not None:
        sent = {name: value.format(**places) for name, value in visit.sent.items()}
        answer = send(page, sent, visit.form)
    assert (answer.status, visit.template in drawn) == (visit.status, True), drawn
    assert faults_at_both_widths(page) == []


def send(page: Any, sent: dict[str, str], form: str = "main form[method=post]") -> Any:
    """Send a form of the page, emptied and then filled in with `sent`, past what the browser itself would check."""
    with page.expect_navigation() as waiting:
        page.evaluate(
            """([sent, at]) => {
                const found = document.querySelector(at)
                const form = found.form || found
                if (found.hasAttribute("formaction")) form.action = found.formAction
                for (const box of form.elements) {
                    if (box.type === "radio" || box.type === "checkbox") box.checked = false
                    else if (box.type !== "hidden" && box.type !== "submit") box.value = ""
                }
                for (const [name, value] of Object.entries(sent)) {
                    const boxes = [...form.elements].filter(box => box.name === name)
                    for (const box of boxes) {
                        if (box.type === "radio" || box.type === "checkbox") box.checked = box.value === value
                        else if (box.type !== "submit") box.value = value
                    }
                    if (!boxes.length || boxes.every(box => box.type === "submit")) {
                        const box = document.createElement("input")
                        Object.assign(box, {type: "hidden", name, value})
                        form.append(box)
                    }
                }
                HTMLFormElement.prototype.submit.call(form)
            }""",
            [sent, form],
        )
    return waiting.value


@pytest.mark.parametrize(
    "trouble", [ZeroDivisionError(), OperationalError("SELECT 1", {}, Exception("locked"))]
)
def test_a_broken_page_is_clean(
    guests: Guests, drawn: list[str], monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def breaks() -> str:
        raise trouble

    monkeypatch.setitem(guests.app.view_functions, "people.account", breaks)
    code = 500 if isinstance(trouble, ZeroDivisionError) else 503
    page = guests.tab("tutor")
    assert page.goto("/account").status == code
    assert drawn == [f"errors/{code}.html"]
    assert faults_at_both_widths(page) == []


def test_a_request_too_large_is_clean(
    guests: Guests, places: dict[str, str], drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(guests.app.config, "MAX_CONTENT_LENGTH", 20_000)
    page = guests.tab("hr")
    page.goto("/vacancies/{decided}/return".format(**places))
    assert send(page, {"why": "long " * 5_000}).status == 413
    assert drawn[-1] == "errors/413.html"
    assert faults_at_both_widths(page) == []


def test_a_session_that_ended_is_clean(
    guests: Guests, places: dict[str, str], drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = guests.tab("hr")
    page.goto("/vacancies/{decided}/return".format(**places))
    with monkeypatch.context() as ended:
        ended.setattr(guests.app.login_manager, "_user_callback", lambda token: None)
        assert send(page, {"why": "Look at it again"}).status == 401
        assert drawn[-1] == "errors/401.html"
        assert faults_at_both_widths(page) == []


def test_a_pause_after_guesses_is_clean(actors: Guests, drawn: list[str]) -> None:
    page = actors.new_tab("")
    for _ in range(20):
        page.request.get("/verify/0000-0000-0000-0000")
    assert page.goto("/verify/0000-0000-0000-0000").status == 429
    assert drawn[-1] == "errors/429.html"
    assert faults_at_both_widths(page) == []
