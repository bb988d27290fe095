"""The demo has the promised shape: nothing a tutor, assurer, administrator or manager meets is missing."""

from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from recovery_college.access.console import ConsoleActor
from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_list import evidence_list
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.queries import UnitResult, results_of
from recovery_college.assessment.rules import CriterionState, UnitState, Verdict
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.careers.bands import Band
from recovery_college.careers.consideration import ConsiderationState
from recovery_college.careers.exports import export_vacancies
from recovery_college.careers.models import Post, Team, VacancyBand
from recovery_college.careers.rules import ServiceArea, Setting
from recovery_college.courses.mapping_queries import mapping_report
from recovery_college.courses.models import Cohort, Enrolment, Qualification, WordingCorrection
from recovery_college.courses.queries import places_in
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.courses.specification import check_specification
from recovery_college.courses.specification_mapping import counts
from recovery_college.courses.syllabus_queries import syllabus_of
from recovery_college.demo.people import DemoActor
from recovery_college.demo.sources import JOBS
from recovery_college.demo.specification import DEMO_SPECIFICATION
from recovery_college.demo.vacancies import STORIES
from recovery_college.graduation.models import Certificate, CertificateState, Graduation, GraduationSource
from recovery_college.graduation.presenters import in_groups
from recovery_college.graduation.queries import standings_in
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Account, Person
from recovery_college.practice.models import ReportedFigure

pytestmark = pytest.mark.usefixtures("college")


def cohort(ref: str) -> Cohort:
    return session().scalars(select(Cohort).where(Cohort.ref == ref)).one()


def results(ref: str) -> list[list[UnitResult]]:
    found = cohort(ref)
    places = places_in([found.id])
    by_place = results_of(syllabus_of(found.qualification_id), places)
    return [by_place[place.enrolment_id] for place in places]


def test_118_graduated_from_the_first_ten_cohorts_and_have_no_certificates() -> None:
    s = session()
    before = select(Graduation).where(Graduation.source == GraduationSource.BEFORE)
    graduations = s.scalars(before).all()
    assert len(graduations) == 118
    assert len({one.cohort_ref for one in graduations}) == 10
    assert min(one.graduated_on.year for one in graduations) == 2010
    assert (
        s.scalars(select(Certificate).join(Graduation).where(Graduation.source == "before this system")).all()
        == []
    )
    sites = s.scalars(select(func.count(func.distinct(Cohort.site_id)))).one()
    assert sites == 2


def test_some_sixty_of_them_are_in_post_and_some_have_left() -> None:
    s = session()
    posts = s.scalars(select(Post)).all()
    now = [post for post in posts if post.left_on is None]
    assert 60 <= len({post.person_id for post in now}) < 70
    assert [post for post in posts if post.left_on is not None]
    shares = [post for post in now if post.is_job_share]
    assert len(shares) == 2
    assert len({post.team_id for post in shares}) == 1
    assert s.get_one(Team, shares[0].team_id).service_area is ServiceArea.YOUNG_PEOPLE
    hours = {post.weekly_hours for post in now}
    assert min(hours) == Decimal(4)
    assert max(hours) == Decimal("37.5")
    teams = [s.get_one(Team, post.team_id) for post in now]
    assert {team.service_area for team in teams} == set(ServiceArea)
    assert {team.setting for team in teams} == set(Setting)
    days = dict(row for row in s.execute(select(Graduation.person_id, Graduation.graduated_on)))
    assert all(post.started_on > days[post.person_id] for post in posts)
    assert all(post.started_on < clock.today() for post in posts)


