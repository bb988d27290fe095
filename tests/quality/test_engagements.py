"""Engagements from outside: opened by the college, picked by the external, closed by themselves (A11)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import GRANTS, Permission, Role
from recovery_college.assessment.engagement_models import EqaAction, EqaLeave, EqaPick
from recovery_college.assessment.models import EqaEngagement
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Enrolment
from recovery_college.graduation import services as graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.mail import OutgoingMail
from recovery_college.kernel.wording import day
from recovery_college.people.models import Account
from recovery_college.people.signin import SignedIn
from recovery_college.reporting.home_queries import home_of
from tests.factories.courses import a_mark, units_of
from tests.factories.engagements import a_pick, a_sent_report, an_engagement
from tests.factories.evidence import an_evidence
from tests.factories.graduation import a_finished_cohort
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import CONSOLE, signed_in
from tests.factories.quality import an_engaged_eqa, assess, give_verdict
from tests.page_client import PageClient


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort(3)
    assess(cohort, 0, feedback="canary-feedback")
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


@pytest.fixture
def eqa(app: object) -> SignedIn:
    return signed_in(Role.EQA, name="Eve")


@pytest.fixture
def visit(made: MarkedCohort, eqa: SignedIn) -> UUID:
    return an_engagement(eqa.person_id, [made.cohort_id], purpose="Autumn visit")


def path(visit: UUID) -> str:
    return f"/engagements/{visit}"


def sample(visit: UUID, made: MarkedCohort) -> str:
    return f"{path(visit)}/cohorts/{made.cohort_id}"


def pair(made: MarkedCohort, student: int = 0, unit: int = 0) -> str:
    return f"{made.enrolments[student]}:{made.units[unit]}"


def picked(visit: UUID, made: MarkedCohort, eqa: SignedIn, student: int = 0, unit: int = 0) -> str:
    pick = a_pick(visit, made.enrolments[student], made.units[unit], eqa.person_id)
    return f"{path(visit)}/picks/{pick}"


def days(opens: int = 0, ends: int = 10) -> dict[str, str]:
    found = {}
    for name, offset in (("opens_on", opens), ("ends_on", ends)):
        day = clock.today() + timedelta(days=offset)
        found |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return found


def new(made: MarkedCohort, **changes: object) -> dict[str, object]:
    return {
        "email": "visitor@ao.example",
        "name": "Vera Visitor",
        "purpose": "Autumn visit",
        "cohorts": [str(made.cohort_id)],
        **days(),
        **changes,
    }


def count(model: type) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(model)) or 0


# Opening.


def test_the_college_opens_one_itself_and_somebody_new_gets_a_link(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    page = client.wear(iqa).send("/engagements/new", new(made))
    assert page.status == 200
    assert "/welcome/" in page.text
    account = session().scalars(select(Account).where(Account.email == "visitor@ao.example")).one()
    assert session().scalars(select(EqaEngagement.person_id)).one() == account.person_id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cohorts": []}, "Choose at least one cohort"),
        ({"cohorts": [str(uuid4())]}, "Choose from the list"),
        ({"email": "nobody"}, "must be in the right format"),
        ({"name": ""}, "Enter the person’s name"),
        (days(5, 4), "The last day is before the first day"),
        (days(-9, -1), "The last day is in the past"),
        (days(0, 93), "92 days at most"),
        ({"ends_on-month": "13"}, "real date"),
        ({"purpose": ""}, "Enter what it is about"),
    ],
)
def test_shows_errors(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, changes: dict[str, object], words: str
) -> None:
    page = client.wear(iqa).send("/engagements/new", new(made, **changes))
    assert page.status == 422
    assert words.replace("’", "'") in page.words.replace("’", "'")
    assert count(EqaEngagement) == 0
    assert count(Account) == count(Account)


@pytest.mark.parametrize("hand", ["tutor", "student", "iqa"])
def test_nobody_with_a_hand_in_it_is_its_external(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, hand: str
) -> None:
    """A10, by person: through whichever account, and whichever role they would wear."""
    give_verdict(iqa, made)
    person = {"tutor": made.tutor.person_id, "student": made.people[1].id, "iqa": iqa.person_id}[hand]
    with transaction() as s:
        s.add(Account(person_id=person, email="second@ao.example", created_at=clock.now()))
    other = signed_in(Role.ADMIN)
    page = client.wear(other).send("/engagements/new", new(made, email="second@ao.example", name=""))
    assert page.status == 422
    assert "cannot be its external quality assurer (rule A10)" in page.words
    assert count(EqaEngagement) == 0


# Seeing, and no longer seeing.


def test_the_external_sees_the_states_of_these_cohorts_only(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    other = a_marked_cohort(1)
    client.wear(eqa)
    page = client.get(sample(visit, made))
    assert page.status == 200
    assert "Waits for IQA" in page.words
    assert "canary-feedback" not in page.text
    assert client.get(f"{path(visit)}/cohorts/{other.cohort_id}").status == 404


def test_a_minute_after_its_last_day_nothing_is_there(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    pick = picked(visit, made, eqa)
    with transaction() as s:
        s.get_one(EqaEngagement, visit).ends_on = clock.today() - timedelta(days=1)
    client.wear(eqa)
    pages = (path(visit), sample(visit, made), pick, f"{path(visit)}/report", f"/cohorts/{made.cohort_id}")
    assert [client.get(one).status for one in pages] == [404] * len(pages)
    # Kind words, the same for a page that was open, one that never was and one of nobody; what was typed is kept.
    words = {client.get(one).words for one in (path(visit), f"/engagements/{uuid4()}", "/nothing-here")}
    assert len(words) == 1
    assert f"Your engagement ended on {day(clock.today() - timedelta(days=1))}" in words.pop()
    token = client.get("/account/password").hidden("csrf_token")
    lost = client.post(
        f"{path(visit)}/report", data={"csrf_token": token, "seen": "0", "looked_at": "Ten portfolios"}
    )
    assert (lost.status, "Ten portfolios" in lost.words, "Seen" in lost.words) == (404, True, False)
    assert "engagement ended" not in client.wear(signed_in(Role.EQA)).get(path(visit)).words


def test_an_ended_engagement_is_closed_on_the_next_click(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, iqa: SignedIn, visit: UUID
) -> None:
    assert client.wear(eqa).get(path(visit)).status == 200
    done = client.wear(iqa).send(f"{path(visit)}/end", {"seen": "1"})
    assert done.status == 303
    assert client.wear(eqa).get(path(visit)).status == 404
    assert client.wear(iqa).get(path(visit)).status == 200
    for below in ("end", "days"):
        assert "This engagement ended on" in client.get(f"{path(visit)}/{below}").words


def test_another_externals_visit_is_not_found(client: PageClient, made: MarkedCohort, visit: UUID) -> None:
    client.wear(signed_in(Role.EQA))
    assert [client.get(one).status for one in (path(visit), sample(visit, made))] == [404, 404]


def test_the_last_day_is_changed_once_by_two_windows(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, visit: UUID
) -> None:
    client.wear(iqa)
    first = client.send(f"{path(visit)}/days", {"seen": "1", **days(ends=3)})
    assert first.status == 303
    second = client.send(f"{path(visit)}/days", {"seen": "1", **days(ends=5)})
    assert second.status == 409
    assert session().scalars(select(EqaEngagement.ends_on)).one() == clock.today() + timedelta(days=3)


# Picking.


def test_the_external_picks_and_widens_and_a_double_click_picks_once(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    client.wear(eqa)
    here = sample(visit, made)
    assert client.send(here, {"picks": [pair(made)], "reason": "High credit"}).status == 303
    assert client.send(here, {"picks": [pair(made)]}).status == 303
    assert client.send(here, {"picks": [pair(made), pair(made, 1)]}).status == 303
    assert count(EqaPick) == 2


def test_nothing_ticked_is_said_and_what_was_typed_stays(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    page = client.wear(eqa).send(sample(visit, made), {"reason": "Because"})
    assert page.status == 422
    assert "Tick at least one unit" in page.words
    assert "Because" in page.text


def test_a_unit_of_another_cohort_cannot_be_picked(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    other = a_marked_cohort(1)
    page = client.wear(eqa).send(sample(visit, made), {"picks": [pair(other)]})
    assert page.status == 422
    assert count(EqaPick) == 0


def test_the_college_cannot_pick_for_the_external(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, visit: UUID
) -> None:
    client.wear(iqa)
    token = client.get("/account/password").hidden("csrf_token")
    page = client.post(sample(visit, made), data={"csrf_token": token, "picks": [pair(made)]})
    assert page.status == 403
    assert count(EqaPick) == 0


def test_raw_sql_cannot_pick_for_somebody_with_a_hand_in_it(
    made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    """A10 and A11 in the database: another's engagement, and the assessor of the unit."""
    for by in (made.tutor.person_id, signed_in(Role.EQA).person_id):
        with pytest.raises(DBAPIError, match="A10, A11"):
            a_pick(visit, made.enrolments[0], made.units[0], by)
        session().rollback()
    own = an_engagement(made.tutor.person_id, [made.cohort_id])
    with pytest.raises(DBAPIError, match="A10, A11"):
        a_pick(own, made.enrolments[0], made.units[0], made.tutor.person_id)
    session().rollback()
    a_pick(visit, made.enrolments[0], made.units[0], eqa.person_id)  # the twin: the external themselves may


