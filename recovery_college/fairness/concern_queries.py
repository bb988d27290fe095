"""Reading concerns: administrators and named people only. For everybody else they are not there (404)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness.concern_models import Concern, ConcernEntry, ConcernPerson
from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind, is_open
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

SHOWN_TO_STUDENT = frozenset({EntryKind.TOLD, EntryKind.ANSWER, EntryKind.OUTCOME})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a concern."""

    kind: EntryKind
    words: str
    outcome: ConcernOutcome | None
    happened_on: date
    written_by: UUID
    by_name: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ConcernFile:
    """One concern in full, for who is named and for administrators."""

    id: UUID
    enrolment_id: UUID
    person_id: UUID
    student: str
    cohort: str
    allegation: str
    raised_by: UUID
    raised_by_name: str
    raised_at: datetime
    people: tuple[tuple[UUID, str], ...]
    entries: tuple[Entry, ...]

    @property
    def kinds(self) -> list[EntryKind]:
        """What has happened."""
        return [entry.kind for entry in self.entries]

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet."""
        return is_open(self.kinds)

    @property
    def outcome(self) -> ConcernOutcome | None:
        """How it ended."""
        return next((entry.outcome for entry in self.entries if entry.outcome), None)

    @property
    def named(self) -> frozenset[UUID]:
        """Who is named to look into it now; whoever was let go is not in it."""
        return frozenset(person_id for person_id, _ in self.people)

    @property
    def stamp(self) -> str:
        """How much has been recorded, to notice that it changed meanwhile."""
        return f"{len(self.entries)}.{'_'.join(sorted(one.hex for one in self.named))}"


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """One thing that happened, as the student sees it."""

    kind: EntryKind
    words: str
    outcome: ConcernOutcome | None
    happened_on: date


@dataclass(frozen=True, slots=True)
class OwnConcern:
    """A concern as its student sees it once they were told: what it is, what they answered, how it ended."""

    id: UUID
    cohort: str
    allegation: str
    entries: tuple[OwnEntry, ...]

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet."""
        return is_open([entry.kind for entry in self.entries])

    @property
    def has_answered(self) -> bool:
        """Whether an answer is recorded."""
        return any(entry.kind is EntryKind.ANSWER for entry in self.entries)


def concerns_known_to(actor: Actor) -> list[ConcernFile]:
    """The concerns the actor may know of, latest first."""
    statement = _scope(actor)
    return [] if statement is None else _files(statement)


def concern_known_to(actor: Actor, concern_id: UUID, *, lock: bool = False) -> ConcernFile | None:
    """One concern, or None: for who may not know of it, it is not there."""
    statement = _scope(actor)
    if statement is None:
        return None
    return next(iter(_files(statement.where(Concern.id == concern_id), lock=lock)), None)


def concerns_waiting(actor: Actor) -> list[ConcernFile]:
    """The open concerns the actor knows of, the oldest first."""
    return [file for file in reversed(concerns_known_to(actor)) if file.is_open]


def own_concerns(actor: Actor) -> list[OwnConcern]:
    """The concerns about the actor that they were told of, latest first."""
    if actor.person_id is None or not may(actor, Permission.OWN_FAIRNESS):
        return []
    told = exists().where(ConcernEntry.concern_id == Concern.id, ConcernEntry.kind == EntryKind.TOLD)
    found = _files(_concerns().where(Enrolment.person_id == actor.person_id, told))
    return [
        OwnConcern(
            file.id, file.cohort, file.allegation,
            tuple(
                OwnEntry(one.kind, one.words, one.outcome, one.happened_on)
                for one in file.entries
                if one.kind in SHOWN_TO_STUDENT
            ),
        )
        for file in found
    ]  # fmt: skip


def own_concern(actor: Actor, concern_id: UUID) -> OwnConcern | None:
    """One of the concerns that the actor was told of as its student."""
    return next((one for one in own_concerns(actor) if one.id == concern_id), None)


