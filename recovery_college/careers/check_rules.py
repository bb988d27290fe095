"""Offers, the six NHS checks, and whether a start date may be set (P4, P5, P6). Pure.

The gate stands on the start, not on the offer: six checks clear and the team prepared.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from recovery_college.careers.candidacy_rules import HIRE_THEN_TRAIN_MONTHS


class CheckKind(StrEnum):
    """The six NHS employment checks. Only state, date and who: no document and no content (P4)."""

    IDENTITY = "identity"
    RIGHT_TO_WORK = "right to work"
    QUALIFICATIONS = "registration and qualifications"
    EMPLOYMENT = "employment history and references"
    CRIMINAL_RECORD = "criminal record"
    WORK_HEALTH = "work health"


class CheckState(StrEnum):
    """Where a check stands. Only clear is clear."""

    NOT_STARTED = "not started"
    ASKED = "asked for"
    RECEIVED = "being looked at"
    TO_TALK_ABOUT = "to talk about"
    CLEAR = "clear"


class TeamStep(StrEnum):
    """What makes a team ready for a peer support worker (P4)."""

    AWARENESS = "awareness training"
    VISIT = "visit by a peer support worker"
    LINE_SUPERVISOR = "line supervisor"
    PEER_SUPERVISOR = "peer supervisor"
    MORE_THAN_ONE = "more than one peer"

    @property
    def names_somebody(self) -> bool:
        """Whether the step is done by naming a person."""
        return self in (TeamStep.LINE_SUPERVISOR, TeamStep.PEER_SUPERVISOR)

    @property
    def may_be_impossible(self) -> bool:
        """Whether "not possible just now", with a reason, will do: more than one peer is asked where possible."""
        return self is TeamStep.MORE_THAN_ONE


class StepState(StrEnum):
    """Where a step of the preparation stands."""

    TO_DO = "to do"
    PLANNED = "planned"
    DONE = "done"
    NOT_POSSIBLE = "not possible just now"


@dataclass(frozen=True, slots=True)
class StepFact:
    """A step as the rules need it."""

    done_on: date | None = None
    due_on: date | None = None
    named: str = ""
    impossible_why: str = ""


def step_state(kind: TeamStep, fact: StepFact | None, today: date) -> StepState:
    """Where a step stands today; one with a day to come is planned and not done."""
    if fact is None:
        return StepState.TO_DO
    if fact.done_on is not None and fact.done_on <= today and (fact.named or not kind.names_somebody):
        return StepState.DONE
    if kind.may_be_impossible and fact.impossible_why:
        return StepState.NOT_POSSIBLE
    return StepState.PLANNED if fact.due_on or fact.done_on else StepState.TO_DO


def steps_to_go(steps: Mapping[TeamStep, StepState]) -> list[TeamStep]:
    """The steps a start still waits for."""
    settled = (StepState.DONE, StepState.NOT_POSSIBLE)
    return [kind for kind in TeamStep if steps.get(kind, StepState.TO_DO) not in settled]


def checks_to_go(checks: Mapping[CheckKind, CheckState]) -> list[CheckKind]:
    """The checks a start still waits for: every one that is not clear, recorded or not."""
    return [kind for kind in CheckKind if checks.get(kind) is not CheckState.CLEAR]


def why_no_start(checks: int, steps: int) -> str:
    """Why no start date can be set yet, in a sentence; nothing when one can (P4)."""
    parts = []
    if checks:
        parts.append(f"{checks} check{'' if checks == 1 else 's'}")
    if steps:
        parts.append(f"{steps} preparation{'' if steps == 1 else 's'}")
    return f"Start date cannot be set yet: {' and '.join(parts)} to go" if parts else ""


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the month's last day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def training_due_on(start_on: date, graduated: bool) -> date | None:
    """By when somebody appointed before graduating is due to be trained (P5); None for a graduate."""
    return None if graduated else months_after(start_on, HIRE_THEN_TRAIN_MONTHS)


@dataclass(frozen=True, slots=True)
class Room:
    """What a vacancy has room for: funded hours and people, and what is taken by others (P6)."""

    funded_hours: Decimal | None
    places: int
    hours_taken: Decimal = Decimal(0)
    people: int = 0

    @property
    def hours_left(self) -> Decimal | None:
        """Funded hours nobody has yet; None where nobody has said how many are funded."""
        return None if self.funded_hours is None else self.funded_hours - self.hours_taken


def check_room(room: Room, hours: Decimal) -> str:
    """Why somebody with these hours does not fit into the funding, or nothing (P6)."""
    if room.funded_hours is None:
        return "Say first how many hours a week are funded"
    if room.people >= room.places:
        many = "1 person" if room.places == 1 else f"{room.places} people"
        return f"This vacancy takes {many}, and has {'them' if room.places > 1 else 'one'} already"
    left = room.funded_hours - room.hours_taken
    if hours > left:
        return f"Only {left.normalize():f} of {room.funded_hours.normalize():f} funded hours are left"
    return ""


def places_of(places: int | None, job_share: bool) -> int:
    """How many people a vacancy takes: as said, else two for a job share, else one (P6)."""
    if places is not None:
        return places
    return 2 if job_share else 1
