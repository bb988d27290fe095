"""A graduate's way to a yes, and back: what the manager sees at each step; on a phone, with scripts and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from recovery_college.access.rules import Role
from tests.browser.conftest import Opens
from tests.factories.candidates import an_open_post
from tests.factories.careers import a_manager
from tests.factories.people import signed_in

pytestmark = pytest.mark.browser


def said(page: Any, words: str) -> None:
    expect(page.get_by_role("main")).to_contain_text(words)


def press(page: Any, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_wishes_to_a_yes_and_back(app: object, opens: Opens, scripts: bool) -> None:
    # Given a post that is open, and a graduate who has said nothing yet
    manager = a_manager()
    post = an_open_post(manager, title="Peer worker", weekly_hours="22.5", site="Cambridge", setting="ward")
    graduate = opens(signed_in(Role.GRADUATE, name="Greta"), "/my-future", width=320, scripts=scripts)
    staff = opens(manager, f"/vacancies/{post.id}/candidates", scripts=scripts)
    said(staff, "Graduates who fit just now: none")
    # When she says what she would like, by keyboard
    graduate.get_by_role("link", name="Say what I would like").click()
    graduate.get_by_label("The most hours a week").fill("20")
    graduate.get_by_label("Cambridge").first.focus()
    graduate.keyboard.press("Space")
    press(graduate, "Save what I would like")
    said(graduate, "At most 20 hours a week")
    # And lets it be compared, and her hours be shown after a yes
    graduate.get_by_role("link", name="Choose what others may see").first.click()
    graduate.get_by_label("Yes, compare it").check()
    shown = graduate.get_by_role("group", name="What may a manager see, once you say yes to their vacancy?")
    shown.get_by_label("My name").check()
    shown.get_by_label("My hours").check()
    press(graduate, "Save my choice")
    # Then the job nearly fits, and says what is missing
    graduate.get_by_role("link", name="See all jobs with their reasons").click()
    said(graduate, "It is 22.5 hours a week, and you want at most 20 hours a week")
    graduate.get_by_role("link", name="Peer worker").click()
    # And its manager still reads no name
    staff.reload()
    said(staff, "Some nearly fit")
    said(staff, "Nobody has said yes yet")
    # When she says yes, the manager sees her name and hours
    press(graduate, "Yes, they may see me")
    said(graduate, "You said yes")
    staff.reload()
    said(staff, "Greta")
    said(staff, "At most 20 hours a week")
    # When she takes it back while the manager has the page open, the next click finds nobody
    press(graduate, "Take my yes back")
    staff.get_by_role("link", name="Greta").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("This candidate is not shown")
    # And having a break takes one button
    graduate.goto("/my-future")
    press(graduate, "Have a break")
    said(graduate, "You are having a break")
    staff.goto(f"/vacancies/{post.id}/candidates")
    said(staff, "Graduates who fit just now: none")
