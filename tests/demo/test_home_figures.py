"""The home pages of a busy day: few queries, and the same figures that the pages behind each line count in full."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.assessment.evidence_list import evidence_list
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.steps import QualityStep
from recovery_college.assessment.waiting_queries import AskedKind, asked_of_tutor
from recovery_college.claims.claim_queries import runs_of
from recovery_college.claims.waiting_queries import claims_to_sign, may_sign
from recovery_college.courses.models import Cohort
from recovery_college.demo.people import DemoActor
from recovery_college.fairness.appeal_queries import appeals_visible_to, appeals_waiting
from recovery_college.fairness.rpl_queries import claims_known_to, claims_waiting, count_claims_waiting
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Account
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.report_queries import actions_visible_to, count_open_actions
from recovery_college.quality.waiting_queries import returned_units
from recovery_college.reporting.home_queries import home_of
from tests.statements import statements

BUSY = {"tutor": 20, "peer.tutor": 20, "iqa": 30, "admin": 35}
"""How many queries each home may take in the demo, where every kind of line has something to say."""


def somebody(who: str) -> DemoActor:
    account = session().scalars(select(Account).where(Account.email == f"{who}@demo.example")).one()
    role = Role.TUTOR if "tutor" in who else Role(who)
    return DemoActor(account.person_id, who, role)


@pytest.mark.parametrize(("who", "most"), BUSY.items())
def test_a_busy_day_takes_few_queries(college: Flask, who: str, most: int) -> None:
    actor = somebody(who)
    with statements("SELECT", "WITH") as asked:
        home = home_of(actor)
    assert len(home.needs) > 6
    assert len(asked) <= most, "\n".join(asked)


@pytest.mark.parametrize("who", ["student", "graduate", "tutor", "iqa", "eqa", "admin", "hr", "manager"])
def test_nothing_is_asked_twice(college: Flask, who: str) -> None:
    with statements("SELECT", "WITH", with_values=True) as asked:
        home_of(somebody(who))
    assert [one for one, count in Counter(asked).items() if count > 1] == []


@pytest.mark.parametrize("who", ["tutor", "peer.tutor", "iqa", "admin"])
def test_the_short_ways_count_what_the_long_ones_find(college: Flask, who: str) -> None:
    actor = somebody(who)
    cohorts = cohorts_known_to(actor)
    assert count_claims_waiting(actor) == len(claims_waiting(actor, claims_known_to(actor)))
    actions = [one for one in actions_visible_to(actor) if not one.is_done]
    assert count_open_actions(actor) == (
        len(actions), sum(one.is_overdue(clock.today()) for one in actions)
    )  # fmt: skip
    returned = Counter(
        (cohort.title, cell.place.name)
        for cohort in cohorts
        for cell in quality_board(cohort).cells.values()
        if cell.step is QualityStep.RETURNED
    )
    assert Counter((one.cohort, one.student) for one in returned_units(actor)) == returned
    runs = [run for run in runs_of() if run.is_open]
    signs = {run.id for run in runs if actor.role in (Role.TUTOR, Role.IQA) and may_sign(actor, run) is None}
    assert {one.claim_id for one in claims_to_sign(actor)} == signs
    waits = {file.id for file in appeals_waiting(actor)}
    assert waits <= {file.id for file in appeals_visible_to(actor)}


def test_what_students_ask_is_counted_as_its_lists_show_it(college: Flask) -> None:
    actor = somebody("tutor")
    running = session().scalars(select(Cohort).where(Cohort.ref == "FEN-12")).one()
    asked = {one.kind: one.count for one in asked_of_tutor(actor) if one.cohort_id == running.id}
    assert asked[AskedKind.EVIDENCE] == len(evidence_list(actor, running.id, "waiting"))
    assert asked[AskedKind.EVIDENCE_BACK] == len(evidence_list(actor, running.id, "asked"))
    assert asked.keys() == set(AskedKind)
