"""What needs somebody today, for each role: every line counts real rows and links to exactly those."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.queries import accounts_without_password
from recovery_college.reporting.home_careers import hr_home, job_needs, manager_home, open_post_needs
from recovery_college.reporting.home_college import admin_home, eqa_home, fairness_needs, iqa_home, tutor_home
from recovery_college.reporting.home_lines import Home, Need, plural, some
from recovery_college.reporting.home_own import own_home

LOOKED_BACK_DAYS = 7


def home_of(actor: Actor, *, vacancies_only: bool = False) -> Home:
    """What the home page of this actor's role shows.

    `vacancies_only` is for a Trust that opened the vacancy part alone: then nothing leads to a closed room.
    """
    if vacancies_only and actor.role in _COLLEGE_ROLES:
        sees_posts = may(actor, Permission.PSW_POSTS_SEE) and actor.role is not Role.ADMIN
        return Home(needs=job_needs(actor) + open_post_needs(actor) if sees_posts else ())
    home = _HOMES[actor.role](actor)
    return (
        replace(home, needs=[*fairness_needs(actor), *home.needs]) if actor.role in _COLLEGE_ROLES else home
    )


def _auditor(actor: Actor) -> Home:
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    views = (
        session().scalar(select(func.count()).where(AuditEvent.action == "viewed", AuditEvent.at >= since))
        or 0
    )
    words = plural(views, "view of a sensitive record", "views of sensitive records")
    path = f"/audit?action=viewed&days={LOOKED_BACK_DAYS}"
    return Home(needs=some(Need(views, words, path, f"in the last {LOOKED_BACK_DAYS} days")))


def _sysadmin(actor: Actor) -> Home:
    waiting = accounts_without_password(actor)
    words = plural(waiting, "person has not chosen a password yet", "people have not chosen a password yet")
    return Home(needs=some(Need(waiting, words, "/people?show=invited")))


_COLLEGE_ROLES = frozenset({Role.STUDENT, Role.GRADUATE, Role.TUTOR, Role.IQA, Role.EQA, Role.ADMIN})
"""Roles whose home page is about courses, marking or certificates."""


_HOMES: dict[Role, Callable[[Actor], Home]] = {
    Role.STUDENT: own_home,
    Role.GRADUATE: own_home,
    Role.TUTOR: tutor_home,
    Role.IQA: iqa_home,
    Role.EQA: eqa_home,
    Role.MANAGER: manager_home,
    Role.HR: hr_home,
    Role.ADMIN: admin_home,
    Role.AUDITOR: _auditor,
    Role.SYSADMIN: _sysadmin,
}
