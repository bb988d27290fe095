"""“Met” for a unit or a column: the page that names the people, the deed, its undo, and what is left alone."""

import re
import threading
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask, current_app
from sqlalchemy import delete, func, select, update

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.bulk_services import BulkAsked, BulkDone, record_bulk_met, undo_bulk
from recovery_college.assessment.marking_models import BulkMark, DecisionUndo
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.services import NoSuchCell, record_decision, release_decisions
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment, EnrolmentUnit
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import db, session, transaction
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import signed_in
from tests.page_client import Page, PageClient
from tests.statements import statements

MET, NOT_YET = Outcome.MET, Outcome.NOT_YET_MET


def boxes(page: Page) -> list[str]:
    """What the page offers to record."""
    assert page.tree is not None
    return [box.get("value", "") for box in page.tree.iter("input") if box.get("name") == "cell"]


def unit_page(made: MarkedCohort, student: int = 0, unit: int = 0) -> str:
    return f"{made.path}/bulk?student={made.enrolments[student]}&unit={made.units[unit]}"


def column_page(made: MarkedCohort, criterion: int = 0) -> str:
    return f"{made.path}/bulk?criterion={made.criteria[criterion]}"


def posted(client: PageClient, made: MarkedCohort, at: str, **changed: object) -> Page:
    """The form of a page, sent with everything ticked that it offers."""
    page = client.get(at)
    data = {
        "csrf_token": page.hidden("csrf_token"), "bulk_id": page.hidden("bulk_id"), "cell": boxes(page),
        "confirmed": "yes",
    }  # fmt: skip
    data |= dict(parse_qsl(urlsplit(at).query))
    return client.post(f"{made.path}/bulk", data=data | changed)


def cells_now(made: MarkedCohort) -> dict[tuple[int, int], str]:
    """What the grid shows of each cell that something was decided on."""
    client = PageClient(current_app._get_current_object()).wear(made.tutor)
    page = client.get(made.path)
    assert page.tree is not None
    found = {}
    for link in page.tree.iter("a"):
        if "rc-cell" in link.get("class", "").split() and link.get("data-seen") != "0":
            enrolment, criterion = link.get("href", "").split("/")[-2:]
            place = made.enrolments.index(UUID(enrolment)), made.criteria.index(UUID(criterion))
            found[place] = link.get("aria-label", "").split(", ", 2)[2]
    return found


def test_works(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).get(unit_page(made))
    assert page.h1.endswith("Record met for a whole unit")
    assert "3 to record" in page.words
    assert "1.1 Explain point 1 of part 1 of unit 1" in page.words
    answer = posted(client, made, unit_page(made))
    assert answer.status == 303
    shown = client.get(answer.response.headers["Location"])
    assert "Recorded met for 3 criteria." in shown.words
    told = re.findall(r"Amina O'Neill, PSW1 ([0-9.]+): Recorded as met. It is a draft.", shown.words)
    assert told == ["1.1", "1.2", "2.1"]
    assert cells_now(made) == {(0, 0): "met, draft", (0, 1): "met, draft", (0, 2): "met, draft"}
    assert session().scalars(select(Decision.missing)).all() == ["", "", ""]
    actions = session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert list(actions)[-4:] == ["decided", "decided", "decided", "decided together"]


def test_a_column_names_its_students_and_who_is_left_and_why(client: PageClient) -> None:
    made = a_marked_cohort(6, names=tuple((name, "Xu") for name in ("Al", "Bo", "Cy", "Di", "Ed", "Fi")))
    a_decision(made, 0, 0)
    with transaction() as s:
        for place, status in ((1, EnrolmentStatus.WITHDRAWN), (2, EnrolmentStatus.PAUSED)):
            s.execute(update(Enrolment).where(Enrolment.id == made.enrolments[place]).values(status=status))
        s.execute(delete(EnrolmentUnit).where(EnrolmentUnit.enrolment_id == made.enrolments[3]))
    for criterion in range(3):
        a_decision(made, 4, criterion, NOT_YET if criterion == 0 else MET, feedback="Say more")
    page = client.wear(made.tutor).get(column_page(made))
    assert "2 to record" in page.words
    for words in (
        "Al Xu: It is met already.",
        "Bo Xu: The student has withdrawn",
        "Cy Xu: The student is having a break.",
        "Di Xu: The student is not registered for this unit.",
    ):
        assert words in page.words
    assert posted(client, made, column_page(made)).status == 303
    assert cells_now(made)[4, 0] == "met, draft"
    assert cells_now(made)[5, 0] == "met, draft"
    assert (1, 0) not in cells_now(made)


