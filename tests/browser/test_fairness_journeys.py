"""What a student asks for, walked in a real browser without a script: more time, and a decision looked at again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from recovery_college.kernel import clock
from tests.browser.conftest import PASSWORD, Guests
from tests.browser.steps import date_in, follow, heading, press, said

pytestmark = pytest.mark.browser


def test_a_student_asks_for_time_and_has_a_decision_looked_at_again(actors: Guests) -> None:
    # Given people whose browsers run no script
    student, tutor, admin = (
        actors.new_tab(key, java_script_enabled=False) for key in ("student", "tutor", "admin")
    )
    # When the student presses one button, and gives no reason
    student.goto("/my-progress")
    press(student, "I need more time")
    said(student, "You asked for more time. Your tutor will answer you. You do not have to say why.")
    # Then the tutor finds it on their home page and gives the time
    tutor.goto("/")
    follow(tutor, re.compile("ask for time"))
    said(tutor, "They were not asked why, and do not have to say.")
    follow(tutor, re.compile("Aisha O’Neill"))
    tutor.get_by_role("radio", name="Yes", exact=True).check()
    press(tutor, "Send the answer")
    said(tutor, "There is a problem")
    date_in(tutor, "Until which day?", clock.today() + timedelta(days=40))
    press(tutor, "Send the answer")
    student.goto("/my-progress")
    said(student, "you have more time")
    # When the student, whose appeal was answered, asks for a second review
    student.goto("/")
    follow(student, re.compile("answer to your appeal: Unit DEMO-2, 2.2"))
    said(student, "The decision stands.")
    press(student, "Ask for a second review")
    student.get_by_label(re.compile("Is there anything you would like to say")).fill(
        "Page 2 names my sister."
    )
    press(student, "Ask for a second review")
    said(student, "The college is finding somebody who had no part in it.")
    # And the administrator names somebody, who can be neither the assessor nor whoever looked first
    admin.goto("/")
    follow(admin, re.compile("appeals? waits? for you"))
    admin.get_by_role("row", name=re.compile("Aisha O’Neill")).get_by_role("link").click()
    heading(admin, "Appeal: Aisha O’Neill")
    choice = admin.get_by_label("Who will do it?")
    offered = " ".join(choice.locator("option").all_inner_texts())
    assert "Maya Lindqvist" not in offered
    assert "Siân Llewellyn-Jones" not in offered
    choice.select_option("Hilary Okonjo (Internal quality assurer)")
    press(admin, "Ask them")
    # Then the reviewer signs in, finds it, and says what they found
    reviewer = actors.new_tab("", java_script_enabled=False)
    sign_in(reviewer, "reviewer")
    follow(reviewer, re.compile("appeal waits for you"))
    follow(reviewer, "Aisha O’Neill")
    said(reviewer, "Page 2 names my sister.")
    press(reviewer, "Say what you found")
    press(reviewer, "Save what I found")
    said(reviewer, "There is a problem")
    reviewer.get_by_role("radio", name="Upheld", exact=True).check()
    reviewer.get_by_label("Why?").fill("Page 2 does name who helps.")
    reviewer.get_by_label("What happens next?").fill("Another assessor decides it again this week.")
    reviewer.get_by_role("group", name="Are other students affected?").get_by_label("No").check()
    press(reviewer, "Save what I found")
    # And the student reads it at once
    student.goto("/")
    follow(student, re.compile("answer to your appeal: Unit DEMO-2, 2.2"))
    said(student, "You were right.")
    said(student, "Page 2 does name who helps.")
    # And the administrator is asked who makes the new decision
    admin.goto("/")
    follow(admin, re.compile("appeals? waits? for you"))
    admin.get_by_role("row", name=re.compile("Aisha O’Neill")).get_by_role("link").click()
    said(admin, "Who makes the new decision?")
    for page in (student, tutor, admin, reviewer):
        assert [line for line in page.troubles if "422" not in line] == []


def sign_in(page: Any, key: str) -> None:
    """By the form, as everybody does."""
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(f"{key}@demo.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
