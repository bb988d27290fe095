"""Marking in a real browser: by keyboard, by mouse, without a connection, without a script, on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.comment_services import add_comment
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import record_decision
from recovery_college.kernel.db import session
from recovery_college.people.signin import sign_out
from tests.browser.axe import faults
from tests.browser.conftest import Opens
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import signed_in

pytestmark = pytest.mark.browser

MET, NOT_YET = Outcome.MET, Outcome.NOT_YET_MET


def decisions(made: MarkedCohort) -> list[tuple[int, int, str, str]]:
    """(student, criterion, outcome, feedback) of every decision, the earliest first."""
    rows = session().scalars(select(Decision).order_by(Decision.id)).all()
    session().rollback()
    return [
        (
            made.enrolments.index(row.enrolment_id),
            made.criteria.index(row.criterion_id),
            row.outcome.value,
            row.feedback,
        )
        for row in rows
    ]


def cell(page: Any, made: MarkedCohort, student: int = 0, criterion: int = 0) -> Any:
    return page.locator(f'#rc-grid a[href="{made.cell(student, criterion)}"]')


def saved(page: Any) -> None:
    expect(page.locator("#rc-saved")).to_contain_text("All changes saved")
    expect(page.locator(".rc-is-waiting")).to_have_count(0)


def a_varied_cohort() -> MarkedCohort:
    """Every state a cell may have."""
    made = a_marked_cohort(4, units=((4, 3), (5,), (2, 3, 3)))
    for criterion in range(7):
        a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    a_decision(made, 1, 0)
    a_decision(made, 1, 1, NOT_YET, feedback="Say more")
    a_decision(made, 1, 2, NOT_YET, feedback="Say more", released=False)
    a_decision(made, 1, 3, NOT_YET, released=False)
    a_decision(made, 2, 0, released=False)
    a_decision(made, 2, 8)
    return made


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_are_clean(opens: Opens, width: int) -> None:
    made = a_varied_cohort()
    page = opens(made.tutor, made.path, width)
    assert faults(page) == []
    for path in (
        f"{made.path}?fold=PSW1&show=needs",
        f"{made.path}?student={made.enrolments[1]}",
        f"{made.path}?criterion={made.criteria[1]}",
        made.cell(1, 2),
        made.cell(0, 0),
        f"{made.path}/release",
    ):
        page.goto(path)
        assert faults(page) == [], path


def test_the_open_panel_and_dialogs_are_clean(opens: Opens) -> None:
    made = a_varied_cohort()
    page = opens(made.tutor, made.path)
    cell(page, made, 1, 2).click()
    expect(page.locator("#rc-panel textarea")).to_have_value("Say more")
    assert faults(page) == []
    cell(page, made, 1, 2).press("?")
    expect(page.get_by_role("dialog", name="Keys in the grid")).to_be_visible()
    assert faults(page) == []


def test_a_cohort_is_marked_by_keyboard(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("m")
    saved(page)
    expect(cell(page, made, 0, 1)).to_be_focused()
    page.keyboard.press("n")
    saved(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("f")
    box = page.locator("#rc-panel textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Give one example of your own")
    page.get_by_role("button", name="Not yet met", exact=True).press("Enter")
    saved(page)
    expect(cell(page, made, 0, 2)).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, made, 0, 4)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, made, 1, 4)).to_be_focused()
    page.keyboard.press("m")
    saved(page)
    page.keyboard.press("Home")
    expect(cell(page, made, 1, 0)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("link", name="Ben Piątek", exact=True)).to_be_focused()
    assert decisions(made) == [
        (0, 0, "met", ""),
        (0, 1, "not yet met", ""),
        (0, 1, "not yet met", "Give one example of your own"),
        (1, 4, "met", ""),
    ]
    expect(page.locator("[data-count=drafts]").first).to_have_text("3")
    assert page.troubles == []


def test_who_writes_is_not_interrupted_by_a_save(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    held: list[Any] = []
    page.route(
        "**/marking/*/*",
        lambda route: held.append(route) if route.request.method == "POST" else route.fallback(),
    )
    cell(page, made).focus()
    page.keyboard.press("n")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("f")
    box = page.locator("#rc-panel textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Name m")
    with page.expect_response(lambda answer: answer.request.method == "GET" and "/marking/" in answer.url):
        held.pop().continue_()
    saved(page)
    page.wait_for_timeout(100)
    page.keyboard.type("any values")
    expect(box).to_have_value("Name many values")
    assert decisions(made) == [(0, 0, "not yet met", "")]


def test_who_writes_is_not_interrupted_by_the_panel_of_a_resting_focus(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("f")
    box = page.locator("#rc-panel textarea")
    expect(box).to_be_focused()
    for letter in "no more than many":
        page.keyboard.type(letter, delay=40)
    expect(box).to_have_value("no more than many")
    assert decisions(made) == []


def test_letters_for_a_box_that_is_on_its_way_decide_nothing(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    held: list[Any] = []
    page.route("**/marking/*/*", lambda route: held.append(route))
    cell(page, made).focus()
    page.keyboard.press("f")
    page.keyboard.type("mn")
    page.wait_for_timeout(300)
    for route in held:
        assert route.request.method == "GET"
        route.continue_()
    expect(page.locator("#rc-panel textarea")).to_be_focused()
    page.keyboard.type("more")
    expect(page.locator("#rc-panel textarea")).to_have_value("more")
    assert decisions(made) == []


def test_next_that_needs_me(opens: Opens) -> None:
    made = a_marked_cohort(3)
    a_decision(made, 0, 2)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("j")
    expect(cell(page, made, 1, 2)).to_be_focused()
    page.keyboard.press("j")
    expect(cell(page, made, 2, 2)).to_be_focused()


def test_the_heading_of_a_criterion_leads_to_all_its_students(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path)
    cell(page, made, 0, 1).focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="PSW1 1.2, all students")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, made, 0, 1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Met for Ben Piątek").click()
    expect(page.get_by_text("Saved: Ben Piątek, PSW1 1.2, met, draft.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?criterion="))
    assert decisions(made) == [(1, 1, "met", "")]


def test_undo_restores_or_says_why_not(opens: Opens) -> None:
    made = a_marked_cohort(1)
    a_decision(made, 0, 0, NOT_YET, feedback="Say more", released=False)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("m")
    saved(page)
    page.keyboard.press("u")
    expect(cell(page, made)).to_have_attribute("aria-label", "Amina O'Neill, PSW1 1.1, not yet met, draft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    saved(page)
    page.keyboard.press("u")
    expect(cell(page, made, 0, 1)).to_have_attribute(
        "aria-label", re.compile("PSW1 1.2, (needs you|nothing yet)")
    )
    saved(page)
    # Nothing was deleted: both are kept, and marked as taken back.
    assert [row[2:] for row in decisions(made)] == [("not yet met", "Say more"), ("met", ""), ("met", "")]
    a_decision(made, 0, 2)
    page.reload()
    cell(page, made, 0, 2).click()
    expect(page.locator("#rc-panel")).to_contain_text("Decisions so far")
    expect(page.get_by_role("button", name="Undo the last decision")).to_have_count(0)


def test_keys_can_be_switched_off_for_good(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use single letter keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    cell(page, made).focus()
    page.keyboard.press("m")
    page.keyboard.press("?")
    page.keyboard.press("ArrowRight")
    expect(cell(page, made, 0, 1)).to_be_focused()
    expect(page.locator("#rc-keys")).not_to_be_visible()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use single letter keys").check()
    page.get_by_role("button", name="Close").click()
    cell(page, made, 0, 1).focus()
    page.keyboard.press("m")
    saved(page)
    assert decisions(made) == [(0, 1, "met", "")]


def test_a_comment_of_the_bank_is_put_in_by_hand(opens: Opens) -> None:
    made = a_marked_cohort(1)
    add_comment(made.tutor, made.cohort_id, made.criteria[0], "Say when <b> you would", shared=True)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("f")
    box = page.locator("#rc-panel textarea")
    expect(box).to_be_focused()
    page.keyboard.type("Well begun.")
    page.get_by_text("Comments to use again (1)").click()
    page.get_by_role("button", name="Insert").click()
    expect(box).to_have_value("Well begun.\nSay when <b> you would")
    expect(box).to_be_focused()
    assert faults(page) == []
    page.keyboard.type(".")
    assert decisions(made) == []
    page.get_by_role("button", name="Not yet met", exact=True).click()
    saved(page)
    assert decisions(made) == [(0, 0, "not yet met", "Well begun.\nSay when <b> you would.")]


def test_what_the_evidence_lacks_is_ticked_and_met_is_refused_with_it(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    cell(page, made).click()
    page.get_by_text("Something about the evidence is not right").click()
    page.get_by_label("sufficient").check()
    assert faults(page) == []
    page.get_by_role("button", name="Met", exact=True).click()
    expect(page.locator("#rc-trouble")).to_contain_text("the evidence is not sufficient")
    assert decisions(made) == []
    cell(page, made).click()
    expect(page.locator("#rc-panel")).to_contain_text("PSW1 1.1")
    page.wait_for_timeout(400)
    page.get_by_text("Something about the evidence is not right").click()
    page.get_by_label("sufficient").check()
    page.get_by_role("button", name="Not yet met", exact=True).click()
    saved(page)
    cell(page, made).click()
    expect(page.locator("#rc-panel")).to_contain_text("Evidence not sufficient")


def test_a_column_is_recorded_and_undone_by_keyboard(opens: Opens) -> None:
    made = a_marked_cohort(3)
    page = opens(made.tutor, f"{made.path}/bulk?criterion={made.criteria[1]}")
    assert faults(page) == []
    page.get_by_label("Ben Piątek").focus()
    page.keyboard.press("Space")
    page.get_by_label("I looked at the evidence").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Recorded met for 2 criteria.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Undo all 2").press("Enter")
    expect(page.get_by_text("Undone for 2 criteria.")).to_be_visible()
    page.goto(made.path)
    expect(cell(page, made, 0, 1)).to_have_attribute("aria-label", "Amina O'Neill, PSW1 1.2, nothing yet")
    assert page.troubles == []


def test_marking_with_the_mouse(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path)
    cell(page, made, 1, 3).click()
    page.get_by_label("Feedback").fill("Well argued <b>")
    page.get_by_role("button", name="Met", exact=True).click()
    saved(page)
    # One click a criterion: the panel goes on to the next one, where the same button waits.
    expect(page.locator("#rc-panel")).to_contain_text("PSW2 1.2")
    expect(page.get_by_label("Feedback")).to_have_value("")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Met", exact=True).click()
    saved(page)
    assert decisions(made) == [(1, 3, "met", "Well argued <b>"), (1, 4, "met", "")]
    assert page.troubles == []


def test_a_double_click_decides_one_cell(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path)
    cell(page, made, 0, 0).click()
    page.get_by_role("button", name="Met", exact=True).dblclick()
    saved(page)
    assert decisions(made) == [(0, 0, "met", "")]


def test_where_to_go_on_is_ones_own_choice(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("After met or not yet met, go to").select_option("the next student")
    page.get_by_role("button", name="Close").click()
    page.reload()
    cell(page, made, 0, 0).focus()
    page.keyboard.press("m")
    expect(cell(page, made, 1, 0)).to_be_focused()
    page.keyboard.press("m")
    expect(cell(page, made, 0, 1)).to_be_focused()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("After met or not yet met, go to").select_option("nowhere: stay")
    page.get_by_role("button", name="Close").click()
    cell(page, made, 0, 1).focus()
    page.keyboard.press("m")
    expect(cell(page, made, 0, 1)).to_be_focused()
    saved(page)


WHOLE = pytest.param(16, ((4, 4),) * 5, marks=pytest.mark.trust, id="16 x 40")


@pytest.mark.parametrize(("students", "units"), [pytest.param(4, ((4, 4),), id="4 x 8"), WHOLE])
def test_a_whole_cohort_is_marked_from_the_keyboard(
    opens: Opens, students: int, units: tuple[tuple[int, ...], ...]
) -> None:
    """At most one key for each criterion, and none lost however fast they come. Nothing but keys is used."""
    made = a_marked_cohort(students, units=units)
    page = opens(made.tutor, made.path)
    for _ in range(60):  # from the top of the page into the grid
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('rc-cell')"):
            break
    cells, presses = students * len(made.criteria), 0
    for n in range(cells):
        page.keyboard.press("n" if n % 10 == 9 else "m")
        presses += 1
    expect(page.locator(".rc-is-waiting")).to_have_count(0, timeout=120_000)
    expect(page.locator("#rc-saved")).to_contain_text("All changes saved")
    assert presses / cells <= 1
    stored = decisions(made)
    assert {row[:2] for row in stored} == {(n, m) for n in range(students) for m in range(len(made.criteria))}
    assert [row[2] for row in stored].count("not yet met") == cells // 10
    assert page.troubles == []


def test_headings_stay_while_scrolling(opens: Opens) -> None:
    made = a_marked_cohort(24, units=((4, 4, 4),) * 5)
    page = opens(made.tutor, made.path)
    box = page.locator(".rc-marking__scroll")
    box.evaluate("box => { box.scrollLeft = 200; box.scrollTop = 400; }")
    frame = box.bounding_box()
    for words in ("PSW1", "Sam23 Xu023"):
        link = page.locator("#rc-grid").get_by_text(words).first
        link.scroll_into_view_if_needed()
        place = link.bounding_box()
        assert place["x"] >= frame["x"] - 1, words
        assert place["y"] >= frame["y"] - 1, words
    names = page.locator("#rc-grid tbody th").last.bounding_box()
    code = page.get_by_role("link", name="Fold PSW1").bounding_box()
    assert code["x"] >= names["x"] + names["width"], "the unit's code is hidden behind the names"
    outcome = page.locator(".rc-grid__outcome .rc-grid__fold").nth(1).bounding_box()
    assert outcome["x"] >= names["x"] + names["width"]


def test_without_a_connection_nothing_is_lost(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.context.set_offline(True)
    page.keyboard.press("m")
    page.keyboard.press("m")
    expect(page.locator("#rc-trouble")).to_have_text("2 changes not saved yet, trying again.")
    expect(page.locator(".rc-is-waiting")).to_have_count(2)
    assert decisions(made) == []
    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#rc-trouble")).not_to_be_visible()
    assert decisions(made) == [(0, 0, "met", ""), (0, 1, "met", "")]


def test_what_waits_survives_leaving_the_page(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    page.route(
        "**/marking/*/*", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
    )
    cell(page, made).focus()
    page.keyboard.press("m")
    expect(page.locator("#rc-trouble")).to_contain_text("1 change not saved yet")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/account")
    assert asked == ["beforeunload"]
    assert decisions(made) == []
    page.unroute_all()
    page.goto(made.path)
    saved(page)
    assert decisions(made) == [(0, 0, "met", "")]
    assert page.evaluate("localStorage.length") == 0


def test_another_person_on_the_same_computer_does_not_send_it(opens: Opens) -> None:
    made = a_marked_cohort(1)
    kit = another_tutor(made)
    assert made.tutor.audit_id != kit.audit_id
    page = opens(kit, made.path)
    page.evaluate(
        "key => localStorage.setItem(key, JSON.stringify({queue: [{}], stale: [], typed: {}}))",
        f"rc-marking-{made.tutor.audit_id}-{made.cohort_id}",
    )
    page.reload()
    expect(page.locator("#rc-saved")).to_contain_text("Each decision is saved")
    assert decisions(made) == []


@pytest.mark.parametrize("mine", [False, True])
def test_a_stale_cell_shows_both_and_asks(opens: Opens, mine: bool) -> None:
    made = a_marked_cohort(1)
    kit = another_tutor(made)
    page = opens(kit, made.path)
    record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "Fine", 0)
    cell(page, made).focus()
    page.keyboard.press("n")
    box = page.get_by_role("dialog", name="This was decided while you had it open")
    expect(box).to_contain_text("Jo Example recorded met at")
    expect(box).to_contain_text("You chose not yet met.")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(box).to_be_visible()
    box.get_by_role("button", name="Record mine" if mine else "Keep theirs").click()
    if mine:
        saved(page)
    expect(box).not_to_be_visible()
    expect(cell(page, made)).to_be_focused()
    wanted = [(0, 0, "met", "Fine")] + ([(0, 0, "not yet met", "")] if mine else [])
    assert decisions(made) == wanted


def test_signed_out_meanwhile_keeps_the_changes(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    sign_out(made.tutor)
    cell(page, made).focus()
    page.keyboard.press("m")
    expect(page.locator("#rc-trouble")).to_contain_text("You are signed out. 1 change kept on this computer.")
    expect(page.get_by_role("link", name="Sign in to save them")).to_be_visible()
    assert decisions(made) == []


def test_a_page_whose_token_is_gone_keeps_the_changes(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path)
    page.context.clear_cookies()
    cell(page, made).focus()
    page.keyboard.press("m")
    expect(page.locator("#rc-trouble")).to_contain_text("This page is too old to save. 1 change kept")
    assert decisions(made) == []


def test_feedback_owed_is_said_at_the_place(opens: Opens) -> None:
    made = a_marked_cohort(1, holds=False)
    page = opens(made.tutor, made.path)
    cell(page, made).focus()
    page.keyboard.press("n")
    expect(page.locator("#rc-panel .nhsuk-error-message")).to_contain_text("Write what would make it met")
    assert faults(page) == []
    page.get_by_label("Feedback").fill("Add one example")
    page.get_by_role("button", name="Not yet met", exact=True).click()
    saved(page)
    assert decisions(made) == [(0, 0, "not yet met", "Add one example")]


def test_without_scripts(opens: Opens) -> None:
    made = a_marked_cohort(1)
    page = opens(made.tutor, made.path, scripts=False)
    cell(page, made).click()
    page.get_by_label("Feedback").fill("Clear")
    page.get_by_role("button", name="Met", exact=True).click()
    expect(page.get_by_text("Saved: Amina O'Neill, PSW1 1.1, met, draft.")).to_be_visible()
    page.get_by_role("link", name="Release drafts").click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Released 1 decision.")).to_be_visible()
    assert decisions(made) == [(0, 0, "met", "Clear")]


def test_on_a_phone(opens: Opens) -> None:
    made = a_marked_cohort(2)
    page = opens(made.tutor, made.path, 320)
    expect(page.locator("#rc-grid")).not_to_be_visible()
    page.get_by_role("link", name="Ben Piątek", exact=True).last.click()
    page.get_by_role("button", name="Met for PSW1 1.2").click()
    expect(page.get_by_text("Saved: Ben Piątek, PSW1 1.2, met, draft.")).to_be_visible()
    page.get_by_role("link", name="Not yet, with feedback for PSW1 1.1").click()
    page.get_by_label("Feedback").fill("Say more")
    page.get_by_role("button", name="Not yet met", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?student="))
    assert decisions(made) == [(1, 1, "met", ""), (1, 0, "not yet met", "Say more")]


def test_who_only_reads_has_no_keys_that_write(opens: Opens) -> None:
    made = a_marked_cohort(1)
    a_decision(made, 0, 0, feedback="Well argued", released=False)
    page = opens(signed_in(Role.IQA), made.path)
    cell(page, made).click()
    expect(page.locator("#rc-panel")).to_contain_text("Well argued")
    expect(page.locator("#rc-panel form")).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("u")
    assert len(decisions(made)) == 1
    assert faults(page) == []
