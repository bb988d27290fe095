"""The audit trail: whole, in order, and tampering is evident (trust.md, promise 6)."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.audit.models import AuditHead
from recovery_college.audit.rules import FIRST_HASH
from recovery_college.audit.services import (
    event_of,
    keyed_digest,
    record,
    record_many,
    record_view,
    verify_chain,
)
from recovery_college.kernel.db import db, is_sqlite, reading, session, transaction
from tests.factories.people import CONSOLE


@pytest.fixture
def five(app: Flask) -> None:
    for number in range(3):
        with transaction() as s:
            record(s, CONSOLE, "tested", "thing", number, count=number)
    with transaction() as s:
        record_many(s, [event_of(CONSOLE, "tested", "thing", number, word="ŵ") for number in (3, 4)])


def unguard(*statements: str) -> None:
    """Do what somebody with the database's own password could do: take the guards off, then change rows."""
    session().rollback()
    with db.engine.begin() as connection:
        if is_sqlite(connection):
            for name in ("no_update", "no_delete", "no_replace"):
                connection.execute(text(f"DROP TRIGGER audit_event_{name}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))


def test_whole(five: None) -> None:
    report = verify_chain(session())
    assert (report.events, report.problem) == (5, None)
    assert len(report.head) == 64


def test_whole_while_somebody_writes(five: None) -> None:
    """An event that is committed between any two statements of the check is no tampering."""
    session().rollback()
    writing = [False]
    written = [0]

    def somebody_writes(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if writing[0] or "FROM audit_" not in statement:
            return
        writing[0] = True
        record_view(CONSOLE, "thing", written[0])
        writing[0] = False
        written[0] += 1

    with reading():
        session().execute(select(AuditHead.seq)).all()  # the check of a page is not the first to ask
        event.listen(db.engine, "before_cursor_execute", somebody_writes)
        try:
            assert verify_chain(session()).problem is None
        finally:
            event.remove(db.engine, "before_cursor_execute", somebody_writes)
    assert written[0] > 0


def test_empty_is_whole(app: Flask) -> None:
    report = verify_chain(session())
    assert (report.events, report.head, report.problem) == (0, FIRST_HASH, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM audit_event WHERE seq = 2",
        "UPDATE audit_event SET actor = actor",
    ],
)
def test_database_refuses_to_change_it(five: None, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_database_refuses_to_replace_or_empty_it(five: None) -> None:
    sqlite = is_sqlite(db.engine)
    statement = (
        "INSERT OR REPLACE INTO audit_event SELECT seq, at, 'nobody', role, action, subject_kind, subject_id, "
        "details, previous_hash, hash FROM audit_event WHERE seq = 2"
        if sqlite
        else "TRUNCATE audit_event"
    )
    with pytest.raises(DBAPIError, match="only ever added to"), db.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit_event SET details = '{}' WHERE seq = 2", "Event 2 was changed"),
        ("UPDATE audit_event SET role = 'iqa' WHERE seq = 1", "Event 1 was changed"),
        ("DELETE FROM audit_event WHERE seq = 3", "Event 3 is missing"),
        ("DELETE FROM audit_event WHERE seq = 5", "last 1 events are missing"),
        ("DELETE FROM audit_event", "last 5 events are missing"),
    ],
)
def test_tampering_is_evident_even_without_the_guards(five: None, statement: str, says: str) -> None:
    unguard(statement)
    assert says in (verify_chain(session()).problem or "")


def test_rewritten_chain_is_found_by_an_anchor(five: None) -> None:
    noted = {5: verify_chain(session()).head}
    unguard("DELETE FROM audit_event", f"UPDATE audit_head SET seq = 0, hash = '{FIRST_HASH}'")
    with transaction() as s:
        record_many(s, [event_of(CONSOLE, "tested", "other thing", n) for n in range(5)])
    session().expire_all()
    assert verify_chain(session()).problem is None
    assert "not the one the anchor" in (verify_chain(session(), noted).problem or "")
    assert "names event 9" in (verify_chain(session(), {9: "0" * 64}).problem or "")


def test_rolled_back_change_leaves_no_event(app: Flask) -> None:
    def half_done() -> None:
        with transaction() as s:
            record(s, CONSOLE, "tested", "thing", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert verify_chain(session()).events == 0


def test_keyed_digest_is_equal_for_equal_text_of_one_subject_only(app: Flask) -> None:
    with transaction() as s:
        one = keyed_digest(s, "a", "text")
        assert keyed_digest(s, "a", "text") == one
        assert keyed_digest(s, "a", "other") != one
        assert keyed_digest(s, "b", "text") != one
