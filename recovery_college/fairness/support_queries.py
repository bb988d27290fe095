"""Reading what helps whom (A14): one's own, a cohort's for its tutor, and what waits for the college."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import Cohort, Enrolment, Unit
from recovery_college.courses.queries import cohort_visible_to
from recovery_college.courses.specification import unit_label
from recovery_college.fairness.support_models import SupportDecision, SupportRequest
from recovery_college.fairness.support_rules import (
    WAITS_FOR_COLLEGE,
    AnswerFact,
    AoPermission,
    SupportAnswer,
    SupportKind,
    SupportState,
    support_state,
)
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a request."""

    answer: SupportAnswer
    helps: str
    extra_days: int | None
    permission: AoPermission
    permission_on: date | None
    words: str
    decided_by: UUID
    by_name: str
    decided_on: date
    decided_at: datetime

    @property
    def fact(self) -> AnswerFact:
        """The answer as the rules take it."""
        return AnswerFact(self.answer, self.permission, self.decided_at)


@dataclass(frozen=True, slots=True)
class SupportFile:
    """One request in full: for the student it is about, and for who decides it."""

    id: UUID
    kind: SupportKind
    enrolment_id: UUID
    person_id: UUID
    student: str
    cohort_id: UUID
    cohort: str
    unit: str
    wish: str
    asked_by: UUID
    asked_at: datetime
    taken_back_at: datetime | None
    answers: tuple[Answer, ...]

    @property
    def state(self) -> SupportState:
        """Where it stands."""
        facts = [answer.fact for answer in self.answers]
        return support_state(facts, taken_back=self.taken_back_at is not None)

    @property
    def latest(self) -> Answer | None:
        """The answer in force."""
        return self.answers[-1] if self.answers else None

    @property
    def stamp(self) -> str:
        """How much has been recorded: rows are only ever added, so it changes with each."""
        return f"{len(self.answers)}.{int(self.taken_back_at is not None)}"


@dataclass(frozen=True, slots=True)
class CohortHelp:
    """What a tutor is to do for one student: what helps. No wish, no letter, nothing that was not agreed."""

    person_id: UUID
    student: str
    kind: SupportKind
    unit: str
    helps: str
    extra_days: int | None
    since_on: date


def own_support(actor: Actor) -> list[SupportFile]:
    """The actor's own requests, latest first."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    return _files(_requests().where(Enrolment.person_id == actor.person_id))


def own_support_file(actor: Actor, request_id: UUID, *, lock: bool = False) -> SupportFile | None:
    """One of the actor's own requests."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return None
    statement = _requests().where(SupportRequest.id == request_id, Enrolment.person_id == actor.person_id)
    return next(iter(_files(statement, lock=lock)), None)


def support_answered_since(actor: Actor, since: datetime) -> int:
    """How many of the actor's own requests were answered since and not taken back. One query."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return 0
    found = (
        select(func.count(SupportRequest.id.distinct()))
        .join(Enrolment, SupportRequest.enrolment_id == Enrolment.id)
        .join(SupportDecision, SupportDecision.request_id == SupportRequest.id)
        .where(
            Enrolment.person_id == actor.person_id,
            SupportRequest.taken_back_at.is_(None),
            SupportDecision.decided_at >= since,
        )
    )
    return session().scalar(found) or 0


def support_files(actor: Actor) -> list[SupportFile]:
    """Every request, latest first, for who decides them. One's own is not among them."""
    if not may(actor, Permission.SUPPORT_DECIDE):
        return []
    return _files(_others(actor))


def support_file(actor: Actor, request_id: UUID, *, lock: bool = False) -> SupportFile | None:
    """One request, for who decides it; None for everybody else, and for one's own."""
    if not may(actor, Permission.SUPPORT_DECIDE):
        return None
    return next(iter(_files(_others(actor).where(SupportRequest.id == request_id), lock=lock)), None)


def support_waiting(actor: Actor) -> list[SupportFile]:
    """What waits for the college's answer, the longest first."""
    return [file for file in reversed(support_files(actor)) if file.state in WAITS_FOR_COLLEGE]


def help_in_cohort(actor: Actor, cohort_id: UUID) -> tuple[Cohort, list[CohortHelp]] | None:
    """What helps the students of a cohort, for its tutors and for administrators; None for everybody else."""
    if not may(actor, Permission.SUPPORT_SEE):
        return None
    cohort = cohort_visible_to(actor, cohort_id)
    if cohort is None:
        return None
    files = _files(_others(actor).where(Enrolment.cohort_id == cohort_id))
    found = [
        CohortHelp(
            file.person_id, file.student, file.kind, file.unit, file.latest.helps, file.latest.extra_days,
            file.latest.decided_on,
        )
        for file in files
        if file.latest is not None and file.state is SupportState.AGREED
    ]  # fmt: skip
    return cohort, sorted(found, key=lambda one: (one.student, one.since_on))


def extra_days_of(enrolment_ids: Collection[UUID]) -> dict[UUID, int]:
    """By enrolment, how many days more every due date of theirs is given by what was agreed. Tells no more."""
    files = _files(_requests().where(SupportRequest.enrolment_id.in_(enrolment_ids)))
    found: dict[UUID, int] = {}
    for file in files:
        days = file.latest.extra_days if file.latest and file.state is SupportState.AGREED else None
        if days:
            found[file.enrolment_id] = max(days, found.get(file.enrolment_id, 0))
    return found


def _requests() -> Select[*tuple[Any, ...]]:
    return (
        select(
            SupportRequest, Enrolment.person_id, Enrolment.cohort_id, Cohort.title,
            Person.given_name, Person.family_name, Person.preferred_name, Unit.code, Unit.title,
        )
        .join(Enrolment, SupportRequest.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(Person, Enrolment.person_id == Person.id)
        .outerjoin(Unit, SupportRequest.unit_id == Unit.id)
        .order_by(SupportRequest.asked_at.desc(), SupportRequest.id)
    )  # fmt: skip


def _others(actor: Actor) -> Select[*tuple[Any, ...]]:
    """All but what is about the actor: nobody decides what helps themselves (A10)."""
    return _requests().where(Enrolment.person_id.is_distinct_from(actor.person_id))


def _files(statement: Select[*tuple[Any, ...]], *, lock: bool = False) -> list[SupportFile]:
    """The requests of a statement with all their answers, in two queries."""
    s = session()
    if lock:
        statement = statement.with_for_update(of=SupportRequest).execution_options(populate_existing=True)
    rows = s.execute(statement).all()
    answers: dict[UUID, list[Answer]] = {}
    said = (
        select(SupportDecision, Person.given_name, Person.family_name, Person.preferred_name)
        .join(Person, SupportDecision.decided_by == Person.id)
        .where(SupportDecision.request_id.in_([row[0].id for row in rows]))
        .order_by(SupportDecision.decided_at, SupportDecision.id)
    )
    for one, given, family, preferred in s.execute(said):
        answers.setdefault(one.request_id, []).append(
            Answer(
                one.answer, one.helps, one.extra_days, one.permission, one.permission_on, one.words,
                one.decided_by, display_name(given, family, preferred), one.decided_on, one.decided_at,
            )
        )  # fmt: skip
    return [
        SupportFile(
            request.id, request.kind, request.enrolment_id, person_id,
            display_name(given, family, preferred), cohort_id, cohort,
            f"{unit_label(code)} {title}" if code else "", request.wish, request.asked_by, request.asked_at,
            request.taken_back_at, tuple(answers.get(request.id, ())),
        )
        for request, person_id, cohort_id, cohort, given, family, preferred, code, title in rows
    ]  # fmt: skip
