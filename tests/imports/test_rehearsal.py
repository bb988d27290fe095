"""Checking a file holds no lock: a tutor saves while somebody else's long file is checked."""

import threading
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.assessment.rules import Outcome as Decided
from recovery_college.assessment.services import record_decision
from recovery_college.audit.models import AuditEvent
from recovery_college.imports.kind import ImportKind, Options, Outcome, run_import
from recovery_college.imports.rules import CheckedRow
from recovery_college.kernel.db import Rehearsal, db, is_sqlite, rehearsal, session
from recovery_college.people.models import Person
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import CONSOLE
from tests.imports.people_kind import PEOPLE, people_file

TWO = people_file(("S1", "Ames"), ("S2", "Bell"))


def what_comes_of_a_save(app: Flask, made: MarkedCohort) -> str:
    """Have another request save a decision now, waiting a moment at most; "saved", or the database's refusal."""
    heard: list[str] = []

    def save() -> None:
        with app.app_context():
            if is_sqlite(db.engine):  # the connection that the save will take waits for a moment only
                raw = db.engine.raw_connection()
                raw.cursor().execute("PRAGMA busy_timeout=200")
                raw.close()
            try:
                record_decision(made.tutor, made.enrolments[0], made.criteria[0], Decided.MET, "", 0)
                heard.append("saved")
            except OperationalError as refused:
                heard.append(str(refused.orig))
            finally:
                db.session.remove()

    tutor = threading.Thread(target=save)
    tutor.start()
    tutor.join(30)
    return heard[0] if heard else "still waiting"


def interrupted(app: Flask, made: MarkedCohort, heard: list[str]) -> ImportKind:
    """The kind "people", during which, everything being written, somebody saves a decision."""

    def apply(s: Session, actor: Actor, rows: list[CheckedRow], options: Options) -> Outcome:
        done = PEOPLE.apply(s, actor, rows, options)
        s.flush()
        heard.append(what_comes_of_a_save(app, made))
        return done

    return replace(PEOPLE, apply=apply)


@pytest.fixture
def made(app: Flask) -> MarkedCohort:
    one = a_marked_cohort()
    session().rollback()
    return one


def test_a_tutor_saves_while_a_file_is_checked(app: Flask, made: MarkedCohort) -> None:
    heard: list[str] = []
    report = run_import(interrupted(app, made, heard), CONSOLE, TWO, "people.csv", dry_run=True)
    assert (report.ok, report.created, heard) == (True, 2, ["saved"])
    assert not session().query(Person).filter(Person.student_ref.in_(["S1", "S2"])).count()
    assert not session().query(AuditEvent).filter(AuditEvent.action == "imported people").count()


def test_the_check_can_tell(app: Flask, made: MarkedCohort) -> None:
    """The twin that is wrong on purpose: on SQLite a check that wrote and took it back would keep them waiting."""
    if not is_sqlite(db.engine):
        return  # on PostgreSQL the rows of others are free anyway
    heard: list[str] = []
    run_import(interrupted(app, made, heard), CONSOLE, TWO, "people.csv")
    assert heard == ["database is locked"]


def test_a_rehearsal_keeps_its_writing_to_itself(app: Flask) -> None:
    with rehearsal() as s:
        assert isinstance(s, Rehearsal)
        person = Person(given_name="A", family_name="Ames", created_at=None)
        s.add(person)
        s.flush()
        assert person.id is not None, "new rows get the ids they would get"
        assert not s.scalars(select(Person).with_for_update()).all(), "FOR UPDATE asks for no lock"
        s.execute(Person.__table__.delete())
        s.execute(Person.__table__.insert(), [{"family_name": "Bell"}])
        with pytest.raises(Exception, match=r"(?i)read-?only"):
            s.connection().execute(text("DELETE FROM person"))
    assert not session().query(Person).count()


def test_what_is_read_in_a_rehearsal_does_not_stop_the_next_save(app: Flask, made: MarkedCohort) -> None:
    with rehearsal():
        session().connection()
    record_decision(made.tutor, made.enrolments[0], made.criteria[0], Decided.MET, "", 0)
