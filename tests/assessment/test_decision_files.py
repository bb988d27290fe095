"""Decisions in and out, and results out: the columns other programs hold on to."""

import csv
import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.exports import DECISION_COLUMNS, RESULT_COLUMNS, decision_rows, result_rows
from recovery_college.assessment.imports import DECISIONS
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.tables_out import write_table
from recovery_college.people.models import Person
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict
from tests.factories.people import CONSOLE, a_person, an_account, signed_in
from tests.page_client import PageClient


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    cohort = a_marked_cohort(2)
    with transaction() as s:
        for n, person in enumerate(cohort.people):
            s.get_one(Person, person.id).student_ref = f"S{n}"
    return cohort


def ref_of(made: MarkedCohort) -> str:
    return session().get_one(Cohort, made.cohort_id).ref


def row(made: MarkedCohort, **columns: object) -> dict[str, object]:
    return {
        "cohort": ref_of(made),
        "student_ref": "S0",
        "unit_code": "PSW1",
        "criterion": "1.1",
        "attempt": 1,
        "decision": "met",
        "decided_on": clock.today().isoformat(),
        "assessor_email": made.tutor.email,
        "feedback": "Clear",
    } | columns


def bring(*rows: dict[str, object], actor: Actor = CONSOLE) -> Report:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, DECISION_COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return run_import(DECISIONS, actor, out.getvalue().encode(), "decisions.csv")


def stored() -> list[Decision]:
    return list(session().scalars(select(Decision).order_by(Decision.id)))


def test_works(made: MarkedCohort) -> None:
    report = bring(row(made), row(made, student_ref="S1", decision="not yet met", feedback="Say more"))
    assert (report.ok, report.created) == (True, 2)
    first, second = stored()
    assert (first.is_imported, first.outcome, first.decided_by) == (True, Outcome.MET, made.tutor.person_id)
    assert first.released_at is not None
    assert second.feedback == "Say more"
    events = session().scalars(select(AuditEvent).where(AuditEvent.action == "imported decision")).all()
    assert {event.subject_id for event in events} == {str(first.id), str(second.id)}


def test_the_same_file_twice_changes_nothing(made: MarkedCohort) -> None:
    rows = [row(made, decision="not yet met"), row(made, attempt=2)]
    assert bring(*rows).created == 2
    again = bring(*rows)
    assert (again.ok, again.created, again.unchanged) == (True, 0, 2)
    assert len(stored()) == 2


@pytest.mark.parametrize(
    ("columns", "column", "reason"),
    [
        ({"cohort": "none"}, "cohort", "no such cohort"),
        ({"student_ref": "S9"}, "student_ref", "No student with this reference"),
        ({"unit_code": "PSW9"}, "unit_code", "no such unit"),
        ({"criterion": "9.9"}, "criterion", "no such criterion"),
        ({"attempt": "2"}, "attempt", "attempt 1 is missing"),
        ({"attempt": "0"}, "attempt", "from 1 to 99"),
        ({"decision": "fail"}, "decision", "Write one of: met, not yet met"),
        ({"decided_on": "2999-01-01"}, "decided_on", "2199"),
        ({"decided_on": "2190-01-01"}, "decided_on", "in the future"),
        ({"decided_on": "2001-01-01"}, "decided_on", "before the student enrolled"),
        ({"assessor_email": "nobody@fenside.example"}, "assessor_email", "Nobody has an account"),
    ],
)
def test_refusals_say_why(made: MarkedCohort, columns: dict[str, object], column: str, reason: str) -> None:
    report = bring(row(made), row(made, student_ref="S1") | columns)
    assert not report.ok
    (refused,) = report.refused
    assert (refused.line, refused.column) == (3, column)
    assert reason in refused.reason
    assert stored() == []


def test_other_content_is_refused_and_never_overwrites(made: MarkedCohort) -> None:
    bring(row(made))
    report = bring(row(made, feedback="Other words"))
    assert "already recorded with other content" in report.refused[0].reason
    assert [one.feedback for one in stored()] == ["Clear"]


def test_attempts_run_in_date_order(made: MarkedCohort) -> None:
    earlier = date.fromordinal(clock.today().toordinal() - 3).isoformat()
    report = bring(row(made, decision="not yet met"), row(made, attempt=2, decided_on=earlier))
    assert "date order" in report.refused[0].reason


