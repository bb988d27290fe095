"""What helps, appeals, prior learning and concerns in the world of the house tests, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.courses.models import Cohort, Enrolment
from recovery_college.fairness.support_rules import SupportAnswer, SupportKind
from recovery_college.fairness.support_services import answer_support, ask_for_support
from recovery_college.kernel.db import session
from tests.factories.graduation import Finished

if TYPE_CHECKING:
    from tests.house.world import Side


def fair_world(side: Side, finished: Finished) -> None:
    """The student of this side has something of each kind in their running cohort."""
    student = side.actors[Role.STUDENT]
    own = (
        session()
        .scalars(
            select(Enrolment)
            .join(Cohort, Enrolment.cohort_id == Cohort.id)
            .where(Enrolment.person_id == student.person_id, Cohort.ref == f"RUN-{side.name}")
        )
        .one()
    )
    _support(side, own)


def _own(side: Side, names: tuple[str, ...], key: str, value: Any) -> None:
    for name in names:
        side.own[f"fairness.{name}", key] = value


def _support(side: Side, own: Enrolment) -> None:
    """Something that was agreed for the student, and something that waits for an answer."""
    student, admin = side.actors[Role.STUDENT], side.actors[Role.ADMIN]
    wish = side.canary("wish")
    agreed = ask_for_support(student, uuid4(), own.id, SupportKind.ADJUSTMENT, wish)
    helps, words = side.canary("help agreed"), side.canary("support words")
    answer_support(admin, agreed, SupportAnswer.AGREED, "0.0", helps=helps, words=words)
    waiting = ask_for_support(student, uuid4(), own.id, SupportKind.ADJUSTMENT, wish)
    _own(side, ("support_show", "support_answer"), "request_id", agreed)
    _own(side, ("my_support_take_back",), "request_id", waiting)
    _own(side, ("support_cohort",), "cohort_id", own.cohort_id)
