"""Quality assurance walked in a real browser: from a home page to a plan, a look, a verdict, a closed sample."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from recovery_college.kernel import clock
from tests.browser.conftest import Guests
from tests.browser.steps import date_in, follow, heading, press, said

pytestmark = pytest.mark.browser


def test_a_quality_assurer_plans_looks_decides_and_closes(actors: Guests) -> None:
    soon = clock.today() + timedelta(days=10)
    # Given a quality assurer whose home page says that units wait
    iqa = actors.tab("iqa")
    iqa.goto("/")
    follow(iqa, re.compile("units to quality assure"))
    heading(iqa, "Quality assurance")
    # When they add a student to the plan, who is to be looked at while the course runs
    follow(iqa, "Sampling plan")
    heading(iqa, "Sampling plan")
    who = next(
        name
        for name in ("Cai Parry-Hughes, Unit DEMO-2", "Hawwa Suleiman, Unit DEMO-2")
        if iqa.get_by_role("row", name=re.compile(f"{name}.*While the course runs")).count() == 0
    )
    follow(iqa, "Add to the plan")
    iqa.get_by_label("Student and unit").select_option(who)
    iqa.get_by_role("radio", name="While the course runs").check()
    iqa.get_by_label("Why this one?").fill("Feedback on “not yet met” is new to this assessor")
    press(iqa, "Add")
    said(iqa, "Added to the plan")
    # Then the pick leads to the work, and from there to the check
    picked = iqa.get_by_role("row", name=re.compile(f"{who}.*While the course runs"))
    expect(picked).to_contain_text("Not yet")
    picked.get_by_role("link", name=who, exact=True).click()
    heading(iqa, "Using lived experience with care")
    follow(iqa, "Record an interim check")
    iqa.get_by_role("radio", name="Something to put right").check()
    iqa.get_by_label("What did you see?").fill("The feedback on 2.2 asks for something else than 2.2")
    iqa.get_by_label("What should the assessor do?").fill("Say what 2.2 asks for: who helps")
    date_in(iqa, "By when?", soon)
    press(iqa, "Save check")
    said(iqa, "Interim check recorded")
    set_aside_picks(iqa, "Unit DEMO-1")
    # When they confirm one unit and return another
    iqa.goto("/")
    follow(iqa, re.compile("units to quality assure"))
    heading(iqa, "Quality assurance")
    before = iqa.get_by_role("main").get_by_role("link", name=re.compile("^Waits")).count()
    follow(iqa, re.compile("^Waits for IQA.*Unit DEMO-2"))
    looked_at = iqa.get_by_role("group", name="Which criteria did you look at?").get_by_role("checkbox")
    expect(looked_at.first).to_be_visible()
    for criterion in looked_at.all():
        criterion.check()
    iqa.get_by_role("radio", name="Confirm").check()
    press(iqa, "Save verdict")
    said(iqa, "Confirmed: ")
    # Then they are where the others wait
    expect(iqa.get_by_role("main").get_by_role("link", name=re.compile("^Waits"))).to_have_count(before - 1)
    follow(iqa, re.compile("^Waits again"))
    iqa.get_by_role("checkbox").first.check()
    iqa.get_by_role("radio", name="Return to the assessor").check()
    iqa.get_by_label("What should the assessor do?").fill("Weigh both values")
    date_in(iqa, "By when?", soon)
    press(iqa, "Save verdict")
    said(iqa, "Returned to the assessor: ")
    # When they close the sample of the first unit
    follow(iqa, re.compile("^Close the sample of Unit DEMO-1"))
    press(iqa, "Close the sample and verify 1 student")
    said(iqa, "Sample closed. 1 more unit is verified.")
    said(iqa, "Nothing waits for internal quality assurance (IQA) now.")
    # Then coverage tells it, and the tutor finds what is asked of them
    follow(iqa, "What the sample has covered")
    heading(iqa, "What the sample has covered")
    expect(iqa.get_by_role("table", name=re.compile("^Assessors"))).to_contain_text("Maya Lindqvist")
    tutor = actors.tab("tutor")
    tutor.goto("/")
    said(tutor, "unit sent back by quality assurance: Unit DEMO-1, Małgorzata Żuraw")
    waiting = tutor.get_by_role("main").get_by_role(
        "link", name=re.compile("quality action for you: interim check")
    )
    many = waiting.count()
    waiting.last.click()
    said(tutor, "Say what 2.2 asks for: who helps")
    tutor.get_by_role("textbox").fill("The feedback names it now")
    press(tutor, "Save as done")
    heading(tutor, "Quality actions")
    tutor.goto("/")
    expect(waiting).to_have_count(many - 1)
    for page in actors.tabs.values():
        assert page.troubles == []


def set_aside_picks(iqa: Any, unit: str) -> None:
    """Set aside whom chance has drawn in this unit and nobody has looked at, so that its sample may be closed."""
    iqa.goto("/cohorts")
    follow(iqa, "Cohort 12")
    follow(iqa, re.compile("^Quality assurance"))
    follow(iqa, "Sampling plan")
    heading(iqa, "Sampling plan")
    ways = iqa.get_by_role("row", name=re.compile(f"{unit} When assessed")).get_by_role(
        "link", name="Set aside"
    )
    for _ in range(ways.count()):
        ways.first.click()
        iqa.get_by_label("Why is it set aside?").fill("Enough of this unit was looked at")
        press(iqa, "Set aside")
        said(iqa, "Set aside. It stays in the plan with your reason.")
