"""The demo's decisions and verdicts, with the events that recording and releasing them would have left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.assessment.models import Decision, IqaVerdict, IqaVerdictCriterion
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.demo.cohorts import Course
from recovery_college.demo.people import DemoActor
from recovery_college.demo.rows import Rows
from recovery_college.demo.timeline import Timeline
from recovery_college.kernel.clock import LONDON

ASKED = (
    "Days off and a walk before the shift are a good start. Now name who helps you on a hard day, and how they "
    "would know: two or three sentences are enough.",
    "Good examples. The criterion asks you to compare, so put the two side by side and say which you would "
    "choose, and when.",
    "You show this in the role play. Write down what you did when the talk went quiet, and it is met.",
    "Nearly there: name who in the team you would tell, and how soon.",
    "You say well what stigma is. Now give one example of somebody who asked for less, or for nothing, because of it.",
)
"""Feedback that says what would make a criterion met."""
PRAISED = (
    "Clear and kind. The example from the reading group is just right.",
    "You thought about the other person first: well done.",
    "A careful answer with a good source.",
    "",
    "",
    "",
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the audit trail will say of one decision once it has its number."""

    key: tuple[UUID, UUID, int, int]
    by: DemoActor
    at: datetime
    outcome: Outcome
    released_at: datetime | None


class Marking:
    """Decisions and verdicts of one college, gathered as rows."""

    def __init__(self, rows: Rows, course: Course, timeline: Timeline, now: datetime) -> None:
        self._rows = rows
        self._course = course
        self._timeline = timeline
        self._now = now
        self._told: list[_Told] = []

    def decide(
        self,
        place: UUID,
        unit: int,
        criterion: int,
        outcome: Outcome,
        by: DemoActor,
        at: datetime,
        released_at: datetime | None,
        *,
        feedback: str = "",
        attempt: int = 1,
        revision: int = 1,
    ) -> None:
        """Gather one decision on a criterion of a unit, both counted from 0; a draft has no `released_at`."""
        at = min(at, self._now)
        released_at = min(released_at, self._now) if released_at else None
        criterion_id = self._course.units[unit][1][criterion]
        self._rows.link(
            Decision,
            {
                "enrolment_id": place,
                "criterion_id": criterion_id,
                "attempt": attempt,
                "revision": revision,
                "outcome": outcome,
                "feedback": feedback,
                "decided_on": at.astimezone(LONDON).date(),
                "decided_by": by.person_id,
                "recorded_at": at,
                "released_at": released_at,
                "released_by": by.person_id if released_at else None,
                "is_imported": False,
                "missing": "" if outcome is Outcome.MET else "s",
            },
        )
        self._told.append(_Told((place, criterion_id, attempt, revision), by, at, outcome, released_at))

    def meet(
        self,
        place: UUID,
        unit: int,
        criteria: Iterable[int],
        by: DemoActor,
        at: datetime,
        released_at: datetime | None,
    ) -> None:
        """Gather "met" for some criteria of a unit, some with a kind word."""
        for criterion in criteria:
            praise = PRAISED[(criterion * 7 + unit * 3 + place.int) % len(PRAISED)]
            self.decide(place, unit, criterion, Outcome.MET, by, at, released_at, feedback=praise)

    def judge(
        self,
        place: UUID,
        unit: int,
        verdict: Verdict,
        by: DemoActor,
        at: datetime,
        *,
        sampled: Collection[int] = (0, 3, 6),
        comment: str = "",
        action: str = "",
        act_by_on: date | None = None,
    ) -> None:
        """Gather a verdict of internal quality assurance on a student's unit."""
        at = min(at, self._now)
        unit_id, criteria = self._course.units[unit]
        verdict_id = self._rows.add(
            IqaVerdict, enrolment_id=place, unit_id=unit_id, verdict=verdict, comment=comment, action=action,
            act_by_on=act_by_on, verified_by=by.person_id, recorded_at=at,
        )  # fmt: skip
        for criterion in sampled:
            self._rows.link(
                IqaVerdictCriterion, {"verdict_id": verdict_id, "criterion_id": criteria[criterion]}
            )
        self._timeline.tell(
            at, by, "quality assured", "unit", unit_id,
            enrolment=str(place), verdict=verdict.value, criteria=len(sampled), of=len(criteria),
            act_by=act_by_on.isoformat() if act_by_on else "",
        )  # fmt: skip

    def tell(self, s: Session) -> None:
        """Put what was decided and released into the timeline; the rows must have been written."""
        if not self._told:
            return
        numbers = _numbers(s, sorted({told.key[0] for told in self._told}))
        for told in self._told:
            enrolment, criterion, attempt, revision = told.key
            subject = numbers[told.key]
            ids = {"enrolment": str(enrolment), "criterion": str(criterion)}
            self._timeline.tell(
                told.at, told.by, "decided", "decision", subject, **ids, attempt=attempt, revision=revision,
                outcome=told.outcome.value, released=False,
            )  # fmt: skip
            if told.released_at is not None:
                self._timeline.tell(told.released_at, told.by, "released", "decision", subject, **ids)
        self._told.clear()


def _numbers(s: Session, places: Sequence[UUID]) -> Mapping[tuple[UUID, UUID, int, int], int]:
    rows = s.execute(
        select(
            Decision.id, Decision.enrolment_id, Decision.criterion_id, Decision.attempt, Decision.revision
        ).where(Decision.enrolment_id.in_(places))
    )
    return {
        (place, criterion, attempt, revision): number for number, place, criterion, attempt, revision in rows
    }
