"""Running an import: whole or not at all, counted, on the record once, and never by a dry run."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery_college.audit.models import AuditEvent
from recovery_college.imports.kind import Outcome, run_import
from recovery_college.imports.rules import Refusal
from recovery_college.kernel.db import session, transaction
from recovery_college.kernel.tables import Table, TableRow
from recovery_college.people.models import Person
from tests.factories.people import CONSOLE
from tests.imports.people_kind import PEOPLE, people_file

TWO = people_file(("S1", "Ames"), ("S2", "Bell"))
HALF_GOOD = people_file(("S1", "Ames"), ("S2", "Nobody"), ("", "Cole"), ("S4", "Dean"))


def names() -> dict[str | None, str]:
    with session() as s:
        return {person.student_ref: person.family_name for person in s.scalars(select(Person))}


def events() -> list[AuditEvent]:
    with session() as s:
        return list(s.scalars(select(AuditEvent).where(AuditEvent.action == "imported people")))


def test_a_good_file_is_imported_with_one_event(app: Flask) -> None:
    report = run_import(PEOPLE, CONSOLE, TWO, "people.csv", options={"for": "us"})
    assert report.as_json() == {
        "ok": True, "created": 2, "updated": 0, "unchanged": 0, "refused": [], "warnings": ["Made for us"],
    }  # fmt: skip
    assert names() == {"S1": "Ames", "S2": "Bell"}
    assert [event.details for event in events()] == ['{"created":2,"refused":0,"unchanged":0,"updated":0}']


def test_the_same_file_twice_changes_nothing(app: Flask) -> None:
    run_import(PEOPLE, CONSOLE, TWO, "people.csv")
    report = run_import(PEOPLE, CONSOLE, TWO, "people.csv")
    assert (report.ok, report.created, report.updated, report.unchanged) == (True, 0, 0, 2)
    assert len(events()) == 1


def test_a_changed_row_is_updated(app: Flask) -> None:
    run_import(PEOPLE, CONSOLE, TWO, "people.csv")
    report = run_import(PEOPLE, CONSOLE, people_file(("S1", "Ames"), ("S2", "Byrd")), "people.csv")
    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    assert names()["S2"] == "Byrd"


def test_one_refusal_undoes_all(app: Flask) -> None:
    report = run_import(PEOPLE, CONSOLE, HALF_GOOD, "people.csv")
    assert (report.ok, report.created, report.updated, report.unchanged) == (False, 0, 0, 0)
    assert [(one.line, one.column, one.value) for one in report.refused] == [
        (3, "family_name", "Nobody"),
        (4, "student_ref", ""),
    ]
    assert names() == {}
    assert events() == []


def test_good_rows_alone_when_asked_for(app: Flask) -> None:
    report = run_import(PEOPLE, CONSOLE, HALF_GOOD, "people.csv", accept_good_rows=True)
    assert (report.ok, report.created) == (False, 2)
    assert [one.line for one in report.refused] == [3, 4]
    assert names() == {"S1": "Ames", "S4": "Dean"}
    assert [event.details for event in events()] == ['{"created":2,"refused":2,"unchanged":0,"updated":0}']


@pytest.mark.parametrize("accept_good_rows", [True, False])
@pytest.mark.parametrize("content", [TWO, HALF_GOOD], ids=["good", "half good"])
def test_a_dry_run_counts_and_keeps_nothing(app: Flask, content: bytes, accept_good_rows: bool) -> None:
    report = run_import(PEOPLE, CONSOLE, content, "x.csv", dry_run=True, accept_good_rows=accept_good_rows)
    assert report.created == 2
    assert report.ok == (content == TWO)
    assert names() == {}
    assert events() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfea\0", b"a,b\n1,caf\xe9\n", b"PK\x03\x04", b"%PDF-1.7"])
def test_a_file_that_is_no_table_is_one_refusal(app: Flask, content: bytes) -> None:
    report = run_import(PEOPLE, CONSOLE, content, "x.csv", accept_good_rows=True)
    assert not report.ok
    assert [(one.line, one.column, one.value) for one in report.refused] == [(0, "", "x.csv")]
    assert events() == []


def test_a_header_alone_changes_nothing(app: Flask) -> None:
    report = run_import(PEOPLE, CONSOLE, people_file(), "x.csv")
    assert report.as_json() == {
        "ok": True, "created": 0, "updated": 0, "unchanged": 0, "refused": [], "warnings": [],
    }  # fmt: skip
    assert events() == []


def test_wrong_columns_are_refused(app: Flask) -> None:
    report = run_import(PEOPLE, CONSOLE, b"shoe,size\n1,2\n", "x.csv", accept_good_rows=True)
    assert [(one.line, one.column) for one in report.refused] == [(1, "student_ref"), (1, "family_name")]
    assert report.warnings == ("The columns are not known and left out: “shoe”, “size”",)


def test_rows_refused_only_when_others_are_left_out(app: Flask) -> None:
    """A row may depend on one that is refused: applying goes on until no row is refused."""

    def each_needs_the_one_before(s: Session, actor: object, rows: list, options: object) -> Outcome:  # type: ignore[type-arg]
        refs = {row.values["student_ref"] for row in rows}
        missing = [row for row in rows if row.values["family_name"] not in refs | {"none"}]
        return Outcome(len(rows), refusals=[Refusal(row.line, "", "", "No such") for row in missing])

    kind = replace(PEOPLE, apply=each_needs_the_one_before)
    content = people_file(("A", "none"), ("B", "lost"), ("C", "B"), ("D", "C"), ("E", "A"))
    report = run_import(kind, CONSOLE, content, "x.csv", accept_good_rows=True)
    assert [one.line for one in report.refused] == [3, 4, 5]
    assert report.created == 2


def test_an_error_in_between_keeps_nothing(app: Flask) -> None:
    def breaks(s: Session, actor: object, rows: object, options: object) -> Outcome:
        PEOPLE.apply(s, CONSOLE, rows, {})  # type: ignore[arg-type]
        s.flush()
        raise LookupError("power cut")

    with pytest.raises(LookupError):
        run_import(replace(PEOPLE, apply=breaks), CONSOLE, TWO, "x.csv")
    assert names() == {}


def test_meeting_another_change_is_said_in_words(app: Flask) -> None:
    def blind(s: Session, actor: object, rows: list, options: object) -> Outcome:  # type: ignore[type-arg]
        made = [Person(student_ref="S1", given_name="A", family_name="B", created_at=person_at) for _ in rows]
        s.add_all(made)
        return Outcome(len(made))

    run_import(PEOPLE, CONSOLE, TWO, "x.csv")
    with session() as s:
        person_at = s.scalars(select(Person.created_at)).first()
    report = run_import(replace(PEOPLE, apply=blind), CONSOLE, TWO, "x.csv", accept_good_rows=True)
    assert not report.ok
    assert report.created == 0
    assert "Somebody changed the same entries" in report.refused[0].reason
    with session() as s:
        assert s.scalar(select(func.count()).select_from(Person)) == 2


def test_inside_another_transaction_it_is_a_mistake_of_ours(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="a transaction of its own"), transaction():
        run_import(PEOPLE, CONSOLE, TWO, "x.csv")


def test_a_kind_may_read_other_files(app: Flask) -> None:
    def read(content: bytes, file_name: str, options: object) -> Table | None:
        if not file_name.endswith(".xml"):
            return None
        return Table(("student_ref", "family_name"), [TableRow(1, {"student_ref": "X", "family_name": "Ml"})])

    kind = replace(PEOPLE, read=read)
    assert run_import(kind, CONSOLE, b"<a/>", "a.xml").created == 1
    assert run_import(kind, CONSOLE, TWO, "a.csv").created == 2
