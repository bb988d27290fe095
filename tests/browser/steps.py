"""What a person does on a page, by the words written on it: press, follow, tab to, and read what they are told."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from playwright.sync_api import expect


def press(page: Any, name: str) -> None:
    """Press the button with this name, no other that begins like it, and wait for the page it leads to."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def follow(page: Any, name: str | re.Pattern[str]) -> None:
    """Follow the first link with this name in the page itself, and wait for the page it leads to."""
    page.get_by_role("main").get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def said(page: Any, words: str) -> None:
    """Expect to be told."""
    expect(page.get_by_role("main").or_(page.locator("body")).first).to_contain_text(words)


def enter(page: Any) -> None:
    """Press Enter where it leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Any, name: str) -> None:
    """Press Tab until what has this name has the focus, and see that the focus can be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => {
                const at = document.activeElement
                const label = at.labels?.[0]?.innerText ?? at.innerText ?? ""
                const box = at.getBoundingClientRect()
                return [label.replace(/\\s+/g, " ").trim(), box.width > 0 && box.bottom > 0 && box.top < innerHeight]
            }"""
        )
        if at[0].startswith(name):
            assert at[1], f"{name} has the focus outside what can be seen"
            return
    raise AssertionError(f"Tab does not lead to {name}")


def follow_menu(page: Any, name: str, under: str = "") -> None:
    """Follow a link of the menu above every page; on a narrow one it may stand under “More”.

    `under`: the heading of the menu whose page has it.
    """
    if under:
        follow_menu(page, under)
        page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
        page.wait_for_load_state()
        return
    page.wait_for_load_state()
    menu = page.get_by_role("navigation", name="Menu")
    link, more = menu.get_by_role("link", name=name, exact=True), menu.get_by_role("button", name="More")
    # a page on its way has neither yet: only when one of them is seen is it known where the link stands
    expect(link.or_(more).filter(visible=True).first).to_be_visible()
    if not link.is_visible():
        more.click()
    link.click()
    page.wait_for_load_state()


def date_in(page: Any, name: str, day: date) -> None:
    """Type a date into its three boxes."""
    boxes = page.get_by_role("group", name=name)
    for part, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        boxes.get_by_label(part).fill(str(number))


def heading(page: Any, words: str | re.Pattern[str]) -> None:
    """Expect to be on the page with this heading."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def fits(page: Any) -> None:
    """Expect that nothing has to be moved sideways to be read, as soon as the page's script has drawn the menu."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for _ in range(40):
        if page.evaluate(wide) <= 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{page.url} is wider than the screen by {page.evaluate(wide)}")
