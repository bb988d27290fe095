"""README's ten minutes, walked in a real browser: each role does its part, and the next one finds it done."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from recovery_college.careers.team_models import TeamVisit
from recovery_college.graduation.models import CertificateBatch
from recovery_college.graduation.tasks import go_on_with_certificates
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.browser.conftest import PASSWORD, Guests
from tests.browser.places import places_of
from tests.browser.steps import enter, follow, press, said, tab_to

pytestmark = pytest.mark.browser

VACANCIES = """\
reference,title,band,weekly_hours,team,manager_email
JOURNEY-1,Support worker for the journey,Band 3,22.5,Heron Ward,manager@demo.example
JOURNEY-2,Nurse for the journey,Band 5,37.5,Heron Ward,manager@demo.example
"""


@pytest.fixture
def places(actors: Guests) -> dict[str, str]:
    return places_of(actors.app)


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def issue_what_was_asked_for(actors: Guests) -> None:
    """What the worker beside the pages does within seconds."""
    with actors.app.app_context():
        waiting = (
            session().scalars(select(CertificateBatch.id).where(CertificateBatch.finished_at.is_(None))).all()
        )
        session().rollback()
        assert waiting
        for batch_id in waiting:
            go_on_with_certificates(batch_id)


def test_from_a_decision_to_a_checked_certificate(actors: Guests, places: dict[str, str]) -> None:
    # Given a tutor whose student waits for feedback
    tutor = actors.tab("tutor")
    tutor.goto("/cohorts")
    follow(tutor, "Cohort 12")
    follow(tutor, re.compile("^Marking"))
    # When they mark a criterion and release it
    tutor.goto(f"/cohorts/{places['running']}/marking/{places['next_of_student']}")
    tutor.get_by_label("Feedback").fill("The journey reads well")
    tutor.get_by_role("button", name="Met", exact=True).click()
    said(tutor, "Saved: ")
    tutor.goto(f"/cohorts/{places['running']}/marking/release")
    press(tutor, "Release")
    said(tutor, "Released ")
    # Then the student sees it in their progress
    student = actors.tab("student")
    student.goto("/my-progress")
    for summary in student.locator("main summary").all():
        summary.click()
    said(student, "The journey reads well")
    # When quality assurance confirms a unit that waits
    iqa = actors.tab("iqa")
    iqa.goto(f"/cohorts/{places['running']}/quality/{places['waiting']}")
    iqa.get_by_role("group", name="Which criteria did you look at?").get_by_role("checkbox").first.check()
    iqa.get_by_role("radio", name="Confirm").check()
    iqa.get_by_role("main").get_by_role("button").last.click()
    # Then the board says so
    said(iqa, "Confirmed: ")
    # When the administrator issues the certificates of the finished cohort
    admin = actors.tab("admin")
    admin.goto("/cohorts")
    follow(admin, "Cohort 11")
    follow(admin, re.compile("^Graduation"))
    press(admin, "Issue 4 certificates")
    issue_what_was_asked_for(actors)
    # Then the page, which looks again by itself, says that all four are through
    expect(admin.get_by_role("main")).to_contain_text("4 of 4", timeout=20_000)
    # When the graduate downloads their own
    graduate = actors.tab("graduate")
    graduate.goto("/my-future")
    with graduate.expect_download() as waiting:
        follow(graduate, "Download your certificate (PDF)")
    # Then it is a tagged PDF with their name
    with pikepdf.open(BytesIO(waiting.value.path().read_bytes())) as pdf:
        assert pdf.Root.MarkInfo.Marked
    # And whoever has its code can check it
    public = actors.tab("")
    public.goto("/verify")
    public.get_by_label("Code on the certificate").fill(places["own_code"].lower())
    public.get_by_role("main").get_by_role("button").click()
    expect(public.get_by_role("heading", level=1)).to_have_text("This certificate is valid")
    for page in actors.tabs.values():
        assert page.troubles == []


def test_from_a_file_of_vacancies_to_the_report(actors: Guests, scripts: bool, tmp_path: Any) -> None:
    # Given a file of two vacancies, one of which the rule asks about
    file = tmp_path / "journey.csv"
    file.write_text(VACANCIES, "utf-8")
    hr, manager, auditor = (
        actors.new_tab(key, java_script_enabled=scripts) for key in ("hr", "manager", "auditor")
    )
    auditor.goto("/reports/consideration")
    before = on_time(auditor)
    # When HR imports it by the four pages
    hr.goto("/vacancies/import/vacancies")
    press(hr, "Continue")
    hr.get_by_label("Your file").set_input_files(file)
    hr.get_by_role("main").get_by_role("button").last.click()
    expect(hr.get_by_role("heading", level=1)).to_have_text("Check 2 rows")
    press(hr, "Import all 2 rows")
    expect(hr.get_by_role("heading", level=1)).to_have_text("Vacancies imported")
    said(hr, "2 made")
    # And the manager finds it in their list and considers it
    manager.goto("/considerations")
    follow(manager, re.compile("Support worker for the journey"))
    manager.get_by_role("radio", name="Yes, advertise it as a PSW post").check()
    press(manager, "Save my decision")
    said(manager, "Thank you, your decision is saved")
    # Then the report counts it, and the trail tells the auditor
    auditor.goto("/reports/consideration")
    assert on_time(auditor) == before + 1
    auditor.goto("/audit")
    expect(auditor.get_by_role("row", name=re.compile("Priya Raman .*consideration")).first).to_be_visible()
    expect(
        auditor.get_by_role("row", name=re.compile("Daniel Osei .*import", re.IGNORECASE)).first
    ).to_be_visible()
    for page in (hr, manager, auditor):
        assert page.troubles == []


def on_time(page: Any) -> int:
    """How many decisions came on time, as the report says."""
    found = re.search(r"On time\s+(\d+) of", page.get_by_role("main").inner_text())
    assert found
    return int(found[1])


def test_a_manager_decides_by_keyboard_alone(actors: Guests, places: dict[str, str]) -> None:
    # Given a manager who uses no mouse
    page = actors.new_tab("")
    page.goto("/considerations")
    tab_to(page, "Email address")
    page.keyboard.type("manager@demo.example")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    enter(page)
    # When they sign in and open what is due
    expect(page).to_have_url(re.compile("/considerations$"))
    tab_to(page, "Community support worker")
    enter(page)
    tab_to(page, "Yes, advertise it as a PSW post")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Not a PSW role")).to_be_checked()
    # And forget the reason
    tab_to(page, "Save my decision")
    enter(page)
    # Then the summary has the focus, and leads to the field
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why is it not a PSW role?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    tab_to(page, "Save my decision")
    enter(page)
    # And the decision is saved
    said(page, "Thank you, your decision is saved")
    assert [line for line in page.troubles if "422" not in line] == []


@pytest.fixture(params=[("tutor", "/cohorts/{running}/marking"), ("hr", "/reports/consideration"),
                        ("student", "/my-progress")], ids=["marking", "report", "progress"])  # fmt: skip
def printed(actors: Guests, places: dict[str, str], request: pytest.FixtureRequest) -> Any:
    who, path = request.param
    page = actors.tab(who)
    page.goto(path.format(**places))
    return page


def test_on_paper_there_is_nothing_to_press(printed: Any) -> None:
    heading = printed.get_by_role("heading", level=1)
    navigation = printed.get_by_role("navigation")
    assert navigation.count() > 1
    assert heading.is_visible()
    printed.emulate_media(media="print")
    assert heading.is_visible()
    assert [one.get_attribute("aria-label") for one in navigation.all() if one.is_visible()] == []
    assert not printed.get_by_role("contentinfo").is_visible()
    assert [one.inner_text() for one in printed.get_by_role("button").all() if one.is_visible()] == []
    paper = pypdfium2.PdfDocument(printed.pdf(format="A4", prefer_css_page_size=True))
    words = " ".join(sheet.get_textpage().get_text_bounded() for sheet in paper)
    assert heading.inner_text().splitlines()[-1] in words
    assert "Link:" not in words
    assert "Sign out" not in words
    assert len(paper) <= next((most for end, most in SHEETS.items() if printed.url.endswith(end)), len(paper))
    for sheet in list(paper)[:-1]:  # no sheet is left half empty
        assert lowest(sheet) < sheet.get_height() * 0.4
    paper.close()


SHEETS = {"/marking": 1, "/my-progress": 4}


def lowest(sheet: Any) -> float:
    """How far above the sheet's foot its lowest line stands."""
    text = sheet.get_textpage()
    return min(text.get_rect(one)[1] for one in range(text.count_rects()))


