"""What a student does next, in plain words, from what was released to them only (A7). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from recovery_college.assessment.rules import QUALITY_ASSURED, CriterionState, Retry, UnitState
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.wording import day


class StepKind(StrEnum):
    """What the next step is about."""

    LEFT = "left"
    PAUSED = "paused"
    STARTS = "starts"
    HAND_IN = "hand in"
    IMPROVE = "improve"
    TALK = "talk"
    GO_ON = "go on"
    BEING_LOOKED_AT = "being looked at"
    ONE_MORE_ASKED = "one more asked for"
    BEING_CHECKED = "being checked"
    KEEP_COMING = "keep coming"
    ALL_DONE = "all done"


@dataclass(frozen=True, slots=True)
class OwnCriterion:
    """A criterion as its student sees it. `advice`: what the tutor said would make it met, or "".

    `retry`: what may come next where it is not yet met (A5).
    """

    number: str
    text: str
    state: CriterionState
    advice: str = ""
    id: str = ""
    retry: Retry = Retry.OPEN

    @property
    def is_stuck(self) -> bool:
        """Whether it is not yet met and there is no other try just now."""
        return self.state is CriterionState.NOT_YET_MET and self.retry is not Retry.OPEN


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """A unit as its student sees it: "Unit 3", its title, its criteria, and where it stands."""

    label: str
    title: str
    state: UnitState
    criteria: tuple[OwnCriterion, ...]

    @property
    def met(self) -> int:
        """How many criteria are met."""
        return sum(one.state is CriterionState.MET for one in self.criteria)

    @property
    def words(self) -> str:
        """Where the unit stands, for its student. A return is between tutors, so it says no more."""
        if self.state is UnitState.AWARDED:
            return "Credit awarded"
        if self.state is UnitState.CLAIMED:
            return "Done and checked. The college has asked for its credit."
        if self.state in QUALITY_ASSURED:
            return "Done and checked by the college"
        if self.criteria and self.met == len(self.criteria):
            return "All met. The college is checking it."
        return "Left before the end" if self.state is UnitState.WITHDRAWN else ""


@dataclass(frozen=True, slots=True)
class OwnDue:
    """Something due, as its student sees it. `criteria`: the ids of those that are still to hand in.

    `due_on` is the day that counts for them. `is_asked`: they asked for more time and wait for an answer.
    `talk_first`: the tutor answered that they would like to talk first, with these words.
    """

    id: str
    unit: str
    title: str
    due_on: date
    criteria: tuple[str, ...]
    is_extended: bool = False
    is_asked: bool = False
    talk_first: str | None = None

    def words(self, today: date) -> str:
        """When it is due, without scolding when the day is over."""
        if self.due_on == today:
            return "due today"
        return f"due by {day(self.due_on)}" if self.due_on > today else f"was due on {day(self.due_on)}"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one next step: a short heading, and what to do in plain words. `advice` is a tutor's own words.

    `criteria`: the ids of the criteria to hand something in for; none means nothing is to be handed in.
    `place`: the enrolment it is about, where something may be handed in; else "".
    """

    kind: StepKind
    heading: str
    text: str
    advice: str = ""
    criteria: tuple[str, ...] = ()
    due: OwnDue | None = None
    place: str = ""


SOON = timedelta(days=14)
"""A date this near goes before what can be improved."""


