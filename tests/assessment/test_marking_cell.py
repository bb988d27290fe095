"""One cell: the form page without a script, and the JSON the grid's script speaks."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.bulk_services import record_bulk_met
from recovery_college.assessment.bulk_views import _asked
from recovery_college.assessment.evidence_models import Evidence
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.evidence import an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient
from tests.statements import statements

NOT_YET = Outcome.NOT_YET_MET
JSON = {"Accept": "application/json"}


def decisions() -> list[Decision]:
    return list(session().scalars(select(Decision).order_by(Decision.id)))


def fetched(client: PageClient, path: str, **data: Any) -> Page:
    """Post as the grid's script does."""
    token = client.get("/account").hidden("csrf_token")
    return client.post(path, data={"csrf_token": token, **data}, headers=JSON)


def test_works(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).get(made.cell())
    assert page.h1.endswith("PSW1 1.1")
    assert "Explain point 1 of part 1 of unit 1" in page.words
    sent = client.send(made.cell(), {"outcome": "met", "feedback": "Clear", "seen": "0"})
    assert sent.status == 303
    assert sent.response.headers["Location"] == f"{made.path}#s-{made.enrolments[0]}"
    assert [(row.outcome, row.feedback) for row in decisions()] == [(Outcome.MET, "Clear")]
    assert "Saved: Amina O'Neill, PSW1 1.1, met, draft." in client.get(made.path).words


def test_history_is_shown_in_full(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0, NOT_YET, feedback="Say more about values")
    a_decision(made, 0, 0, Outcome.MET, feedback="Now clear", attempt=2)
    words = client.wear(made.tutor).get(made.cell()).words
    assert "Say more about values" in words
    assert "Now clear" in words
    assert "Attempt 2. Jo Example" in words


@pytest.mark.parametrize(
    ("then", "where"), [("student", "{path}?student={student}#c-{criterion}"), ("next", "{path}/next?after=")]
)
def test_goes_where_the_form_says(client: PageClient, then: str, where: str) -> None:
    made = a_marked_cohort()
    sent = client.wear(made.tutor).send(made.cell(), {"outcome": "met", "seen": "0", "then": then})
    wanted = where.format(path=made.path, student=made.enrolments[0], criterion=made.criteria[0])
    assert sent.response.headers["Location"].startswith(wanted)


@pytest.mark.parametrize(
    "data",
    [
        {"seen": "0"},
        {"outcome": "fail", "seen": "0"},
        {"outcome": "met", "seen": "x"},
        {"outcome": "met", "seen": "-1"},
        {"outcome": "met", "feedback": "x" * 4001, "seen": "0"},
    ],
)
def test_shows_errors(client: PageClient, data: dict[str, str]) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).send(made.cell(), data)
    assert page.status == 422
    assert decisions() == []


def test_not_yet_met_needs_feedback_where_it_is_released_at_once(client: PageClient) -> None:
    made = a_marked_cohort(holds=False)
    page = client.wear(made.tutor).send(made.cell(), {"outcome": "not yet met", "seen": "0"})
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "Write what would make it met" in page.words


def test_a_locked_unit_says_so_and_keeps_what_was_typed(client: PageClient) -> None:
    made = a_marked_cohort()
    for criterion in range(3):
        seen = a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    page = fetched(client.wear(made.tutor), made.cell(0, 2), outcome="met", feedback="New", seen=str(seen))
    assert page.status == 422
    assert "This unit is verified" in page.response.json["error"]
    assert len(decisions()) == 3


def test_somebody_else_was_first(client: PageClient) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    a_decision(made, 0, 0, feedback="Theirs", released=False)
    token = client.wear(kit).get(made.cell()).hidden("csrf_token")
    data = {"csrf_token": token, "outcome": "not yet met", "feedback": "Mine <b>", "seen": "0"}
    page = client.post(made.cell(), data=data)
    assert page.status == 409
    for words in ("recorded by Jo Example", "Theirs", "Not yet met", "Mine <b>"):
        assert words in page.words
    again = {"csrf_token": token, "outcome": "not yet met", "feedback": "Mine", "seen": page.hidden("seen")}
    assert client.post(made.cell(), data=again).status == 303
    assert [row.feedback for row in decisions()] == ["Theirs", "Mine"]