def test_from_a_card_to_a_first_day(actors: Guests, places: dict[str, str]) -> None:
    # Given a manager whose board holds a person who applied
    manager = actors.tab("manager")
    manager.goto("/pipeline")
    # When they move the card with the keyboard alone
    onward = manager.get_by_role("button", name=re.compile("^To shortlisted")).first
    onward.focus()
    manager.keyboard.press("Enter")
    # Then it has moved, and nothing was dragged
    said(manager, "is moved to “Shortlisted”")
    # When human resources clears the last two checks of another person
    hr, at = actors.tab("hr"), f"/candidacies/{places['checked']}"
    for check in ("criminal record", "work health"):
        hr.goto(f"{at}/checks/{check}")
        hr.get_by_role("radio", name="Clear", exact=True).check()
        press(hr, "Save the check")
    # Then the manager learns that they are clear, and what the team still needs
    manager.goto(f"{at}/hiring")
    said(manager, "All six are clear")
    said(manager, "Start date cannot be set yet: 4 preparations to go")
    # When the visitor says yes, and the manager sees to the rest
    with actors.app.app_context(), transaction() as s:
        asked = select(TeamVisit).where(TeamVisit.team_id == UUID(places["team"]))
        for visit in s.scalars(asked):
            visit.agreed, visit.answered_at = True, clock.now()
    today = clock.today()
    for step, name in (
        ("visit by a peer support worker", ""),
        ("line supervisor", "Helen Marsh"),
        ("peer supervisor", "Nia Pritchard"),
        ("more than one peer", ""),
    ):
        manager.goto(f"/teams/{places['team']}/steps/{step}")
        if name:
            manager.get_by_label("Name of the supervisor").fill(name)
        fill_day(manager, "done_on", today)
        press(manager, "Save the step")
    # Then a first day can be agreed, and on that day a post begins
    manager.goto(f"{at}/hiring")
    press(manager, "Agree the first day")
    fill_day(manager, "start_on", today)
    press(manager, "Save the first day")
    press(manager, "They have started")
    said(manager, "They are in post. Welcome them.")
    said(manager, "Helen Marsh")


def fill_day(page: Any, name: str, day: date) -> None:
    """Type a day into its three boxes."""
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.locator(f"[name='{name}-{part}']").fill(str(value))
