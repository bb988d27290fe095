"""/cohorts/<id>/marking: the grid, its filters, one student, and who may see it."""

from io import BytesIO
from uuid import uuid4

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select, update

from recovery_college.access.rules import Role
from recovery_college.assessment.cell_queries import cell_facts
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import record_decision, release_decisions
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, Enrolment, EnrolmentUnit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import session, transaction
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict
from tests.factories.people import signed_in
from tests.page_client import PageClient
from tests.statements import statements

NOT_YET = Outcome.NOT_YET_MET


def spoken(client: PageClient, made: MarkedCohort, query: str = "") -> list[str]:
    """The spoken names of the cells, row by row."""
    page = client.get(made.path + query)
    assert page.status == 200
    return [
        link.get("aria-label", "")
        for link in page.tree.iter("a")
        if "rc-cell" in link.get("class", "").split()
    ]


def test_works(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0)
    a_decision(made, 1, 0, NOT_YET, feedback="Say more", released=False)
    a_decision(made, 1, 1, NOT_YET, released=False)
    page = client.wear(made.tutor).get(made.path)
    assert page.h1.endswith("Marking")
    names = spoken(client, made)
    assert names[:4] == [
        "Amina O'Neill, PSW1 1.1, met",
        "Amina O'Neill, PSW1 1.2, needs you",
        "Amina O'Neill, PSW1 2.1, nothing yet",
        "Amina O'Neill, PSW2 1.1, nothing yet",
    ]
    assert "Ben Piątek, PSW1 1.1, not yet met, draft" in names
    assert "Ben Piątek, PSW1 1.2, not yet met, draft, needs you" in names
    assert "Cai Prys, PSW1 1.1, needs you" in names
    assert "All 15" in page.words
    assert "Needs me 4" in page.words
    assert "Not yet 2" in page.words
    assert "Drafts 2" in page.words


def test_needs_sign_in(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.get(made.path)
    assert page.status == 303
    assert page.response.headers["Location"].startswith("/sign-in?next=/cohorts/")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.IQA, 200),
        (Role.ADMIN, 403),
        (Role.AUDITOR, 404),
        (Role.EQA, 403),
        (Role.STUDENT, 404),
        (Role.MANAGER, 404),
        (Role.HR, 404),
        (Role.SYSADMIN, 404),
    ],
)
def test_other_role_refused(client: PageClient, role: Role, status: int) -> None:
    made = a_marked_cohort()
    client.wear(signed_in(role))
    for path in (made.path, made.cell(), f"{made.path}/next"):
        assert client.get(path).status == (303 if status == 200 and path.endswith("next") else status)
    wanted = 403 if status in (200, 403) else 404
    assert client.get(f"{made.path}/release").status == wanted


def test_other_cohort_not_found(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(signed_in(Role.TUTOR))
    for path in (made.path, f"/cohorts/{uuid4()}/marking", f"{made.path}/next", f"{made.path}/release"):
        assert client.get(path).status == 404
    assert client.wear(made.tutor).get(f"{made.path}?student={uuid4()}").status == 404


def test_the_quality_assurer_reads_and_records_nothing(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0, feedback="Well argued", released=False)
    page = client.wear(signed_in(Role.IQA)).get(made.path)
    assert "Release" not in page.words
    cell = client.get(made.cell())
    assert "Well argued" in cell.words
    assert "Feedback" not in cell.words
    (seen,) = session().scalars(select(AuditEvent).where(AuditEvent.action == "viewed"))
    assert (seen.subject_kind, seen.subject_id) == ("decisions", str(made.enrolments[0]))


@pytest.mark.parametrize(("show", "left"), [("needs", 2), ("not-yet", 1), ("drafts", 0)])
def test_filters_show_what_they_count(client: PageClient, show: str, left: int) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0, NOT_YET, feedback="Say more")
    client.wear(made.tutor)
    cells = spoken(client, made, f"?show={show}")
    page = client.get(f"{made.path}?show={show}")
    marked = [
        link
        for link in page.tree.iter("a")
        if "rc-cell" in link.get("class", "").split() and "rc-is-quiet" not in link.get("class", "")
    ]
    assert len(marked) == left
    assert bool(cells) is bool(left)
    assert ("Nothing to show here" in page.words) is (left == 0)


def test_a_unit_can_be_chosen_or_folded(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0)
    client.wear(made.tutor)
    assert all("PSW2" in name for name in spoken(client, made, f"?unit={made.units[1]}"))
    folded = client.get(f"{made.path}?fold=PSW1")
    assert "1/3" in folded.words
    assert all("PSW2" in name for name in spoken(client, made, "?fold=PSW1"))
    assert f"{made.path}?fold=PSW1&show=x" not in folded.links
    assert made.path in folded.links  # unfolds it