def test_who_has_no_other_try_is_left_and_named_and_the_others_are_recorded(client: PageClient) -> None:
    made = a_marked_cohort(2)
    for attempt in (1, 2):
        a_decision(made, 0, 0, NOT_YET, feedback="Say more", attempt=attempt)
    page = client.wear(made.tutor).get(column_page(made))
    assert "Amina O'Neill: The course plans 1 resubmission." in page.words
    assert "1 to record" in page.words
    assert posted(client, made, column_page(made)).status == 303
    assert cells_now(made) == {(0, 0): "not yet met", (1, 0): "met, draft"}


def test_needs_sign_in(client: PageClient) -> None:
    made = a_marked_cohort()
    assert client.get(unit_page(made)).status == 303


@pytest.mark.parametrize(("role", "status"), [(Role.IQA, 403), (Role.ADMIN, 403), (Role.STUDENT, 404)])
def test_other_role_refused(client: PageClient, role: Role, status: int) -> None:
    made = a_marked_cohort()
    assert client.wear(signed_in(role)).get(unit_page(made)).status == status


def test_other_cohort_not_found(client: PageClient) -> None:
    made, theirs = a_marked_cohort(), a_marked_cohort()
    client.wear(made.tutor)
    for path in (
        unit_page(theirs),
        f"{made.path}/bulk?student={theirs.enrolments[0]}&unit={theirs.units[0]}",
        f"{made.path}/bulk?criterion={theirs.criteria[0]}",
        f"{made.path}/bulk?student=x",
        f"{made.path}/bulk/{uuid4()}",
    ):
        assert client.get(path).status == 404, path
    foreign = f"{theirs.enrolments[0]}:{theirs.criteria[0]}:0"
    assert posted(client, made, unit_page(made), cell=[foreign]).status == 404
    assert session().scalar(select(func.count()).select_from(Decision)) == 0


def test_shows_errors(client: PageClient) -> None:
    made = a_marked_cohort()
    client.wear(made.tutor)
    first, *_ = boxes(client.get(unit_page(made)))
    page = posted(client, made, unit_page(made), confirmed="", cell=[first])
    assert page.status == 422
    assert "Tick that you looked at the evidence of each" in page.words
    assert page.tree is not None
    ticked = [box.get("value") for box in page.tree.iter("input") if box.get("checked") is not None]
    assert ticked == [first]  # what was unticked stays so
    assert "Tick at least one criterion" in posted(client, made, unit_page(made), cell=["x", "a:b:c"]).words
    assert session().scalar(select(func.count()).select_from(Decision)) == 0


def test_sent_twice_is_recorded_once(client: PageClient) -> None:
    made = a_marked_cohort()
    page = client.wear(made.tutor).get(unit_page(made))
    sent = {
        "csrf_token": page.hidden("csrf_token"), "bulk_id": page.hidden("bulk_id"), "cell": boxes(page),
        "confirmed": "yes",
    }  # fmt: skip
    first = client.post(f"{made.path}/bulk", data=sent)
    again = client.post(f"{made.path}/bulk", data=sent)
    assert first.response.headers["Location"] == again.response.headers["Location"]
    assert session().scalar(select(func.count()).select_from(Decision)) == 3
    stranger = a_marked_cohort()
    with pytest.raises(NoSuchCell):
        record_bulk_met(stranger.tutor, stranger.cohort_id, UUID(str(sent["bulk_id"])), [])


def test_what_somebody_changed_meanwhile_is_left_and_named(client: PageClient) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    page = client.wear(made.tutor).get(unit_page(made))
    cells = boxes(page)
    record_decision(kit, made.enrolments[0], made.criteria[1], NOT_YET, "Not this one", 0)
    answer = posted(client, made, unit_page(made), cell=cells)
    shown = client.get(answer.response.headers["Location"])
    assert "Recorded met for 2 criteria." in shown.words
    assert "Left as it is: Amina O'Neill, PSW1 1.2. Kit Example recorded not yet met at" in shown.words
    assert cells_now(made)[0, 1] == "not yet met, draft"