def test_a_pick_is_never_taken_back(made: MarkedCohort, eqa: SignedIn, visit: UUID) -> None:
    a_pick(visit, made.enrolments[0], made.units[0], eqa.person_id)
    for sql in ("DELETE FROM eqa_pick", "UPDATE eqa_pick SET reason = 'x'"):
        with pytest.raises(DBAPIError, match="never taken back"), db.engine.begin() as connection:
            connection.execute(text(sql))


# Evidence, on the pick alone.


def test_evidence_opens_on_the_pick_and_each_view_is_recorded(
    client: PageClient,
    made: MarkedCohort,
    eqa: SignedIn,
    iqa: SignedIn,
    visit: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = an_evidence(
        made.enrolments[0],
        [made.criteria[0]],
        title="canary-title",
        body="canary-body",
        file_name="canary.pdf",
    )
    a_mark(session().get_one(Enrolment, made.enrolments[0]), clock.today())
    elsewhere = an_evidence(made.enrolments[1], [made.criteria[0]], title="canary-other")
    client.wear(eqa)
    assert client.get(f"/evidence/{item.id}").status == 404
    pick = picked(visit, made, eqa)
    page = client.get(pick)
    assert "canary-title" in page.words
    assert "canary-body" in page.words
    assert "canary-feedback" in page.words
    assert "canary-other" not in page.text
    assert "Attendance so far: 1 of 1 sessions" in page.words
    assert client.get(f"/evidence/{item.id}/files/{item.file_id}").status == 200
    assert client.get(f"/evidence/{elsewhere.id}").status == 404
    pick_id = pick.rpartition("/")[2]
    seen = select(func.count()).where(AuditEvent.action == "viewed", AuditEvent.subject_id == pick_id)
    session().rollback()
    assert session().scalar(seen) == 1
    assert "When the external looked" in client.wear(iqa).get(pick).words
    assert "canary-body" not in client.wear(signed_in(Role.ADMIN)).get(pick).text
    monkeypatch.setitem(GRANTS, Role.EQA, GRANTS[Role.EQA] - {Permission.PICK_ATTENDANCE_SEE})
    assert "ttendance" not in client.wear(eqa).get(pick).text


def test_a_private_piece_opens_by_the_students_leave_and_closes_with_it(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    item = an_evidence(
        made.enrolments[0],
        [made.criteria[0]],
        title="canary-private",
        body="canary-secret",
        is_sensitive=True,
    )
    with transaction() as s:
        s.get_one(type(made.people[0]), made.people[0].id).email = "amina@home.example"
    student = signed_in(Role.STUDENT, person=made.people[0])
    pick = picked(visit, made, eqa)
    page = client.wear(eqa).get(pick)
    assert "A piece marked as private" in page.words
    assert "canary-" not in page.text.replace("canary-feedback", "")
    for _ in range(2):  # a double click asks once
        assert client.send(f"{pick}/evidence/{item.id}/ask", {"seen": ""}, form_at=pick).status == 303
        client.get(pick)
        if count(EqaLeave):
            break
    assert count(EqaLeave) == 1
    assert count(OutgoingMail) == 1
    assert "canary" not in (session().scalars(select(OutgoingMail.body)).one())
    leave = session().scalars(select(EqaLeave.id)).one()
    assert client.get(f"/evidence/{item.id}").status == 404

    client.wear(student)
    assert "canary-private" in client.get("/my-progress/leave").words
    assert client.send(f"/my-progress/leave/{leave}", {"answer": ""}).status == 422
    assert client.send(f"/my-progress/leave/{leave}", {"answer": "may see it"}).status == 303
    assert "canary-secret" in client.wear(eqa).get(pick).words

    client.wear(student)
    assert client.send(f"/my-progress/leave/{leave}", {"answer": "would rather not"}).status == 303
    page = client.wear(eqa).get(pick)
    assert "canary-secret" not in page.text
    assert "would rather not" in page.words
    assert client.get(f"/evidence/{item.id}").status == 404


def test_another_students_question_is_not_found(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    item = an_evidence(made.enrolments[0], [made.criteria[0]], is_sensitive=True)
    with transaction() as s:
        leave = EqaLeave(engagement_id=visit, evidence_id=item.id, asked_at=clock.now())
        s.add(leave)
        s.flush()
    client.wear(signed_in(Role.STUDENT, person=made.people[1]))
    assert client.get(f"/my-progress/leave/{leave.id}").status == 404
    assert "Nobody has asked" in client.get("/my-progress/leave").words


# Certificates, of the sample alone.


def test_certificates_of_the_sample_open_and_no_others(
    client: PageClient, eqa: SignedIn, iqa: SignedIn
) -> None:
    """Serial and state on the pick, the paper by its link; each opening recorded; gone with the engagement."""
    finished = a_finished_cohort(ready=2, names=("Amina Picked", "Ben Notpicked"))
    for enrolment in finished.ready:
        graduation.issue_certificate(CONSOLE, enrolment.id)
    graduation.revoke_certificate(signed_in(Role.ADMIN), "RC-000001", "Issued in error")
    visit = an_engagement(eqa.person_id, [finished.cohort.id])
    unit = units_of(finished.cohort.qualification)[0]
    client.wear(eqa)
    for one in ("RC-000001", "RC-000001.pdf", "RC-000002", "RC-000002.pdf"):
        assert client.get(f"/certificates/{one}").status == 404
    here = f"{path(visit)}/picks/{a_pick(visit, finished.ready[0].id, unit.id, eqa.person_id)}"
    page = client.get(here)
    assert "RC-000001, issued" in page.words
    assert ": revoked" in page.words
    assert client.get("/certificates/RC-000001").status == 200
    assert client.get("/certificates/RC-000001.pdf").response.data.startswith(b"%PDF")
    assert "Ben" not in client.get("/certificates").words
    for one in ("RC-000002", "RC-000002.pdf", "RC-000001/revoke"):
        assert client.get(f"/certificates/{one}").status in (403, 404)
    seen = select(func.count()).where(AuditEvent.action == "viewed", AuditEvent.subject_kind == "certificate")
    session().rollback()
    assert session().scalar(seen) == 2
    with transaction() as s:
        s.get_one(EqaEngagement, visit).ended_at = clock.now()
    assert [client.get(f"/certificates/RC-000001{end}").status for end in ("", ".pdf")] == [404, 404]
    assert "RC-000001" not in client.wear(iqa).get(here).words


# Objections.


def test_the_college_objects_in_writing_and_the_pick_stays_open(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, iqa: SignedIn, visit: UUID
) -> None:
    pick = picked(visit, made, eqa)
    client.wear(iqa)
    assert client.send(f"{pick}/object", {"words": " "}, form_at=pick).status == 422
    assert client.send(f"{pick}/object", {"words": "The student has left."}, form_at=pick).status == 303
    assert client.wear(eqa).get(pick).status == 200
    assert "1 objection to answer" in client.get("/").words
    assert client.send(f"{pick}/answer", {"words": "Still part of the cohort."}, form_at=pick).status == 303
    page = client.wear(iqa).get(pick)
    assert "Still part of the cohort." in page.words


# The report.


def report(**changes: str) -> dict[str, str]:
    return {"seen": "0", "looked_at": "Four units.", "finding": "no action needed", "deed": "send", **changes}


def test_a_report_is_a_draft_until_it_is_sent_and_frozen_then(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, iqa: SignedIn, visit: UUID
) -> None:
    here = f"{path(visit)}/report"
    client.wear(eqa)
    assert client.send(here, report(deed="save", finding="")).status == 303
    assert client.wear(iqa).get(here).status == 404
    client.wear(eqa)
    stale = client.send(here, report(seen="0", deed="save"))
    assert stale.status == 409
    owed = client.send(here, report(seen="1", finding="actions before the next visit"))
    assert owed.status == 422
    assert "Add the actions you ask for first" in owed.words
    act_by = {k.replace("ends_on", "act_by_on"): v for k, v in days(ends=30).items() if "ends" in k}
    for _ in range(2):
        assert client.send(f"{here}/actions", {"words": "Date it.", **act_by}, form_at=here).status == 303
    assert client.send(here, report(seen="1", finding="actions before the next visit")).status == 303
    assert "Four units." in client.wear(iqa).get(here).words
    assert "1 action from an external report" in client.get("/").words
    for sql in (
        "UPDATE eqa_report SET concerns = 'x'",
        "DELETE FROM eqa_action",
        "UPDATE eqa_action SET words = 'x'",
    ):
        with pytest.raises(DBAPIError, match="report that is sent"), db.engine.begin() as connection:
            connection.execute(text(sql))


def test_what_is_typed_of_a_report_and_its_actions_is_kept_whichever_button_is_pressed(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, visit: UUID
) -> None:
    here = f"{path(visit)}/report"
    act_by = {k.replace("ends_on", "act_by_on"): v for k, v in days(ends=30).items() if "ends" in k}
    action = {"words": "Date it.", **act_by}
    draft = report(deed="add", finding="")
    client.wear(eqa)
    for _ in range(2):
        assert client.send(f"{here}/actions", {**draft, **action}, form_at=here).status == 303
    assert "Four units." in client.get(here).text
    # An action without its day is shown again, and so is the rest.
    owed = client.send(here, {**report(seen="1", concerns="Dates."), "words": "Sign it."})
    assert owed.status == 422
    assert "Enter the day to act by" in owed.words
    assert all(words in owed.text for words in ("Sign it.", "Dates.", "Date it."))
    # Taken out: what is typed meanwhile is saved.
    gone = session().scalars(select(EqaAction.id)).one()
    page = client.send(
        f"{here}/actions", {**report(seen="1", concerns="Dates."), "remove": str(gone)}, form_at=here
    )
    assert page.status == 303
    assert "Dates." in client.get(here).text
    # An action that was typed and not added goes with the report.
    last = {**report(seen="2", finding="actions before the next visit"), **action}
    assert client.send(here, last).status == 303
    assert "Date it." in client.get(here).words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"looked_at": ""}, "Write what you looked at"),
        ({"finding": ""}, "Choose what your report comes to"),
        ({"concerns": "x" * 4001, "words": "Date it."}, "4,000 characters"),
    ],
)
def test_a_report_that_is_not_whole_is_not_sent(
    client: PageClient, eqa: SignedIn, visit: UUID, changes: dict[str, str], words: str
) -> None:
    page = client.wear(eqa).send(f"{path(visit)}/report", report(**changes))
    assert page.status == 422
    assert words in page.words
    assert report(**changes)["looked_at"] in page.text
    assert changes.get("words", "") in page.text