def test_one_criterion_lists_its_students(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 1, NOT_YET, feedback="Say more")
    with transaction() as s:
        s.execute(delete(EnrolmentUnit).where(EnrolmentUnit.enrolment_id == made.enrolments[2]))
    page = client.wear(made.tutor).get(f"{made.path}?criterion={made.criteria[1]}")
    assert page.h1.endswith("PSW1 1.2")
    assert "Amina O'Neill Not yet met" in page.words
    assert "Ben Piątek Needs you" in page.words
    assert "Cai Prys Not registered for this unit." in page.words
    answer = client.send(
        made.cell(1, 1), {"outcome": "met", "seen": "0", "then": "criterion"}, form_at=f"{made.cell(1, 1)}"
    )
    assert answer.response.location == f"{made.path}?criterion={made.criteria[1]}#s-{made.enrolments[1]}"
    assert client.get(f"{made.path}?criterion={uuid4()}").status == 404
    other = a_marked_cohort()
    assert client.get(f"{made.path}?criterion={other.criteria[0]}").status == 404


def test_the_sheet_says_what_the_grid_shows(client: PageClient) -> None:
    made = a_marked_cohort(2, names=(("=cmd|' /C calc'!A0", "Oney"), ("Ben", "Two")))
    a_decision(made, 0, 0)
    a_decision(made, 1, 1, NOT_YET, feedback="Say more", released=False)
    answer = client.wear(made.tutor).get(f"{made.path}/grid.xlsx").response
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="marking.xlsx"'
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert rows[0][:6] == ["Student", "Enrolment", "Criteria met", "Criteria", "PSW1 1.1", "PSW1 1.2"]
    assert rows[1][:6] == ["'=cmd|' /C calc'!A0 Oney", "enrolled", 1, 5, "met", "needs you"]
    assert rows[2][:6] == ["Ben Two", "enrolled", 0, 5, "needs you", "not yet met, draft"]
    (seen,) = session().scalars(select(AuditEvent).where(AuditEvent.action == "exported marking"))
    assert seen.subject_id == str(made.cohort_id)
    assert client.wear(signed_in(Role.TUTOR)).get(f"{made.path}/grid.xlsx").status == 404
    assert client.wear(signed_in(Role.IQA)).get(f"{made.path}/grid.xlsx").status == 403


