"""The pages of internal quality assurance: the cohort's board, one unit, and closing a sample."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.models import IqaVerdict
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.assessment.steps import QualityStep
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.signin import SignedIn
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import an_engaged_eqa, assess, file_of, give_verdict, tutor_as_iqa
from tests.page_client import PageClient
from tests.statements import statements

SECRET = "canary-feedback-7731"


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort(4)
    for student in range(3):
        assess(cohort, student, feedback=SECRET)
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


def board(made: MarkedCohort) -> str:
    return f"/cohorts/{made.cohort_id}/quality"


def unit_path(made: MarkedCohort, student: int = 0, unit: int = 0) -> str:
    return f"{board(made)}/{made.enrolments[student]}/{made.units[unit]}"


def close_path(made: MarkedCohort, unit: int = 0) -> str:
    return f"{board(made)}/{made.units[unit]}/close"


def verdict_data(made: MarkedCohort, iqa: SignedIn, **changes: object) -> dict[str, object]:
    act_by = clock.today() + timedelta(days=14)
    return {
        "seen": file_of(iqa, made).cell.stamp,
        "verdict": "confirmed",
        "criteria": [str(made.criteria[0]), str(made.criteria[2])],
        "act_by_on-day": str(act_by.day),
        "act_by_on-month": str(act_by.month),
        "act_by_on-year": str(act_by.year),
        **changes,
    }


def verdicts() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(IqaVerdict)) or 0


# The board.


def test_works(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    page = client.wear(iqa).get(board(made))
    assert page.status == 200
    assert "3 units wait for internal quality assurance" in page.words
    assert "So that at least 2 students are sampled." in page.words
    assert unit_path(made) in page.links
    assert SECRET not in page.text


def test_needs_sign_in(client: PageClient, made: MarkedCohort) -> None:
    for path in (board(made), unit_path(made), close_path(made)):
        assert client.get(path).status == 303


@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR, Role.SYSADMIN])
def test_other_role_refused(client: PageClient, made: MarkedCohort, role: Role) -> None:
    client.wear(signed_in(role))
    assert [client.get(path).status for path in (board(made), unit_path(made), close_path(made))] == [404] * 3


@pytest.mark.parametrize("role", [Role.TUTOR, Role.EQA])
def test_other_cohort_not_found(client: PageClient, made: MarkedCohort, role: Role) -> None:
    client.wear(signed_in(role))
    assert [client.get(path).status for path in (board(made), unit_path(made))] == [404, 404]


def test_a_unit_under_another_cohorts_address_is_not_found(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    other = a_marked_cohort(1)
    client.wear(iqa)
    crossed = f"{board(other)}/{made.enrolments[0]}/{made.units[0]}"
    assert client.get(crossed).status == 404
    assert client.get(f"{board(other)}/{made.units[0]}/close").status == 404


def test_an_ended_engagement_shows_nothing(client: PageClient, made: MarkedCohort) -> None:
    eqa = an_engaged_eqa(made)
    with clock.held_at(clock.now() + timedelta(days=1)):
        client.wear(eqa)
        assert client.get(board(made)).status in (303, 404)


@pytest.mark.parametrize("role", [Role.EQA, Role.ADMIN, Role.AUDITOR])
def test_who_may_see_states_sees_no_words(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, role: Role
) -> None:
    give_verdict(iqa, made, verdict=Verdict.RETURNED, action="canary-action-19", comment="canary-comment-4")
    actor = an_engaged_eqa(made) if role is Role.EQA else signed_in(role)
    client.wear(actor)
    for path in (board(made), unit_path(made)):
        page = client.get(path)
        assert page.status == 200
        assert "canary" not in page.text
        assert "Returned" in page.words
    assert "Save verdict" not in page.text


def test_the_tutor_reads_verdicts_and_what_to_do(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    give_verdict(iqa, made, verdict=Verdict.RETURNED, action="Ask for an example.", comment="Nearly there.")
    client.wear(made.tutor)
    assert "Ask for an example." in client.get(board(made)).words
    page = client.get(unit_path(made))
    assert "What Ira" in page.words
    assert "Nearly there." in page.words
    assert "Save verdict" not in page.text


def test_who_may_see_but_not_record_is_told_so(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    data = verdict_data(made, iqa)
    for actor in (made.tutor, an_engaged_eqa(made), signed_in(Role.ADMIN), signed_in(Role.AUDITOR)):
        token = client.wear(actor).get("/account").hidden("csrf_token")
        assert client.post(unit_path(made), data={"csrf_token": token, **data}).status == 403
        assert client.get(close_path(made)).status == 403
    assert verdicts() == 0


def test_filters(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, made, 1, verdict=Verdict.RETURNED)
    client.wear(iqa)
    assert "Dee Quist" in client.get(board(made)).words
    returned = client.get(f"{board(made)}?show=returned&unit={made.units[0]}")
    assert "Ben Piątek" in returned.words
    assert "Dee Quist" not in returned.words
    assert "Working from experience 2 Not" not in returned.words
    nothing = client.get(f"{board(made)}?show=returned&unit={made.units[1]}")
    assert "Nothing matches" in nothing.words
    assert client.get(f"{board(made)}?show=nonsense&unit=x").status == 200


def test_nobody_enrolled(client: PageClient, iqa: SignedIn) -> None:
    page = client.wear(iqa).get(board(a_marked_cohort(0)))
    assert "Nobody is enrolled yet" in page.words


def test_queries_do_not_grow(client: PageClient, iqa: SignedIn) -> None:
    small, large = a_marked_cohort(2), a_marked_cohort(9)
    for cohort, students in ((small, 2), (large, 9)):
        for student in range(students):
            assess(cohort, student)
    client.wear(iqa)
    client.get(board(small))
    assert (
        count_queries(client, board(large)) == count_queries(client, board(small)) <= 19
    )  # evidence, interim checks and the staff record among them
    assert (
        count_queries(client, unit_path(large)) <= 19
    )  # evidence, interim checks and the staff record among them


def count_queries(client: PageClient, path: str) -> int:
    with statements("SELECT") as asked:
        assert client.get(path).status == 200
    return len(asked)


# One unit.


def test_each_look_at_the_work_is_recorded(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    client.wear(iqa)
    for _ in range(2):
        assert SECRET in client.get(unit_path(made)).text
    session().rollback()
    views = session().scalars(select(AuditEvent).where(AuditEvent.action == "viewed")).all()
    assert [(view.actor, view.subject_id) for view in views] == [
        (str(iqa.person_id), str(made.enrolments[0]))
    ] * 2


def test_confirming(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    answer = client.wear(iqa).send(unit_path(made), verdict_data(made, iqa))
    assert answer.status == 303
    # Where others wait one is led to them.
    assert answer.response.location == f"{board(made)}?show=waiting"
    assert "Confirmed: Amina" in client.get(board(made)).words
    page = client.get(unit_path(made))
    assert "Looked at: 1.1, 2.1" in page.words
    assert verdicts() == 1


def test_returning(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    data = verdict_data(made, iqa, verdict="returned", action="Ask for an example.")
    assert client.wear(iqa).send(unit_path(made), data).status == 303
    page = client.get(board(made))
    assert "Returned to the assessor" in page.words
    assert "Ask for an example." in page.words


def test_shows_errors(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    client.wear(iqa)
    page = client.send(unit_path(made), {"seen": "0.0.0"})
    assert page.status == 422
    assert "Choose confirm or return" in page.words
    assert "Tick the criteria you looked at" in page.words
    page = client.send(
        unit_path(made), verdict_data(made, iqa, verdict="returned", action="", comment="My kept words")
    )
    assert page.status == 422
    assert "Write what the assessor should do" in page.words
    assert "My kept words" in page.text
    page = client.send(
        unit_path(made),
        verdict_data(made, iqa, verdict="returned", action="x", **{"act_by_on-year": "2020"}),
    )
    assert "The date to act by is in the past" in page.words
    assert verdicts() == 0


def test_a_verdict_on_an_old_page_shows_both_sides(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    data = verdict_data(made, iqa, verdict="returned", action="My own action")
    give_verdict(signed_in(Role.IQA, name="Noor"), made, comment="Their comment")
    page = client.wear(iqa).send(unit_path(made), data)
    assert page.status == 409
    assert "Their comment" in page.words
    assert "My own action" in page.words
    assert verdicts() == 1


def test_ones_own_decision_is_refused_on_the_page(client: PageClient, made: MarkedCohort) -> None:
    own = tutor_as_iqa(made)
    client.wear(own)
    page = client.get(unit_path(made))
    assert "You assessed part of this unit, so someone else must quality-assure it." in page.words
    assert "Save verdict" not in page.text
    token = client.get("/account").hidden("csrf_token")
    answer = client.post(unit_path(made), data={"csrf_token": token, **verdict_data(made, own)})
    assert answer.status == 422
    assert "You assessed part of this unit" in answer.words
    assert verdicts() == 0


def test_a_returned_unit_waits_for_the_assessor(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    give_verdict(iqa, made, verdict=Verdict.RETURNED, action="Ask for an example.", comment="Nearly there.")
    page = client.wear(iqa).get(unit_path(made))
    assert "It is with the assessor." in page.words
    assert "not assessed yet" not in page.words
    page = client.wear(made.tutor).get(unit_path(made))
    assert f"/marking?student={made.enrolments[0]}" in page.text


def test_a_unit_in_progress_says_what_is_missing(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    page = client.wear(iqa).get(unit_path(made, 3))
    assert "not assessed yet" in page.words
    assert "Nothing decided yet." in page.words
    a_decision(made, 3, 0, Outcome.NOT_YET_MET, feedback="Say more.", released=False)
    assert "draft: the student does not see it" in client.get(unit_path(made, 3)).words


# Closing a sample.


def test_closing_names_whom_it_verifies(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    client.wear(iqa)
    assert "Look at 2 more students first" in client.get(close_path(made)).words
    give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1)
    assert close_path(made) in client.get(board(made)).links
    page = client.get(close_path(made))
    assert "Cai Prys" in page.words
    assert "Amina" not in page.words
    assert client.send(close_path(made), {"seen": page.hidden("seen")}).status == 303
    assert file_of(iqa, made, 2).cell.step is QualityStep.CLOSED
    assert "Sample closed. 1 more unit is verified." in client.get(board(made)).words


def test_closing_too_early_or_late_is_refused(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    client.wear(iqa)
    token = client.get("/account").hidden("csrf_token")
    seen = client.get(unit_path(made)).hidden("seen")
    assert client.post(close_path(made), data={"csrf_token": token, "seen": seen}).status == 409
    give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1)
    stamp = client.get(close_path(made)).hidden("seen")
    a_decision(made, 2, 0, Outcome.MET, revision=2)
    assert client.post(close_path(made), data={"csrf_token": token, "seen": stamp}).status == 409
    assert verdicts() == 2


def test_the_assessor_cannot_close(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    give_verdict(iqa, made, 0)
    give_verdict(iqa, made, 1)
    stamp = client.wear(iqa).get(close_path(made)).hidden("seen")
    page = client.wear(tutor_as_iqa(made)).get(close_path(made))
    assert "rule A10" in page.words
    token = client.get("/account").hidden("csrf_token")
    answer = client.post(close_path(made), data={"csrf_token": token, "seen": stamp})
    assert answer.status == 422
    assert "rule A10" in answer.words
    assert verdicts() == 2