def test_the_next_external_sees_what_became_of_the_last_actions(
    client: PageClient, made: MarkedCohort, eqa: SignedIn, iqa: SignedIn, visit: UUID
) -> None:
    earlier = a_sent_report(
        signed_in(Role.EQA).person_id, [made.cohort_id], iqa.person_id, action="Date each.", note=""
    )
    action = f"/engagements/actions/{earlier.action_id}"
    client.wear(iqa)
    done = {"words": "In the new form.", "is_done": "yes"}
    assert client.send(action, {"seen": "0", **done}).status == 303
    again = client.send(action, {"seen": "0", "words": "Something else", "is_done": "no"})
    assert again.status == 409
    page = client.wear(eqa).get(path(visit))
    assert "In the new form." in page.words
    assert client.get(action).status == 200
    assert client.wear(made.tutor).get(action).status == 200
    assert client.wear(a_marked_cohort(1).tutor).get(action).status == 404


def test_who_looks_after_the_last_day_is_told_that_it_is_over(app: object) -> None:
    eqa = an_engaged_eqa(a_marked_cohort())

    def told(who: SignedIn) -> list[str]:
        return [fact for fact in home_of(who).facts if "Your engagement ended on" in fact]

    assert (told(eqa), told(signed_in(Role.EQA))) == ([], [])
    with clock.held_at(clock.now() + timedelta(days=1)):
        assert (len(told(eqa)), told(signed_in(Role.EQA))) == (1, [])
    ahead = signed_in(Role.EQA)
    assert home_of(ahead).facts[0].startswith("Nothing is open to you just now")
    an_engagement(ahead.person_id, [], days_ago=-2)
    assert home_of(ahead).facts[0].startswith("Your engagement begins on")