def open_concerns(enrolment_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these enrolments whose claim waits. It names no concern, no person and no reason.

    For the room that claims: it may hold a student's line back, and say no more than that it is held.
    """
    ended = exists().where(ConcernEntry.concern_id == Concern.id, ConcernEntry.kind == EntryKind.OUTCOME)
    statement = select(Concern.enrolment_id).where(Concern.enrolment_id.in_(enrolment_ids), ~ended)
    return frozenset(session().scalars(statement))


def _concerns() -> Select[*tuple[Any, ...]]:
    student, raiser = aliased(Person), aliased(Person)
    return (
        select(
            Concern, Enrolment.person_id, Cohort.title,
            student.given_name, student.family_name, student.preferred_name,
            raiser.given_name, raiser.family_name, raiser.preferred_name,
        )
        .join(Enrolment, Concern.enrolment_id == Enrolment.id)
        .join(Cohort, Enrolment.cohort_id == Cohort.id)
        .join(student, Enrolment.person_id == student.id)
        .join(raiser, Concern.raised_by == raiser.id)
        .order_by(Concern.raised_at.desc(), Concern.id)
    )  # fmt: skip


def _scope(actor: Actor) -> Select[*tuple[Any, ...]] | None:
    """Administrators know of all, others of those they are named in; nobody of one about themselves here."""
    if actor.person_id is None or not may(actor, Permission.CONCERN_SEE):
        return None
    statement = _concerns().where(Enrolment.person_id != actor.person_id)
    if may(actor, Permission.CONCERN_ARRANGE):
        return statement
    named = exists().where(
        ConcernPerson.concern_id == Concern.id, ConcernPerson.person_id == actor.person_id,
        ConcernPerson.ended_at.is_(None),
    )  # fmt: skip
    return statement.where(named)


def _files(statement: Select[*tuple[Any, ...]], *, lock: bool = False) -> list[ConcernFile]:
    """The concerns of a statement with people and entries, in three queries."""
    s = session()
    if lock:
        statement = statement.with_for_update(of=Concern).execution_options(populate_existing=True)
    rows = s.execute(statement).all()
    if not rows:
        return []
    ids = [row[0].id for row in rows]
    people: dict[UUID, list[tuple[UUID, str]]] = {}
    for concern_id, person_id, given, family, preferred in s.execute(
        select(
            ConcernPerson.concern_id, ConcernPerson.person_id, Person.given_name, Person.family_name,
            Person.preferred_name,
        )
        .join(Person, ConcernPerson.person_id == Person.id)
        .where(ConcernPerson.concern_id.in_(ids), ConcernPerson.ended_at.is_(None))
        .order_by(ConcernPerson.named_at, ConcernPerson.id)
    ):  # fmt: skip
        people.setdefault(concern_id, []).append((person_id, display_name(given, family, preferred)))
    entries: dict[UUID, list[Entry]] = {}
    for one, given, family, preferred in s.execute(
        select(ConcernEntry, Person.given_name, Person.family_name, Person.preferred_name)
        .join(Person, ConcernEntry.written_by == Person.id)
        .where(ConcernEntry.concern_id.in_(ids))
        .order_by(ConcernEntry.written_at, ConcernEntry.id)
    ):
        entries.setdefault(one.concern_id, []).append(
            Entry(
                one.kind, one.words, one.outcome, one.happened_on, one.written_by,
                display_name(given, family, preferred), one.written_at,
            )
        )  # fmt: skip
    return [
        ConcernFile(
            concern.id, concern.enrolment_id, person_id, display_name(*student), cohort, concern.allegation,
            concern.raised_by, display_name(*raiser), concern.raised_at, tuple(people.get(concern.id, ())),
            tuple(entries.get(concern.id, ())),
        )
        for concern, person_id, cohort, student, raiser in (
            (row[0], row[1], row[2], row[3:6], row[6:9]) for row in rows
        )
    ]  # fmt: skip
