"""`seed`: the promised cohorts, the same for the same number, and never among real people."""

import hashlib
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.careers.consideration import ConsiderationState
from recovery_college.careers.models import Consideration, Vacancy
from recovery_college.careers.queries import all_vacancies
from recovery_college.careers.rules import PswFlag
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment
from recovery_college.demo.college import make_demo
from recovery_college.demo.seed import SeedRefused, Size, seed_college
from recovery_college.demo.seed_cohorts import start_days
from recovery_college.graduation.models import Certificate, Graduation, GraduationSource
from recovery_college.graduation.presenters import in_groups
from recovery_college.graduation.queries import standings_in
from recovery_college.graduation.services import issue_for_cohort
from recovery_college.kernel import clock
from recovery_college.kernel.db import Base, db, session, transaction
from recovery_college.people.models import Person
from tests.databases import Database
from tests.factories.courses import a_cohort, a_qualification, an_enrolment
from tests.factories.people import CONSOLE, a_person, signed_in

SMALL = Size(cohorts=4, students=3, vacancies=120, seed=7)
NOT_COMPARED = {"audit_event", "audit_head", "audit_key", "alembic_version"}


def seeded_cohorts() -> list[Cohort]:
    """Newest first."""
    return list(session().scalars(select(Cohort).order_by(Cohort.starts_on.desc())))


def fingerprint() -> str:
    """A digest of every row of every table but the audit trail, which tells when it was done."""
    found = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        if table.name not in NOT_COMPARED:
            rows = sorted(str(tuple(row)) for row in session().execute(select(table)))
            found.update(f"{table.name} {rows}\n".encode())
    session().rollback()
    return found.hexdigest()


def test_newest_is_running_and_half_marked(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    running = seeded_cohorts()[0]
    assert running.starts_on < clock.today() < running.ends_on
    groups = in_groups(standings_in(running))
    assert (len(groups.ready), len(groups.graduated)) == (0, 0)
    decisions = session().scalars(
        select(Decision).join(Enrolment, Decision.enrolment_id == Enrolment.id).where(
            Enrolment.cohort_id == running.id
        )
    ).all()  # fmt: skip
    assert len(decisions) == 3 * 20
    assert {one.released_at is None for one in decisions} == {True, False}
    assert {one.outcome.value for one in decisions} == {"met", "not yet met"}


def test_the_one_before_is_finished_verified_and_not_yet_certificated(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    finished = seeded_cohorts()[1]
    assert finished.ends_on < clock.today()
    assert len(in_groups(standings_in(finished)).ready) == 3
    assert len(issue_for_cohort(CONSOLE, finished).issued) == 3


def test_the_others_graduated_before_this_system(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    s = session()
    assert Counter(s.scalars(select(Graduation.source))) == {GraduationSource.BEFORE: 6}
    assert s.scalars(select(Certificate.id)).all() == []
    for earlier in seeded_cohorts()[2:]:
        assert len(in_groups(standings_in(earlier)).graduated) == 3
        assert issue_for_cohort(CONSOLE, earlier).issued == ()


def test_every_cohort_has_tutors_who_are_made_up(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    s = session()
    assert s.scalar(select(func.count(func.distinct(CohortTutor.cohort_id)))) == 4
    assert s.scalar(select(func.count()).where(Person.is_made_up.is_(False))) == 0


def test_vacancies_are_flagged_and_many_are_considered(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    rows = all_vacancies(signed_in(Role.HR))
    assert len(rows) == 120
    assert {row.vacancy.flag for row in rows} == set(PswFlag)
    assert {row.state for row in rows} >= set(ConsiderationState) - {
        ConsiderationState.RETURNED, ConsiderationState.DUE, ConsiderationState.OVERDUE,
    }  # fmt: skip
    considered = session().scalars(select(Consideration)).all()
    assert len(considered) > 20
    for one in considered:
        vacancy = session().get_one(Vacancy, one.vacancy_id)
        assert vacancy.manager_id == one.decided_by
        assert vacancy.flag is PswFlag.YES


def test_same_number_same_college(app: Flask, database: Database) -> None:
    prints = []
    for number in (7, 7, 8):
        db.session.remove()
        db.engine.dispose()
        database.refresh()
        seed_college(CONSOLE, Size(3, 2, 40, number))
        prints.append(fingerprint())
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


def test_it_is_told_in_one_event(app: Flask) -> None:
    written = seed_college(CONSOLE, SMALL)
    event = session().scalars(select(AuditEvent)).one()
    assert event.action == "seeded college"
    assert f'"rows":{written}' in event.details
    assert verify_chain(session()).problem is None


def test_real_students_are_left_alone(app: Flask) -> None:
    an_enrolment(a_cohort(a_qualification()), a_person("Real", "Student"))
    with pytest.raises(SeedRefused, match="real students"):
        seed_college(CONSOLE, SMALL)
    assert session().scalar(select(func.count(Cohort.id))) == 1


def test_real_graduates_are_left_alone(app: Flask) -> None:
    person = a_person("Real", "Graduate")
    with transaction() as s:
        day = clock.today() - timedelta(days=900)
        s.add(Graduation(person_id=person.id, graduated_on=day, source=GraduationSource.BEFORE))
    with pytest.raises(SeedRefused, match="graduates"):
        seed_college(CONSOLE, SMALL)


def test_real_staff_do_not_stand_in_the_way(app: Flask) -> None:
    signed_in(Role.ADMIN)
    assert seed_college(CONSOLE, Size(1, 1, 0, 1)) > 0


def test_it_stands_beside_the_demo(app: Flask) -> None:
    make_demo(app, "otter lantern gravel")
    seed_college(CONSOLE, SMALL)
    assert verify_chain(session()).problem is None


def test_a_second_seeding_is_refused(app: Flask) -> None:
    seed_college(CONSOLE, SMALL)
    with pytest.raises(SeedRefused, match="already"):
        seed_college(CONSOLE, Size(1, 1, 1, 9))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 200, 2000])
def test_cohorts_start_on_mondays_in_order(count: int) -> None:
    today = clock.today()
    days = start_days(count, today)
    assert len(days) == count
    assert all(day.weekday() == 0 for day in days)
    assert all(one <= other for one, other in pairwise(days))
    if count:
        assert days[-1] + timedelta(weeks=5) <= today < days[-1] + timedelta(weeks=6)
    if count > 1:
        assert days[-2] + timedelta(weeks=12) < today
    assert all(day.year >= 2010 for day in days)