def test_undo_by_button(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    a_decision(made, 0, 0, NOT_YET, feedback="Say more", released=False)
    last = a_decision(made, 0, 0, revision=2, released=False)
    assert "Undo the last decision" in client.get(made.cell()).words
    assert client.send(made.cell(), {"deed": "undo", "seen": str(last)}).status == 303
    page = client.get(made.cell())
    assert "Met Taken back" in page.words
    assert page.hidden("seen") != str(last)
    assert [row.outcome for row in decisions()] == [NOT_YET, Outcome.MET]


def test_needs_sign_in(client: PageClient) -> None:
    made = a_marked_cohort()
    assert client.get(made.cell()).status == 303
    assert client.client.post(made.cell()).status_code in (303, 400)
    assert decisions() == []


def test_other_role_refused(client: PageClient) -> None:
    made = a_marked_cohort()
    for role, status in ((Role.IQA, 403), (Role.ADMIN, 403), (Role.STUDENT, 404)):
        page = fetched(client.wear(signed_in(role)), made.cell(), outcome="met", seen="0")
        assert page.status == status
    assert decisions() == []


def test_other_cohort_not_found(client: PageClient) -> None:
    made, other = a_marked_cohort(), a_marked_cohort()
    client.wear(made.tutor)
    crossed = f"{made.path}/{other.enrolments[0]}/{other.criteria[0]}"
    mixed = f"{made.path}/{made.enrolments[0]}/{other.criteria[0]}"
    for path in (other.cell(), crossed, mixed):
        assert client.get(path).status == 404
        assert fetched(client, path, outcome="met", seen="0").status == 404
    assert decisions() == []


def test_json_save(client: PageClient) -> None:
    made = a_marked_cohort()
    answer = fetched(client.wear(made.tutor), made.cell(), outcome="not yet met", feedback="More", seen="0")
    assert answer.status == 200
    said = answer.response.json
    assert said["seen"] == decisions()[0].id
    assert said["changes"] == {"needs": 0, "not-yet": 1, "drafts": 1}
    assert 'aria-label="Amina O&#39;Neill, PSW1 1.1, not yet met, draft"' in said["cell"]
    assert said["saved_at"].endswith(("am", "pm", "midday", "midnight"))


def test_json_stale(client: PageClient) -> None:
    made = a_marked_cohort()
    seen = a_decision(made, 0, 0, feedback="Theirs")
    kit = another_tutor(made)
    answer = fetched(client.wear(kit), made.cell(), outcome="not yet met", feedback="Mine", seen="0")
    assert answer.status == 409
    said = answer.response.json
    assert said["theirs"]["words"].startswith("Jo Example recorded met at ")
    assert said["theirs"]["feedback"] == "Theirs"
    assert said["yours"] == {"outcome": "not yet met", "feedback": "Mine"}
    assert said["seen"] == seen


def test_json_error_names_the_field(client: PageClient) -> None:
    made = a_marked_cohort(holds=False)
    answer = fetched(client.wear(made.tutor), made.cell(), outcome="not yet met", seen="0")
    assert answer.status == 422
    assert answer.response.json["field"] == "feedback"


def test_json_panel_keeps_a_drafts_feedback(client: PageClient) -> None:
    made = a_marked_cohort()
    seen = a_decision(made, 0, 0, NOT_YET, feedback="Half a th", released=False)
    said = client.wear(made.tutor).get(made.cell(), headers=JSON).response.json
    assert said["seen"] == seen
    assert ">Half a th</textarea>" in said["panel"]


def test_a_save_takes_eight_queries(client: PageClient) -> None:
    made = a_marked_cohort(12, units=((4, 4), (5,), (3, 3)))
    a_decision(made, 0, 0)
    client.wear(made.tutor)
    token = client.get(made.cell()).hidden("csrf_token")
    data = {"csrf_token": token, "outcome": "met", "seen": "0"}
    with statements() as asked:
        assert client.post(made.cell(0, 1), data=data, headers=JSON).status == 200
    assert len(asked) <= 8, "\n".join(asked)


class TestRelease:
    def drafts(self) -> MarkedCohort:
        made = a_marked_cohort()
        a_decision(made, 0, 0, released=False)
        a_decision(made, 1, 0, released=False)
        a_decision(made, 2, 0, NOT_YET, released=False)
        return made

    def test_names_them_first(self, client: PageClient) -> None:
        made = self.drafts()
        page = client.wear(made.tutor).get(f"{made.path}/release")
        assert "2 drafts to release" in page.words
        assert "Amina O'Neill" in page.words
        assert "Cai Prys, PSW1 1.1: write what would make it met" in page.words
        assert all(row.released_at is None for row in decisions())

    def test_releases_the_ticked_ones(self, client: PageClient) -> None:
        made = self.drafts()
        one, two, held = (row.id for row in decisions())
        sent = client.wear(made.tutor).send(f"{made.path}/release", {"decision": [str(one), str(held), "x"]})
        assert sent.status == 303
        assert "Released 1 decision. The student can see it now. 1 held back." in client.get(made.path).words
        assert [row.id for row in decisions() if row.released_at] == [one]
        assert f"{made.path}/release" in client.get(made.path).links
        only = client.get(f"{made.path}/release?decision={two}")
        assert "1 draft to release" in only.words
        assert client.send(f"{made.path}/release", {"decision": str(two)}).status == 303

    def test_shows_errors(self, client: PageClient) -> None:
        made = self.drafts()
        page = client.wear(made.tutor).send(f"{made.path}/release")
        assert page.status == 422
        assert "Tick at least one decision" in page.text

    def test_nothing_to_release(self, client: PageClient) -> None:
        made = a_marked_cohort()
        assert "There is no draft" in client.wear(made.tutor).get(f"{made.path}/release").words


# What was handed in while the page was open (A5).


def test_evidence_that_came_meanwhile_is_not_decided_unseen(client: PageClient) -> None:
    made = a_marked_cohort()
    token = client.wear(made.tutor).get(made.cell()).hidden("csrf_token")
    seen = client.get(made.cell()).hidden("seen")
    an_evidence(made.enrolments[0], made.criteria[:1])
    data = {"csrf_token": token, "outcome": "not yet met", "feedback": "My words", "seen": seen}
    page = client.post(made.cell(), data=data)
    assert page.status == 409
    assert "The evidence changed while you had it open" in page.words
    assert "Have a look at it before you decide" in page.words
    assert "My words" in page.text
    assert made.cell() in page.links
    assert decisions() == []
    assert client.post(made.cell(), data={**data, "seen": page.hidden("seen")}).status == 303
    assert len(decisions()) == 1


def test_the_grid_is_told_the_same_as_json(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    seen = client.get(made.cell()).hidden("seen")
    an_evidence(made.enrolments[0], made.criteria[:1], title="A private title")
    page = fetched(client, made.cell(), outcome="met", seen=seen)
    assert page.status == 409
    said = page.response.json
    assert said["heading"] == "The evidence changed while you had it open"
    assert "A private title" not in page.text
    assert "handed in" in said["cell"]
    saved = fetched(client, made.cell(), outcome="met", seen=said["seen"])
    assert saved.status == 200
    twice = fetched(client, made.cell(), outcome="met", seen=said["seen"])
    assert twice.status == 200
    assert len(decisions()) == 1


def test_what_was_taken_back_meanwhile_is_told_as_well(client: PageClient) -> None:
    made = a_marked_cohort()
    piece = an_evidence(made.enrolments[0], made.criteria[:1])
    client.wear(made.tutor)
    seen = client.get(made.cell()).hidden("seen")
    with transaction() as s:
        row = s.get_one(Evidence, piece.id)
        row.closed_at, row.closed_by = clock.now(), "console:tests"
    page = fetched(client, made.cell(), outcome="met", seen=seen)
    assert page.status == 409
    assert "Nothing is handed in here now" in page.response.json["theirs"]["words"]
    assert decisions() == []


def test_grid_list_and_cell_carry_the_same_stamp(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 1)
    an_evidence(made.enrolments[0], made.criteria[:2])
    client.wear(made.tutor)
    grid = client.get(made.path).text
    for criterion in range(3):
        seen = client.get(made.cell(0, criterion)).hidden("seen")
        assert ("." in seen) is (criterion < 2)
        assert f'{made.cell(0, criterion)}" data-seen="{seen}"' in grid
    first = client.get(made.cell()).hidden("seen")
    assert f'value="{first}"' in client.get(f"{made.path}?student={made.enrolments[0]}").text


def test_met_for_a_whole_unit_leaves_what_changed_meanwhile(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    asked = [f"{made.enrolments[0]}:{one}:0.0" for one in made.criteria[:2]]
    an_evidence(made.enrolments[0], made.criteria[:1])
    cells = [one for one in map(_asked, asked) if one]
    done = record_bulk_met(made.tutor, made.cohort_id, uuid4(), cells)
    assert [cell.criterion_id for cell in done.done] == made.criteria[1:2]
    assert [cell.why_not for cell in done.left] == [
        "The evidence changed since you looked. Open the criterion to see it."
    ]
