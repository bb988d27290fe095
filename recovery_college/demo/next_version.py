"""The demo's next version: copied from the one in use, half changed, and not ready for a cohort yet (A2)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.courses.models import AssessmentCriterion, LearningOutcome, Unit
from recovery_college.courses.specification_parts import PARTS, Kind, stamp_of
from recovery_college.courses.specification_rows import MODELS, facts_of
from recovery_college.courses.specification_services import add_part, change_part, remove_part
from recovery_college.courses.version_services import copy_version
from recovery_college.demo.people import DemoActor
from recovery_college.demo.timeline import Timeline

VERSION = "DEMO 2"
CORRECTED = "describe peer support in their own words, with two examples of their own"


def add_next_version(
    timeline: Timeline, admin: DemoActor, qualification_id: UUID, copied_at: datetime
) -> None:
    """Have a wording corrected on the version in use, and the next one begun by the college's administrator."""

    def correct(s: Session) -> None:
        one = _criterion(s, qualification_id, "DEMO-1", "1.1")
        _change(s, admin, qualification_id, Kind.CRITERION, one.id, {"text": CORRECTED}, frozen=True)

    timeline.do(copied_at - timedelta(days=6), correct)
    timeline.do(copied_at, lambda s: _change_copy(s, admin, copy_version(admin, qualification_id, VERSION)))


def _change_copy(s: Session, admin: DemoActor, version: UUID) -> None:
    reworded = _criterion(s, version, "DEMO-1", "2.1")
    facts = {
        "number": "2.1",
        "text": "explain what mutuality, hope and choice mean in a working day, with examples",
    }
    _change(s, admin, version, Kind.CRITERION, reworded.id, facts)
    moved = _criterion(s, version, "DEMO-2", "3.3")
    facts = {"number": "3.4", "text": moved.text}
    _change(s, admin, version, Kind.CRITERION, moved.id, facts)
    remove_part(admin, version, Kind.CRITERION, _criterion(s, version, "DEMO-3", "1.2").id)
    below = _criterion(s, version, "DEMO-5", "3.1").outcome_id
    text = "explain how peer support works in a conversation by video or by message"
    add_part(admin, version, Kind.CRITERION, {"number": "3.3", "text": text}, below)
    asked = {"name": "Options", "is_mandatory": False, "min_units": 1, "min_credit": None}
    options = add_part(admin, version, Kind.GROUP, asked)
    unit = {
        "group_id": options, "code": "DEMO-6", "title": "Peer support with young people", "level": 4, "credit": 2,
        "glh": 12, "reference": "",
    }  # fmt: skip
    unit_id = add_part(admin, version, Kind.UNIT, unit)
    add_part(
        admin, version, Kind.OUTCOME, {"number": "1", "text": "understand what changes with age"}, unit_id
    )


def _change(
    s: Session, admin: DemoActor, version: UUID, kind: Kind, part_id: UUID, facts: dict[str, str],
    frozen: bool = False,
) -> None:  # fmt: skip
    row = s.get_one(MODELS[kind], part_id)
    change_part(admin, version, kind, part_id, facts, stamp_of(facts_of(row, PARTS[kind].facts), frozen))


def _criterion(s: Session, version: UUID, code: str, number: str) -> AssessmentCriterion:
    return s.scalars(
        select(AssessmentCriterion)
        .join(LearningOutcome, LearningOutcome.id == AssessmentCriterion.outcome_id)
        .join(Unit, Unit.id == LearningOutcome.unit_id)
        .where(Unit.qualification_id == version, Unit.code == code, AssessmentCriterion.number == number)
    ).one()
