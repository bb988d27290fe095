"""Marking from outside, done wrongly: what each wrong request is told, and that nothing is stored.

Two tutors in one cell are in test_marking_cell.py and test_marking_services.py; releasing twice in
test_marking_services.py; a bulk decision done wrongly in test_bulk_met.py.
"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.staff_models import ConflictOfInterest
from recovery_college.courses.models import CohortTutor, Enrolment, EnrolmentUnit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.quality.resubmission_services import answer_for_more, ask_for_more
from tests.factories.evidence import an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient

NOT_YET = Outcome.NOT_YET_MET


def stored() -> int:
    return session().scalar(select(func.count()).select_from(Decision)) or 0


def decides(client: PageClient, made: MarkedCohort, seen: int = 0, **changed: str) -> Page:
    """The form of the first cell, sent although the page may not show it any more."""
    token = client.get(f"{made.path}/comments/{made.criteria[0]}").hidden("csrf_token")
    return client.post(
        made.cell(), data={"csrf_token": token, "outcome": "met", "seen": str(seen), **changed}
    )


def set_place(made: MarkedCohort, **values: object) -> None:
    with transaction() as s:
        s.execute(update(Enrolment).where(Enrolment.id == made.enrolments[0]).values(**values))


def test_a_withdrawn_student(client: PageClient) -> None:
    made = a_marked_cohort()
    set_place(made, status=EnrolmentStatus.WITHDRAWN, ended_on=clock.today())
    client.wear(made.tutor)
    assert "has withdrawn" in client.get(made.cell()).words
    page = decides(client, made)
    assert page.status == 422
    assert "has withdrawn" in page.words
    assert stored() == 0


def test_a_paused_student_s_work_can_still_be_decided(client: PageClient) -> None:
    made = a_marked_cohort()
    set_place(made, status=EnrolmentStatus.PAUSED)
    client.wear(made.tutor)
    assert "is having a break" in client.get(made.cell()).words
    assert decides(client, made).status == 303
    assert stored() == 1


def test_a_unit_that_is_not_registered(client: PageClient) -> None:
    made = a_marked_cohort()
    with transaction() as s:
        s.execute(delete(EnrolmentUnit).where(EnrolmentUnit.enrolment_id == made.enrolments[0]))
    page = decides(client.wear(made.tutor), made)
    assert page.status == 422
    assert "not registered for this unit" in page.words
    assert stored() == 0


def test_before_the_student_enrolled(client: PageClient) -> None:
    made = a_marked_cohort()
    set_place(made, enrolled_on=clock.today() + timedelta(days=3))
    page = decides(client.wear(made.tutor), made)
    assert page.status == 422
    assert "before the student enrolled" in page.words
    assert "Enter a later date" not in page.words  # there is no box for a date here
    assert stored() == 0


@pytest.mark.parametrize("field", ["decided_on", "recorded_at", "released_at", "attempt", "decided_by", "id"])
def test_no_date_and_no_other_column_can_be_slipped_in(client: PageClient, field: str) -> None:
    made = a_marked_cohort()
    value = (clock.today() + timedelta(days=30)).isoformat() if field.endswith(("_on", "_at")) else "7"
    assert decides(client.wear(made.tutor), made, **{field: value}).status == 303
    (row,) = session().scalars(select(Decision))
    assert (row.decided_on, row.attempt, row.released_at) == (clock.today(), 1, None)
    assert row.decided_by == made.tutor.person_id


def test_a_tutor_of_another_cohort(client: PageClient) -> None:
    made, theirs = a_marked_cohort(), a_marked_cohort()
    client.wear(theirs.tutor)
    token = client.get(theirs.cell()).hidden("csrf_token")
    data = {"csrf_token": token, "outcome": "met", "seen": "0"}
    for path in (
        made.cell(),
        # Their student and criterion under one's own cohort.
        f"{theirs.path}/{made.enrolments[0]}/{made.criteria[0]}",
        f"{theirs.path}/{theirs.enrolments[0]}/{made.criteria[0]}",
    ):
        assert client.get(path).status == 404, path
        assert client.post(path, data=data).status == 404, path
    assert stored() == 0


def test_oneself_through_a_second_account(client: PageClient) -> None:
    """By person, not by account (A10): the same person signs in as a tutor with another address."""
    made = a_marked_cohort()
    second = signed_in(Role.TUTOR, person=made.people[0])
    with transaction() as s:
        s.execute(insert(CohortTutor).values(cohort_id=made.cohort_id, person_id=made.people[0].id))
    client.wear(second)
    assert "You cannot assess your own work" in client.get(made.cell()).words
    page = decides(client, made)
    assert page.status == 422
    assert "You cannot assess your own work" in page.words
    column = client.get(f"{made.path}/bulk?criterion={made.criteria[0]}")
    assert "Amina O'Neill: You cannot assess your own work." in column.words
    assert stored() == 0


@pytest.mark.parametrize("declared_by_tutor", [True, False])
def test_a_declared_conflict_of_interest(client: PageClient, declared_by_tutor: bool) -> None:
    made = a_marked_cohort()
    two = made.tutor.person_id, made.people[0].id
    one, other = two if declared_by_tutor else two[::-1]
    with transaction() as s:
        s.add(
            ConflictOfInterest(
                person_id=one, with_person_id=other, reason="Sisters", declared_by="console:tests",
                declared_at=clock.now(),
            )
        )  # fmt: skip
    page = decides(client.wear(made.tutor), made)
    assert page.status == 422
    assert "conflict of interest" in page.words
    column = client.get(f"{made.path}/bulk?criterion={made.criteria[0]}")
    assert "Amina O'Neill: You declared a conflict of interest" in column.words
    assert stored() == 0


def test_a_verified_unit(client: PageClient) -> None:
    made = a_marked_cohort()
    ids = [a_decision(made, 0, criterion) for criterion in range(3)]
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    client.wear(made.tutor)
    page = decides(client, made, ids[0], outcome="not yet met", feedback="No")
    assert page.status == 422
    assert decides(client, made, ids[0], deed="undo").status == 422
    assert stored() == 3


def test_releasing_twice(client: PageClient) -> None:
    made = a_marked_cohort()
    draft = a_decision(made, 0, 0, released=False)
    client.wear(made.tutor)
    for words in ("Released 1 decision", "Nothing was left to release"):
        sent = client.send(f"{made.path}/release", {"decision": [str(draft), "9" * 400]}, form_at=made.cell())
        assert sent.status == 303
        assert words in client.get(made.path).words


def test_more_attempts_than_planned_are_warned_of(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    a_decision(made, 0, 0, NOT_YET, feedback="Say more")
    assert "needs the agreement of quality assurance" not in client.get(made.cell()).words
    a_decision(made, 0, 0, NOT_YET, feedback="Once more", attempt=2)
    page = client.get(made.cell())
    assert (
        "This would be attempt 3. The course plans 1 resubmission; one more needs the agreement of quality "
        "assurance: ask for one more"
    ) in page.words
    asked = ask_for_more(made.tutor, made.cohort_id, made.enrolments[0], made.criteria[0], "They were away")
    assert "One more is asked for, and not answered yet" in client.get(made.cell()).words
    answer_for_more(signed_in(Role.IQA), made.cohort_id, asked, False)
    assert "They did not agree when they were asked before" in client.get(made.cell()).words


def spoken(client: PageClient, made: MarkedCohort) -> list[str]:
    tree = client.get(made.path).tree
    assert tree is not None
    return [
        link.get("aria-label", "") for link in tree.iter("a") if "rc-cell" in link.get("class", "").split()
    ]


def test_handed_in_evidence_needs_the_tutor_until_it_is_decided(client: PageClient) -> None:
    made = a_marked_cohort(2)
    a_decision(made, 1, 1)
    a_decision(made, 0, 1, NOT_YET, feedback="Say more")
    item = an_evidence(made.enrolments[0], made.criteria[:2], title="My account", file_name="account.pdf")
    client.wear(made.tutor)
    names = spoken(client, made)
    assert names[0] == "Amina O'Neill, PSW1 1.1, handed in, needs you"
    assert names[1] == "Amina O'Neill, PSW1 1.2, not yet met, handed in again, needs you"
    # The evidence says who waits: an empty cell beside a decided one does not.
    assert names[5] == "Ben Piątek, PSW1 1.1, nothing yet"
    assert "Needs me 2" in client.get(made.path).words
    page = client.get(made.cell())
    assert f"/evidence/{item.id}" in page.links
    assert "Reflective account, " in page.words
    assert "1 file" in page.words
    assert "My account" not in page.text  # a word of evidence is read where looking is on the record
    answer = client.post(
        made.cell(),
        data={"csrf_token": page.hidden("csrf_token"), "outcome": "met", "seen": page.hidden("seen")},
        headers={"Accept": "application/json"},
    )
    assert answer.response.json["changes"] == {"needs": -1, "not-yet": 0, "drafts": 1}
    assert spoken(client, made)[0] == "Amina O'Neill, PSW1 1.1, met, draft"
    assert client.get(f"{made.path}/next").response.headers["Location"] == made.cell(0, 1)


def test_evidence_taken_back_waits_for_nobody(client: PageClient) -> None:
    made = a_marked_cohort(1)
    an_evidence(made.enrolments[0], made.criteria[:1], closed=True)
    assert spoken(client.wear(made.tutor), made)[0] == "Amina O'Neill, PSW1 1.1, nothing yet"