def next_step(
    units: Sequence[OwnUnit],
    status: EnrolmentStatus,
    *,
    starts_on: date,
    ends_on: date,
    site: str,
    today: date,
    dues: Sequence[OwnDue] = (),
) -> NextStep:
    """Choose the one next step: what is due soon, what can be improved, then what comes next on the path.

    `dues`, the earliest first, are those with something still to hand in. Who asked for more time is not
    pressed with that date. Where no other try is planned nobody is told to try again: it is time to talk (A5).
    """
    if status is EnrolmentStatus.WITHDRAWN:
        text = (
            "What you have met stays yours. If you would like to come back, the college is glad to hear it."
        )
        return NextStep(StepKind.LEFT, "You have left this course", text)
    if status is EnrolmentStatus.PAUSED:
        text = "Nothing is expected of you now. When you are ready to come back, tell your tutor."
        return NextStep(StepKind.PAUSED, "Your place is paused", text)
    if today < starts_on and not any(unit.met for unit in units):
        text = (
            f"It begins on {day(starts_on)} at {site}. There is nothing to prepare unless your tutor says so."
        )
        return NextStep(StepKind.STARTS, "Come to the first session", text)
    open_dues = [due for due in dues if due.criteria and not due.is_asked]
    if open_dues and open_dues[0].due_on <= today + SOON:
        return _hand_in(open_dues[0], today)
    to_improve = _to_improve(units)
    if to_improve:
        return to_improve
    if open_dues:
        return _hand_in(open_dues[0], today)
    for unit in units:
        for one in unit.criteria:
            if one.state not in (CriterionState.MET, CriterionState.SUBMITTED, CriterionState.NOT_YET_MET):
                text = "This comes next. Ask your tutor if you are not sure how to show it."
                heading = f"{unit.label}, {one.number}: {one.text}"
                return NextStep(StepKind.GO_ON, heading, text, criteria=_ids(one))
    if any(one.state is CriterionState.SUBMITTED for unit in units for one in unit.criteria):
        text = "You have handed in everything for now. Your tutor is looking at it, and will tell you here."
        return NextStep(StepKind.BEING_LOOKED_AT, "Your work is being looked at", text)
    for unit in units:
        for one in unit.criteria:
            if one.is_stuck:
                kind = StepKind.ONE_MORE_ASKED if one.retry is Retry.ASKED else StepKind.TALK
                return _stuck(kind, unit, one)
    if any(unit.state not in QUALITY_ASSURED for unit in units):
        text = "You have met everything. The college is checking it now, and there is nothing you need to do."
        return NextStep(StepKind.BEING_CHECKED, "Rest on what you have done", text)
    if today <= ends_on:
        text = f"Your units are done. Keep coming to the sessions until {day(ends_on)}."
        return NextStep(StepKind.KEEP_COMING, "Enjoy the rest of the course", text)
    text = "Your units are done and checked. Below you see what your graduation still needs, if anything."
    return NextStep(StepKind.ALL_DONE, "Look ahead to graduation", text)


def _to_improve(units: Sequence[OwnUnit]) -> NextStep | None:
    """What is not yet met: first what can be tried again, then what needs a talk before anything else."""
    open_ = [
        (unit, one) for unit in units for one in unit.criteria if one.state is CriterionState.NOT_YET_MET
    ]
    for unit, one in open_:
        if one.retry is Retry.OPEN:
            text = "It is not yet met, and you can try again. Here is what would make it met:"
            words = text if one.advice else _ASK
            return NextStep(StepKind.IMPROVE, _heading(unit, one), words, one.advice, _ids(one))
    return next((_stuck(StepKind.TALK, unit, one) for unit, one in open_ if one.retry is Retry.USED), None)


def _stuck(kind: StepKind, unit: OwnUnit, one: OwnCriterion) -> NextStep:
    """A criterion without another try: what is true, and whom to talk to. Nothing is to be handed in for it."""
    words = f"{_NO_RETRY[one.retry]} {_WROTE}" if one.advice else _NO_RETRY[one.retry]
    return NextStep(kind, _heading(unit, one), words, one.advice)


def _heading(unit: OwnUnit, one: OwnCriterion) -> str:
    return f"{unit.label}, {one.number}: {one.text}"


def _ids(one: OwnCriterion) -> tuple[str, ...]:
    return (one.id,) if one.id else ()


def _hand_in(due: OwnDue, today: date) -> NextStep:
    """The step of something due."""
    if due.due_on >= today:
        when = "today" if due.due_on == today else f"by {day(due.due_on)}"
        heading, text = f"Hand in “{due.title}” for {due.unit} {when}", _ON_TIME
        if due.is_extended:
            text = "You have more time than the others for this, and that is fine."
    else:
        heading = f"Hand in “{due.title}” for {due.unit} when you can"
        text = f"It was due on {day(due.due_on)}. You can still hand it in, or ask for more time."
    return NextStep(StepKind.HAND_IN, heading, text, criteria=due.criteria, due=due)


_ON_TIME = "Part of it is a good start: save a draft and come back to it."
_ASK = "It is not yet met, and you can try again. Ask your tutor what would make it met."
_WROTE = "This is what your tutor wrote:"
_NO_RETRY = {
    Retry.USED: (
        "It is not yet met, and you have used the tries the course plans for it. This is not the end: talk to your "
        "tutor, who can ask the college for one more."
    ),
    Retry.ASKED: (
        "It is not yet met. Your tutor asked the college for one more try, and you need do nothing until they "
        "tell you."
    ),
    Retry.REFUSED: (
        "It is not yet met, and the college did not agree to one more try. Talk to your tutor about what comes "
        "next. What you have met stays yours."
    ),
}
"""What is true of a criterion without another try, and what comes next."""
