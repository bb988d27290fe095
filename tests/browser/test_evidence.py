"""Handing in, in a browser: saved while one types, two windows, no connection, an upload with its progress."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_models import Evidence, EvidenceDraft
from recovery_college.kernel.db import session
from tests.browser.conftest import Opens
from tests.factories.evidence import A_PDF
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in

pytestmark = pytest.mark.browser


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_marked_cohort(2)


@pytest.fixture
def form(made: MarkedCohort, opens: Opens, data_folder: Path) -> Any:
    """A student at the form, with everything filled in but words and files."""
    student = signed_in(Role.STUDENT, person=made.people[0])
    return at_form(opens, made, student)


def at_form(opens: Opens, made: MarkedCohort, student: Any, **how: Any) -> Any:
    return opens(student, f"/my-progress/{made.enrolments[0]}/hand-in", **how)


def fill_in(page: Any, criterion: object) -> None:
    page.fill("#title", "Listening")
    page.check("input[name=kind][value=product]")
    page.click("summary >> text=Working from experience 1")
    page.check(f"#c-{criterion}")
    page.check("input[name=ai_use][value=none]")
    page.check("input[name=own_work]")
    page.check("input[name=no_names]")


def count(model: Any) -> int:
    session().rollback()
    found = session().scalar(select(func.count()).select_from(model)) or 0
    session().rollback()  # on SQLite a test that looks would keep the server from writing
    return found


def test_what_one_types_is_saved_and_a_second_window_overwrites_nothing(
    made: MarkedCohort, opens: Opens, data_folder: Path
) -> None:
    student = signed_in(Role.STUDENT, person=made.people[0])
    first = at_form(opens, made, student)
    first.fill("#body", "To be found again")
    first.wait_for_selector("text=Draft saved")
    expect(first).to_have_url(re.compile(r"\?draft="))
    second = at_form(opens, made, student, width=320)
    expect(second.locator("#body")).to_have_value("To be found again")
    first.fill("#body", "In the first window")
    expect(first.locator("[name=seen]")).to_have_value("2")
    assert count(EvidenceDraft) == 1
    second.fill("#body", "In the second window")
    second.wait_for_selector("text=this draft was changed in another window")
    expect(second.locator("#body")).to_have_value("In the second window")
    second.click("text=Keep what is here")
    second.wait_for_selector("text=Draft saved")
    first.reload()
    expect(first.locator("#body")).to_have_value("In the second window")


def test_a_draft_thrown_away_stays_gone_and_another_window_keeps_its_words(
    made: MarkedCohort, opens: Opens, data_folder: Path
) -> None:
    student = signed_in(Role.STUDENT, person=made.people[0])
    first = at_form(opens, made, student)
    first.fill("#body", "Begun")
    first.wait_for_selector("text=Draft saved")
    second = at_form(opens, made, student, width=320)
    first.reload()
    first.click("summary >> text=Throw this draft away")
    first.fill("#body", "Typed just before it goes")
    first.click('button:has-text("Throw it away")')
    first.wait_for_selector("text=The draft is gone")
    second.fill("#body", "Typed elsewhere")
    second.wait_for_selector("text=handed in or thrown away in another window")
    assert count(EvidenceDraft) == 0
    second.click("text=Keep them as a new draft")
    second.wait_for_selector("text=Draft saved")
    assert count(EvidenceDraft) == 1


def test_a_lost_connection_is_told_and_tried_again(form: Any) -> None:
    form.route("**/hand-in", lambda route: route.abort())
    form.fill("#body", "Written on a train")
    form.wait_for_selector("text=no connection")
    assert form.input_value("#body") == "Written on a train"
    assert count(EvidenceDraft) == 0
    form.unroute("**/hand-in")
    form.wait_for_selector("text=Draft saved", timeout=20_000)
    assert count(EvidenceDraft) == 1


def test_an_upload_goes_to_its_page_and_a_refused_one_keeps_the_words(form: Any, made: MarkedCohort) -> None:
    fill_in(form, made.criteria[0])
    form.fill("#body", "Beside the file")
    form.set_input_files("#files", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"no pdf"})
    form.click('button:has-text("Hand it in")')
    form.wait_for_selector("text=There is a problem")
    expect(form.locator("#body")).to_have_value("Beside the file")
    assert count(Evidence) == 0
    form.set_input_files("#files", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": A_PDF})
    form.click('button:has-text("Hand it in")')
    form.wait_for_selector("text=Your tutor can see it now")
    expect(form).to_have_url(re.compile("/evidence/"))
    assert count(Evidence) == 1


def test_without_scripts(made: MarkedCohort, opens: Opens, data_folder: Path) -> None:
    student = signed_in(Role.STUDENT, person=made.people[0])
    page = at_form(opens, made, student, scripts=False)
    page.fill("#body", "Plain")
    page.click("text=Save draft")
    expect(page.locator("main")).to_contain_text("It is not handed in yet")
    fill_in(page, made.criteria[0])
    page.set_input_files("#files", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": A_PDF})
    page.click('button:has-text("Hand it in")')
    expect(page.locator("main")).to_contain_text("Your tutor can see it now")
