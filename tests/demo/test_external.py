"""The demo's external quality assurance in its realistic states (A11)."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from recovery_college.access.rules import Role
from recovery_college.assessment.engagement_models import EqaLeave, EqaObjection, EqaPick
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Account
from recovery_college.quality.engagement_queries import engagements_visible_to
from recovery_college.quality.pack_queries import Eyes
from recovery_college.quality.report_queries import actions_visible_to


def test_a_visit_is_open_and_an_earlier_one_left_two_actions(college: Flask) -> None:
    person = session().scalars(select(Account.person_id).where(Account.email == "eqa@demo.example")).one()
    eyes = Eyes(person)
    assert eyes.role is Role.EQA
    (visit,) = engagements_visible_to(eyes)
    assert visit.purpose
    assert (visit.picks, visit.unanswered) == (3, 1)
    actions = actions_visible_to(eyes)
    assert [one.is_done for one in actions] == [False, True]
    assert [one.is_overdue(clock.today()) for one in actions] == [True, False]
    counts = [
        session().scalar(select(func.count()).select_from(one)) for one in (EqaPick, EqaObjection, EqaLeave)
    ]
    assert counts == [3, 1, 1]