def test_nonsense_in_the_address_is_left_out(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    assert len(spoken(client, made, "?show=<script>&unit=1&fold='")) == 15


def test_a_verified_unit_is_locked(client: PageClient) -> None:
    made = a_marked_cohort(2)
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    names = spoken(client.wear(made.tutor), made)
    assert names[0] == "Amina O'Neill, PSW1 1.1, met, locked"
    assert names[3] == "Amina O'Neill, PSW2 1.1, nothing yet"
    cell = client.get(made.cell())
    assert "This unit is verified, so its decisions are locked" in cell.words


def test_a_returned_unit_is_open_again(client: PageClient) -> None:
    made = a_marked_cohort(1)
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    a_verdict(made, 0, 0, Verdict.RETURNED)
    assert spoken(client.wear(made.tutor), made)[0] == "Amina O'Neill, PSW1 1.1, met, needs you"


def test_states_agree_with_the_cell_itself(client: PageClient) -> None:
    made = a_marked_cohort(2)
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_decision(made, 0, 0, NOT_YET, revision=2, feedback="Look again", released=False)
    a_verdict(made, 0, 0, Verdict.SAMPLE_CLOSED)
    client.wear(made.tutor)
    names = spoken(client, made)
    for student in range(2):
        for criterion in range(5):
            answer = client.get(made.cell(student, criterion), headers={"Accept": "application/json"})
            assert f'aria-label="{names[student * 5 + criterion]}"' in answer.response.json["cell"].replace(
                "&#39;", "'"
            )


def test_who_is_not_active_needs_nobody(client: PageClient) -> None:
    made = a_marked_cohort(2)
    a_decision(made, 1, 0)
    with transaction() as s:
        s.execute(
            update(Enrolment).where(Enrolment.id == made.enrolments[0]).values(status=EnrolmentStatus.PAUSED)
        )
    client.wear(made.tutor)
    assert spoken(client, made)[0] == "Amina O'Neill, PSW1 1.1, nothing yet"
    assert "paused" in client.get(made.path).words


def test_after_the_course_everything_open_needs_the_tutor(client: PageClient) -> None:
    made = a_marked_cohort(1, weeks_left=-1)
    assert all(name.endswith("needs you") for name in spoken(client.wear(made.tutor), made))


def test_units_not_registered_have_no_cell(client: PageClient) -> None:
    made = a_marked_cohort(1)
    with transaction() as s:
        s.execute(EnrolmentUnit.__table__.delete().where(EnrolmentUnit.unit_id == made.units[0]))
    assert len(spoken(client.wear(made.tutor), made)) == 2
    assert "Not registered for this unit" in client.get(f"{made.path}?student={made.enrolments[0]}").words


def test_names_are_escaped(client: PageClient) -> None:
    made = a_marked_cohort(1, names=(("<b>Eve</b>", '"><script>x</script>'),))
    page = client.wear(made.tutor).get(made.path)
    assert "<script>x" not in page.text
    assert "<b>Eve" not in page.text
    assert '<b>Eve</b> "><script>x</script>' in page.words


def test_an_empty_cohort_says_so(client: PageClient) -> None:
    made = a_marked_cohort(0)
    assert "No student is enrolled" in client.wear(made.tutor).get(made.path).words


def test_one_student_as_a_list(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0)
    page = client.wear(made.tutor).get(f"{made.path}?student={made.enrolments[0]}")
    assert page.h1.endswith("Amina O'Neill")
    assert "1 of 5 criteria met so far" in page.words
    assert f"{made.cell(0, 1)}?then=student" in page.links


def test_next_goes_round(client: PageClient) -> None:
    made = a_marked_cohort(2, weeks_left=-1)
    client.wear(made.tutor)
    first = client.get(f"{made.path}/next").response.headers["Location"]
    assert first == made.cell(0, 0)
    last = made.cell(1, 4).removeprefix(made.path + "/")
    assert client.get(f"{made.path}/next?after={last}").response.headers["Location"] == made.cell(0, 0)
    after = made.cell(0, 0).removeprefix(made.path + "/")
    assert client.get(f"{made.path}/next?after={after}").response.headers["Location"] == made.cell(0, 1)


def test_next_says_when_there_is_none(client: PageClient) -> None:
    made = a_marked_cohort(1)
    page = client.wear(made.tutor).get(f"{made.path}/next")
    assert page.response.headers["Location"] == made.path
    assert "Nothing else needs you" in client.get(made.path).words


def queries_of(client: PageClient, path: str) -> int:
    """How many statements one page takes, signing in included, transaction words apart."""
    with statements() as asked:
        assert client.get(path).status == 200
    return len(asked)


@pytest.mark.parametrize("verified", [False, True])
def test_queries_do_not_grow(client: PageClient, verified: bool) -> None:
    small, large = a_marked_cohort(1), a_marked_cohort(12, units=((4, 4), (5,), (3, 3)))
    for made in (small, large):
        for criterion in range(3):
            a_decision(made, 0, criterion)
        if verified:
            a_verdict(made, 0, 0, Verdict.CONFIRMED)
    few = queries_of(client.wear(small.tutor), small.path)
    many = queries_of(client.wear(large.tutor), large.path)
    assert few == many <= 10


@pytest.mark.parametrize("holds", [True, False])
def test_a_returned_unit_needs_the_tutor_until_a_released_decision_answers(app: Flask, holds: bool) -> None:
    made = a_marked_cohort(2, holds=holds)
    for student in (0, 1):
        for criterion in range(3):
            a_decision(made, student, criterion)
    assert needing(made) == set()
    a_verdict(made, 0, 0, Verdict.RETURNED)
    assert needing(made) == {(0, 0), (0, 1), (0, 2)}
    at = (made.enrolments[0], made.criteria[1])
    facts = cell_facts(made.tutor, *at)
    assert facts is not None
    saved = record_decision(made.tutor, *at, Outcome.MET, "Now it says why", facts.seen)
    if holds:  # a draft answers nobody yet
        assert saved.after.kind.needs_tutor
        assert len(needing(made)) == 3
        release_decisions(made.tutor, made.cohort_id)
    else:
        assert not saved.after.kind.needs_tutor
    assert needing(made) == set()
    a_verdict(made, 0, 0, Verdict.RETURNED)
    assert needing(made) == {(0, 0), (0, 1), (0, 2)}


def needing(made: MarkedCohort) -> set[tuple[int, int]]:
    """Students and criteria whose decided cells need the tutor: the grid and the single cell say the same."""
    cohort = session().get_one(Cohort, made.cohort_id)
    found = set()
    for student in grid_of(cohort).students:
        for place, cell in enumerate(student.cells):
            assert cell is not None
            facts = cell_facts(made.tutor, student.enrolment_id, made.criteria[place])
            assert facts is not None
            assert facts.kind is cell.kind
            if cell.kind.needs_tutor and cell.kind.outcome:
                found.add((made.enrolments.index(student.enrolment_id), place))
    return found
