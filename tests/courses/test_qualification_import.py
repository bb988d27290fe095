"""Importing a qualification: whole or not at all, and only its wording once students are on it."""

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.courses.models import (
    AssessmentCriterion,
    LearningOutcome,
    Qualification,
    Unit,
    UnitGroup,
)
from recovery_college.courses.syllabus_queries import Syllabus, syllabus_of
from recovery_college.kernel.db import session
from tests.courses.files import (
    TITLE,
    a_small_college,
    bring,
    brought,
    cohort,
    counts,
    criterion,
    place,
    refused,
    student,
)


def the_syllabus(version: str = "1") -> Syllabus:
    session().expire_all()
    found = session().scalars(select(Qualification).where(Qualification.version == version)).one()
    return syllabus_of(found.id)


def test_groups_units_outcomes_and_criteria_come_in(app: Flask) -> None:
    options = {"group": "Options", "group_min_units": 1, "group_min_credit": 3}
    brought(
        "qualification",
        criterion(number="1.1", qualification_min_credit=6),
        criterion("O1", "1.1", **options),
        criterion(number="2.1", qualification_min_credit=6),
        criterion(number="1.2", qualification_min_credit=6),
        criterion("O2", "1.1", **options),
    )
    syllabus = the_syllabus()
    assert [(unit.code, unit.group) for unit in syllabus.units] == [
        ("U1", "mandatory"), ("O1", "Options"), ("O2", "Options"),
    ]  # fmt: skip
    assert [one.number for one in syllabus.units[0].criteria] == ["1.1", "1.2", "2.1"]
    group = syllabus.specification.groups[1]
    assert (group.min_units, group.min_credit, syllabus.specification.min_credit) == (1, 3, 6)


def test_what_is_true_of_a_whole_unit_may_stand_once(app: Flask) -> None:
    report = brought(
        "qualification",
        criterion(group="Mandatory", glh=20),
        criterion(number="1.2", group="MANDATORY", glh=""),
    )
    assert report.created == 2
    assert the_syllabus().units[0].glh == 20


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"unit_title": "Another"}, "unit_title"),
        ({"level": 3}, "level"),
        ({"credit": 4}, "credit"),
        ({"glh": 5}, "glh"),
        ({"group": "Options"}, "group"),
        ({"group_min_units": 2}, "group_min_units"),
        ({"outcome_text": "Something else"}, "outcome_text"),
        ({"qualification_min_credit": 9}, "qualification_min_credit"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    app: Flask, columns: dict[str, object], column: str
) -> None:
    first = criterion(qualification_min_credit=3, group_min_units=1)
    report = bring("qualification", first, criterion(number="1.2") | columns)
    assert refused(report) == [(3, column)]
    assert "Line 2 says" in report.refused[0].reason
    assert not session().scalars(select(Qualification)).all()


def test_the_same_criterion_twice_is_refused(app: Flask) -> None:
    report = bring("qualification", criterion(), criterion(criterion_text="Another"), criterion(number="1.2"))
    assert [line for line, _ in refused(report)] == [2, 3]


def test_a_rule_nobody_could_fulfil_is_refused(app: Flask) -> None:
    report = bring("qualification", criterion(qualification_min_credit=60))
    assert refused(report) == [(2, "qualification")]
    assert report.refused[0].value == TITLE
    assert "Even with every unit the rule cannot be fulfilled" in report.refused[0].reason


def test_an_odd_unit_reference_is_told_and_never_refused(app: Flask) -> None:
    """A4."""
    report = brought("qualification", criterion("K/601/3538"), criterion("J/601/3538"))
    assert [warning[:30] for warning in report.warnings] == ["K/601/3538: This unit reference"[:30]]


def test_good_rows_alone_are_never_a_qualification(app: Flask) -> None:
    report = bring("qualification", criterion(), criterion(number="1.2", level=12), accept_good_rows=True)
    assert refused(report) == [(3, "level")]
    assert not session().scalars(select(Qualification)).all()


def test_two_qualifications_in_one_file(app: Flask) -> None:
    report = brought("qualification", criterion(), criterion(version="2"), criterion(number="1.2"))
    assert report.created == 3
    assert [len(the_syllabus(version).criteria) for version in "12"] == [2, 1]


