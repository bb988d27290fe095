"""The demo can be made on any day, and never looks stale: its dates follow from the day it is made."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.careers.models import Vacancy
from recovery_college.courses.models import Cohort, CourseSession
from recovery_college.demo.college import make_demo
from recovery_college.demo.sources import JOBS
from recovery_college.demo.vacancies import STORIES
from recovery_college.graduation.presenters import in_groups
from recovery_college.graduation.queries import standings_in
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 1, 2, 0, 4, tzinfo=UTC),  # a Saturday, minutes after midnight, after Christmas
        datetime(2028, 2, 29, 23, 58, tzinfo=UTC),  # a leap day's end
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # Easter Sunday, when clocks go forward
        datetime(2031, 6, 16, 8, 0, tzinfo=UTC),  # beyond the table of bank holidays
    ],
    ids=["new-year", "leap-day", "clocks-change", "far-ahead"],
)
def test_made_on_that_day(app: Flask, moment: datetime) -> None:
    with clock.held_at(moment):
        make_demo(app, "otter lantern gravel")
        s = session()
        today = clock.today()
        running = s.scalars(select(Cohort).where(Cohort.ref == "FEN-12")).one()
        assert (today - running.starts_on).days // 7 == 5
        finished = s.scalars(select(Cohort).where(Cohort.ref == "FEN-11")).one()
        groups = in_groups(standings_in(finished))
        assert [len(each) for each in (groups.graduated, groups.ready, groups.nearly)] == [6, 4, 2]
        moments = list(s.scalars(select(AuditEvent.at).order_by(AuditEvent.seq)))
        assert moments == sorted(moments)
        assert moments[-1] <= moment
        assert verify_chain(s).problem is None
        assert s.scalar(select(func.count(Vacancy.id))) == len(STORIES) + len(JOBS)


def test_no_session_is_planned_for_a_bank_holiday(app: Flask) -> None:
    with clock.held_at(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)):
        make_demo(app, "otter lantern gravel")
        days = set(session().scalars(select(CourseSession.session_on)))
    assert date(2026, 12, 25) not in days
    assert len(days) > 50
