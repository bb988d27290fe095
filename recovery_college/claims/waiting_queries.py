"""What of claims waits for somebody, for the home page and the list: few queries for all cohorts together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_models import Claim, ClaimLine, ClaimReply, ClaimSignature
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.assessment.models import Decision, IqaVerdict
from recovery_college.assessment.queries import cohorts_known_to
from recovery_college.assessment.rules import Verdict
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.assessment.staff_queries import conflicts_of, in_conflict
from recovery_college.assessment.waiting_queries import cohort_ids
from recovery_college.claims.board_queries import deciders_of
from recovery_college.claims.claim_queries import Run, run_label, runs_of
from recovery_college.claims.rules import Clock, capacity_of, claim_clock, why_not_sign
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, EnrolmentUnit
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

    claim_id: UUID
    label: str
    cohort_id: UUID
    cohort: str


def claims_to_sign(actor: Actor) -> list[ToSign]:
    """The open claims the actor may sign now (A10, A12); not those with a student who is held (A15)."""
    if not may(actor, Permission.CLAIM_SIGN) or actor.person_id is None:
        return []
    found: dict[UUID, tuple[ToSign, UUID, dict[Capacity, UUID]]] = {}
    for claim_id, number, cohort_id, title, reviewer, capacity, signer in session().execute(
        select(
            Claim.id, Claim.run, Cohort.id, Cohort.title, Claim.reviewer_id, ClaimSignature.capacity,
            ClaimSignature.person_id,
        )
        .join(Cohort, Claim.cohort_id == Cohort.id)
        .outerjoin(ClaimSignature, ClaimSignature.claim_id == Claim.id)
        .where(Cohort.id.in_(cohort_ids(actor)), Claim.locked_at.is_(None), Claim.set_aside_at.is_(None))
        .order_by(Claim.run.desc())
    ):  # fmt: skip
        one = ToSign(claim_id, run_label(number), cohort_id, title)
        _, _, signed = found.setdefault(claim_id, (one, reviewer, {}))
        if capacity is not None:
            signed[Capacity(capacity)] = signer
    if not found:
        return []
    people, held = _people_on(actor.person_id, list(found))
    return [
        one
        for claim_id, (one, reviewer, signed) in found.items()
        if claim_id not in held
        and why_not_sign(
            capacity_of(actor.role, actor.person_id, reviewer),
            actor.person_id,
            reviewer=reviewer,
            signed=signed,
            students=people[claim_id].students,
            deciders=people[claim_id].deciders,
            conflicts=people[claim_id].conflicts,
        )
        is None
    ]


@dataclass(frozen=True, slots=True)
class _People:
    """Its students, who decided or countersigned in its units, and those in conflict with the signer."""

    students: set[UUID]
    deciders: set[UUID]
    conflicts: set[UUID]


def _people_on(signer: UUID, claim_ids: Collection[UUID]) -> tuple[dict[UUID, _People], set[UUID]]:
    """By claim the people it is about, and which claims hold a student who is held (A15). Two queries."""
    people = {claim_id: _People(set(), set(), set()) for claim_id in claim_ids}
    places: dict[UUID, set[UUID]] = {}
    rows = session().execute(
        select(
            ClaimLine.claim_id, ClaimLine.enrolment_id, Enrolment.person_id, Decision.decided_by,
            Countersignature.signed_by, in_conflict(signer, Enrolment.person_id),
            in_conflict(signer, Decision.decided_by), in_conflict(signer, Countersignature.signed_by),
        )
        .join(Enrolment, ClaimLine.enrolment_id == Enrolment.id)
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == ClaimLine.unit_id)
        .outerjoin(
            Decision,
            (Decision.criterion_id == AssessmentCriterion.id) & (Decision.enrolment_id == ClaimLine.enrolment_id),
        )
        .outerjoin(Countersignature, Countersignature.decision_id == Decision.id)
        .where(ClaimLine.claim_id.in_(claim_ids))
        .distinct()
    )  # fmt: skip
    for claim_id, enrolment_id, student, decider, signed_by, *close in rows:
        found = people[claim_id]
        places.setdefault(enrolment_id, set()).add(claim_id)
        found.students.add(student)
        found.deciders.update(one for one in (decider, signed_by) if one is not None)
        judged = zip((student, decider, signed_by), close, strict=True)
        found.conflicts.update(one for one, is_close in judged if one is not None and is_close)
    held = {claim_id for enrolment_id in open_concerns(places) for claim_id in places[enrolment_id]}
    return people, held


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