# ---- changed while nobody is on it -----------------------------------------------------------------------------


def test_a_changed_file_changes_everything_it_says(app: Flask) -> None:
    brought("qualification", criterion(), criterion(number="1.2"), criterion("U2"), criterion("U3"))
    report = brought(
        "qualification",
        criterion(unit_title="New title"),
        criterion(number="1.2", unit_title="New title", criterion_text="Describe"),
        criterion("U2"),
        criterion("U3", "1.1"),
        criterion("U3", "1.3"),
    )
    assert counts(report) == (1, 2, 2)
    assert the_syllabus().units[0].title == "New title"
    assert the_syllabus().units[0].criteria[1].text == "Describe"


def test_what_is_no_longer_in_the_file_is_taken_out_and_told(app: Flask) -> None:
    options = {"group": "Options"}
    brought("qualification", criterion(), criterion(number="2.1"), criterion("O1", **options))
    report = brought("qualification", criterion())
    assert report.warnings == (
        "Unit O1 is not in the file and is taken out",
        "Unit U1: criterion 2.1 is not in the file and is taken out",
    )
    left = [
        len(session().scalars(select(model)).all())
        for model in (UnitGroup, Unit, LearningOutcome, AssessmentCriterion)
    ]
    assert left == [1, 1, 1, 1]


def test_a_criterion_may_move_to_another_outcome_and_a_unit_to_another_group(app: Flask) -> None:
    brought("qualification", criterion(), criterion(number="1.2"), criterion("U2"))
    moved = [
        criterion(),
        criterion(number="1.2", outcome="2", outcome_text="Understand 2"),
        criterion("U2", group="Options"),
    ]
    assert counts(brought("qualification", *moved)) == (0, 2, 1)
    assert counts(brought("qualification", *moved)) == (0, 0, 3)
    assert [one.outcome_number for one in the_syllabus().units[0].criteria] == ["1", "2"]


# ---- with students on it ---------------------------------------------------------------------------------------


@pytest.fixture
def taught(app: Flask) -> None:
    a_small_college()


def test_wording_may_be_corrected_with_students_on_it(taught: None) -> None:
    """A2: and what the file leaves out stays."""
    report = brought(
        "qualification", criterion(unit_title="Values", outcome_text="Know", criterion_text="Say")
    )
    assert counts(report) == (0, 1, 0)
    unit = the_syllabus().units[0]
    assert (unit.title, unit.criteria[0].outcome_text, unit.criteria[0].text) == ("Values", "Know", "Say")
    assert len(the_syllabus().criteria) == 3


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (criterion("U9"), "unit_code"),
        (criterion(number="1.9"), "criterion"),
        (criterion(number="1.2", outcome="2"), "outcome"),
        (criterion(level=3), "level"),
        (criterion(credit=9), "credit"),
        (criterion(glh=1), "glh"),
        (criterion(group="Options"), "group"),
        (criterion(group_min_units=1), "group_min_units"),
        (criterion(qualification_min_credit=3), "qualification_min_credit"),
    ],
)
def test_nothing_else_may_change_with_students_on_it(
    taught: None, row: dict[str, object], column: str
) -> None:
    """A2."""
    before = the_syllabus()
    report = bring("qualification", row)
    assert refused(report) == [(2, column)]
    assert report.refused[0].reason.startswith("2 students are registered for this version")
    assert the_syllabus() == before


def test_another_version_is_free_to_change(taught: None) -> None:
    brought("qualification", criterion("U9", version="2"))
    brought("qualification", criterion("U9", version="2", credit=9))
    assert the_syllabus("2").units[0].credit == 9
    assert len(the_syllabus("1").criteria) == 3


def test_a_withdrawn_student_still_counts(app: Flask) -> None:
    brought("qualification", criterion())
    brought("cohorts", cohort())
    brought("students", student())
    brought("enrolments", place(status="withdrawn"))
    report = bring("qualification", criterion(credit=9))
    assert report.refused[0].reason.startswith("1 student is registered")
