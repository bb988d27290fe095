"""Second reads for an actor: all of them for HR and auditors, a manager's own once something was found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.deputy_facts import answers_for
from recovery_college.careers.models import Consideration, ConsiderationReason, Vacancy
from recovery_college.careers.second_read_models import SecondRead, SecondReadSample
from recovery_college.careers.second_read_rules import Finding, ReadOutcome, ReadState, state_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of

DECIDED_BY, READER, REPLIED_BY, SETTLED_BY = (aliased(Person) for _ in range(4))


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One second read with the answer it is about, as it stood when it was given."""

    id: UUID
    quarter: str
    state: ReadState
    vacancy_id: UUID
    consideration_id: UUID
    title: str
    snapshot: dict[str, Any]
    reason: str
    decided_on: date
    decided_by_id: UUID
    decided_by: str
    reader: str
    finding: Finding | None
    finding_text: str
    found_at: datetime | None
    reply_due_on: date | None
    replied_by: str
    reply_text: str
    replied_at: datetime | None
    settled_by: str
    outcome: ReadOutcome | None
    outcome_text: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A quarter's sample and how far it is."""

    id: UUID
    quarter: str
    seed: int
    frame: int
    size: int
    drawn_by: str
    drawn_at: datetime


def samples_visible_to(actor: Actor) -> list[SampleRow]:
    """Every sample, the newest first; for HR and auditors."""
    if not may(actor, Permission.SECOND_READ_SEE) or actor.role is Role.MANAGER:
        return []
    statement = (
        select(SecondReadSample, Person)
        .join(Person, Person.id == SecondReadSample.drawn_by)
        .order_by(SecondReadSample.quarter.desc())
    )
    return [
        SampleRow(row.id, row.quarter, row.seed, row.frame, row.size, name_of(who), row.drawn_at)
        for row, who in session().execute(statement)
    ]


def reads_visible_to(actor: Actor, quarter: str = "") -> list[ReadRow]:
    """Second reads in the order of their samples, the newest quarter first; of one quarter when named."""
    return _reads(actor, SecondReadSample.quarter == quarter if quarter else true())


def read_visible_to(actor: Actor, read_id: UUID) -> ReadRow | None:
    """One second read, or None when there is none this actor may know of."""
    return next(iter(_reads(actor, SecondRead.id == read_id)), None)


def reads_waiting(actor: Actor) -> list[ReadRow]:
    """Second reads that wait for this actor: to read or settle for HR, to reply to for a manager."""
    if may(actor, Permission.SECOND_READ):
        states = {ReadState.TO_READ, ReadState.TO_SETTLE}
    elif actor.role is Role.MANAGER:
        states = {ReadState.REPLY_ASKED}
    else:
        return []
    is_hr = ReadState.TO_READ in states
    return [
        row
        for row in _reads(actor, _open())
        if row.state in states and not (is_hr and row.decided_by_id == actor.person_id)
    ]


def _open() -> ColumnElement[bool]:
    return and_(
        SecondRead.outcome.is_(None),
        or_(SecondRead.finding.is_(None), SecondRead.finding != Finding.AGREE),
    )


def _visible(actor: Actor, today: date) -> ColumnElement[bool]:
    """A manager knows of a second read once something was found about an answer of theirs."""
    if not may(actor, Permission.SECOND_READ_SEE):
        return false()
    if actor.role is not Role.MANAGER:
        return true()
    own = or_(Consideration.decided_by == actor.person_id, answers_for(actor, today))
    return and_(SecondRead.finding.is_not(None), own)


def _reads(actor: Actor, which: ColumnElement[bool]) -> list[ReadRow]:
    today = clock.today()
    statement = (
        select(
            SecondRead,
            SecondReadSample.quarter,
            Consideration,
            ConsiderationReason.words,
            DECIDED_BY,
            READER,
            REPLIED_BY,
            SETTLED_BY,
        )
        .join(SecondReadSample, SecondReadSample.id == SecondRead.sample_id)
        .join(Consideration, Consideration.id == SecondRead.consideration_id)
        .join(Vacancy, Vacancy.id == Consideration.vacancy_id)
        .outerjoin(ConsiderationReason, ConsiderationReason.code == Consideration.reason_code)
        .join(DECIDED_BY, DECIDED_BY.id == Consideration.decided_by)
        .outerjoin(READER, READER.id == SecondRead.reader_id)
        .outerjoin(REPLIED_BY, REPLIED_BY.id == SecondRead.replied_by)
        .outerjoin(SETTLED_BY, SETTLED_BY.id == SecondRead.settled_by)
        .where(_visible(actor, today), which)
        .order_by(SecondReadSample.quarter.desc(), SecondRead.place)
    )
    return [
        ReadRow(
            id=one.id,
            quarter=quarter,
            state=state_of(
                one.finding,
                replied=one.replied_at is not None,
                reply_due_on=one.reply_due_on,
                outcome=one.outcome,
                today=today,
            ),
            vacancy_id=answer.vacancy_id,
            consideration_id=answer.id,
            title=str(answer.snapshot.get("title", "")),
            snapshot=answer.snapshot,
            reason=answer.reason_text or words or "",
            decided_on=answer.decided_on,
            decided_by_id=answer.decided_by,
            decided_by=name_of(decider),
            reader=name_of(reader),
            finding=one.finding,
            finding_text=one.finding_text,
            found_at=one.found_at,
            reply_due_on=one.reply_due_on,
            replied_by=name_of(replier),
            reply_text=one.reply_text,
            replied_at=one.replied_at,
            settled_by=name_of(settler),
            outcome=one.outcome,
            outcome_text=one.outcome_text,
            settled_at=one.settled_at,
        )
        for one, quarter, answer, words, decider, reader, replier, settler in session().execute(statement)
    ]
