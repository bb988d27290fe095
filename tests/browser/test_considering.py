"""A manager decides in under a minute: from the home page to the saved decision, by mouse and by keyboard."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from recovery_college.careers.models import Vacancy
from recovery_college.kernel.db import session
from tests.browser.conftest import Guests
from tests.browser.steps import enter, fits, tab_to
from tests.browser.test_journeys import follow, press, said

pytestmark = pytest.mark.browser


def test_a_manager_decides_in_under_a_minute(actors: Guests) -> None:
    # Given a manager with vacancies that wait, on a laptop
    page = actors.tab("manager")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto("/")
    begun = time.monotonic()
    # When they follow the line of their home page to the nearest deadline that is not over
    follow(page, re.compile("wait for an answer|waits for an answer"))
    follow(page, "Support worker")
    # Then the one page says what the job is, why they are asked, and whether graduates fit
    expect(page.get_by_role("heading", level=1)).to_have_text("Could a peer support worker do this job?")
    said(page, "Why you are asked")
    said(page, "Graduates who fit just now")
    # And the decision can be made without scrolling
    button = page.get_by_role("button", name="Save my decision")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768, f"the button ends at {box['y'] + box['height']}"
    # When they look at what to copy, choose, and save
    page.get_by_text("Role paragraph and person specification to copy").click()
    said(page, "Copy the person specification")
    page.get_by_label("Open to both").check()
    press(page, "Save my decision")
    # Then it is saved, within the minute
    said(page, "Thank you, your decision is saved")
    assert time.monotonic() - begun < 60
    said(page, "Open to both")


def test_a_refusal_by_keyboard_with_its_draft_kept_and_reopened(actors: Guests) -> None:
    # Given a manager who has begun to type
    with actors.app.app_context():
        due = select(Vacancy.id).where(Vacancy.title == "Community support worker")
        here = f"/vacancies/{session().scalars(due).one()}/consideration"
        session().rollback()
    page = actors.tab("manager")
    page.goto(here)
    page.get_by_role("radio", name="Not a PSW role").focus()
    page.keyboard.press("Space")
    page.get_by_label("Why is it not a PSW role?").select_option(label="Another reason")
    page.get_by_label("Say why, in a sentence or two").fill("Half a thought")
    # When the draft saves itself, and they come back later
    expect(page.get_by_role("status").filter(has_text="Draft saved")).to_contain_text(
        "Nothing is decided yet"
    )
    page.goto(here)
    # Then what they typed is there, and nothing is decided
    expect(page.get_by_label("Say why, in a sentence or two")).to_have_value("Half a thought")
    page.get_by_role("button", name="Save my decision").focus()
    page.keyboard.press("Enter")
    said(page, "Thank you, your decision is saved")
    # And a refusal can be reopened
    follow(page, "Change the decision")
    page.get_by_label("Yes, advertise it as a PSW post").check()
    press(page, "Save my decision")
    said(page, "PSW post")


def test_a_card_moved_by_keyboard_has_the_focus_and_says_where_it_is(actors: Guests) -> None:
    # Given a manager on the board of one vacancy
    page = actors.tab("manager")
    page.goto("/pipeline")
    page.get_by_text("One vacancy only").click()
    page.get_by_role("group").get_by_role("link", name="Peer engagement worker").click()
    expect(page.get_by_role("link", name="Show all vacancies")).to_be_visible()
    narrowed = page.url
    # When they reach a card's button with Tab and press Enter
    tab_to(page, "To interview")
    name = page.evaluate("document.activeElement.closest('li').querySelector('a').innerText")
    enter(page)
    # Then the board is as narrow as before, and the focus is on the card, with what happened
    assert page.url.split("#")[0] == narrowed
    link = page.locator(".rc-card a:focus")
    expect(link).to_have_text(name)
    expect(link).to_have_accessible_description(re.compile(f"{name} is moved to “Interview”"))
    # And its next button is one Tab away
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").startswith("Move to")


@pytest.mark.parametrize("who", ["manager", "iqa", "admin", "peer.tutor"])
def test_sign_out_stands_beside_the_name_on_a_narrow_screen(guests: Guests, who: str) -> None:
    page = guests.tab(who, 320)
    page.goto("/")
    boxes = [one.bounding_box() for one in page.locator(".nhsuk-header__account-item").all()]
    assert len({box["y"] for box in boxes}) == 1, "one line"
    fits(page)
