"""Rules of appeals (A15): who may hear one, until when, where it stands, and what an upheld one asks. Pure."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from recovery_college.assessment.rules import Outcome, UnitState
from recovery_college.kernel.working_days import (
    BankHolidays,
    BankHolidaysNotKnown,
    add_working_days,
    working_days_between,
)


class AppealFinding(StrEnum):
    """What an independent review found."""

    UPHELD = "upheld"
    PARTLY = "partly upheld"
    NOT_UPHELD = "not upheld"


CHANGES = frozenset({AppealFinding.UPHELD, AppealFinding.PARTLY})
"""The findings that lead to a new decision, and ask whether other students are affected."""

FIRST, SECOND = 1, 2
"""The stages: a review in the centre, then a second, independent one. After it comes the awarding organisation."""


class AppealState(StrEnum):
    """Where an appeal stands."""

    NOBODY_YET = "waits for a reviewer"
    REVIEW = "being reviewed"
    DECISION_OWED = "new decision owed"
    AO_TO_TELL = "awarding organisation to be told"
    ANSWERED = "answered"
    TAKEN_BACK = "taken back"


OPEN = frozenset(AppealState) - {AppealState.ANSWERED, AppealState.TAKEN_BACK}
"""The states in which the college owes the student something."""


@dataclass(frozen=True, slots=True)
class StageFact:
    """One stage: until when it is due, whether somebody was named to hear it, what was found."""

    stage: int
    due_on: date
    is_named: bool
    finding: AppealFinding | None


def appeal_state(
    stages: Mapping[int, StageFact], *, taken_back: bool, decided_since: bool, unit: UnitState, ao_told: bool
) -> AppealState:
    """Say where an appeal stands. `decided_since`: an independent assessor decided after the finding.

    A unit that is claimed or awarded is never amended (A12): there the awarding organisation is told instead.
    """
    if taken_back:
        return AppealState.TAKEN_BACK
    latest = stages[max(stages)]
    if latest.finding is None:
        return AppealState.REVIEW if latest.is_named else AppealState.NOBODY_YET
    if latest.finding not in CHANGES or decided_since:
        return AppealState.ANSWERED
    if unit in (UnitState.CLAIMED, UnitState.AWARDED):
        return AppealState.ANSWERED if ao_told else AppealState.AO_TO_TELL
    return AppealState.DECISION_OWED


def why_not_hear(
    person: Hashable,
    *,
    student: Hashable,
    deciders: Collection[Hashable],
    verifiers: Collection[Hashable],
    heard_before: Hashable | None = None,
    conflicts: Collection[Hashable] = (),
) -> str | None:
    """Say why this person may not hear an appeal, or None (A10, A15: by person).

    `deciders` and `verifiers`: everyone with a decision, a countersignature or a verdict in this student's unit;
    `heard_before`: who heard stage 1, when this is stage 2; `conflicts`: everyone this person declared a conflict with.
    """
    if person == student:
        return "Nobody hears their own appeal."
    if person in deciders:
        return "They assessed or countersigned part of this unit, so somebody else must hear the appeal."
    if person in verifiers:
        return "They quality-assured this unit, so somebody else must hear the appeal."
    if heard_before is not None and person == heard_before:
        return "They heard the first review, so somebody else must hear the second."
    if student in conflicts or any(one in conflicts for one in deciders):
        return "They declared a conflict of interest here, so somebody else must hear the appeal."
    return None


def why_no_appeal(*, released: bool, is_own: bool, already: bool) -> str | None:
    """Say why a decision cannot be appealed, or None. Lateness never closes the way: an appeal is a right."""
    if not is_own or not released:
        return "There is no decision here yet."
    if already:
        return "You have asked for this decision to be looked at again already."
    return None


def why_no_second_review(stages: Mapping[int, StageFact], *, taken_back: bool) -> str | None:
    """Say why a second review cannot be asked for, or None."""
    if taken_back:
        return "You took this appeal back. You can make a new one."
    if SECOND in stages:
        return "You have asked for the second review already."
    if stages[FIRST].finding is None:
        return "The first review is still under way. You can ask for a second one when it has been answered."
    if stages[FIRST].finding is AppealFinding.UPHELD:
        return "The first review agreed with you, so a second one has nothing to change."
    return None


def why_no_finding(
    finding: AppealFinding,
    *,
    reasons: str,
    next_steps: str,
    others_affected: bool | None,
    others: Collection[Hashable],
    possible: Collection[Hashable],
) -> tuple[str, str] | None:
    """Say why a finding may not be recorded, as (field, sentence), or None (A15).

    An upheld appeal must say whether other students are affected; `possible` are those with a decision of the
    same assessor on the same criterion.
    """
    if not reasons:
        return "reasons", "Write why, in words the student can follow"
    if not next_steps:
        return "next_steps", "Write what happens next"
    if finding in CHANGES and others_affected is None:
        return "others_affected", "Say whether other students are affected"
    if finding not in CHANGES and (others_affected or others):
        return "others_affected", "Only an appeal that is upheld, in whole or part, can affect others"
    if not set(others) <= set(possible):
        return "others", "Choose from the list"
    if others_affected and possible and not others:
        return "others", "Tick the students who are affected, or answer no"
    if others_affected is False and others:
        return "others", "You answered no. Tick nobody, or answer yes"
    return None


def why_no_new_decision(state: AppealState, outcome: Outcome | None, feedback: str) -> tuple[str, str] | None:
    """Say why the new decision of an upheld appeal may not be recorded, as (field, sentence), or None."""
    if state is not AppealState.DECISION_OWED:
        return "outcome", "No new decision is owed on this appeal any more."
    if outcome is Outcome.NOT_YET_MET and not feedback:
        return "feedback", "Write what would make it met"
    return None


def due_after(asked_on: date, days: int, holidays: BankHolidays) -> date:
    """The day by which a stage is answered: so many working days after it was asked for.

    Beyond the table of bank holidays an appeal is still a right: it is given whole weeks, and one more.
    """
    try:
        return add_working_days(asked_on, days, holidays)
    except BankHolidaysNotKnown:
        return asked_on + timedelta(weeks=-(-days // 5) + 1)


def days_left(today: date, due_on: date, holidays: BankHolidays) -> int:
    """Working days left until a stage is due; below nought once it is late."""
    try:
        return working_days_between(today, due_on, holidays) - working_days_between(due_on, today, holidays)
    except BankHolidaysNotKnown:
        return (due_on - today).days
