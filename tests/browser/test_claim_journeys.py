"""A claim walked in a real browser: registered, prepared, signed by three people, answered line by line."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from recovery_college.kernel import clock
from tests.browser.conftest import PASSWORD, Guests
from tests.browser.steps import date_in, enter, follow, follow_menu, heading, press, said, tab_to

pytestmark = pytest.mark.browser

MENDED = ("Blessing Eze-Byrne", "Aleksandra Żółkiewska")


def test_a_claim_from_registration_to_transcript(actors: Guests, tmp_path: Path) -> None:
    # Given an administrator who is told of two students to mend first
    admin = actors.tab("admin")
    admin.goto("/")
    follow(admin, re.compile("verified units to claim"))
    said(admin, "1 student not registered with the awarding organisation")
    # When they record the registrations
    follow(admin, "Registrations")
    for name in MENDED:
        admin.get_by_role("checkbox", name=name).check()
    date_in(admin, "When were they registered?", clock.today())
    press(admin, "Record the registration")
    said(admin, "Registered on")
    follow_back(admin, "Claim")
    expect(admin.get_by_role("heading", name="To mend first")).to_have_count(0)
    # And prepare a run, whose page says what it holds
    press(admin, "Prepare a claim")
    found = re.search(
        r"\d+ students, 5 units, (\d+) unit results(?= can be claimed)", words_of(admin, "can be claimed")
    )
    assert found
    holds, ticks = found[0], int(found[1])
    admin.get_by_label("Who is the quality reviewer?").select_option("Hilary Okonjo")
    press(admin, "Prepare the claim")
    heading(admin, "RAC-0003")
    said(admin, holds)
    # Then three people sign: each finds it on their home page, the reviewer by keyboard alone
    for key in ("tutor", "iqa"):
        signer = actors.tab(key)
        signer.goto("/")
        follow(signer, "claim to sign: RAC-0003")
        press(signer, "Sign RAC-0003")
        said(signer, "Signed")
    sign_by_keyboard(actors.new_tab(""))
    admin.reload()
    said(admin, "Locked on")
    # When the reply answers all lines but one, and queries one
    with admin.expect_download() as waiting:
        follow(admin, "Download as CSV")
    lines = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
    assert len(lines) == ticks
    file = tmp_path / "reply.csv"
    file.write_text(reply_to(lines), "utf-8")
    follow_menu(admin, "Claims", under="Quality and awards")
    follow(admin, "Upload the awarding organisation’s reply")
    press(admin, "Continue")
    admin.get_by_label("Your file").set_input_files(file)
    admin.get_by_role("main").get_by_role("button").last.click()
    heading(admin, f"Check {ticks - 1} rows")
    press(admin, f"Import all {ticks - 1} rows")
    said(admin, f"{ticks - 1} made")
    # Then the run says which is queried and which was not answered
    follow_menu(admin, "Claims", under="Quality and awards")
    follow(admin, "Cohort 11")
    follow(admin, "RAC-0003")
    said(admin, "1 unit result is not in the awarding organisation’s reply yet.")
    admin.get_by_role("region", name="Queries to answer").get_by_role("link").click()
    admin.get_by_label("What did the college answer?").fill("The record of the observation was sent.")
    admin.get_by_role("radio", name="It stays on this run").check()
    press(admin, "Keep the answer")
    expect(admin.get_by_role("region", name="Queries to answer")).to_have_count(0)
    # And what is left to award leads to a student, whose transcript counts the new credit
    follow_back(admin, "Claim")
    follow(admin, "What is left to award")
    follow(admin, lines[-1]["certificate_name"])
    follow(admin, re.compile("Units achieved"))
    heading(admin, "Units achieved")
    expect(admin.get_by_role("table", name="Units achieved on Cohort 11")).to_contain_text(
        str(clock.today().year)
    )
    for page in actors.tabs.values():
        assert page.troubles == []


def words_of(page: Any, expected: str) -> str:
    """What the page says, once it says what is expected."""
    said(page, expected)
    words: str = page.get_by_role("main").inner_text()
    return words


def follow_back(page: Any, name: str) -> None:
    """Follow the link above the heading that leads back."""
    page.get_by_role("navigation", name="Back").get_by_role("link", name=name).click()


def sign_by_keyboard(page: Any) -> None:
    """The quality reviewer signs in, finds the claim and signs it, without a mouse."""
    page.goto("/")
    tab_to(page, "Email address")
    page.keyboard.type("reviewer@demo.example")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    enter(page)
    tab_to(page, "1 claim to sign: RAC-0003")
    enter(page)
    tab_to(page, "Sign RAC-0003")
    enter(page)
    said(page, "Signed")
    assert page.troubles == []


def reply_to(lines: list[dict[str, str]]) -> str:
    """What the awarding organisation answers: the first line queried, the second not named, the others awarded."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["cohort", "student_ref", "unit_code", "result", "awarded_on"])
    for n, line in enumerate(lines):
        if n != 1:
            where = [line["cohort"], line["student_ref"], line["unit_code"]]
            out.writerow([*where, *(("awarded", clock.today().isoformat()) if n else ("queried", ""))])
    return text.getvalue()
