"""What of claims waits for somebody, for the home page and the list: few queries for all cohorts together."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply
from recovery_college.assessment.claim_rules import Reply
from recovery_college.assessment.models import IqaVerdict
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.staff_queries import conflicts_of
from recovery_college.assessment.waiting_queries import cohort_ids
from recovery_college.claims.board_queries import deciders_of
from recovery_college.claims.claim_queries import Run, runs_of
from recovery_college.claims.rules import Clock, capacity_of, claim_clock, why_not_sign
from recovery_college.courses.models import Cohort, Enrolment, EnrolmentUnit
from recovery_college.fairness.concern_queries import open_concerns
from recovery_college.kernel import clock
from recovery_college.kernel.db import session


@dataclass(frozen=True, slots=True)
class CohortClaim:
    """A cohort in the list of claims: how many verified units are on no run, and its runs.

    `held`: more such units, of students for whom nothing is claimed just now (A15).
    """

    cohort: Cohort
    clock: Clock
    unclaimed: int
    held: int
    runs: tuple[Run, ...]

    @property
    def awarded(self) -> int:
        """How many units are awarded."""
        return sum(run.with_reply(Reply.AWARDED) for run in self.runs)

    @property
    def queried(self) -> int:
        """How many queries wait for an answer."""
        return sum(len(run.queried) for run in self.runs)

    @property
    def is_due(self) -> bool:
        """Whether its course has ended and something of it is still to be claimed."""
        return self.unclaimed > 0 and self.cohort.ends_on < clock.today()


def cohort_claims(actor: Actor) -> list[CohortClaim]:
    """Every cohort the actor may know of that has something to claim, or a run; the most urgent first."""
    if not may(actor, Permission.CLAIM_SEE):
        return []
    cohorts = {cohort.id: cohort for cohort in cohorts_known_to(actor)}
    unclaimed = _unclaimed(list(cohorts))
    runs: dict[UUID, list[Run]] = {}
    for run in runs_of(Claim.cohort_id.in_(list(cohorts))):
        runs.setdefault(run.cohort_id, []).append(run)
    today: date = clock.today()
    found = [
        CohortClaim(
            cohort, claim_clock(cohort.ends_on, today), *unclaimed.get(one, (0, 0)), tuple(runs.get(one, ()))
        )
        for one, cohort in cohorts.items()
        if one in unclaimed or one in runs
    ]
    return sorted(found, key=lambda one: (one.unclaimed == 0, one.clock.due_on, one.cohort.ref))


def _unclaimed(cohort_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    """By cohort, how many registered units are verified and stand on no run (A8), and how many are held. Two queries.

    A verified unit takes no decision until it is returned, so its last verdict says whether it is verified.
    """
    later, reply = aliased(IqaVerdict), aliased(ClaimReply)
    rows = (
        session()
        .execute(
            select(Enrolment.cohort_id, Enrolment.id, func.count())
            .select_from(EnrolmentUnit)
            .join(Enrolment, EnrolmentUnit.enrolment_id == Enrolment.id)
            .join(
                IqaVerdict,
                (IqaVerdict.enrolment_id == EnrolmentUnit.enrolment_id)
                & (IqaVerdict.unit_id == EnrolmentUnit.unit_id),
            )
            .where(
                Enrolment.cohort_id.in_(cohort_ids),
                IqaVerdict.verdict != Verdict.RETURNED,
                ~select(later.id)
                .where(
                    later.enrolment_id == IqaVerdict.enrolment_id,
                    later.unit_id == IqaVerdict.unit_id,
                    later.recorded_at > IqaVerdict.recorded_at,
                )
                .exists(),
                ~select(ClaimLine.id)
                .outerjoin(reply, (reply.line_id == ClaimLine.id) & (reply.result == Reply.AWARDED))
                .where(
                    ClaimLine.enrolment_id == EnrolmentUnit.enrolment_id,
                    ClaimLine.unit_id == EnrolmentUnit.unit_id,
                    ClaimLine.ended_at.is_(None) | reply.id.is_not(None),
                )
                .exists(),
            )
            .group_by(Enrolment.cohort_id, Enrolment.id)
        )
        .all()
    )
    held = open_concerns([enrolment_id for _, enrolment_id, _ in rows]) if rows else frozenset()
    found: dict[UUID, tuple[int, int]] = {}
    for cohort_id, enrolment_id, count in rows:
        free, waits = found.get(cohort_id, (0, 0))
        is_held = enrolment_id in held
        found[cohort_id] = (free + (0 if is_held else count), waits + (count if is_held else 0))
    return found


@dataclass(frozen=True, slots=True)
class ToSign:
    """An open claim that waits for the actor's signature."""

    run: Run
    cohort: Cohort


def claims_to_sign(actor: Actor) -> list[ToSign]:
    """The open claims the actor may sign now (A10, A12); not those with a student who is held (A15)."""
    if not may(actor, Permission.CLAIM_SIGN) or actor.person_id is None:
        return []
    open_runs = runs_of(
        Claim.cohort_id.in_(cohort_ids(actor)), Claim.locked_at.is_(None), Claim.set_aside_at.is_(None)
    )
    if not open_runs:
        return []
    held = open_concerns({line.enrolment_id for run in open_runs for line in run.lines})
    open_runs = [run for run in open_runs if held.isdisjoint(line.enrolment_id for line in run.lines)]
    wanted = select(Cohort).where(Cohort.id.in_({run.cohort_id for run in open_runs}))
    cohorts = {cohort.id: cohort for cohort in session().scalars(wanted)}
    return [ToSign(run, cohorts[run.cohort_id]) for run in open_runs if may_sign(actor, run) is None]


def may_sign(actor: Actor, run: Run) -> str | None:
    """Why the actor may not sign a run, or None. Three queries."""
    pairs = {(line.enrolment_id, line.unit_id) for line in run.lines}
    students = session().scalars(
        select(Enrolment.person_id).where(Enrolment.id.in_({enrolment_id for enrolment_id, _ in pairs}))
    )
    return why_not_sign(
        capacity_of(actor.role, actor.person_id, run.reviewer_id),
        actor.person_id,
        reviewer=run.reviewer_id,
        signed={one.capacity: one.person_id for one in run.signatures},
        students=set(students),
        deciders=deciders_of(pairs),
        conflicts=conflicts_of(actor.person_id),
    )
