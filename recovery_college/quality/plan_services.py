"""Making and changing a sampling plan (A9): draw, add a pick, set one aside. Nothing is ever dropped silently."""

from uuid import UUID

from sqlalchemy import func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.courses.models import Cohort
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused
from recovery_college.quality.board_queries import candidates_of, quality_board
from recovery_college.quality.plan_models import SamplingPick, SamplingPlan
from recovery_college.quality.plan_queries import stored_plan
from recovery_college.quality.sampling import Stage, as_lines, draw_plan

LONGEST_TEXT = 1000


class PlanRefused(DeedRefused):
    """Why a plan was not changed."""


class NoSuchPlan(LookupError):
    """The cohort, the student's unit or the pick is not there, or the actor may not know of it."""


def _cohort(actor: Actor, cohort_id: UUID) -> Cohort:
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or actor.person_id is None or not may(actor, Permission.VERDICT_RECORD):
        raise NoSuchPlan
    return cohort


def _words(text: str, field: str, empty: str) -> str:
    text = text.strip()
    if not text:
        raise PlanRefused(empty, field)
    if len(text) > LONGEST_TEXT:
        raise PlanRefused(f"Use {LONGEST_TEXT:,} characters or fewer", field)
    return text


def make_plan(
    actor: Actor,
    cohort_id: UUID,
    *,
    seed: int,
    new_percent: int,
    usual_percent: int,
    least_students: int,
    why: str,
    drawn_before: int,
) -> UUID | None:
    """Draw the cohort's plan, or what is missing from it, and store it with its seed and what it was drawn from.

    `drawn_before`: how many draws the page showed, so that the same form sent twice draws once (then None).
    Earlier picks stay. Raises NoSuchPlan, PlanRefused.
    """
    with transaction() as s:
        cohort = _cohort(actor, cohort_id)
        s.execute(select(Cohort.id).where(Cohort.id == cohort_id).with_for_update())
        number = s.scalar(
            select(func.coalesce(func.max(SamplingPlan.number), 0)).where(SamplingPlan.cohort_id == cohort_id)
        )
        if number != drawn_before:
            return None
        why = _words(why, "why", "Say why you draw it, for example: start of the course")
        candidates = candidates_of(quality_board(cohort))
        if not candidates:
            raise PlanRefused(
                "Nobody is registered for a unit in this cohort yet, so there is nothing to draw from."
            )
        before = stored_plan(cohort_id)
        kept = {
            (str(one.enrolment_id), str(one.unit_id))
            for one in (before.picks if before else ())
            if one.stage is Stage.SUMMATIVE
        }
        picks = draw_plan(
            candidates, seed, new_percent=new_percent, usual_percent=usual_percent,
            least_students=least_students, kept=kept,
        )  # fmt: skip
        if not picks and number:
            raise PlanRefused("The plan already covers what these percentages ask for, so nothing was drawn.")
        assert actor.person_id is not None
        plan = SamplingPlan(
            cohort_id=cohort_id, number=number + 1, seed=seed, new_percent=new_percent,
            usual_percent=usual_percent, least_students=least_students, why=why, inputs=as_lines(candidates),
            made_by=actor.person_id, made_at=clock.now(),
        )  # fmt: skip
        s.add(plan)
        s.flush()
        s.add_all(
            SamplingPick(
                plan_id=plan.id, enrolment_id=UUID(pick.candidate.student), unit_id=UUID(pick.candidate.unit),
                stage=pick.stage, reason=pick.reason, added_at=plan.made_at,
            )
            for pick in picks
        )  # fmt: skip
        record(
            s, actor, "drew sampling plan", "cohort", cohort_id, number=plan.number, seed=seed,
            picks=len(picks), candidates=len(candidates), new_percent=new_percent, usual_percent=usual_percent,
        )  # fmt: skip
        return plan.id


def add_pick(
    actor: Actor, cohort_id: UUID, enrolment_id: UUID, unit_id: UUID, stage: Stage, reason: str
) -> UUID:
    """Add a pick by hand, with the reason. One that is there already stays as it is."""
    with transaction() as s:
        cohort = _cohort(actor, cohort_id)
        plan = s.scalars(
            select(SamplingPlan)
            .where(SamplingPlan.cohort_id == cohort_id)
            .order_by(SamplingPlan.number.desc())
        ).first()
        if plan is None:
            raise PlanRefused("Make the plan first, then add to it.")
        if (enrolment_id, unit_id) not in quality_board(cohort).cells:
            raise PlanRefused("Choose from the list", "who")
        reason = _words(reason, "reason", "Say why this one is picked")
        there = s.scalar(
            select(SamplingPick).where(
                SamplingPick.enrolment_id == enrolment_id, SamplingPick.unit_id == unit_id,
                SamplingPick.stage == stage,
            )
        )  # fmt: skip
        if there is not None:
            if there.added_by == actor.person_id and there.reason == reason:
                return there.id
            raise PlanRefused("This student's unit is in the plan already.", "who")
        made = SamplingPick(
            plan_id=plan.id, enrolment_id=enrolment_id, unit_id=unit_id, stage=stage, reason=reason,
            added_by=actor.person_id, added_at=clock.now(),
        )  # fmt: skip
        s.add(made)
        s.flush()
        record(
            s, actor, "added to sampling plan", "cohort", cohort_id,
            enrolment=str(enrolment_id), unit=str(unit_id), stage=stage.value,
        )  # fmt: skip
        return made.id


def set_pick_aside(actor: Actor, cohort_id: UUID, pick_id: UUID, why: str) -> None:
    """Set a pick aside with a reason: it stays in the plan, with who set it aside and why."""
    with transaction() as s:
        _cohort(actor, cohort_id)
        found = s.get(SamplingPick, pick_id, with_for_update=True, populate_existing=True)
        plan = stored_plan(cohort_id)
        if found is None or plan is None or pick_id not in {one.id for one in plan.picks}:
            raise NoSuchPlan
        why = _words(why, "why", "Say why it is set aside")
        if found.set_aside_at is not None:
            return
        found.set_aside_why, found.set_aside_by, found.set_aside_at = why, actor.person_id, clock.now()
        record(
            s, actor, "set pick aside", "cohort", cohort_id,
            enrolment=str(found.enrolment_id), unit=str(found.unit_id), stage=found.stage.value,
        )  # fmt: skip
