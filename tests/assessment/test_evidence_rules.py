"""Rules of evidence and of due dates: examples, and properties that hold for all input (A5, A6, A10, A14)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.access.rules import Role
from recovery_college.assessment.deadline_rules import ReminderKind, is_later, reminder_due
from recovery_college.assessment.evidence_rules import (
    STAFF_KINDS,
    Audience,
    EvidenceKind,
    audience_of,
    is_waiting,
    may_hand_in,
    may_take_back,
    may_write_about,
)
from recovery_college.assessment.rules import UnitState
from recovery_college.courses.rules import EnrolmentStatus

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
moments = st.datetimes(timezones=st.just(UTC))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(st.sampled_from(Role), st.booleans(), st.booleans())
def test_who_reads_evidence_is_trust_table(role: Role, own: bool, knows: bool) -> None:
    seen = audience_of(role, is_own=own, knows_cohort=knows)
    whole = {
        Role.STUDENT: own,
        Role.GRADUATE: own,
        Role.TUTOR: knows,
        Role.IQA: knows,
    }.get(role, False)
    assert (seen is Audience.WHOLE) == whole
    assert (seen is Audience.METADATA) == (role is Role.ADMIN and knows)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HR, Role.AUDITOR, Role.SYSADMIN, Role.EQA])
def test_these_roles_see_nothing_by_role_alone(role: Role) -> None:
    assert audience_of(role, is_own=True, knows_cohort=True) is Audience.NOTHING


@given(moments, st.none() | moments, st.booleans())
def test_evidence_waits_until_a_decision_comes_after_it(
    at: datetime, decided: datetime | None, back: bool
) -> None:
    assert is_waiting(at, decided, back) == (not back and not (decided is not None and decided >= at))


@given(st.sampled_from(EnrolmentStatus), st.lists(st.sampled_from(UnitState)))
def test_handing_in_is_open_while_the_place_and_every_unit_are(
    status: EnrolmentStatus, states: list[UnitState]
) -> None:
    open_place = status in (EnrolmentStatus.ENROLLED, EnrolmentStatus.PAUSED)
    open_units = not {UnitState.VERIFIED, UnitState.CLAIMED, UnitState.AWARDED} & set(states)
    assert (may_hand_in(status, states) is None) == (open_place and open_units)


@given(st.sampled_from(EvidenceKind), st.booleans())
def test_staff_write_what_staff_write_and_never_of_themselves(kind: EvidenceKind, same: bool) -> None:
    problem = may_write_about("a", "a" if same else "b", kind)
    assert (problem is None) == (same != (kind in STAFF_KINDS))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, None),
        ({"decided": True}, "You can ask for it"),
        ({"taken_back": True}, "already"),
        ({"own": False}, "Your tutor wrote this"),
        ({"by_student": False}, "Your tutor wrote this"),
    ],
)
def test_evidence_is_taken_back_until_it_is_decided(facts: dict[str, bool], words: str | None) -> None:
    said = may_take_back(**{"own": True, "by_student": True, "taken_back": False, "decided": False} | facts)
    assert said is None if words is None else words in str(said)


@given(days, days, st.sampled_from(EnrolmentStatus), st.booleans(), st.booleans(), st.booleans())
def test_nobody_is_reminded_who_need_not_be(
    due: date, today: date, status: EnrolmentStatus, done: bool, muted: bool, asked: bool
) -> None:
    kind = reminder_due(due, today, status, done=done, muted=muted, asked_for_time=asked)
    left = (due - today).days
    if done or muted or asked or status is not EnrolmentStatus.ENROLLED or not -7 <= left <= 7:
        assert kind is None
    else:
        assert kind is not None
        assert (kind is ReminderKind.AFTER) == (left < 0)


@given(days, days, st.integers(1, 300))
def test_more_time_is_never_reminded_before_the_old_reminders(due: date, today: date, more: int) -> None:
    """An extension drives reminders: on the day the old date's reminder would go, none goes if there is time."""
    later = due + timedelta(days=more)
    kind = reminder_due(later, today, EnrolmentStatus.ENROLLED, done=False)
    assert kind is None or (later - today).days <= 7


@pytest.mark.parametrize(
    ("wanted", "ok"),
    [
        (TODAY + timedelta(days=8), True),
        (TODAY + timedelta(days=7), False),
        (TODAY - timedelta(days=1), False),
        (TODAY + timedelta(days=400), False),
    ],
)
def test_more_time_is_a_later_day_within_a_year(wanted: date, ok: bool) -> None:
    assert (is_later(wanted, TODAY + timedelta(days=7), TODAY) is None) == ok
