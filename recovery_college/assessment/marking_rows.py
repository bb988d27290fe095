"""The statements a cohort's marking is read with, and their rows as the driver gives them.

The grid of 640 cells is read as plain rows: identifiers stay as the database gives them, because turning
1,300 of them into UUIDs would take longer than everything else on the page. The statements are made once: making
them anew would cost as much as running them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    case,
    exists,
    func,
    select,
    type_coerce,
)

from recovery_college.assessment.evidence_models import Evidence, EvidenceCriterion
from recovery_college.assessment.marking_models import taken_back
from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.queries import AWAITS
from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.staff_models import Countersignature
from recovery_college.courses.models import (
    AssessmentCriterion,
    Enrolment,
    EnrolmentUnit,
    LearningOutcome,
    Unit,
    UnitGroup,
)
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.people.models import Person


def as_given(column: Any, name: str) -> Any:
    """The column as the driver gives it: fit to be compared, not to be shown."""
    return type_coerce(column, String).label(name)


def uuid_of(raw: Any) -> UUID:
    """An identifier as the rest of the product has it."""
    return UUID(int=int(raw, 16)) if isinstance(raw, str) else raw


def plain_rows(connection: Connection, statement: Select[Any], asked: Mapping[str, UUID]) -> Sequence[Any]:
    """The rows as the driver gives them, plain tuples: SQLAlchemy would make a Row of each for nothing."""
    result = connection.execute(statement, asked)
    rows: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return rows


def _bit(condition: ColumnElement[bool], bit: int) -> ColumnElement[int]:
    return case((condition, bit), else_=0)


def moment_of(raw: Any) -> datetime:
    """A moment as the rest of the product has it."""
    at = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# The statements are made once: making them anew would cost as much as running them.
_enrolment, _person = Enrolment.__table__.c, Person.__table__.c
_registration, _decision, _verdict = EnrolmentUnit.__table__.c, Decision.__table__.c, IqaVerdict.__table__.c
_evidence, _about = Evidence.__table__.c, EvidenceCriterion.__table__.c
_group, _unit, _outcome = UnitGroup.__table__.c, Unit.__table__.c, LearningOutcome.__table__.c
_criterion = AssessmentCriterion.__table__.c
_countersignature = Countersignature.__table__.c
_IN_COHORT = select(_enrolment.id).where(_enrolment.cohort_id == bindparam("cohort_id"))

STUDENTS = (
    select(
        as_given(_enrolment.id, "raw_id"), as_given(_enrolment.status, "word"),
        _person.given_name, _person.family_name, _person.preferred_name,
    )
    .select_from(Enrolment.__table__.join(Person.__table__, _enrolment.person_id == _person.id))
    .where(_enrolment.cohort_id == bindparam("cohort_id"))
    .order_by(_person.family_name, _person.given_name, _enrolment.id)
)  # fmt: skip
REGISTRATIONS = select(
    as_given(_registration.enrolment_id, "raw_enrolment"), as_given(_registration.unit_id, "raw_unit")
).where(_registration.enrolment_id.in_(_IN_COHORT))
COLUMNS = (
    select(
        as_given(_unit.id, "raw_unit"), _unit.code, _unit.title,
        as_given(_criterion.id, "raw_criterion"), _criterion.number, _criterion.text,
        _outcome.number.label("outcome_number"), _outcome.text.label("outcome_text"),
    )
    .select_from(
        Unit.__table__.join(UnitGroup.__table__, _unit.group_id == _group.id)
        .join(AssessmentCriterion.__table__, _criterion.unit_id == _unit.id)
        .join(LearningOutcome.__table__, _criterion.outcome_id == _outcome.id)
    )
    .where(_unit.qualification_id == bindparam("qualification_id"))
    .order_by(_group.position, _unit.position, _outcome.position, _criterion.position)
)  # fmt: skip
MET, RELEASED, HAS_FEEDBACK, UNSIGNED, WAITS, NO_TRIES = 1, 2, 4, 8, 16, 32
"""What a decision says of its cell, as bits: the database adds up the first four."""

# Each criterion's latest decision comes last.
DECISIONS = (
    select(
        as_given(_decision.enrolment_id, "raw_enrolment"), as_given(_decision.criterion_id, "raw_criterion"),
        _decision.id,
        (
            _bit(_decision.outcome == Outcome.MET, MET)
            + _bit(_decision.released_at.is_not(None), RELEASED)
            + _bit(_decision.feedback != "", HAS_FEEDBACK)
            + _bit(AWAITS, UNSIGNED)
        ).label("says"),
        as_given(_decision.recorded_at, "recorded"),
    )
    .select_from(
        Decision.__table__.outerjoin(Countersignature.__table__, _countersignature.decision_id == _decision.id)
    )
    .where(_decision.enrolment_id.in_(_IN_COHORT), ~taken_back())
    .order_by(_decision.enrolment_id, _decision.criterion_id, _decision.attempt, _decision.revision)
)  # fmt: skip
# When the latest evidence came that is still there, by cell.
HANDED_IN = (
    select(
        as_given(_evidence.enrolment_id, "raw_enrolment"), as_given(_about.criterion_id, "raw_criterion"),
        type_coerce(func.max(_evidence.handed_in_at), String).label("came"),
    )
    .select_from(Evidence.__table__.join(EvidenceCriterion.__table__, _about.evidence_id == _evidence.id))
    .where(_evidence.enrolment_id.in_(_IN_COHORT), _evidence.closed_at.is_(None))
    .group_by(_evidence.enrolment_id, _about.criterion_id)
)  # fmt: skip
VERDICTS = select(
    as_given(_verdict.enrolment_id, "raw_enrolment"), as_given(_verdict.unit_id, "raw_unit"),
    _verdict.verdict, _verdict.recorded_at,
).where(_verdict.enrolment_id.in_(_IN_COHORT))  # fmt: skip
_looked_at, _later = IqaVerdictCriterion.__table__.c, IqaVerdict.__table__.alias()
LOOKED_AT_AFTER_LEAVING = (
    select(
        as_given(_verdict.enrolment_id, "raw_enrolment"), as_given(_verdict.unit_id, "raw_unit"),
        as_given(_looked_at.criterion_id, "raw_criterion"),
    )
    .select_from(
        IqaVerdict.__table__.join(IqaVerdictCriterion.__table__, _looked_at.verdict_id == _verdict.id)
        .join(Enrolment.__table__, _verdict.enrolment_id == _enrolment.id)
    )
    .where(
        _enrolment.cohort_id == bindparam("cohort_id"),
        _enrolment.status == EnrolmentStatus.WITHDRAWN,
        ~exists().where(
            _later.c.enrolment_id == _verdict.enrolment_id, _later.c.unit_id == _verdict.unit_id,
            _later.c.recorded_at > _verdict.recorded_at,
        ),
    )
)  # fmt: skip
# The criteria of every registered unit, with their decisions: what the state of a unit is worked out from.
FACTS = (
    select(
        as_given(_registration.enrolment_id, "raw_enrolment"), as_given(_registration.unit_id, "raw_unit"),
        _criterion.number, _decision.attempt, _decision.revision, as_given(_decision.outcome, "word"),
        _decision.decided_on, as_given(_decision.recorded_at, "recorded"), as_given(_decision.released_at, "released"),
        AWAITS.label("awaits"),
    )
    .select_from(
        EnrolmentUnit.__table__.join(
            AssessmentCriterion.__table__, _criterion.unit_id == _registration.unit_id
        ).outerjoin(
            Decision.__table__,
            (_decision.criterion_id == _criterion.id) & (_decision.enrolment_id == _registration.enrolment_id),
        ).outerjoin(Countersignature.__table__, _countersignature.decision_id == _decision.id)
    )
    .where(_registration.enrolment_id.in_(_IN_COHORT))
)  # fmt: skip
