"""External quality assurance walked in a real browser, from an engagement opened to an action noted as done."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import expect

from recovery_college.kernel import clock
from tests.browser.conftest import Guests
from tests.browser.steps import date_in, enter, follow, follow_menu, heading, press, said, tab_to

pytestmark = pytest.mark.browser


def test_a_visit_from_its_opening_to_what_became_of_it(actors: Guests) -> None:
    today = clock.today()
    # Given a college that opens two cohorts to the external
    iqa, eqa = actors.tab("iqa"), actors.tab("eqa")
    iqa.goto("/")
    follow_menu(iqa, "External quality")
    press(iqa, "Open an engagement")
    iqa.get_by_label("Email address of the external quality assurer").fill("eqa@demo.example")
    iqa.get_by_label("What the engagement is about").fill("Winter visit")
    for cohort in ("Cohort 12 (FEN-12)", "Cohort 11 (FEN-11)"):
        iqa.get_by_role("checkbox", name=cohort).check()
    date_in(iqa, "First day", today)
    date_in(iqa, "Last day", today + timedelta(days=5))
    press(iqa, "Open the engagement")
    said(iqa, "The engagement is open to them from its first day.")
    # When the external picks a student's unit, by keyboard alone
    eqa.goto("/")
    tab_to(eqa, "1 sample to pick")
    enter(eqa)
    tab_to(eqa, "Pick from Cohort 12")
    enter(eqa)
    tab_to(eqa, "Pick Aisha O’Neill, Unit DEMO-2")
    eqa.keyboard.press("Space")
    tab_to(eqa, "Add to my sample")
    enter(eqa)
    said(eqa, "1 unit is in your sample.")
    # Then what is picked opens, but the private piece: the student is asked
    open_pick(eqa, "Aisha O’Neill, Unit DEMO-2")
    said(eqa, "Words that shut a door")
    expect(eqa.get_by_role("heading", name="What I would share, and how I stay well")).to_have_count(0)
    press(eqa, "Ask the student")
    said(eqa, "The student has not answered yet.")
    student = actors.tab("student", 390)
    student.goto("/")
    follow(student, re.compile("question about your private work"))
    said(student, "They see a piece that you marked as private only if you say yes.")
    follow(student, re.compile("^Answer"))
    student.get_by_role("radio", name="Yes, they may see it").check()
    press(student, "Save my answer")
    said(student, "yes, they may see it")
    eqa.reload()
    expect(eqa.get_by_role("heading", name="What I would share, and how I stay well")).to_be_visible()
    # When they pick a graduate and take away the certificate
    to_visit(eqa)
    follow(eqa, "Pick from Cohort 11")
    eqa.get_by_role("checkbox", name="Pick Rhiannon Gruffydd, Unit DEMO-1").check()
    press(eqa, "Add to my sample")
    open_pick(eqa, "Rhiannon Gruffydd, Unit DEMO-1")
    follow(eqa, re.compile("^RC-"))
    with eqa.expect_download() as waiting:
        eqa.get_by_role("main").get_by_role("link", name=re.compile("PDF|Download")).first.click()
    with pikepdf.open(BytesIO(waiting.value.path().read_bytes())) as pdf:
        assert pdf.Root.MarkInfo.Marked
    # And write the report, with an action
    to_visit(eqa)
    follow(eqa, "Write your report")
    eqa.get_by_label("What you looked at").fill("Two units of two students.")
    eqa.get_by_label("What should the college do?").fill("Say in each observation how long it was.")
    date_in(eqa, "By when?", today + timedelta(days=30))
    press(eqa, "Add this action")
    said(eqa, "Say in each observation how long it was.")
    expect(eqa.get_by_label("What you looked at")).to_have_value("Two units of two students.")
    eqa.get_by_role("radio", name="Actions before the next visit").check()
    press(eqa, "Send to the college")
    said(eqa, "Sent")
    # Then the college reads it and notes what was done
    iqa.goto("/")
    follow(iqa, re.compile("actions? from (an )?external report"))
    follow(iqa, "Say in each observation how long it was.")
    iqa.get_by_label("What was done?").fill("The form asks for it now.")
    iqa.get_by_role("group", name="Is this action done?").get_by_label("Yes").check()
    press(iqa, "Save the note")
    # And the external sees what became of it
    to_visit(eqa)
    expect(eqa.get_by_role("row", name=re.compile("^Say in each observation"))).to_contain_text(
        "The form asks for it now."
    )
    for page in actors.tabs.values():
        assert page.troubles == []


def to_visit(eqa: Any) -> None:
    """The page of the visit, by the menu."""
    follow_menu(eqa, "External quality")
    follow(eqa, "Winter visit")


def open_pick(eqa: Any, name: str) -> None:
    """Open a pick from the page of the visit."""
    to_visit(eqa)
    follow(eqa, name)
    heading(eqa, name.partition(", ")[0])
