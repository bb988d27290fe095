"""The verbs of the specification editor: free on a draft, wording only with students, and held by the database."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.audit.models import AuditEvent
from recovery_college.courses import specification_rows, specification_services
from recovery_college.courses.mapping_queries import mapping_report
from recovery_college.courses.models import (
    AssessmentCriterion,
    Cohort,
    LearningOutcome,
    Qualification,
    Supersession,
    Unit,
    UnitGroup,
    WordingCorrection,
)
from recovery_college.courses.rules import AccreditationKind
from recovery_college.courses.specification import check_specification
from recovery_college.courses.specification_mapping import Fate
from recovery_college.courses.specification_parts import PARTS, Kind, stamp_of
from recovery_college.courses.specification_queries import groups_of
from recovery_college.courses.specification_rows import PartNotFound, facts_of
from recovery_college.courses.specification_services import (
    SpecificationChanged,
    SpecificationRefused,
    add_part,
    add_qualification,
    change_part,
    move_part,
    remove_part,
    renumber_unit,
)
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.courses.version_services import copy_version, supersede_version
from recovery_college.kernel.db import session, transaction
from tests.factories.courses import a_cohort, a_qualification, an_enrolment, criteria_of, units_of
from tests.factories.people import CONSOLE, signed_in

FACTS = {
    "title": "Peer work (TEST)", "version": "1", "accreditation": AccreditationKind.CENTRE_DEVISED, "number": "",
    "resubmissions": 1, "min_credit": 3, "at_level": None, "min_credit_at_level": None,
}  # fmt: skip


def unit_facts(group_id: UUID, code: str = "A1", **said: Any) -> dict[str, Any]:
    facts = {
        "code": code,
        "title": "Welsh: ŵyr, Polish: żółć",
        "level": 4,
        "credit": 3,
        "glh": None,
        "reference": "",
    }
    return {"group_id": group_id, **facts, **said}


def a_draft() -> tuple[UUID, UUID, UUID, UUID]:
    """A version typed in: a unit, an outcome, a criterion."""
    version = add_qualification(CONSOLE, FACTS)
    group = session().scalars(select(UnitGroup.id).where(UnitGroup.qualification_id == version)).one()
    unit = add_part(CONSOLE, version, Kind.UNIT, unit_facts(group))
    outcome = add_part(CONSOLE, version, Kind.OUTCOME, {"number": "1", "text": "understand hope"}, unit)
    criterion = add_part(CONSOLE, version, Kind.CRITERION, {"number": "1.1", "text": "explain hope"}, outcome)
    return version, unit, outcome, criterion


def seen(kind: Kind, part_id: UUID, frozen: bool = False) -> str:
    row = session().get_one(specification_rows.MODELS[kind], part_id, populate_existing=True)
    return stamp_of(facts_of(row, PARTS[kind].facts), frozen)


def events() -> list[str]:
    return list(session().scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_a_draft_grows_until_it_is_ready(app: Flask) -> None:
    version = add_qualification(CONSOLE, FACTS)
    assert "The specification has no units." in problems(version)
    group = session().scalars(select(UnitGroup.id).where(UnitGroup.qualification_id == version)).one()
    unit = add_part(CONSOLE, version, Kind.UNIT, unit_facts(group))
    assert problems(version) == ["Unit A1: it has no learning outcomes."]
    outcome = add_part(CONSOLE, version, Kind.OUTCOME, {"number": "1", "text": "=HYPERLINK(1)"}, unit)
    assert problems(version) == ["Unit A1: learning outcome 1 has no assessment criteria."]
    add_part(CONSOLE, version, Kind.CRITERION, {"number": "1.1", "text": "x" * 4_000}, outcome)
    assert problems(version) == []
    options = add_part(
        CONSOLE, version, Kind.GROUP,
        {"name": "Options", "is_mandatory": False, "min_units": 2, "min_credit": None},
    )  # fmt: skip
    add_part(CONSOLE, version, Kind.UNIT, unit_facts(options, "B1"))
    assert any(
        "The group “Options” asks for 2 units; 1 in all its units." in one for one in problems(version)
    )
    assert events()[-3:] == ["added assessment criterion", "added group", "added unit"]


def problems(version: UUID) -> list[str]:
    return list(check_specification(syllabus_of(version).specification).problems)


def test_the_same_sent_twice_is_there_once_and_another_of_its_name_is_refused(app: Flask) -> None:
    version, unit, outcome, criterion = a_draft()
    again = add_part(CONSOLE, version, Kind.CRITERION, {"number": "1.1", "text": "explain hope"}, outcome)
    assert again == criterion
    for kind, facts, parent in (
        (Kind.CRITERION, {"number": "1.1", "text": "another"}, outcome),
        (Kind.OUTCOME, {"number": "1", "text": "another"}, unit),
        (Kind.UNIT, unit_facts(group_of(version), "a1"), None),
        (
            Kind.GROUP,
            {"name": "MANDATORY", "is_mandatory": False, "min_units": None, "min_credit": None},
            None,
        ),
    ):
        with pytest.raises(SpecificationRefused) as refusal:
            add_part(CONSOLE, version, kind, facts, parent)
        assert refusal.value.field == PARTS[kind].key
    with pytest.raises(SpecificationRefused, match="name already"):
        add_qualification(CONSOLE, {**FACTS, "title": "PEER WORK (test)"})


def group_of(version: UUID) -> UUID:
    return session().scalars(select(UnitGroup.id).where(UnitGroup.qualification_id == version)).one()


def test_another_version_s_parts_are_not_found(app: Flask) -> None:
    version, _, _, criterion = a_draft()
    other = a_qualification()
    their = criteria_of(units_of(other)[0])[0]
    for kind, part_id in (
        (Kind.CRITERION, their.id),
        (Kind.UNIT, their.unit_id),
        (Kind.OUTCOME, their.outcome_id),
    ):
        with pytest.raises(PartNotFound):
            change_part(CONSOLE, version, kind, part_id, {}, "")
        with pytest.raises(PartNotFound):
            remove_part(CONSOLE, version, kind, part_id)
    with pytest.raises(PartNotFound):
        add_part(CONSOLE, version, Kind.UNIT, unit_facts(units_of(other)[0].group_id, "X"))
    with pytest.raises(PartNotFound):
        move_part(CONSOLE, other.id, Kind.CRITERION, criterion, True, 0)


def test_two_editors_of_one_criterion_are_told(app: Flask) -> None:
    version, _, _, criterion = a_draft()
    stamp = seen(Kind.CRITERION, criterion)
    change_part(CONSOLE, version, Kind.CRITERION, criterion, {"number": "1.1", "text": "theirs"}, stamp)
    with pytest.raises(SpecificationChanged) as changed:
        change_part(CONSOLE, version, Kind.CRITERION, criterion, {"number": "1.1", "text": "yours"}, stamp)
    assert changed.value.theirs["text"] == "theirs"
    assert session().get_one(AssessmentCriterion, criterion).text == "theirs"


def test_moving_twice_by_one_click_moves_once(app: Flask) -> None:
    version, unit, outcome, first = a_draft()
    second = add_part(CONSOLE, version, Kind.CRITERION, {"number": "1.2", "text": "describe"}, outcome)
    third = add_part(CONSOLE, version, Kind.CRITERION, {"number": "1.3", "text": "compare"}, outcome)
    for _ in range(2):
        move_part(CONSOLE, version, Kind.CRITERION, third, True, 2)
    assert order(version) == ["1.1", "1.3", "1.2"]
    move_part(CONSOLE, version, Kind.CRITERION, first, True, 0)  # there is no way up
    move_part(CONSOLE, version, Kind.CRITERION, second, False, 2)
    assert order(version) == ["1.1", "1.3", "1.2"]
    renumber_unit(CONSOLE, version, unit)
    assert order(version) == ["1.1", "1.2", "1.3"]
    assert [one.text for one in criteria(version)] == ["explain hope", "compare", "describe"]


def criteria(version: UUID) -> list[Any]:
    return [c for g in groups_of(version) for u in g.units for o in u.outcomes for c in o.criteria]


def order(version: UUID) -> list[str]:
    session().expire_all()
    return [one.number for one in criteria(version)]


def test_what_is_removed_takes_what_stands_below_with_it(app: Flask) -> None:
    version, unit, _, _ = a_draft()
    group = group_of(version)
    with pytest.raises(SpecificationRefused, match="units of this group first"):
        remove_part(CONSOLE, version, Kind.GROUP, group)
    remove_part(CONSOLE, version, Kind.UNIT, unit)
    assert criteria(version) == []
    remove_part(CONSOLE, version, Kind.GROUP, group)
    assert groups_of(version) == ()


def test_with_a_student_only_wording_changes_and_what_stood_there_is_kept(app: Flask) -> None:
    version = a_qualification()
    an_enrolment(a_cohort(version))
    unit = units_of(version)[0]
    one = criteria_of(unit)[0]
    before = one.text
    change_part(
        CONSOLE, version.id, Kind.CRITERION, one.id, {"text": "Explain it better"},
        seen(Kind.CRITERION, one.id, frozen=True),
    )  # fmt: skip
    kept = session().scalars(select(WordingCorrection)).one()
    assert (kept.place, kept.before, kept.after) == ("Unit U1, criterion 1.1", before, "Explain it better")
    assert events()[-1] == "corrected wording of assessment criterion"
    stamp = seen(Kind.UNIT, unit.id, frozen=True)
    for facts in ({"credit": 9}, {"code": "X"}, {"level": 3}):
        with pytest.raises(SpecificationRefused, match="only its wording"):
            change_part(CONSOLE, version.id, Kind.UNIT, unit.id, facts, stamp)
    for deed in (
        lambda: add_part(CONSOLE, version.id, Kind.CRITERION, {"number": "9.9", "text": "x"}, one.outcome_id),
        lambda: remove_part(CONSOLE, version.id, Kind.CRITERION, one.id),
        lambda: move_part(CONSOLE, version.id, Kind.CRITERION, one.id, False, 0),
        lambda: renumber_unit(CONSOLE, version.id, unit.id),
    ):
        with pytest.raises(SpecificationRefused, match="only its wording"):
            deed()


def test_a_form_drawn_before_students_came_is_stale_after(app: Flask) -> None:
    version = a_qualification()
    unit = units_of(version)[0]
    stamp = seen(Kind.UNIT, unit.id)
    an_enrolment(a_cohort(version))
    with pytest.raises(SpecificationChanged):
        change_part(CONSOLE, version.id, Kind.UNIT, unit.id, {"title": "x"}, stamp)


def test_a_copy_holds_everything_and_remembers(app: Flask) -> None:
    version = a_qualification(units=2, criteria=4, optional_units=2)
    new = copy_version(CONSOLE, version.id, "2")
    old_spec, new_spec = syllabus_of(version.id).specification, syllabus_of(new).specification
    assert (new_spec.groups, new_spec.min_credit) == (old_spec.groups, old_spec.min_credit)
    assert not {u.id for u in units_of(version)} & {
        u.id for u in units_of(session().get_one(Qualification, new))
    }
    admin = signed_in(Role.ADMIN)
    report = mapping_report(admin, version.id, new)
    assert report is not None
    assert {line.fate for line in report.lines} == {Fate.SAME}
    # Moved to another number with other words, and copied once more: still known to be the same.
    one = criteria(new)[0]
    change_part(
        CONSOLE, new, Kind.CRITERION, one.id, {"number": "7.7", "text": "other"}, seen(Kind.CRITERION, one.id)
    )
    third = copy_version(CONSOLE, new, "3")
    report = mapping_report(admin, version.id, third)
    assert report is not None
    assert [line.fate for line in report.lines].count(Fate.MOVED) == 1
    assert [line.fate for line in report.lines].count(Fate.SAME) == len(report.lines) - 1
    with pytest.raises(SpecificationRefused, match="name already"):
        copy_version(CONSOLE, version.id, "2")


def test_a_superseded_version_stays_so(app: Flask) -> None:
    version = a_qualification()
    cohort = a_cohort(version)
    new = copy_version(CONSOLE, version.id, "2")
    third = copy_version(CONSOLE, version.id, "3")
    for _ in range(2):
        supersede_version(CONSOLE, version.id, new)
    assert events().count("superseded version") == 1
    with pytest.raises(SpecificationRefused, match="already"):
        supersede_version(CONSOLE, version.id, third)
    with pytest.raises(SpecificationRefused, match="superseded itself"):
        supersede_version(CONSOLE, new, version.id)
    unit = units_of(version)[0]
    with pytest.raises(SpecificationRefused, match="only its wording"):
        change_part(CONSOLE, version.id, Kind.UNIT, unit.id, {"credit": 9}, seen(Kind.UNIT, unit.id, True))
    assert session().get_one(Cohort, cohort.id).qualification_id == version.id
    empty = add_qualification(CONSOLE, {**FACTS, "version": "9"})
    with pytest.raises(SpecificationRefused, match="not ready"):
        supersede_version(CONSOLE, third, empty)


def test_a_version_never_takes_the_place_of_one_copied_from_it(app: Flask) -> None:
    old = a_qualification()
    second = copy_version(CONSOLE, old.id, "2")
    third = copy_version(CONSOLE, second, "3")
    for newer, older in ((second, old.id), (third, old.id), (third, second)):
        with pytest.raises(SpecificationRefused, match="it is the newer"):
            supersede_version(CONSOLE, newer, older)
    supersede_version(CONSOLE, old.id, third)
    assert events().count("superseded version") == 1


def raw(statement: str, **values: Any) -> None:
    with transaction() as s:
        s.execute(text(statement), values)


def test_the_database_holds_it_whatever_the_code_does(app: Flask) -> None:
    version = a_qualification()
    cohort = a_cohort(version)
    new = copy_version(CONSOLE, version.id, "2")
    supersede_version(CONSOLE, version.id, new)
    with transaction() as s:
        s.execute(update(Cohort).values(capacity=3))  # an old cohort may still change
    for statement in (
        "UPDATE supersession SET by_id = qualification_id",
        "DELETE FROM supersession",
    ):
        with pytest.raises(DBAPIError):
            raw(statement)
    with pytest.raises(DBAPIError, match="takes no new cohort"):
        a_cohort(version)
    later = a_cohort(session().get_one(Qualification, new))
    with pytest.raises(DBAPIError, match="takes no new cohort"), transaction() as s:
        s.execute(update(Cohort).where(Cohort.id == later.id).values(qualification_id=version.id))
    with pytest.raises(DBAPIError, match="supersedes no other"), transaction() as s:
        s.add(Supersession(qualification_id=new, by_id=version.id, at=specification_services.clock.now()))
    an_enrolment(cohort)
    outcome = criteria_of(units_of(version)[0])[0].outcome_id
    for change in (
        update(Unit).where(Unit.qualification_id == version.id).values(credit=99),
        update(UnitGroup).where(UnitGroup.qualification_id == version.id).values(min_units=1),
        update(AssessmentCriterion).where(AssessmentCriterion.outcome_id == outcome).values(number="9"),
        update(LearningOutcome).where(LearningOutcome.id == outcome).values(number="9"),
    ):
        with pytest.raises(DBAPIError, match="only its wording"), transaction() as s:
            s.execute(change)
    with pytest.raises(DBAPIError, match="only its wording"), transaction() as s:
        s.execute(AssessmentCriterion.__table__.delete().where(AssessmentCriterion.outcome_id == outcome))
    with transaction() as s:
        wording = update(AssessmentCriterion).where(AssessmentCriterion.outcome_id == outcome)
        s.execute(wording.values(text="better words"))
    assert session().get_one(Cohort, cohort.id).capacity == 3


def test_a_kept_correction_is_never_changed(app: Flask) -> None:
    test_with_a_student_only_wording_changes_and_what_stood_there_is_kept(app)
    for statement in ("UPDATE wording_correction SET before = ''", "DELETE FROM wording_correction"):
        with pytest.raises(DBAPIError, match="never changed"):
            raw(statement)


def test_a_service_that_forgets_the_students_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: the service takes every version for a draft; the database refuses."""
    version = a_qualification()
    an_enrolment(a_cohort(version))
    unit = units_of(version)[0]
    monkeypatch.setattr(specification_services, "is_frozen", lambda s, qualification_id: False)
    with pytest.raises((DBAPIError, SpecificationRefused)):
        change_part(CONSOLE, version.id, Kind.UNIT, unit.id, {"credit": 9}, seen(Kind.UNIT, unit.id))
    assert session().get_one(Unit, unit.id, populate_existing=True).credit == 3
