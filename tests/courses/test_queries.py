"""Who may know of which cohort, and what the queries say of one."""

from datetime import date, timedelta

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.courses.attendance_queries import attendance_of
from recovery_college.courses.queries import (
    cohort_visible_to,
    cohorts_visible_to,
    places_in,
    places_taken,
    tutors_of,
)
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.courses.syllabus_queries import syllabus_of
from tests.factories.courses import (
    a_cohort,
    a_mark,
    a_qualification,
    a_session,
    a_student,
    a_tutor_of,
    an_enrolment,
)
from tests.factories.people import CONSOLE, signed_in


def test_tutor_sees_assigned_cohorts_only(app: Flask) -> None:
    own, other = a_cohort(), a_cohort()
    tutor = a_tutor_of(own)
    assert [cohort.id for cohort in cohorts_visible_to(tutor)] == [own.id]
    assert cohort_visible_to(tutor, other.id) is None
    assert tutors_of(own.id) == ["Maya Example"]


@pytest.mark.parametrize("role", [Role.IQA, Role.ADMIN, Role.AUDITOR])
def test_these_roles_see_every_cohort(app: Flask, role: Role) -> None:
    cohorts = {a_cohort().id, a_cohort().id}
    assert {cohort.id for cohort in cohorts_visible_to(signed_in(role))} == cohorts
    assert {cohort.id for cohort in cohorts_visible_to(CONSOLE)} == cohorts


@pytest.mark.parametrize(
    "role", [Role.STUDENT, Role.GRADUATE, Role.MANAGER, Role.HR, Role.SYSADMIN, Role.EQA]
)
def test_other_roles_see_none(app: Flask, role: Role) -> None:
    cohort = a_cohort()
    assert cohorts_visible_to(signed_in(role)) == []
    assert cohort_visible_to(signed_in(role), cohort.id) is None


def test_eqa_sees_engaged_cohorts(app: Flask) -> None:
    engaged, other = a_cohort(), a_cohort()
    eqa = signed_in(Role.EQA)
    assert [cohort.id for cohort in cohorts_visible_to(eqa, [engaged.id])] == [engaged.id]
    assert cohort_visible_to(eqa, other.id, [engaged.id]) is None


def test_syllabus_is_whole_and_in_order(app: Flask) -> None:
    syllabus = syllabus_of(a_qualification(units=2, criteria=7, optional_units=1).id)
    assert [unit.code for unit in syllabus.units] == ["U1", "U2", "U3"]
    assert [one.number for one in syllabus.units[0].criteria] == [
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1",
    ]  # fmt: skip
    assert [group.name for group in syllabus.specification.groups] == ["mandatory", "Options"]
    assert len(syllabus.criteria) == 21


def test_attendance_has_both_percentages(app: Flask) -> None:
    today = date(2026, 11, 20)
    cohort = a_cohort(starts_on=today - timedelta(days=14), ends_on=today + timedelta(days=14))
    for days in (-14, -7, 7, 14):
        a_session(cohort, today + timedelta(days=days))
    enrolment = an_enrolment(cohort)
    a_mark(enrolment, today - timedelta(days=14), Mark.LATE)
    summary = attendance_of(cohort, places_in([cohort.id]), today)[enrolment.id]
    assert (summary.attended, summary.held, summary.planned) == (1, 2, 4)
    assert (str(summary.so_far), str(summary.whole_course)) == ("50.0", "25.0")


def test_a_withdrawn_place_is_free_again(app: Flask) -> None:
    cohort = a_cohort()
    an_enrolment(cohort)
    an_enrolment(cohort, a_student("Ben"), status=EnrolmentStatus.WITHDRAWN)
    assert places_taken([cohort.id]) == {cohort.id: 1}
    assert [place.name for place in places_in([cohort.id])] == ["Amina Example", "Ben Example"]
