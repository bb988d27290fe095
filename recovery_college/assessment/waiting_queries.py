"""What waits for a tutor, as counts that link to exactly those rows: for the home page."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.deadline_queries import back_counts, time_counts
from recovery_college.assessment.evidence_list import days_since, evidence_counts
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision
from recovery_college.assessment.queries import engaged_cohorts
from recovery_college.assessment.rules import Outcome
from recovery_college.courses.models import AssessmentCriterion, Cohort, Enrolment, EnrolmentUnit, Unit
from recovery_college.courses.queries import cohorts_scope
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.db import Moment, session


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of one cohort wait, and the address that shows exactly those."""

    cohort_id: UUID
    cohort: str
    count: int
    href: str


class AskedKind(StrEnum):
    """What of a cohort waits for its tutor."""

    EVIDENCE = "evidence"
    EVIDENCE_BACK = "evidence back"
    TIME = "time"
    COME_BACK = "come back"
    DRAFTS = "drafts"


@dataclass(frozen=True, slots=True)
class Asked:
    """How many things of one kind wait in one cohort, where exactly those are, and for how many days.

    `stuck`: how many of them are evidence without a try left (A5).
    """

    kind: AskedKind
    cohort_id: UUID
    cohort: str
    count: int
    href: str
    oldest_days: int = 0
    stuck: int = 0


_SHOWN_AT = {
    AskedKind.EVIDENCE: "evidence?show=waiting",
    AskedKind.EVIDENCE_BACK: "evidence?show=asked",
    AskedKind.TIME: "due-dates#asked",
    AskedKind.COME_BACK: "due-dates#asked",
    AskedKind.DRAFTS: "marking?show=drafts",
}


def asked_of_tutor(actor: Actor) -> list[Asked]:
    """What waits in a tutor's assigned cohorts, kind by kind, what has waited longest or is most first. One query."""
    counts: dict[AskedKind, Select[*tuple[Any, ...]]] = {}
    known = cohort_ids(actor)
    if may(actor, Permission.EVIDENCE_WRITE):
        counts[AskedKind.EVIDENCE] = evidence_counts(known, "waiting")
        counts[AskedKind.EVIDENCE_BACK] = evidence_counts(known, "asked")
    if may(actor, Permission.DEADLINE_SET):
        counts[AskedKind.TIME] = time_counts(known)
        counts[AskedKind.COME_BACK] = back_counts(known)
    if may(actor, Permission.DECISION_RECORD):
        counts[AskedKind.DRAFTS] = _draft_counts(known)
    if not counts:
        return []
    parts = []
    for kind, found in counts.items():
        one = found.subquery()
        oldest = one.c.oldest if "oldest" in one.c else type_coerce(null(), Moment)
        stuck = one.c.stuck if "stuck" in one.c else literal(0)
        parts.append(
            select(
                literal(kind.value).label("kind"), one.c.cohort_id, one.c.count.label("count"), oldest.label("oldest"),
                stuck.label("stuck"),
            )
        )  # fmt: skip
    every = union_all(*parts).subquery()
    rows = session().execute(
        select(every.c.kind, Cohort.id, Cohort.title, every.c.count, every.c.oldest, every.c.stuck).join(
            Cohort, every.c.cohort_id == Cohort.id
        )
    )
    asked = [
        Asked(
            AskedKind(kind), cohort_id, title, count, f"/cohorts/{cohort_id}/{_SHOWN_AT[AskedKind(kind)]}",
            days_since(oldest) if oldest else 0, stuck,
        )
        for kind, cohort_id, title, count, oldest, stuck in rows
    ]  # fmt: skip
    order = list(AskedKind)
    return sorted(asked, key=lambda one: (order.index(one.kind), -one.oldest_days, -one.count, one.cohort))


def _draft_counts(known: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """By cohort, how many criteria's latest decision is not released (A7)."""
    later = aliased(Decision)
    followed = exists().where(
        later.enrolment_id == Decision.enrolment_id,
        later.criterion_id == Decision.criterion_id,
        later.id > Decision.id,
        ~taken_back(later),
    )
    return (
        select(Enrolment.cohort_id.label("cohort_id"), func.count().label("count"))
        .select_from(Decision)
        .join(Enrolment, Decision.enrolment_id == Enrolment.id)
        .where(Enrolment.cohort_id.in_(known), Decision.released_at.is_(None), ~followed, ~taken_back())
        .group_by(Enrolment.cohort_id)
    )


def met_in(cohort_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """By cohort, how many criteria of its students are met by released decisions, and how many there are.

    Those who left are not counted. One query, and it says what the marking grid of the cohort says.
    """
    found = dict.fromkeys(cohort_ids, (0, 0))
    if not found:
        return {}
    released = (Decision.released_at.is_not(None), ~taken_back())
    later = aliased(Decision)
    newer = exists().where(
        later.enrolment_id == Decision.enrolment_id,
        later.criterion_id == Decision.criterion_id,
        later.released_at.is_not(None),
        (later.attempt > Decision.attempt)
        | ((later.attempt == Decision.attempt) & (later.revision > Decision.revision)),
        ~taken_back(later),
    )
    rows = session().execute(
        select(Enrolment.cohort_id, func.count(Decision.id), func.count())
        .select_from(Enrolment)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(EnrolmentUnit, EnrolmentUnit.enrolment_id == Enrolment.id)
        .join(Unit, (Unit.id == EnrolmentUnit.unit_id) & (Unit.qualification_id == Cohort.qualification_id))
        .join(AssessmentCriterion, AssessmentCriterion.unit_id == Unit.id)
        .outerjoin(
            Decision,
            (Decision.enrolment_id == Enrolment.id)
            & (Decision.criterion_id == AssessmentCriterion.id)
            & (Decision.outcome == Outcome.MET)
            & and_(*released, ~newer),
        )
        .where(Enrolment.cohort_id.in_(list(found)), Enrolment.status != EnrolmentStatus.WITHDRAWN)
        .group_by(Enrolment.cohort_id)
    )
    return found | {cohort_id: (met, total) for cohort_id, met, total in rows}


def cohort_ids(actor: Actor) -> Select[UUID]:
    """The ids of the cohorts the actor may know of."""
    return cohorts_scope(actor, engaged_cohorts(actor)).with_only_columns(Cohort.id)