def test_the_assessor_is_a_tutor_and_not_the_student(made: MarkedCohort) -> None:
    clerk = an_account(a_person("Kay"), Role.ADMIN)
    assert "not a tutor" in bring(row(made, assessor_email=clerk.email)).refused[0].reason
    own = an_account(made.people[0], Role.TUTOR)
    assert "your own work" in bring(row(made, assessor_email=own.email)).refused[0].reason
    stranger = signed_in(Role.TUTOR)
    assert bring(row(made, assessor_email=stranger.email)).ok


def test_a_verified_unit_is_locked(made: MarkedCohort) -> None:
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    report = bring(row(made, attempt=2))
    assert "This unit is verified" in report.refused[0].reason


def test_a_draft_is_not_stepped_over(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, released=False)
    assert "A draft of this attempt" in bring(row(made)).refused[0].reason


def test_not_yet_met_without_feedback_is_told(made: MarkedCohort) -> None:
    report = bring(row(made, decision="not yet met", feedback=""))
    assert report.ok
    assert "not told what to do next" in report.warnings[0]


def test_a_student_who_left_keeps_what_was_decided_before(made: MarkedCohort) -> None:
    with transaction() as s:
        place = s.get_one(Enrolment, made.enrolments[0])
        place.status, place.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
    assert bring(row(made)).ok


def test_a_tutor_imports_for_assigned_cohorts_only(made: MarkedCohort) -> None:
    assert "no such cohort" in bring(row(made), actor=signed_in(Role.TUTOR)).refused[0].reason
    assert bring(row(made), actor=made.tutor).ok


def test_out_and_in_again_changes_nothing(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback="=HYPERLINK(1)\nSay more, “please”")
    a_decision(made, 0, 0, attempt=2)
    a_decision(made, 0, 1)
    a_decision(made, 0, 1, Outcome.NOT_YET_MET, feedback="Corrected", revision=2)
    a_decision(made, 1, 0, released=False)
    rows = list(decision_rows(CONSOLE, ref_of(made)))
    assert [(one[1], one[3], one[4], one[5]) for one in rows] == [
        ("S0", "1.1", 1, "not yet met"),
        ("S0", "1.1", 2, "met"),
        ("S0", "1.2", 1, "not yet met"),
    ]
    for form in ("csv", "xlsx"):
        content = write_table(form, DECISION_COLUMNS, rows)
        report = run_import(DECISIONS, CONSOLE, content, f"decisions.{form}")
        assert (report.ok, report.created, report.unchanged) == (True, 0, 3), report.refused


def test_decisions_leave_in_the_order_of_the_specification_however_they_came(app: Flask) -> None:
    made = a_marked_cohort(1, units=((2, 2),))
    with transaction() as s:
        s.get_one(Person, made.people[0].id).student_ref = "S0"
    for criterion in (3, 0, 2, 1):
        a_decision(made, 0, criterion)
    assert [one[3] for one in decision_rows(CONSOLE, ref_of(made))] == ["1.1", "1.2", "2.1", "2.2"]


def test_results(made: MarkedCohort) -> None:
    for criterion in range(3):
        a_decision(made, 0, criterion)
    a_decision(made, 1, 0)
    a_decision(made, 1, 1, released=False)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    found = {(one[1], one[2]): one[3:] for one in result_rows(CONSOLE, ref_of(made))}
    assert len(RESULT_COLUMNS) == 10
    assert found["S0", "PSW1"] == (3, 3, 3, 3, "verified", 3, 0)
    assert found["S1", "PSW1"] == (3, 3, 3, 1, "in progress", 0, 0)
    assert found["S1", "PSW2"] == (3, 3, 2, 0, "in progress", 0, 0)


def test_who_takes_out_what(made: MarkedCohort) -> None:
    a_decision(made, 0, 0, feedback="Private")
    ref = ref_of(made)
    assert len(list(decision_rows(made.tutor, ref))) == 1
    for role in (Role.ADMIN, Role.AUDITOR, Role.HR, Role.TUTOR):
        assert list(decision_rows(signed_in(role), ref)) == []
    assert len(list(result_rows(signed_in(Role.ADMIN), ref))) == 4
    assert list(result_rows(signed_in(Role.MANAGER), ref)) == []
    assert list(result_rows(CONSOLE, "no such cohort")) == []


def test_the_import_page_is_for_tutors(client: PageClient, made: MarkedCohort) -> None:
    page = client.wear(made.tutor).get("/marking/import/decisions")
    assert page.status == 200
    assert "assessor_email" in page.words
    assert client.wear(signed_in(Role.ADMIN)).get("/marking/import/decisions").status in (403, 404)
