"""Reading the whole history of decisions and verdicts, each with the name of who made it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import AWAITS, sequence_of
from recovery_college.assessment.rules import DecisionFact, Outcome, Verdict, VerdictFact
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.assessment.vacsr import vacsr_words
from recovery_college.courses.models import AssessmentCriterion
from recovery_college.kernel.db import session
from recovery_college.kernel.wording import in_london
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name


class DecisionRow(NamedTuple):
    """One decision with who made it, drafts included: the caller chooses who sees what (A7).

    `undone`: a draft that was taken back. It counts for nothing but who had a hand in the unit (A10).
    """

    id: int
    enrolment_id: UUID
    unit_id: UUID
    criterion_id: UUID
    number: str
    attempt: int
    revision: int
    outcome: Outcome
    feedback: str
    decided_on: date
    decided_by: UUID
    recorded_at: datetime
    released_at: datetime | None
    by_name: str
    missing: str | None = None
    undone: bool = False
    awaits_countersignature: bool = False
    countersigned_by: UUID | None = None
    countersigned_name: str = ""
    countersigner_note: str = ""

    @property
    def vacsr(self) -> str:
        """What was said of the evidence, in words (A6)."""
        return vacsr_words(self.outcome, self.missing)

    @property
    def recorded_on(self) -> date:
        """The day it was recorded, in London."""
        return in_london(self.recorded_at).date()

    @property
    def fact(self) -> DecisionFact:
        """The row as the rules take it."""
        return DecisionFact(
            self.number,
            self.attempt,
            self.revision,
            self.outcome,
            self.decided_on,
            sequence_of(self.recorded_at),
            sequence_of(self.released_at) if self.released_at else None,
            self.awaits_countersignature,
        )


class VerdictRow(NamedTuple):
    """One verdict with who gave it and the criteria that were looked at."""

    id: UUID
    enrolment_id: UUID
    unit_id: UUID
    verdict: Verdict
    comment: str
    action: str
    act_by_on: date | None
    verified_by: UUID
    by_name: str
    recorded_at: datetime
    criteria: frozenset[UUID] = frozenset()

    @property
    def fact(self) -> VerdictFact:
        """The row as the rules take it."""
        return VerdictFact(self.verdict, sequence_of(self.recorded_at))


Histories = dict[tuple[UUID, UUID], list[DecisionRow]]
Verdicts = dict[tuple[UUID, UUID], list[VerdictRow]]


_signer = aliased(Person)
DECISION_COLUMNS: tuple[Any, ...] = (
    Decision.id, Decision.enrolment_id, AssessmentCriterion.unit_id, Decision.criterion_id,
    AssessmentCriterion.number, Decision.attempt, Decision.revision, Decision.outcome, Decision.feedback,
    Decision.decided_on, Decision.decided_by, Decision.recorded_at, Decision.released_at,
    Decision.missing, taken_back(), AWAITS, Countersignature.signed_by, Countersignature.note,
    Person.given_name, Person.family_name, Person.preferred_name,
    _signer.given_name, _signer.family_name, _signer.preferred_name,
)  # fmt: skip
"""What `decision_row` reads, from decisions with their criteria joined by `with_names`."""


def with_names(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The statement, with who made each decision and who countersigned it joined."""
    return (
        statement.outerjoin(Person, Person.id == Decision.decided_by)
        .outerjoin(Countersignature, Countersignature.decision_id == Decision.id)
        .outerjoin(_signer, _signer.id == Countersignature.signed_by)
    )


def decision_row(columns: Sequence[Any]) -> DecisionRow:
    """One decision, from the values of DECISION_COLUMNS."""
    *facts, missing, undone, awaits, signed_by, note = columns[:-6]
    by_name = display_name(*columns[-6:-3])
    signer = display_name(*columns[-3:]) if signed_by else ""
    signature = bool(awaits), signed_by, signer, note or ""
    return DecisionRow._make((*facts, by_name, missing, bool(undone), *signature))


def decision_rows(
    enrolment_ids: Collection[UUID], *, unit_id: UUID | None = None, released_only: bool = False
) -> Histories:
    """All decisions of these enrolments by (enrolment, unit), each criterion's earliest first. One query.

    `released_only` leaves drafts out in the database, for pages a student reads.
    """
    statement = with_names(
        select(*DECISION_COLUMNS)
        .join(AssessmentCriterion, Decision.criterion_id == AssessmentCriterion.id)
        .where(Decision.enrolment_id.in_(enrolment_ids))
        .order_by(Decision.criterion_id, Decision.attempt, Decision.revision)
    )
    if unit_id is not None:
        statement = statement.where(AssessmentCriterion.unit_id == unit_id)
    if released_only:
        statement = statement.where(Decision.released_at.is_not(None))
    found: Histories = {}
    for columns in session().execute(statement):
        row = decision_row(columns)
        found.setdefault((row.enrolment_id, row.unit_id), []).append(row)
    return found


def verdict_rows(enrolment_ids: Collection[UUID], *, unit_id: UUID | None = None) -> Verdicts:
    """All verdicts of these enrolments by (enrolment, unit), the earliest first. One query.

    With `unit_id` only that unit's, and a second query for the criteria that were looked at.
    """
    statement = (
        select(
            IqaVerdict.id, IqaVerdict.enrolment_id, IqaVerdict.unit_id, IqaVerdict.verdict,
            IqaVerdict.comment, IqaVerdict.action, IqaVerdict.act_by_on, IqaVerdict.verified_by,
            Person.given_name, Person.family_name, Person.preferred_name, IqaVerdict.recorded_at,
        )
        .join(Person, IqaVerdict.verified_by == Person.id)
        .where(IqaVerdict.enrolment_id.in_(enrolment_ids))
        .order_by(IqaVerdict.recorded_at)
    )  # fmt: skip
    looked_at: dict[UUID, set[UUID]] = {}
    if unit_id is not None:
        statement = statement.where(IqaVerdict.unit_id == unit_id)
        criteria = (
            select(IqaVerdictCriterion.verdict_id, IqaVerdictCriterion.criterion_id)
            .join(IqaVerdict, IqaVerdictCriterion.verdict_id == IqaVerdict.id)
            .where(IqaVerdict.enrolment_id.in_(enrolment_ids), IqaVerdict.unit_id == unit_id)
        )
        for verdict_id, criterion_id in session().execute(criteria):
            looked_at.setdefault(verdict_id, set()).add(criterion_id)
    found: Verdicts = {}
    rows: Iterable[Any] = session().execute(statement)
    for row in rows:
        name = display_name(*row[8:11])
        criteria_seen = frozenset(looked_at.get(row[0], ()))
        made = VerdictRow._make([*row[:8], name, row[11], criteria_seen])
        found.setdefault((made.enrolment_id, made.unit_id), []).append(made)
    return found
