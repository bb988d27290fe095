"""The pages of claims: what each shows, who is refused, what an error looks like, and how many queries."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_models import AoRegistration, Claim, ClaimNote
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.claims.rules import HELD
from recovery_college.courses.models import Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.fairness.concern_services import raise_concern
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from tests.factories.claims import (
    DIGEST,
    Signers,
    a_claim,
    a_registration,
    a_reply,
    a_verified_cohort,
    line_of,
    signers_of,
)
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict
from tests.factories.people import signed_in
from tests.factories.quality import an_engaged_eqa, assess
from tests.factories.staff import in_training
from tests.page_client import PageClient
from tests.statements import statements


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_verified_cohort(3)


@pytest.fixture
def signers(made: MarkedCohort) -> Signers:
    return signers_of(made)


def at(made: MarkedCohort, rest: str = "") -> str:
    return f"/cohorts/{made.cohort_id}/claim{rest}"


def test_the_check_in_words_with_links_to_mend(
    client: PageClient, made: MarkedCohort, signers: Signers
) -> None:
    with transaction() as s:
        s.get_one(Person, made.people[2].id).certificate_name = "Cai Price"
    page = client.wear(signers.admin).get(at(made))
    assert "2 students, 2 units, 4 unit results" in page.words
    assert "1 student whose name differs from the registration" in page.words
    assert f"{at(made)}/registrations#student-{made.enrolments[2]}" in page.links
    assert f"{at(made)}/registrations" in client.get(f"{at(made)}/prepare").links
    assert client.wear(signers.tutor).get(at(made)).status == 200
    assert client.wear(signed_in(Role.TUTOR)).get(at(made)).status == 404
    assert client.wear(signed_in(Role.EQA)).get(at(made)).status == 404
    assert client.wear(an_engaged_eqa(made)).get(at(made)).status == 200


def test_thirteen_weeks_after_the_course_it_says_overdue(client: PageClient, app: object) -> None:
    made = a_verified_cohort(1, weeks_since_end=13)
    admin = signed_in(Role.ADMIN)
    page = client.wear(admin).get(at(made))
    assert "Overdue by 1 week" in page.words
    assert "It can still be claimed" in page.words
    assert "Overdue by 1 week" in client.get("/claims").words
    assert "Overdue by 1 week" in client.get("/").words
    assert "Overdue by 1 week" in client.get(f"{at(made)}/left").words


def test_from_ticks_to_a_locked_sheet(client: PageClient, made: MarkedCohort, signers: Signers) -> None:
    client.wear(signers.admin)
    page = client.get(f"{at(made)}/prepare")
    ticks = [f"{made.enrolments[0]}:{made.units[0]}", f"{made.enrolments[1]}:{made.units[1]}"]
    data = {"seen": page.hidden("seen"), "ticks": ticks, "reviewer": ""}
    answer = client.send(f"{at(made)}/prepare", data)
    assert answer.status == 422
    assert "Choose the quality reviewer" in answer.words
    data["reviewer"] = str(signers.reviewer.person_id)
    first, second = client.send(f"{at(made)}/prepare", data), client.send(f"{at(made)}/prepare", data)
    assert first.status == second.status == 303
    assert first.response.location == second.response.location
    path = first.response.location
    claim = session().scalars(select(Claim)).one()
    for who in (signers.tutor, signers.iqa, signers.reviewer):
        assert "claim to sign: RAC-0001" in client.wear(who).get("/").words
        page = client.get(path)
        assert client.send(f"{path}/sign", {"seen": page.hidden("seen")}).status == 303
        assert "claim to sign" not in client.get("/").words
    assert "Locked on" in client.get(path).words
    assert client.wear(signers.admin).get(f"{path}/set-aside").status == 200
    assert client.send(f"{path}/set-aside", {"reason": "No"}).status == 422
    session().expire_all()
    assert session().get_one(Claim, claim.id).locked_at is not None
    pdf = client.get(f"{path}.pdf").response
    assert pdf.data.startswith(b"%PDF")
    table = client.get(f"{path}.csv").response.get_data(as_text=True)
    assert table.count("RAC-0001") == 2


def test_a_stale_page_is_told_what_changed(client: PageClient, made: MarkedCohort, signers: Signers) -> None:
    client.wear(signers.admin)
    seen = client.get(f"{at(made)}/prepare").hidden("seen")
    a_verdict(made, 1, 0, Verdict.RETURNED)
    ticks = [f"{made.enrolments[0]}:{made.units[0]}"]
    answer = client.send(
        f"{at(made)}/prepare", {"seen": seen, "ticks": ticks, "reviewer": str(signers.reviewer.person_id)}
    )
    assert answer.status == 409
    assert "1 student, 1 unit, 1 unit result" in answer.words


def test_signing_as_somebody_who_assessed_is_refused_in_words(
    client: PageClient, made: MarkedCohort, signers: Signers
) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    both = signed_in(Role.IQA, person=session().get_one(Person, made.tutor.person_id))
    page = client.wear(both).get(f"{at(made)}/{claim}")
    assert "You assessed or countersigned work on this claim" in page.words
    answer = client.send(f"{at(made)}/{claim}/sign", {"seen": DIGEST})
    assert answer.status == 422
    assert "somebody else must sign" in answer.words
    assert client.wear(signers.admin).send(f"{at(made)}/{claim}/sign", {"seen": DIGEST}).status == 403


def test_registering(client: PageClient, app: object) -> None:
    made = a_verified_cohort(2, registered=False)
    admin = signed_in(Role.ADMIN)
    client.wear(admin)
    path = f"{at(made)}/registrations"
    page = client.get(path)
    assert "Not registered with the awarding organisation yet" in page.words
    assert client.send(path, {"registered_on-day": "31", "registered_on-month": "2"}).status == 422
    values = [one.get("value") for one in page.tree.iter("input") if one.get("name") == "students"]  # type: ignore[union-attr]
    data = {
        "students": values, "registered_on-day": "2", "registered_on-month": "11", "registered_on-year": "2026",
    }  # fmt: skip
    assert client.send(path, data).status == 303
    assert client.send(path, data).status == 303  # Back, and once more
    assert session().query(AoRegistration).count() == 2
    assert "exactly as their record says" in client.get(path).words
    assert "Amina O'Neill" in client.get(f"{path}.csv").response.get_data(as_text=True)
    assert client.wear(made.tutor).get(path).status == 403


def test_a_query_is_answered(client: PageClient, made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0), (1, 0)], stage="locked")
    line = line_of(claim, made)
    reply = a_reply(line, Reply.QUERIED)
    client.wear(signers.admin)
    assert "1 query to answer: RAC-0001" in client.get("/").words
    page = client.get(f"{at(made)}/{claim}")
    path = f"{at(made)}/{claim}/queries/{line}"
    assert path in page.links
    wrong = client.send(path, {"seen": str(reply), "answer": "Kept text", "outcome": ""})
    assert wrong.status == 422
    assert "Kept text" in wrong.text
    assert client.send(path, {"seen": str(reply), "answer": "Sent.", "outcome": "again"}).status == 303
    assert "To be claimed again" in client.get(f"{at(made)}/{claim}").words
    assert client.wear(signers.tutor).get(path).status == 403


def test_the_external_assurers_note(client: PageClient, made: MarkedCohort, signers: Signers) -> None:
    claim = a_claim(made, signers, [(0, 0)])
    client.wear(an_engaged_eqa(made))
    path = f"{at(made)}/{claim}/note"
    empty = client.send(path, {"note": " "})
    assert empty.status == 422
    assert "Write the note" in empty.words
    assert client.send(path, {"note": "Well kept."}).status == 303
    assert client.send(path, {"note": "Well kept."}).status == 303
    assert session().query(ClaimNote).count() == 1
    assert "Well kept." in client.wear(signers.tutor).get(f"{at(made)}/{claim}").words


def test_what_is_left_leads_to_where_it_is_mended(client: PageClient, app: object) -> None:
    made = a_verified_cohort(3, verified=1)
    signers = signers_of(made)
    assess(made, 1, 0)
    a_decision(made, 1, 3, Outcome.NOT_YET_MET, feedback="Say more")
    a_decision(made, 2, 0, released=False)
    claim = a_claim(made, signers, [(0, 0)])
    cohort = f"/cohorts/{made.cohort_id}"
    second, third = made.enrolments[1:]
    page = client.wear(signers.tutor).get(f"{at(made)}/left")
    for text, link in (
        ("RAC-0001 needs the signature of the tutor", f"{at(made)}/{claim}"),
        ("Unit PSW2: verified, and not claimed yet", at(made)),
        ("waits for internal quality assurance", f"{cohort}/quality/{second}/{made.units[0]}"),
        ("criterion 1.1 is not yet met and waits", f"{cohort}/marking/{second}/{made.criteria[3]}"),
        ("criterion 1.1 has a decision that is not released", f"{cohort}/marking/{third}/{made.criteria[0]}"),
    ):  # fmt: skip
        assert text in page.words
        assert link in page.links
    for who in (signers.admin, an_engaged_eqa(made)):  # drafts are between tutors (A7)
        assert "not released" not in client.wear(who).get(f"{at(made)}/left").words
    a_decision(made, 1, 3, Outcome.NOT_YET_MET, feedback="Once more", attempt=2)
    student = client.wear(signers.tutor).get(f"/students/{made.people[1].id}")
    assert "another try" not in student.words
    used_up = "criterion 1.1 is not yet met, and the tries the course plans are used up."
    assert used_up in student.words
    assert used_up in client.get(f"{at(made)}/left").words
    assert "Credit with the awarding organisation" in student.words
    assert "Graduation from the college" in student.words


def test_a_unit_that_waits_for_a_countersignature_says_so(client: PageClient, app: object) -> None:
    """It was never returned, and nobody owes a new decision (A10)."""
    made = a_marked_cohort(1)
    in_training(made.tutor.person_id)
    assess(made)
    page = client.wear(made.tutor).get(f"{at(made)}/left")
    assert "Unit PSW1: waits for a qualified assessor to countersign it." in page.words
    assert "returned" not in page.words
    assert f"/cohorts/{made.cohort_id}/quality/countersign" in page.links
    with transaction() as s:
        s.get_one(Enrolment, made.enrolments[0]).status = EnrolmentStatus.WITHDRAWN
    assert "waits for a qualified assessor" in client.get(f"/students/{made.people[0].id}").words


def test_units_achieved_are_kept_and_told(client: PageClient, made: MarkedCohort, signers: Signers) -> None:
    a_reply(line_of(a_claim(made, signers, [(0, 0)], stage="locked"), made), Reply.AWARDED)
    own = signed_in(Role.STUDENT, person=made.people[0])
    page = client.wear(own).get("/my-progress/units")
    assert "6 credits achieved. The awarding organisation has confirmed 3 of them" in page.words
    assert client.get("/my-progress/units.pdf").response.data.startswith(b"%PDF")
    made.people[
        0
    ].given_name = "小明"  # in no font of ours: a question mark on paper, never a page that breaks
    session().commit()
    assert client.get("/my-progress/units.pdf").response.data.startswith(b"%PDF")
    path = f"/students/{made.people[0].id}/transcript"
    assert "Not claimed yet" in client.wear(signers.tutor).get(path).words
    assert client.wear(signed_in(Role.TUTOR)).get(path).status == 404
    nobody = signed_in(Role.STUDENT)
    assert "not on a course yet" in client.wear(nobody).get("/my-progress/units").words
    assert client.get("/my-progress/units.pdf").status == 404


def test_constant_queries(client: PageClient, app: object) -> None:
    small, large = a_verified_cohort(2), a_verified_cohort(9)
    admin = signed_in(Role.ADMIN)
    for made in (small, large):
        signers = signers_of(made)
        a_claim(made, signers, [(0, 0), (1, 0)], stage="locked")
        a_registration(made, 1)
    client.wear(admin)
    for rest in ("", "/left", "/prepare", "/registrations"):
        assert count_queries(client, at(small, rest)) == count_queries(client, at(large, rest)) <= 22


def count_queries(client: PageClient, path: str) -> int:
    client.get(path)
    with statements("SELECT") as asked:
        client.get(path)
    return len(asked)


def test_a_held_student_is_named_without_the_reason(
    client: PageClient, made: MarkedCohort, signers: Signers
) -> None:
    raise_concern(signers.admin, uuid4(), made.cohort_id, made.enrolments[0], "Two essays are alike.")
    client.wear(signers.admin)
    page = client.get(f"{at(made)}/prepare")
    assert HELD in page.words
    offered = [one.get("value") for one in page.tree.iter("input") if one.get("name") == "ticks"]  # type: ignore[union-attr]
    assert offered
    assert not any(str(value).startswith(str(made.enrolments[0])) for value in offered)
    values = [f"{made.enrolments[0]}:{made.units[0]}"]
    sent = {"seen": page.hidden("seen"), "ticks": values, "reviewer": str(signers.reviewer.person_id)}
    assert client.send(f"{at(made)}/prepare", sent).status == 422
    for who in (signers.tutor, signers.iqa):
        words = client.wear(who).get(at(made)).words
        assert HELD in words
        assert "oncern" not in words
