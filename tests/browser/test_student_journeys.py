"""What a student does by themselves, in a real browser: hand in on a phone, read, hand in again, see credit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Guests
from tests.browser.steps import fits, follow, follow_menu, heading, press, said

pytestmark = pytest.mark.browser


def test_a_student_hands_in_on_a_phone_until_it_is_met_and_sees_the_credit(actors: Guests) -> None:
    # Given a student on a phone, whose home page says what would make a criterion met
    phone = actors.tab("student", 390)
    phone.goto("/")
    said(phone, "It is not yet met, and you can try again. Here is what would make it met:")
    press(phone, "Hand it in")
    # Then a draft about something else does not stand in the way, and is kept
    said(phone, "You have a draft:")
    hand_in = phone.url
    expect(phone.get_by_role("link", name="Ending a talk well")).to_be_visible()
    expect(phone.get_by_role("checkbox", name=re.compile("^2.2 make a plan"))).to_be_checked()
    fits(phone)
    # When they hand in and forget half of it
    phone.get_by_label("Give it a name").fill("Who helps me")
    phone.get_by_label("Write it here").fill("My sister rings on Sundays. My supervisor knows the signs.")
    press(phone, "Hand it in")
    # Then they are told what is missing, and what they wrote is there
    expect(phone.get_by_role("alert")).to_contain_text("Choose what it is")
    expect(phone.get_by_label("Write it here")).to_have_value(re.compile("My sister rings on Sundays"))
    statements(phone)
    press(phone, "Hand it in")
    said(phone, "Handed in. Your tutor can see it now.")
    # When the tutor decides that it is not yet met, and the student reads that
    decide(actors, "Not yet met", "Nearly there: say as well when you would ring her.")
    phone.goto("/")
    said(phone, "Nearly there: say as well when you would ring her.")
    follow_menu(phone, "My progress")
    expect(phone.get_by_role("article", name="Unit DEMO-2, 2.2: not yet met").first).to_contain_text(
        "Nearly there"
    )
    # Then the tries are used up, and they are told whom to talk to
    said(phone, "you have used the tries the course plans for it")
    fits(phone)
    # When they hand in all the same, one more is agreed, and it is met
    phone.goto(hand_in)
    phone.get_by_label("Give it a name").fill("Who helps me, again")
    phone.get_by_label("Write it here").fill("I ring my sister when I have slept badly twice.")
    statements(phone)
    press(phone, "Hand it in")
    said(phone, "Handed in. Your tutor can see it now.")
    agree_to_one_more(actors)
    decide(actors, "Met", "That is a plan.")
    # Then it counts, and their draft waits where they left it
    phone.goto("/my-progress")
    said(phone, "You have met 14 of 40 criteria")
    follow(phone, "Go on with your draft")
    expect(phone.get_by_label("Write it here")).to_have_value(re.compile("what a good day looks like"))
    # And they find what is achieved and its credit
    follow_menu(phone, "My progress")
    follow(phone, "Units you have achieved, and their credit")
    heading(phone, "Units you have achieved")
    said(phone, "3 credits achieved. The awarding organisation has confirmed none of them yet.")
    fits(phone)
    assert [line for line in phone.troubles if "422" not in line] == []


def statements(page: Any) -> None:
    """What it is, and the statements that go with it."""
    page.get_by_role("radio", name="Reflective account").check()
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_role("checkbox", name=re.compile("^This is my own work")).check()
    page.get_by_role("checkbox", name=re.compile("^I have taken out names")).check()


def decide(actors: Guests, outcome: str, words: str) -> None:
    """The tutor finds the piece on their home page, decides about it and releases it."""
    tutor = actors.tab("tutor")
    open_work(tutor)
    tutor.get_by_label("Feedback").fill(words)
    press(tutor, outcome)
    said(tutor, "Saved: ")
    tutor.goto("/")
    follow(tutor, re.compile("drafted, not released"))
    follow(tutor, re.compile("^Release drafts"))
    tutor.get_by_role("main").get_by_role("button", name=re.compile("^Release")).first.click()
    said(tutor, "Released ")


def agree_to_one_more(actors: Guests) -> None:
    """The course plans one resubmission: the tutor asks for another, and quality assurance agrees."""
    tutor, iqa = actors.tab("tutor"), actors.tab("iqa")
    open_work(tutor)
    said(tutor, "This would be attempt 3.")
    follow(tutor, "ask for one more")
    tutor.get_by_label("Why should there be one more?").fill("It is nearly there")
    press(tutor, "Ask")
    said(tutor, "One more is asked for, and not answered yet")
    iqa.goto("/")
    follow(iqa, re.compile("requests? for one more resubmission"))
    follow(iqa, "Aisha O’Neill, Unit DEMO-2 2.2")
    follow(iqa, "See the work and what was decided")
    said(iqa, "Nearly there: say as well when you would ring her.")
    iqa.go_back()
    iqa.get_by_role("radio", name="Agree to one more resubmission").check()
    press(iqa, "Save answer")
    said(iqa, "Answered.")


def open_work(tutor: Any) -> None:
    """From the home page to what the student handed in, and to the criterion it is about."""
    tutor.goto("/")
    follow(tutor, re.compile("pieces? of evidence to look at"))
    tutor.get_by_role("row", name=re.compile("Aisha.*DEMO-2: 2.2")).get_by_role("link").last.click()
    follow(tutor, "Unit DEMO-2, 2.2")
