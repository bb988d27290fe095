"""Every component, field and error page in a real browser: axe finds nothing, nothing overflows, nothing is blocked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import flask
import pytest

from tests.browser.axe import axe_violations, faults
from tests.browser.conftest import new_page, serve
from tests.kernel.gallery_app import ERROR_CODES, STATEMENTS, gallery_app

pytestmark = pytest.mark.browser

PAGES = ["/", "/form", "/form-kept", "/question", "/flashes"]
PAGES += [f"/errors/{code}" for code in ERROR_CODES] + [f"/pages/{name}" for name in STATEMENTS]


@pytest.fixture(scope="module")
def posts() -> list[str]:
    """The paths the server was sent forms to, answered slowly enough for a second press."""
    return []


@pytest.fixture(scope="module")
def address(posts: list[str]) -> Iterator[str]:
    app = gallery_app(csrf=False)

    @app.before_request
    def note() -> None:
        if flask.request.method == "POST":
            posts.append(flask.request.path)
            time.sleep(0.3)

    yield from serve(app)


@pytest.fixture(params=[1280, 320])
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    tab = new_page(context)
    yield tab
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_clean(page: Any, address: str, path: str) -> None:
    page.goto(address + path)
    assert faults(page) == []


def test_everything_unfolded_is_clean(page: Any, address: str) -> None:
    page.goto(address)
    for summary in page.query_selector_all("summary"):
        summary.click()
    assert faults(page) == []


def test_after_a_mistake_the_focus_is_on_the_summary_and_its_links_lead_to_the_fields(
    page: Any, address: str
) -> None:
    page.goto(address + "/form")
    page.get_by_role("radio", name="Not a PSW role").check()
    page.get_by_role("button", name="Save my decision").click()
    page.wait_for_load_state()
    assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
    assert faults(page) == []
    page.get_by_role("link", name="Say why").click()
    assert page.evaluate("document.activeElement.id") == "why"


def press_twice(page: Any) -> None:
    """Press again while the server still thinks; a plain double click the browser itself drops."""
    page.get_by_role("button", name="Continue").evaluate(
        "at => { at.click(); setTimeout(() => at.click(), 100) }"
    )


def test_a_second_press_sends_nothing(page: Any, address: str, posts: list[str]) -> None:
    page.goto(address + "/question")
    posts.clear()
    press_twice(page)
    page.wait_for_selector(".nhsuk-error-summary")
    assert posts == ["/question"]


def test_without_the_guard_it_would_be_sent_twice(page: Any, address: str, posts: list[str]) -> None:
    page.route("**/app.js*", lambda route: route.abort())
    page.goto(address + "/question")
    posts.clear()
    press_twice(page)
    page.wait_for_selector(".nhsuk-error-summary")
    assert posts == ["/question", "/question"]


def test_axe_sees_a_page_that_is_not_clean(page: Any, address: str) -> None:
    page.goto(address + "/form")
    page.evaluate("document.querySelector('label[for=name]').remove()")
    assert any("label" in fault for fault in axe_violations(page))


def test_without_scripts_the_form_still_answers(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + "/form")
    tab.get_by_role("button", name="Save my decision").click()
    assert tab.get_by_role("heading", name="There is a problem").is_visible()
    assert tab.get_by_label("Why is it not a PSW role?").is_visible()
    context.close()


def test_a_printed_page_leaves_out_the_furniture_and_unfolds_the_tables(browser: Any, address: str) -> None:
    tab = browser.new_page()
    tab.goto(address)
    table = tab.get_by_text("Describe two values of peer support")
    menu = tab.get_by_role("navigation", name="Menu")
    assert menu.is_visible()
    assert not table.evaluate("at => at.checkVisibility()")
    tab.emulate_media(media="print")
    assert not menu.is_visible()
    assert not tab.get_by_role("contentinfo").is_visible()
    assert table.evaluate("at => at.checkVisibility()")
    assert tab.get_by_role("button", name="Show results").count() == 0
    tab.close()
