"""Reading runs and their lines. The caller has made sure that the actor may see the cohort."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from recovery_college.assessment.claim_models import Claim, ClaimAnswer, ClaimLine, ClaimReply, ClaimSignature
from recovery_college.assessment.claim_rules import Capacity, Reply
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


def run_label(number: int) -> str:
    """A run as people name it."""
    return f"RAC-{number:04}"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One tick with what the awarding organisation and the college said of it since.

    `locked_on`: the day in London on which the third signature locked its claim, or None.
    """

    id: UUID
    claim_id: UUID
    number: int
    enrolment_id: UUID
    unit_id: UUID
    is_live: bool
    locked: bool
    reply_id: UUID | None = None
    reply: Reply | None = None
    awarded_on: date | None = None
    answer: str = ""
    locked_on: date | None = None

    @property
    def run(self) -> str:
        """The number of the run it stands on, such as RAC-0003."""
        return run_label(self.number)

    @property
    def is_queried(self) -> bool:
        """Whether a query waits for the college's answer."""
        return self.reply is Reply.QUERIED and not self.answer


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed, in which capacity, when."""

    person_id: UUID
    name: str
    capacity: Capacity
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One claim: its lines, its signatures, where it stands."""

    id: UUID
    number: int
    cohort_id: UUID
    reviewer_id: UUID
    reviewer_name: str
    prepared_by: UUID
    prepared_by_name: str
    prepared_at: datetime
    digest: str
    locked_at: datetime | None
    set_aside_at: datetime | None
    set_aside_reason: str
    signatures: tuple[SignatureRow, ...]
    lines: tuple[LineRow, ...]

    @property
    def label(self) -> str:
        """The run's id."""
        return run_label(self.number)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for signatures."""
        return self.locked_at is None and self.set_aside_at is None

    @property
    def unsigned(self) -> tuple[Capacity, ...]:
        """The signatures that are missing."""
        there = {one.capacity for one in self.signatures}
        return tuple(one for one in Capacity if one not in there) if self.is_open else ()

    @property
    def students(self) -> int:
        """How many students it holds."""
        return len({line.enrolment_id for line in self.lines})

    @property
    def units(self) -> int:
        """How many units it holds."""
        return len({line.unit_id for line in self.lines})

    def with_reply(self, reply: Reply | None) -> int:
        """How many lines have this as their latest reply."""
        return sum(line.reply is reply for line in self.lines)

    @property
    def queried(self) -> list[LineRow]:
        """The lines whose query waits for an answer."""
        return [line for line in self.lines if line.is_queried]


def line_rows(*where: ColumnElement[bool]) -> list[LineRow]:
    """Ticks with their latest reply, in one query; those of claims set aside are left out."""
    rows = session().execute(
        select(
            ClaimLine.id, ClaimLine.claim_id, Claim.run, ClaimLine.enrolment_id, ClaimLine.unit_id,
            ClaimLine.ended_at, Claim.locked_at, ClaimReply.id, ClaimReply.result, ClaimReply.awarded_on,
            ClaimAnswer.answer,
        )
        .join(Claim, ClaimLine.claim_id == Claim.id)
        .outerjoin(ClaimReply, ClaimReply.line_id == ClaimLine.id)
        .outerjoin(ClaimAnswer, ClaimAnswer.reply_id == ClaimReply.id)
        .where(*where)
        .order_by(Claim.run, ClaimReply.recorded_at)
    )  # fmt: skip
    found: dict[UUID, LineRow] = {}
    for line_id, claim_id, number, enrolment_id, unit_id, ended, locked, reply_id, said, on, answer in rows:
        found[line_id] = LineRow(
            line_id, claim_id, number, enrolment_id, unit_id, ended is None, locked is not None,
            reply_id, Reply(said) if said else None, on, answer or "",
            in_london(locked).date() if locked else None,
        )  # fmt: skip
    return list(found.values())


def runs_of(*where: ColumnElement[bool]) -> list[Run]:
    """Runs, the latest first, in three queries; in one where there are none."""
    reviewer, preparer = aliased(Person), aliased(Person)
    claims: list[Any] = list(
        session().execute(
            select(
                Claim, reviewer.given_name, reviewer.family_name, reviewer.preferred_name,
                preparer.given_name, preparer.family_name, preparer.preferred_name,
            )
            .join(reviewer, Claim.reviewer_id == reviewer.id)
            .join(preparer, Claim.prepared_by == preparer.id)
            .where(*where)
            .order_by(Claim.run.desc())
        )
    )  # fmt: skip
    if not claims:
        return []
    ids = [row[0].id for row in claims]
    lines: dict[UUID, list[LineRow]] = {one: [] for one in ids}
    for line in line_rows(ClaimLine.claim_id.in_(ids)):
        lines[line.claim_id].append(line)
    signatures = signatures_on(ids)
    return [
        Run(
            claim.id, claim.run, claim.cohort_id, claim.reviewer_id, display_name(*row[:3]),
            claim.prepared_by, display_name(*row[3:]), claim.prepared_at, claim.digest, claim.locked_at,
            claim.set_aside_at, claim.set_aside_reason, tuple(signatures.get(claim.id, ())),
            tuple(lines[claim.id]),
        )
        for claim, *row in claims
    ]  # fmt: skip


def signatures_on(claim_ids: Collection[UUID]) -> dict[UUID, list[SignatureRow]]:
    """The signatures of some claims in the order they were given."""
    rows = session().execute(
        select(
            ClaimSignature.claim_id, ClaimSignature.person_id, ClaimSignature.capacity,
            ClaimSignature.signed_at, Person.given_name, Person.family_name, Person.preferred_name,
        )
        .join(Person, ClaimSignature.person_id == Person.id)
        .where(ClaimSignature.claim_id.in_(claim_ids))
        .order_by(ClaimSignature.signed_at)
    )  # fmt: skip
    found: dict[UUID, list[SignatureRow]] = {}
    for claim_id, person_id, capacity, at, *names in rows:
        found.setdefault(claim_id, []).append(
            SignatureRow(person_id, display_name(*names), Capacity(capacity), at)
        )
    return found