def test_running_cohort_is_in_its_sixth_week_of_twelve() -> None:
    running = cohort("FEN-12")
    today = clock.today()
    assert (today - running.starts_on).days // 7 + 1 == 6
    assert ((running.ends_on - running.starts_on).days // 7) + 1 == 12
    assert 12 <= len(places_in([running.id])) <= 16


def test_running_cohort_shows_every_state_of_a_cell() -> None:
    seen = {state for units in results("FEN-12") for unit in units for state in unit.for_staff.values()}
    assert seen == set(CriterionState)


def test_running_cohort_shows_every_state_of_a_unit_before_a_claim() -> None:
    seen = {unit.state for units in results("FEN-12") for unit in units}
    assert seen == {UnitState.IN_PROGRESS, UnitState.ASSESSED, UnitState.VERIFIED, UnitState.WITHDRAWN}


def test_running_cohort_has_a_return_that_is_open_and_answered_ones_one_of_them_after_leaving() -> None:
    running = cohort("FEN-12")
    returned = session().scalars(
        select(IqaVerdict)
        .join(Enrolment, IqaVerdict.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id == running.id, IqaVerdict.verdict == Verdict.RETURNED)
    )
    places = {place.enrolment_id: place for place in places_in([running.id])}
    by_place = results_of(syllabus_of(running.qualification_id), list(places.values()))
    states = [
        unit.state for one in returned for unit in by_place[one.enrolment_id] if unit.unit.id == one.unit_id
    ]
    assert sorted(states) == [UnitState.ASSESSED, UnitState.IN_PROGRESS, UnitState.VERIFIED]
    events = session().scalars(select(AuditEvent).where(AuditEvent.action == "decided"))
    assert sum("after_leaving" in event.details for event in events) == 1


def test_a_piece_waits_for_a_criterion_without_tries_left() -> None:
    account = session().scalars(select(Account).where(Account.email == "tutor@demo.example")).one()
    tutor = DemoActor(account.person_id, "tutor", Role.TUTOR)
    rows = evidence_list(tutor, cohort("FEN-12").id, "waiting")
    assert [row.no_tries for row in rows if row.no_tries] == ["Unit DEMO-1: 3.1"]


def test_running_cohort_has_resubmission_correction_pause_withdrawal_and_a_late_comer() -> None:
    s = session()
    running = cohort("FEN-12")
    decisions = s.scalars(
        select(Decision).join(Enrolment, Decision.enrolment_id == Enrolment.id).where(
            Enrolment.cohort_id == running.id
        )
    ).all()  # fmt: skip
    assert [one for one in decisions if one.attempt == 2]
    assert [one for one in decisions if one.revision == 2 and one.released_at is None]
    assert [one for one in decisions if one.outcome.value == "not yet met" and not one.feedback]
    statuses = Counter(place.status for place in places_in([running.id]))
    assert statuses[EnrolmentStatus.PAUSED] == 1
    assert statuses[EnrolmentStatus.WITHDRAWN] == 1
    late = [place for place in places_in([running.id]) if place.enrolled_on > running.starts_on]
    assert late
    assert not [one for one in decisions if one.enrolment_id == late[0].enrolment_id]


def test_finished_cohort_has_graduates_some_ready_and_some_one_thing_away() -> None:
    groups = in_groups(standings_in(cohort("FEN-11")))
    assert [len(each) for each in (groups.graduated, groups.ready, groups.nearly)] == [6, 4, 2]
    assert groups.not_yet
    states = Counter(session().scalars(select(Certificate.state)).all())
    assert states == {CertificateState.VALID: 6, CertificateState.SUPERSEDED: 1}


def test_planned_cohort_has_places_taken_and_left() -> None:
    planned = cohort("FEN-13")
    assert planned.starts_on > clock.today()
    assert 0 < len(places_in([planned.id])) < planned.capacity


def test_vacancies_are_of_every_band_and_in_every_state() -> None:
    s = session()
    assert set(s.scalars(select(VacancyBand.band))) >= set(Band) - {Band.BAND_8B}
    header, rows = export_vacancies(ConsoleActor("tests", Role.HR))
    rows = [dict(zip(header, row, strict=True)) for row in rows]
    assert len(rows) == len(STORIES) + len(JOBS)
    assert 38 <= len(rows) <= 70
    assert {row["consideration"] for row in rows} == {state.value for state in ConsiderationState}
    assert {row["possible_psw_role"] for row in rows} == {"yes", "no", "unknown"}
    assert [row for row in rows if row["advertised_before_considered"] is True]
    assert [row for row in rows if not row["manager_email"] and row["possible_psw_role"] == "yes"]
    mine = Counter(row["consideration"] for row in rows if row["manager_email"] == "manager@demo.example")
    assert mine["due"] >= 3
    assert mine["overdue"] >= 3


def test_what_was_reported_before_has_sources_that_say_they_are_made_up() -> None:
    figures = session().scalars(select(ReportedFigure)).all()
    assert {one.value for one in figures} >= {118, 153, 78}
    assert all("(made up)" in one.source for one in figures)
    assert all(one.as_of <= clock.today() for one in figures)


def test_nobody_in_it_is_real() -> None:
    for person in session().scalars(select(Person)):
        assert person.is_made_up
        assert person.email.endswith("@demo.example")


def test_names_are_of_many_scripts() -> None:
    names = " ".join(f"{p.given_name} {p.family_name}" for p in session().scalars(select(Person)))
    for letters in ("ŷ", "ł", "Ż", "’", "ليلى", "נועה"):
        assert letters in names


def test_specification_is_sound_and_marked_demo() -> None:
    assert check_specification(DEMO_SPECIFICATION).problems == ()
    assert sum(len(unit.criteria) for unit in DEMO_SPECIFICATION.units) == 40
    stored = session().scalars(select(Qualification).order_by(Qualification.version)).all()
    assert [one.version for one in stored] == ["DEMO 1", "DEMO 2"]
    assert all("DEMO" in one.title and one.number == "" for one in stored)


def test_the_next_version_is_being_written() -> None:
    """A draft with something missing, and each fate of a criterion in its mapping."""
    now, draft = session().scalars(select(Qualification.id).order_by(Qualification.version)).all()
    assert check_specification(syllabus_of(draft).specification).problems
    report = mapping_report(ConsoleActor("tests"), now, draft)
    assert report is not None
    assert all(counts(report.lines).values())
    assert session().scalars(select(WordingCorrection)).one().place == "Unit DEMO-1, criterion 1.1"


def test_its_past_is_audited_in_order_and_ends_now() -> None:
    s = session()
    assert verify_chain(s).problem is None
    moments = s.scalars(select(AuditEvent.at).order_by(AuditEvent.seq)).all()
    assert list(moments) == sorted(moments)
    assert moments[-1] <= clock.now()
    decided = s.scalar(select(func.count()).where(AuditEvent.action == "decided"))
    assert decided == s.scalar(select(func.count(Decision.id)))


def test_nothing_was_decided_in_the_future_or_before_its_time() -> None:
    s = session()
    now = clock.now()
    for decision in s.scalars(select(Decision)):
        assert decision.recorded_at <= now
        if decision.released_at is not None:
            assert decision.recorded_at <= decision.released_at <= now
    assert all(verdict.recorded_at <= now for verdict in s.scalars(select(IqaVerdict)))
