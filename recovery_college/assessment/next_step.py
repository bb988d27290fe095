"""What a student does next, in plain words, from what was released to them only (A7). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from recovery_college.assessment.rules import QUALITY_ASSURED, CriterionState, UnitState
from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.kernel.wording import day


class StepKind(StrEnum):
    """What the next step is about."""

    LEFT = "left"
    PAUSED = "paused"
    STARTS = "starts"
    IMPROVE = "improve"
    GO_ON = "go on"
    BEING_CHECKED = "being checked"
    KEEP_COMING = "keep coming"
    ALL_DONE = "all done"


@dataclass(frozen=True, slots=True)
class OwnCriterion:
    """A criterion as its student sees it. `advice`: what the tutor said would make it met, or ""."""

    number: str
    text: str
    state: CriterionState
    advice: str = ""


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
        if self.state in QUALITY_ASSURED:
            return "Done and checked by the college"
        if self.criteria and self.met == len(self.criteria):
            return "All met. The college is checking it."
        return "Left before the end" if self.state is UnitState.WITHDRAWN else ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one next step: a short heading, and what to do in plain words. `advice` is a tutor's own words."""

    kind: StepKind
    heading: str
    text: str
    advice: str = ""


def next_step(
    units: Sequence[OwnUnit],
    status: EnrolmentStatus,
    *,
    starts_on: date,
    ends_on: date,
    site: str,
    today: date,
) -> NextStep:
    """Choose the one next step: what can be improved first, then what comes next on the path."""
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
    for unit in units:
        for one in unit.criteria:
            if one.state is CriterionState.NOT_YET_MET:
                text = "It is not yet met, and you can try again. Here is what would make it met:"
                heading = f"{unit.label}, {one.number}: {one.text}"
                return NextStep(StepKind.IMPROVE, heading, text if one.advice else _ASK, one.advice)
    for unit in units:
        for one in unit.criteria:
            if one.state is not CriterionState.MET:
                text = "This comes next. Ask your tutor if you are not sure how to show it."
                return NextStep(StepKind.GO_ON, f"{unit.label}, {one.number}: {one.text}", text)
    if any(unit.state not in QUALITY_ASSURED for unit in units):
        text = "You have met everything. The college is checking it now, and there is nothing you need to do."
        return NextStep(StepKind.BEING_CHECKED, "Rest on what you have done", text)
    if today <= ends_on:
        text = f"Your units are done. Keep coming to the sessions until {day(ends_on)}."
        return NextStep(StepKind.KEEP_COMING, "Enjoy the rest of the course", text)
    text = "Your units are done and checked. Below you see what your graduation still needs, if anything."
    return NextStep(StepKind.ALL_DONE, "Look ahead to graduation", text)


_ASK = "It is not yet met, and you can try again. Ask your tutor what would make it met."
