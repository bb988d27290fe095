"""Reading the stored sampling plan of a cohort (A9), and what a new draw would be made from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of
from recovery_college.quality.improvement_models import InterimCheck
from recovery_college.quality.plan_models import SamplingPick, SamplingPlan
from recovery_college.quality.sampling import Stage, draw_plan, from_lines


@dataclass(frozen=True, slots=True)
class StoredPick:
    """One pick of a plan; `added_by` is empty for a drawn one; set aside, it is still shown."""

    id: UUID
    plan_id: UUID
    enrolment_id: UUID
    unit_id: UUID
    stage: Stage
    reason: str
    added_by: str
    set_aside_why: str
    set_aside_by: str

    @property
    def live(self) -> bool:
        """Whether it still asks for a look."""
        return not self.set_aside_by


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """One draw of a cohort's plan: by whom, when, why, with which seed and percentages."""

    id: UUID
    number: int
    seed: int
    new_percent: int
    usual_percent: int
    least_students: int
    why: str
    made_by: str
    made_at: datetime
    candidates: int
    drawn: int
    comes_again: bool


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A cohort's whole plan: its draws and every pick, those set aside included."""

    draws: tuple[StoredDraw, ...]
    picks: tuple[StoredPick, ...]

    def live(self, stage: Stage) -> dict[tuple[UUID, UUID], StoredPick]:
        """The picks of one stage that still ask for a look, by (enrolment, unit)."""
        return {(one.enrolment_id, one.unit_id): one for one in self.picks if one.stage is stage and one.live}


def picks_of(cohort_ids: Collection[UUID]) -> dict[UUID, list[StoredPick]]:
    """Every pick of these cohorts' plans. One query."""
    adder, leaver = aliased(Person), aliased(Person)
    rows = session().execute(
        select(SamplingPlan.cohort_id, SamplingPick, adder, leaver)
        .join(SamplingPlan, SamplingPick.plan_id == SamplingPlan.id)
        .outerjoin(adder, adder.id == SamplingPick.added_by)
        .outerjoin(leaver, leaver.id == SamplingPick.set_aside_by)
        .where(SamplingPlan.cohort_id.in_(cohort_ids))
        .order_by(SamplingPlan.number, SamplingPick.unit_id, SamplingPick.stage, SamplingPick.id)
    )
    found: dict[UUID, list[StoredPick]] = {one: [] for one in cohort_ids}
    for cohort_id, pick, added, left in rows:
        found[cohort_id].append(
            StoredPick(
                pick.id, pick.plan_id, pick.enrolment_id, pick.unit_id, pick.stage, pick.reason, name_of(added),
                pick.set_aside_why or "", name_of(left),
            )
        )  # fmt: skip
    return found


def stored_plan(cohort_id: UUID) -> StoredPlan | None:
    """A cohort's plan, or None when nobody has made one. Two queries. The caller checks who may see it."""
    rows = (
        session()
        .execute(
            select(SamplingPlan, Person)
            .join(Person, Person.id == SamplingPlan.made_by)
            .where(SamplingPlan.cohort_id == cohort_id)
            .order_by(SamplingPlan.number)
        )
        .all()
    )
    if not rows:
        return None
    picks = picks_of([cohort_id])[cohort_id]
    draws, kept = [], set[tuple[str, str]]()
    for plan, person in rows:
        own = [one for one in picks if one.plan_id == plan.id and not one.added_by]
        draws.append(
            StoredDraw(
                plan.id, plan.number, plan.seed, plan.new_percent, plan.usual_percent, plan.least_students,
                plan.why, name_of(person), plan.made_at, len(from_lines(plan.inputs)), len(own),
                _comes_again(plan, own, kept),
            )
        )  # fmt: skip
        kept |= {_key(one) for one in picks if one.plan_id == plan.id and one.stage is Stage.SUMMATIVE}
    return StoredPlan(tuple(draws), tuple(picks))


def _key(pick: StoredPick) -> tuple[str, str]:
    return str(pick.enrolment_id), str(pick.unit_id)


def _comes_again(plan: SamplingPlan, own: Iterable[StoredPick], kept: set[tuple[str, str]]) -> bool:
    """Whether drawing again from the stored inputs and seed gives the picks that are stored."""
    drawn = draw_plan(
        from_lines(plan.inputs), plan.seed, new_percent=plan.new_percent, usual_percent=plan.usual_percent,
        least_students=plan.least_students, kept=kept,
    )  # fmt: skip
    again = {(pick.candidate.student, pick.candidate.unit, pick.stage) for pick in drawn}
    return again == {(*_key(one), one.stage) for one in own}


def interim_looks(enrolment_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """(enrolment, unit) of what was looked at while the course ran. One query."""
    rows = session().execute(
        select(InterimCheck.enrolment_id, InterimCheck.unit_id)
        .where(InterimCheck.enrolment_id.in_(enrolment_ids))
        .distinct()
    )
    return {(enrolment_id, unit_id) for enrolment_id, unit_id in rows}