def test_undo_restores_and_leaves_what_was_changed_since(client: PageClient) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    a_decision(made, 0, 2, NOT_YET, feedback="Say more", released=False)
    before = cells_now(made)
    client.wear(made.tutor)
    address = posted(client, made, unit_page(made)).response.headers["Location"]
    latest = session().scalars(select(Decision.id).where(Decision.criterion_id == made.criteria[1])).one()
    record_decision(kit, made.enrolments[0], made.criteria[1], NOT_YET, "Look again", latest)
    stored = session().execute(select(Decision.id, Decision.outcome, Decision.feedback)).all()
    answer = client.send(address)
    assert answer.status == 303
    shown = client.get(address)
    assert "Undone for 2 criteria." in shown.words
    assert "Left as it is: Amina O'Neill, PSW1 1.2. Kit Example recorded not yet met" in shown.words
    assert "Amina O'Neill, PSW1 1.1: Undone." in shown.words
    assert "Undo" not in shown.words.split("Undone for")[1].replace("Undone", "")
    assert cells_now(made) == {**before, (0, 1): "not yet met, draft"}
    # Nothing was deleted or changed: the rows of before are all there.
    assert set(stored) <= set(session().execute(select(Decision.id, Decision.outcome, Decision.feedback)))
    undone = session().scalar(select(func.count()).select_from(DecisionUndo))
    again = undo_bulk(made.tutor, made.cohort_id, UUID(address.rsplit("/", 1)[1]))
    assert again.done == []
    assert session().scalar(select(func.count()).select_from(DecisionUndo)) == undone


def test_undo_after_release_restores_by_a_new_row_or_says_why_not(client: PageClient) -> None:
    made = a_marked_cohort()
    a_decision(made, 0, 0, NOT_YET, feedback="Say more")
    client.wear(made.tutor)
    address = posted(client, made, unit_page(made)).response.headers["Location"]
    release_decisions(made.tutor, made.cohort_id)
    done = undo_bulk(made.tutor, made.cohort_id, UUID(address.rsplit("/", 1)[1]))
    assert [one.number for one in done.done] == ["1.1"]
    assert [one.number for one in done.left] == ["1.2", "2.1"]
    assert "the student sees it" in str(done.left[0].why_not)
    assert cells_now(made)[0, 0] == "not yet met, draft"
    assert cells_now(made)[0, 1] == "met"


def test_a_verified_unit_is_left_alone_by_both(client: PageClient) -> None:
    made = a_marked_cohort(holds=False)
    client.wear(made.tutor)
    address = posted(client, made, unit_page(made)).response.headers["Location"]
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    assert "3 to record" not in client.get(unit_page(made)).words
    done = undo_bulk(made.tutor, made.cohort_id, UUID(address.rsplit("/", 1)[1]))
    assert done.done == []
    assert "verified" in str(done.left[0].why_not)
    assert cells_now(made)[0, 0] == "met, locked"


def test_as_many_queries_for_a_large_cohort_as_for_a_small_one(client: PageClient) -> None:
    counts = []
    for students in (2, 12):
        made = a_marked_cohort(students)
        client.wear(made.tutor)
        asked = [BulkAsked(one, made.criteria[0], 0) for one in made.enrolments]
        session().rollback()
        bulk_id = uuid4()
        with statements() as found:
            client.get(column_page(made))
            record_bulk_met(made.tutor, made.cohort_id, bulk_id, asked)
            client.get(f"{made.path}/bulk/{bulk_id}")
            undo_bulk(made.tutor, made.cohort_id, bulk_id)
        # Each decision is a row of its own.
        counts.append(sum(not one.startswith("INSERT") for one in found))
        assert session().scalar(select(func.count()).select_from(BulkMark).where(BulkMark.id == bulk_id)) == 1
    assert counts[0] == counts[1], counts


def test_two_tutors_record_a_column_at_once_and_each_cell_is_decided_once(app: Flask) -> None:
    made = a_marked_cohort(4)
    kit = another_tutor(made)
    asked = [BulkAsked(one, made.criteria[0], 0) for one in made.enrolments]
    results: list[BulkDone] = []
    start = threading.Barrier(2)

    def record(tutor: Actor, cells: list[BulkAsked]) -> None:
        with app.app_context():
            start.wait()
            results.append(record_bulk_met(tutor, made.cohort_id, uuid4(), cells))
            db.session.remove()

    session().rollback()
    # In opposite order, so that they would wait for each other if the order were theirs.
    threads = [
        threading.Thread(target=record, args=pair) for pair in ((made.tutor, asked), (kit, asked[::-1]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(one.done) for one in results) == [0, 4]
    assert sorted(len(one.left) for one in results) == [0, 4]
    assert session().scalar(select(func.count()).select_from(Decision)) == 4
