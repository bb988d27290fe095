"""Recording and releasing decisions (A5, A7, A8, A10), on the real database."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.history_queries import decision_rows
from recovery_college.assessment.marking import grid_of
from recovery_college.assessment.marking_models import DecisionUndo
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import results_of
from recovery_college.assessment.rules import CriterionState, Outcome, Verdict
from recovery_college.assessment.services import (
    DecisionRefused,
    NoSuchCell,
    StaleCell,
    record_decision,
    release_decisions,
    restore_decision,
)
from recovery_college.assessment.waiting_queries import AskedKind, asked_of_tutor
from recovery_college.audit.models import AuditEvent
from recovery_college.courses.models import Cohort, Enrolment, EnrolmentUnit
from recovery_college.courses.queries import places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session, transaction
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort, a_verdict, another_tutor
from tests.factories.people import CONSOLE, an_account, signed_in

MET, NOT_YET = Outcome.MET, Outcome.NOT_YET_MET


def events(action: str) -> list[AuditEvent]:
    return list(
        session().scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.seq))
    )


def rows_of(made: MarkedCohort, student: int = 0, criterion: int = 0) -> list[Decision]:
    statement = select(Decision).where(
        Decision.enrolment_id == made.enrolments[student], Decision.criterion_id == made.criteria[criterion]
    )
    return list(session().scalars(statement.order_by(Decision.id)))


def student_sees(made: MarkedCohort, student: int = 0, unit: int = 0) -> dict[str, CriterionState]:
    cohort = session().get_one(Cohort, made.cohort_id)
    results = results_of(syllabus_of(cohort.qualification_id), places_in([made.cohort_id]))
    return dict(results[made.enrolments[student]][unit].for_student)


def test_works(app: Flask) -> None:
    made = a_marked_cohort()
    saved = record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, " Clear ", 0)
    (row,) = rows_of(made)
    assert (row.attempt, row.revision, row.outcome, row.feedback) == (1, 1, MET, "Clear")
    assert (row.decided_by, row.released_at) == (made.tutor.person_id, None)
    assert saved.after.seen == row.id
    assert saved.after.kind.draft
    assert saved.before.seen == 0


def test_every_decision_is_a_new_row_with_its_audit_event(app: Flask) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    first = record_decision(*at, NOT_YET, "half a senten", 0)
    second = record_decision(*at, NOT_YET, "Half a sentence, finished", first.after.seen)
    release_decisions(made.tutor, made.cohort_id)
    third = record_decision(*at, MET, "", second.after.seen)
    rows = rows_of(made)
    assert [(row.attempt, row.revision) for row in rows] == [(1, 1), (1, 2), (2, 1)]
    assert [event.subject_id for event in events("decided")] == [str(row.id) for row in rows]
    assert [event.subject_id for event in events("released")] == [str(second.after.seen)]
    assert third.before.seen == second.after.seen
    assert not any("sentence" in event.details for event in events("decided"))


def test_a_half_written_not_yet_never_reaches_the_student(app: Flask) -> None:
    made = a_marked_cohort()
    record_decision(made.tutor, made.enrolments[0], made.criteria[0], NOT_YET, "", 0)
    assert student_sees(made)["1.1"] is CriterionState.NOT_SUBMITTED
    released = release_decisions(made.tutor, made.cohort_id)
    assert (released.count, released.held_back) == (0, 1)
    assert student_sees(made)["1.1"] is CriterionState.NOT_SUBMITTED


def test_a_released_decision_reaches_the_student(app: Flask) -> None:
    made = a_marked_cohort()
    record_decision(made.tutor, made.enrolments[0], made.criteria[0], NOT_YET, "Add an example", 0)
    assert release_decisions(made.tutor, made.cohort_id).count == 1
    assert student_sees(made)["1.1"] is CriterionState.NOT_YET_MET


def test_a_cohort_that_does_not_hold_releases_at_once(app: Flask) -> None:
    made = a_marked_cohort(holds=False)
    record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0)
    assert student_sees(made)["1.1"] is CriterionState.MET
    with pytest.raises(DecisionRefused, match="what would make it met") as refused:
        record_decision(made.tutor, made.enrolments[0], made.criteria[1], NOT_YET, "  ", 0)
    assert refused.value.field == "feedback"
    assert rows_of(made, criterion=1) == []


def test_release_is_idempotent_and_takes_the_named_ones(app: Flask) -> None:
    made = a_marked_cohort()
    ids = [
        record_decision(made.tutor, made.enrolments[0], made.criteria[n], MET, "", 0).after.seen
        for n in range(3)
    ]
    assert release_decisions(made.tutor, made.cohort_id, [ids[1], 999_999]).count == 1
    assert release_decisions(made.tutor, made.cohort_id, [ids[1]]).count == 0
    assert release_decisions(made.tutor, made.cohort_id).count == 2
    assert release_decisions(made.tutor, made.cohort_id).count == 0
    assert len(events("released")) == 3


def test_release_leaves_superseded_drafts_alone(app: Flask) -> None:
    made = a_marked_cohort()
    first = record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0).after.seen
    second = record_decision(
        made.tutor, made.enrolments[0], made.criteria[0], NOT_YET, "Why", first
    ).after.seen
    assert release_decisions(made.tutor, made.cohort_id, [first]).count == 0
    assert release_decisions(made.tutor, made.cohort_id).count == 1
    assert [row.released_at is not None for row in rows_of(made)] == [False, True]
    assert rows_of(made)[1].id == second


def test_the_same_decision_sent_twice_is_recorded_once(app: Flask) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    first = record_decision(*at, NOT_YET, "More", 0)
    again = record_decision(*at, NOT_YET, "More", 0)
    assert again.unchanged
    assert not first.unchanged
    assert again.after.seen == first.after.seen
    assert len(rows_of(made)) == 1


def test_a_second_not_yet_met_is_a_second_attempt(app: Flask) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    first = record_decision(*at, NOT_YET, "More", 0).after.seen
    release_decisions(made.tutor, made.cohort_id)
    assert record_decision(*at, NOT_YET, "More", 0).unchanged  # a lost answer, sent again
    record_decision(*at, NOT_YET, "More", first)
    assert [row.attempt for row in rows_of(made)] == [1, 2]


def test_stale(app: Flask) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    seen = record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0).after.seen
    with pytest.raises(StaleCell) as stale:
        record_decision(kit, made.enrolments[0], made.criteria[0], NOT_YET, "No", 0)
    assert stale.value.theirs is not None
    assert (stale.value.theirs.id, stale.value.theirs.outcome) == (seen, MET)
    assert stale.value.theirs.by_name == "Jo Example"
    assert len(rows_of(made)) == 1


def test_two_tutors_at_once_one_is_told(app: Flask) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    said: list[str] = []
    start = threading.Barrier(2)

    def decide(tutor: object, outcome: Outcome) -> None:
        with app.app_context():
            start.wait()
            try:
                record_decision(tutor, made.enrolments[0], made.criteria[0], outcome, "Because", 0)
                said.append("saved")
            except StaleCell:
                said.append("stale")
            finally:
                db.session.remove()

    session().rollback()
    threads = [threading.Thread(target=decide, args=pair) for pair in ((made.tutor, MET), (kit, NOT_YET))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["saved", "stale"]
    assert len(rows_of(made)) == 1
    assert len(events("decided")) == 1


def test_undo_of_a_draft_takes_it_back_and_changes_no_row(app: Flask) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    first = record_decision(*at, NOT_YET, "Say more", 0).after.seen
    second = record_decision(*at, MET, "", first).after.seen
    before = [(row.id, row.outcome, row.feedback, row.released_at) for row in rows_of(made)]
    undone = restore_decision(*at, second)
    assert undone.after.seen == first
    assert restore_decision(*at, second).unchanged  # a lost answer, sent again
    assert restore_decision(*at, first).after.seen == 0
    assert [(row.id, row.outcome, row.feedback, row.released_at) for row in rows_of(made)] == before
    assert [
        (row.decision_id, row.undone_by)
        for row in session().scalars(select(DecisionUndo).order_by(DecisionUndo.undone_at))
    ] == [
        (second, made.tutor.person_id),
        (first, made.tutor.person_id),
    ]
    assert [event.subject_id for event in events("took back")] == [str(second), str(first)]
    assert release_decisions(made.tutor, made.cohort_id).count == 0
    again = record_decision(*at, MET, "", 0).after.latest
    assert again is not None
    assert (again.attempt, again.revision) == (1, 3)


def test_what_was_taken_back_counts_nowhere(app: Flask) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    seen = record_decision(*at, NOT_YET, "Say more", 0).after.seen
    assert [one.count for one in asked_of_tutor(made.tutor) if one.kind is AskedKind.DRAFTS] == [1]
    restore_decision(*at, seen)
    assert asked_of_tutor(made.tutor) == []
    cohort = session().get_one(Cohort, made.cohort_id)
    results = results_of(syllabus_of(cohort.qualification_id), places_in([made.cohort_id]))
    assert results[made.enrolments[0]][0].for_staff["1.1"] is CriterionState.NOT_SUBMITTED
    cell = grid_of(cohort).students[0].cells[0]
    assert cell is not None
    assert (cell.seen, cell.kind.outcome) == (0, None)
    decider = decision_rows(made.enrolments)[made.enrolments[0], made.units[0]]
    assert [(row.decided_by, row.undone) for row in decider] == [(made.tutor.person_id, True)]


def test_who_decides_on_what_was_taken_back_is_told(app: Flask) -> None:
    made = a_marked_cohort()
    kit = another_tutor(made)
    at = (made.enrolments[0], made.criteria[0])
    seen = record_decision(made.tutor, *at, MET, "", 0).after.seen
    restore_decision(made.tutor, *at, seen)
    with pytest.raises(StaleCell) as stale:
        record_decision(kit, *at, NOT_YET, "No", seen)
    assert stale.value.theirs is None


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("UPDATE decision_undo SET undone_at = undone_at", "stays so"),
        ("DELETE FROM decision_undo", "stays so"),
        ("UPDATE decision SET released_at = recorded_at, released_by = decided_by", "never released"),
        ("UPDATE decision SET missing = 'v'", "never changed"),
        ("INSERT INTO decision_undo SELECT id, decided_by, recorded_at FROM decision", "stays so|unique"),
    ],
)
def test_the_database_keeps_what_was_taken_back(app: Flask, deed: str, told: str) -> None:
    made = a_marked_cohort()
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    restore_decision(*at, record_decision(*at, NOT_YET, "Say more", 0).after.seen)
    with pytest.raises(DBAPIError, match=f"(?i){told}"), transaction() as s:
        s.execute(text(deed))


def test_the_database_takes_back_no_released_decision_and_nobody_s_own(app: Flask) -> None:
    made = a_marked_cohort()
    released = a_decision(made, 0, 0)
    draft = a_decision(made, 0, 1, released=False)
    insert = text("INSERT INTO decision_undo SELECT id, :by, recorded_at FROM decision WHERE id = :id")
    student = (db.session.connection().dialect.name == "sqlite" and made.people[0].id.hex) or made.people[
        0
    ].id
    tutor_id = made.tutor.person_id
    tutor = tutor_id.hex if db.session.connection().dialect.name == "sqlite" else tutor_id
    session().rollback()
    with pytest.raises(DBAPIError, match="released decision is never taken back"), transaction() as s:
        s.execute(insert, {"by": tutor, "id": released})
    with pytest.raises(DBAPIError, match="on themselves"), transaction() as s:
        s.execute(insert, {"by": student, "id": draft})
    with transaction() as s:  # the twin: somebody else's draft goes through
        s.execute(insert, {"by": tutor, "id": draft})


def test_met_confirms_the_evidence_and_not_yet_may_say_what_it_lacks(app: Flask) -> None:
    made = a_marked_cohort()
    saved = record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0)
    assert saved.after.latest is not None
    assert "valid, authentic, current, sufficient and reliable" in saved.after.latest.vacsr
    with pytest.raises(DecisionRefused, match="not sufficient or reliable") as refused:
        record_decision(made.tutor, made.enrolments[0], made.criteria[1], MET, "", 0, missing="sr")
    assert refused.value.field == "missing"
    other = record_decision(made.tutor, made.enrolments[0], made.criteria[1], NOT_YET, "More", 0, missing="s")
    assert other.after.latest is not None
    assert other.after.latest.vacsr == "Evidence not sufficient"
    assert [row.missing for row in rows_of(made, criterion=1)] == ["s"]
    with pytest.raises(DBAPIError, match="ck_decision_missing"), transaction() as s:
        s.execute(
            text("INSERT INTO decision SELECT 99, enrolment_id, criterion_id, 9, 1, 'met', feedback, decided_on,"
                 " decided_by, recorded_at, released_at, released_by, is_imported, 's' FROM decision"
                 " WHERE outcome = 'met'")
        )  # fmt: skip


def test_undo_of_a_released_decision_adds_the_one_before_it(app: Flask) -> None:
    made = a_marked_cohort(holds=False)
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    first = record_decision(*at, NOT_YET, "Say more", 0).after.seen
    second = record_decision(*at, MET, "", first).after.seen
    undone = restore_decision(*at, second)
    latest = undone.after.latest
    assert latest is not None
    assert (latest.outcome, latest.feedback) == (NOT_YET, "Say more")
    assert len(rows_of(made)) == 3
    with pytest.raises(StaleCell):
        restore_decision(*at, second)


def test_a_first_decision_that_the_student_sees_is_kept(app: Flask) -> None:
    made = a_marked_cohort(holds=False)
    at = (made.tutor, made.enrolments[0], made.criteria[0])
    with pytest.raises(DecisionRefused, match="nothing to undo"):
        restore_decision(*at, 0)
    seen = record_decision(*at, MET, "", 0).after.seen
    with pytest.raises(DecisionRefused, match="so it is kept"):
        restore_decision(*at, seen)


def test_a_verified_unit_is_locked(app: Flask) -> None:
    made = a_marked_cohort()
    for n in range(3):
        a_decision(made, criterion=n)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    with pytest.raises(DecisionRefused, match="verified"):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], NOT_YET, "No", rows_of(made)[0].id)
    record_decision(made.tutor, made.enrolments[0], made.criteria[3], MET, "", 0)


def test_a_draft_of_a_verified_unit_is_held_back(app: Flask) -> None:
    made = a_marked_cohort()
    for n in range(3):
        a_decision(made, criterion=n)
    a_decision(made, criterion=0, outcome=NOT_YET, feedback="No", revision=2, released=False)
    a_verdict(made, 0, 0, Verdict.CONFIRMED)
    released = release_decisions(made.tutor, made.cohort_id)
    assert (released.count, released.held_back) == (0, 1)


def test_who_may_not(app: Flask) -> None:
    made = a_marked_cohort()
    stranger, iqa = signed_in(Role.TUTOR), signed_in(Role.IQA)
    for actor in (stranger, iqa, CONSOLE):
        with pytest.raises(NoSuchCell):
            record_decision(actor, made.enrolments[0], made.criteria[0], MET, "", 0)
        with pytest.raises(NoSuchCell):
            release_decisions(actor, made.cohort_id)
    with pytest.raises(NoSuchCell):
        record_decision(made.tutor, uuid4(), made.criteria[0], MET, "", 0)
    with pytest.raises(NoSuchCell):
        record_decision(made.tutor, made.enrolments[0], a_marked_cohort().criteria[0], MET, "", 0)
    assert session().scalar(select(func.count()).select_from(Decision)) == 0


def test_nobody_assesses_themselves(app: Flask) -> None:
    made = a_marked_cohort()
    with transaction() as s:
        s.execute(
            update(Enrolment).where(Enrolment.id == made.enrolments[0]).values(person_id=made.tutor.person_id)
        )
    with pytest.raises(DecisionRefused, match="your own work"):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0)


@pytest.mark.parametrize(
    "why", ["withdrawn", "not registered", "in the future", "before the student enrolled"]
)
def test_refusals_say_why(app: Flask, why: str) -> None:
    made = a_marked_cohort()
    on = clock.today()
    with transaction() as s:
        if why == "withdrawn":
            s.execute(update(Enrolment).values(status=EnrolmentStatus.WITHDRAWN))
        if why == "not registered":
            s.execute(EnrolmentUnit.__table__.delete())
    if why == "in the future":
        on += timedelta(days=1)
    if why == "before the student enrolled":
        on -= timedelta(days=100)
    with pytest.raises(DecisionRefused, match=why):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0, on)


def test_no_audit_no_decision(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made = a_marked_cohort()

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no room for the record")

    monkeypatch.setattr("recovery_college.assessment.services.record_many", refuse)
    with pytest.raises(OSError, match="no room"):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0)
    assert rows_of(made) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET outcome = 'not yet met'",
        "UPDATE decision SET feedback = 'kinder words'",
        "UPDATE decision SET released_at = NULL, released_by = NULL",
        "DELETE FROM decision",
    ],
)
def test_raw_sql_cannot_change_a_decision(app: Flask, statement: str) -> None:
    made = a_marked_cohort()
    a_decision(made)
    with pytest.raises(DBAPIError, match="never changed"), transaction() as s:
        s.execute(text(statement))
    assert len(rows_of(made)) == 1


def test_a_tutor_who_is_taken_off_the_cohort_is_refused(app: Flask) -> None:
    made = a_marked_cohort()
    an_account(made.people[0], Role.STUDENT)
    with transaction() as s:
        s.execute(text("DELETE FROM cohort_tutor"))
    with pytest.raises(NoSuchCell):
        record_decision(made.tutor, made.enrolments[0], made.criteria[0], MET, "", 0)
