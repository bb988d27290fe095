"""The sampling plan (A9): drawn by stated risk, stored with its seed, never silently smaller, the same again."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import verify_chain
from recovery_college.kernel.db import db, session
from recovery_college.people.signin import SignedIn
from recovery_college.quality.board_queries import quality_board
from recovery_college.quality.plan_models import SamplingPick, SamplingPlan
from recovery_college.quality.plan_queries import StoredPlan, stored_plan
from recovery_college.quality.plan_services import (
    NoSuchPlan,
    PlanRefused,
    add_pick,
    make_plan,
    set_pick_aside,
)
from recovery_college.quality.sampling import Candidate, Stage, as_lines, draw_plan, from_lines
from recovery_college.quality.verdict_services import VerdictRefused, close_sample
from recovery_college.quality.waiting_queries import to_look_at
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict
from tests.page_client import PageClient


@contextmanager
def raw() -> Iterator[Connection]:
    """The database without the services, once the session has let go of it."""
    session().rollback()
    with db.engine.begin() as connection:
        yield connection


candidates = st.builds(
    Candidate,
    st.sampled_from([f"s{n}" for n in range(12)]),
    st.sampled_from(["u1", "u2", "u3"]),
    st.sampled_from(["", "jo", "mo", "bo"]),
    st.sampled_from(["", "a new assessor"]),
)
runs = st.lists(candidates, max_size=40, unique_by=lambda one: (one.student, one.unit))
seeds = st.integers(0, 999_999)


@given(runs, seeds, st.randoms(use_true_random=False))
def test_the_same_inputs_and_seed_give_the_same_picks(
    run: list[Candidate], seed: int, random: Random
) -> None:
    shuffled = list(run)
    random.shuffle(shuffled)
    assert draw_plan(run, seed) == draw_plan(shuffled, seed) == draw_plan(from_lines(as_lines(run)), seed)


@given(runs, seeds, st.integers(1, 100), st.integers(1, 100), st.integers(1, 4))
def test_every_unit_assessor_and_share_is_in_it(
    run: list[Candidate], seed: int, new: int, usual: int, least: int
) -> None:
    drawn = draw_plan(run, seed, new_percent=new, usual_percent=usual, least_students=least)
    picks = [pick.candidate for pick in drawn if pick.stage is Stage.SUMMATIVE]
    assert len(picks) == len(set(picks))
    assert all(pick.reason for pick in drawn)
    assert {one.assessor for one in run} - {""} <= {one.assessor for one in picks}
    for unit in {one.unit for one in run}:
        own = [one for one in run if one.unit == unit]
        mine = [one for one in picks if one.unit == unit]
        assert len({one.student for one in mine}) >= min(least, len(own))
        for is_new, percent in ((True, new), (False, usual)):
            share = [one for one in own if bool(one.new) is is_new]
            assert sum(one in share for one in mine) * 100 >= len(share) * percent
    early = [pick.candidate for pick in drawn if pick.stage is Stage.INTERIM]
    assert sorted(one.unit for one in early) == sorted({one.unit for one in run})
    assert set(early) <= set(picks)


@given(runs, seeds, seeds)
def test_drawing_again_adds_nothing_to_a_plan_that_covers_it(
    run: list[Candidate], seed: int, other: int
) -> None:
    kept = {(pick.candidate.student, pick.candidate.unit) for pick in draw_plan(run, seed)}
    assert draw_plan(run, other, kept=kept) == ()


@given(runs, runs, seeds)
def test_what_is_kept_is_never_drawn_twice(run: list[Candidate], more: list[Candidate], seed: int) -> None:
    kept = {(pick.candidate.student, pick.candidate.unit) for pick in draw_plan(run, seed)}
    both = list({(one.student, one.unit): one for one in (*more, *run)}.values())
    added = {(pick.candidate.student, pick.candidate.unit) for pick in draw_plan(both, seed, kept=kept)}
    assert not added & kept


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_marked_cohort(4)


@pytest.fixture
def iqa(app: object) -> SignedIn:
    return signed_in(Role.IQA, name="Ira")


def draw(actor: SignedIn, made: MarkedCohort, before: int = 0, **changes: int) -> UUID | None:
    wanted = {"seed": 407, "new_percent": 50, "usual_percent": 20, "least_students": 2, **changes}
    return make_plan(actor, made.cohort_id, why="Start of the course", drawn_before=before, **wanted)


def the_plan(made: MarkedCohort) -> StoredPlan:
    plan = stored_plan(made.cohort_id)
    assert plan is not None
    return plan


def test_a_plan_is_stored_with_its_seed_and_comes_again(made: MarkedCohort, iqa: SignedIn) -> None:
    assert draw(iqa, made) is not None
    assert draw(iqa, made) is None  # the same form sent twice
    plan = the_plan(made)
    (drawn,) = plan.draws
    assert (drawn.seed, drawn.made_by, drawn.why, drawn.candidates) == (
        407,
        "Ira Example",
        "Start of the course",
        8,
    )
    assert drawn.comes_again
    assert len(plan.live(Stage.SUMMATIVE)) == 4
    assert len(plan.live(Stage.INTERIM)) == 2
    with pytest.raises(PlanRefused, match="already covers"):
        draw(iqa, made, 1)
    assert draw(iqa, made, 1, new_percent=100) is not None
    assert [one.comes_again for one in the_plan(made).draws] == [True, True]
    assert len(the_plan(made).live(Stage.SUMMATIVE)) == 8
    assert verify_chain(session()).problem is None


def test_a_pick_is_added_with_a_reason_and_set_aside_never_dropped(made: MarkedCohort, iqa: SignedIn) -> None:
    with pytest.raises(PlanRefused, match="Make the plan first"):
        add_pick(iqa, made.cohort_id, made.enrolments[0], made.units[0], Stage.SUMMATIVE, "Curious")
    draw(iqa, made)
    plan = the_plan(made)
    free = next(
        (place, unit)
        for place in made.enrolments
        for unit in made.units
        if (place, unit) not in plan.live(Stage.SUMMATIVE)
    )
    with pytest.raises(PlanRefused, match="Say why"):
        add_pick(iqa, made.cohort_id, *free, Stage.SUMMATIVE, " ")
    pick = add_pick(iqa, made.cohort_id, *free, Stage.SUMMATIVE, "A complaint was made")
    assert add_pick(iqa, made.cohort_id, *free, Stage.SUMMATIVE, "A complaint was made") == pick
    set_pick_aside(iqa, made.cohort_id, pick, "The student has left")
    set_pick_aside(iqa, made.cohort_id, pick, "Another reason, too late")
    (found,) = [one for one in the_plan(made).picks if one.id == pick]
    assert (found.added_by, found.set_aside_why, found.live) == ("Ira Example", "The student has left", False)
    for statement in (
        "DELETE FROM sampling_pick",
        "UPDATE sampling_pick SET reason = 'none'",
        "UPDATE sampling_plan SET seed = 1",
    ):
        with pytest.raises(DBAPIError, match="never"), raw() as connection:
            connection.execute(text(statement))


def test_a_sample_closes_when_everybody_picked_by_name_was_looked_at(
    made: MarkedCohort, iqa: SignedIn
) -> None:
    draw(iqa, made)
    for student in range(4):
        assess(made, student)
    picked = [
        n for n in range(4) if (made.enrolments[n], made.units[0]) in the_plan(made).live(Stage.SUMMATIVE)
    ]
    others = [n for n in range(4) if n not in picked]
    assert [one.count for one in to_look_at(iqa)[0]] == [len(picked)]
    for student in others:
        give_verdict(iqa, made, student)
    cohort = cohort_known_to(iqa, made.cohort_id)
    assert cohort is not None
    plan = quality_board(cohort).plan(made.units[0])
    assert plan is not None
    assert plan.unlooked == len(picked)
    with pytest.raises(VerdictRefused, match="by name"):
        close_sample(iqa, made.cohort_id, made.units[0], plan.stamp)


@pytest.mark.parametrize("role", [Role.TUTOR, Role.ADMIN, Role.AUDITOR])
def test_only_a_quality_assurer_draws(made: MarkedCohort, role: Role) -> None:
    with pytest.raises(NoSuchPlan):
        draw(made.tutor if role is Role.TUTOR else signed_in(role), made)
    assert session().scalar(select(func.count()).select_from(SamplingPlan)) == 0
    assert session().scalar(select(func.count()).select_from(SamplingPick)) == 0


def test_the_pages_draw_add_and_set_aside(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    path = f"/cohorts/{made.cohort_id}/quality/plan"
    client.wear(iqa)
    assert "No plan is drawn yet" in client.get(path).words
    refused = client.send(f"{path}/draw", {"why": "", "seed": "7", "drawn_before": "0", "new_percent": "0"})
    assert refused.status == 422
    assert "Say why you draw it" in refused.words
    sent = {
        "why": "Start",
        "seed": "7",
        "drawn_before": "0",
        "new_percent": "50",
        "usual_percent": "20",
        "least_students": "2",
    }
    assert client.send(f"{path}/draw", sent).status == 303
    page = client.get(path)
    assert "Drawn again: the same picks" in page.words
    assert "seed 7" in page.words
    # A pick leads to the work, also where it asks for a look while the course runs.
    assert "While the course runs" in page.words
    assert "/interim" not in page.text
    tutor = client.wear(made.tutor).get(path)
    assert "Set aside" not in tutor.words
