"""What the database itself refuses about evidence and time, whatever the code does (A6, A10, A14)."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.assessment.deadline_models import Extension, TimeRequest
from recovery_college.assessment.deadline_rules import AskedFor, TimeAnswer
from recovery_college.assessment.evidence_models import Evidence, EvidenceFile, EvidenceRequest
from recovery_college.assessment.evidence_rules import EvidenceKind, RequestAnswer
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from tests.factories.evidence import a_due_date, an_evidence
from tests.factories.marking import MarkedCohort, a_marked_cohort

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    return a_marked_cohort()


def refused(statement: str, words: str) -> None:
    """The database refuses the statement with these words; nothing of it stays."""
    with pytest.raises(DBAPIError, match=words), transaction() as s:
        s.execute(text(statement))


CHANGES = [
    ("UPDATE evidence SET handed_in_at = NULL", "never changed"),
    ("UPDATE evidence SET is_sensitive = (NOT is_sensitive)", "never changed"),
    ("DELETE FROM evidence", "never changed"),
    ("UPDATE evidence_criterion SET criterion_id = evidence_id", "never changed"),
    ("DELETE FROM evidence_criterion", "never changed"),
    ("UPDATE evidence_words SET body = 'other'", "never changed"),
    ("DELETE FROM evidence_words", "only when its evidence is closed"),
    ("DELETE FROM evidence_file", "only when its evidence is closed"),
    ("UPDATE evidence_file SET name = 'other'", "never changed"),
]


@pytest.mark.parametrize(("statement", "words"), CHANGES)
def test_what_was_handed_in_stays(made: MarkedCohort, statement: str, words: str) -> None:
    an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf")
    refused(statement, words)


def test_words_and_files_go_once_the_evidence_is_closed(made: MarkedCohort) -> None:
    """The twin: the guard above lets through what it should."""
    item = an_evidence(made.enrolments[0], made.criteria[:1], file_name="a.pdf")
    with transaction() as s:
        row = s.get_one(Evidence, item.id)
        row.closed_at, row.closed_by = clock.now(), "console:tests"
        s.flush()
        s.execute(text("DELETE FROM evidence_words"))
        s.execute(text("DELETE FROM evidence_file"))
    assert session().scalar(select(EvidenceFile.id)) is None
    refused("UPDATE evidence SET closed_by = 'somebody else'", "never changed")


def test_nothing_replaces_what_was_handed_in(made: MarkedCohort) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1])
    with transaction() as s:
        values = dict(s.execute(select(Evidence.__table__).where(Evidence.id == item.id)).mappings().one())
    if session().get_bind().dialect.name != "sqlite":
        return
    with pytest.raises(DBAPIError, match="never changed"), transaction() as s:
        s.execute(insert(Evidence).prefix_with("OR REPLACE").values(**values))


@pytest.mark.parametrize("kind", [EvidenceKind.OBSERVATION, EvidenceKind.WITNESS_TESTIMONY])
def test_nobody_writes_an_observation_of_themselves(made: MarkedCohort, kind: EvidenceKind) -> None:
    with pytest.raises(DBAPIError, match="A10"):
        an_evidence(made.enrolments[0], made.criteria[:1], kind=kind, made_by=made.people[0].id)
    session().rollback()
    an_evidence(made.enrolments[0], made.criteria[:1], kind=kind, made_by=made.tutor.person_id)


def _extension(made: MarkedCohort, by: UUID) -> None:
    due = a_due_date(made.cohort_id, made.criteria[0])
    with transaction() as s:
        s.add(
            Extension(
                due_date_id=due.id, enrolment_id=made.enrolments[0], until_on=due.due_on, granted_by=by,
                granted_at=clock.now(),
            )
        )  # fmt: skip


def _time_request(made: MarkedCohort, by: UUID) -> None:
    asked = TimeRequest(enrolment_id=made.enrolments[0], asked_for=AskedFor.PAUSE, asked_at=clock.now())
    with transaction() as s:
        s.add(asked)
    with transaction():
        asked.answer, asked.answered_at, asked.answered_by = TimeAnswer.GIVEN, clock.now(), by


def _evidence_request(made: MarkedCohort, by: UUID) -> None:
    item = an_evidence(made.enrolments[0], made.criteria[:1])
    asked = EvidenceRequest(evidence_id=item.id, asked_at=clock.now())
    with transaction() as s:
        s.add(asked)
    with transaction():
        asked.answer, asked.answered_at, asked.answered_by = RequestAnswer.KEPT, clock.now(), by


@pytest.mark.parametrize("deed", [_extension, _time_request, _evidence_request])
def test_nobody_answers_themselves(made: MarkedCohort, deed: Callable[[MarkedCohort, UUID], None]) -> None:
    with pytest.raises(DBAPIError, match="A10"):
        deed(made, made.people[0].id)
    session().rollback()


@pytest.mark.parametrize(
    ("deed", "table"),
    [(_extension, "extension"), (_time_request, "time_request"), (_evidence_request, "evidence_request")],
)
def test_an_answer_is_given_once(
    made: MarkedCohort, deed: Callable[[MarkedCohort, UUID], None], table: str
) -> None:
    assert made.tutor.person_id
    deed(made, made.tutor.person_id)
    changed = {"extension": "until_on = '2031-01-01'"}.get(table, "words = 'other'")
    refused(f"UPDATE {table} SET {changed}", "never changed|kept as it was")
    refused(f"DELETE FROM {table}", "never changed|kept as it was")


def test_a_form_is_handed_in_once(made: MarkedCohort) -> None:
    key = uuid4()
    for student in (0, 1):
        evidence = Evidence(
            key=key, enrolment_id=made.enrolments[student], kind=EvidenceKind.PRODUCT,
            made_by=made.people[student].id, handed_in_at=clock.now(),
        )  # fmt: skip
        if student:
            with pytest.raises(DBAPIError), transaction() as s:
                s.add(evidence)
        else:
            with transaction() as s:
                s.add(evidence)
