"""The awarding organisation's reply: each line beside what was claimed, by file and by page."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Actor, Role
from recovery_college.assessment.claim_models import ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.exports import result_rows
from recovery_college.claims.exports import RAC_COLUMNS, rac_rows
from recovery_college.claims.query_services import answer_query
from recovery_college.claims.reply_imports import RAC_REPLY
from recovery_college.courses.models import Cohort
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from tests.factories.claims import Signers, a_claim, a_reply, a_verified_cohort, line_of, signers_of
from tests.factories.marking import MarkedCohort
from tests.factories.people import CONSOLE, signed_in

COLUMNS = ("cohort", "student_ref", "unit_code", "result", "awarded_on")


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_verified_cohort(2)


@pytest.fixture
def signers(made: MarkedCohort) -> Signers:
    return signers_of(made)


def row(made: MarkedCohort, student: int = 0, unit: int = 0, **columns: object) -> dict[str, object]:
    return {
        "cohort": session().get_one(Cohort, made.cohort_id).ref,
        "student_ref": session().get_one(Person, made.people[student].id).student_ref,
        "unit_code": f"PSW{unit + 1}",
        "result": "awarded",
        "awarded_on": clock.today().isoformat(),
    } | columns


def bring(*rows: dict[str, object], actor: Actor = CONSOLE) -> Report:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return run_import(RAC_REPLY, actor, out.getvalue().encode(), "reply.csv")


def why(report: Report) -> list[tuple[str, str]]:
    return [(one.column, one.reason) for one in report.refused]


def replies() -> int:
    return session().query(ClaimReply).count()


def test_each_line_is_reconciled_and_the_difference_is_told(made: MarkedCohort, signers: Signers) -> None:
    a_claim(made, signers, [(0, 0), (0, 1), (1, 0)], stage="locked")
    queried = row(made, 0, 1, result="queried", awarded_on="")
    report = bring(row(made), queried)
    assert (report.ok, report.created) == (True, 2)
    assert "RAC-0001: 1 of 3 claimed line is not in this reply" in " ".join(report.warnings)
    again = bring(row(made), queried)
    assert (again.ok, again.created, again.unchanged) == (True, 0, 2)
    assert replies() == 2
    ref = session().get_one(Cohort, made.cohort_id).ref
    states = [(line[2], line[7], line[8], line[9]) for line in result_rows(CONSOLE, ref)]
    assert states == [
        ("PSW1", "awarded", 3, 3), ("PSW2", "claimed", 3, 0),
        ("PSW1", "claimed", 3, 0), ("PSW2", "verified", 3, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "column", "reason"),
    [
        ({"cohort": "NO-1"}, "cohort", "no such cohort"),
        ({"student_ref": "NOBODY"}, "student_ref", "No student"),
        ({"unit_code": "PSW9"}, "unit_code", "no such unit"),
        ({"unit_code": "PSW2"}, "unit_code", "not claimed for this student"),
        ({"awarded_on": ""}, "awarded_on", "Enter the day"),
        ({"awarded_on": "2099-01-01"}, "awarded_on", "future"),
        ({"result": "queried"}, "awarded_on", "Leave it empty"),
        ({"result": "failed"}, "result", ""),
    ],
)
def test_what_does_not_fit_is_refused(
    made: MarkedCohort, signers: Signers, columns: dict[str, object], column: str, reason: str
) -> None:
    a_claim(made, signers, [(0, 0)], stage="locked")
    (refused,) = why(bring(row(made, **columns)))
    assert refused[0] == column
    assert reason in refused[1]
    assert replies() == 0


def test_nothing_is_awarded_before_the_claim_was_signed_by_all_three(
    made: MarkedCohort, signers: Signers
) -> None:
    claim = a_claim(made, signers, [(0, 0), (0, 1)], stage="locked")
    signed_on = clock.today()
    early = (signed_on - timedelta(days=1)).isoformat()
    report = bring(row(made, 0, 0), row(made, 0, 1, awarded_on=early))
    (refused,) = report.refused
    assert (refused.line, refused.column, refused.value) == (3, "awarded_on", early)
    assert f"RAC-0001 was signed by all three on {signed_on.isoformat()}" in refused.reason
    assert replies() == 0
    # The twin: on the day of the third signature it may be, and an award kept from before this rule stays as it is.
    assert bring(row(made, 0, 0, awarded_on=signed_on.isoformat())).ok
    a_reply(line_of(claim, made, 0, 1), Reply.AWARDED, signed_on - timedelta(days=1))
    assert bring(row(made, 0, 1, awarded_on=early)).unchanged == 1


def test_a_claim_that_is_not_locked_takes_no_reply(made: MarkedCohort, signers: Signers) -> None:
    a_claim(made, signers, [(0, 0)], stage="signed")
    assert "not signed by all three" in why(bring(row(made)))[0][1]


def test_a_reply_that_contradicts_an_award_is_refused_and_a_query_may_become_an_award(
    made: MarkedCohort, signers: Signers
) -> None:
    a_claim(made, signers, [(0, 0)], stage="locked")
    assert bring(row(made, result="queried", awarded_on="")).ok
    assert bring(row(made)).ok
    for other in ({"result": "queried", "awarded_on": ""}, {"awarded_on": "2026-01-01"}):
        assert "an award is kept" in why(bring(row(made, **other)))[0][1]
    assert replies() == 2


def test_the_reply_goes_to_the_newest_run(made: MarkedCohort, signers: Signers) -> None:
    first = a_claim(made, signers, [(0, 0)], stage="locked")
    bring(row(made, result="queried", awarded_on=""))
    line = line_of(first, made)
    reply = session().query(ClaimReply).one()
    answer_query(signers.admin, made.cohort_id, line, "Sent again.", True, reply.id)
    second = a_claim(made, signers, [(0, 0)], stage="locked")
    assert bring(row(made)).ok
    awarded = session().query(ClaimReply).filter(ClaimReply.result == Reply.AWARDED).one()
    assert awarded.line_id == line_of(second, made)


def test_the_claim_goes_out_as_it_was_frozen(made: MarkedCohort, signers: Signers) -> None:
    a_claim(made, signers, [(0, 0)], stage="locked")
    ref = session().get_one(Cohort, made.cohort_id).ref
    rows = [dict(zip(RAC_COLUMNS, line, strict=True)) for line in rac_rows(CONSOLE, ref)]
    assert [one["run"] for one in rows] == ["RAC-0001", "", "", ""]
    assert rows[0] | {"student_ref": ""} == {
        "run": "RAC-0001", "cohort": ref, "student_ref": "", "certificate_name": "Amina O'Neill",
        "uln": "9276308686", "unit_code": "PSW1", "unit_title": "Working from experience 1", "level": 3,
        "credit": 3, "recommended": "yes", "registered": "yes", "problem": "",
    }  # fmt: skip
    assert list(rac_rows(signed_in(Role.MANAGER), ref)) == []


def test_the_claim_of_who_is_not_registered_says_so(app: Flask) -> None:
    made = a_verified_cohort(2, verified=1, registered=False)
    ref = session().get_one(Cohort, made.cohort_id).ref
    rows = [dict(zip(RAC_COLUMNS, line, strict=True)) for line in rac_rows(CONSOLE, ref)]
    assert {one["registered"] for one in rows} == {"no"}
    assert [one["recommended"] for one in rows] == ["yes", "yes", "no", "no"]
    assert rows[0]["problem"] == "Not registered with the awarding organisation yet."
    assert rows[2]["problem"] == "Unit PSW1: criteria 1.1, 1.2 and 2.1 have no decision."
