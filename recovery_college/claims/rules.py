"""Rules of registering, claiming and signing (A12, A4, A10). Pure: today is an argument."""

import json
import unicodedata
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from recovery_college.access.rules import Role
from recovery_college.assessment.claim_rules import CLAIM_WEEKS, Capacity, claim_due_on
from recovery_college.assessment.rules import UnitState
from recovery_college.courses.specification import counted
from recovery_college.kernel.wording import day
from recovery_college.people.rules import ULN_NOT_YET_KNOWN, name_problem, uln_as_stored, uln_problem


@dataclass(frozen=True, slots=True)
class Identity:
    """What the awarding organisation knows a student by: exact certificate name, date of birth, ULN."""

    certificate_name: str
    date_of_birth: date | None
    uln: str

    @property
    def sent(self) -> "Identity":
        """The same as it is registered: an empty ULN is sent as "not yet known" (A4)."""
        return Identity(
            unicodedata.normalize("NFC", self.certificate_name),
            self.date_of_birth,
            uln_as_stored(self.uln) or ULN_NOT_YET_KNOWN,
        )


def differs_from_sent(record: Identity, certificate_name: str, date_of_birth: date | None) -> tuple[str, ...]:
    """What went to the awarding organisation with a claim that the record no longer says, in words (A12)."""
    now = record.sent
    found = []
    if now.certificate_name != certificate_name:
        found.append(f"the name “{certificate_name}”")
    if now.date_of_birth != date_of_birth:
        found.append("another date of birth")
    return tuple(found)


class ProblemKind(StrEnum):
    """What stands in the way of claiming for a student, in the words of the summary."""

    NO_NAME = "without a usable name"
    NO_BIRTHDAY = "without a date of birth"
    BAD_ULN = "with a learner number (ULN) to check"
    NOT_REGISTERED = "not registered with the awarding organisation"
    NAME_DIFFERS = "whose name differs from the registration"
    BIRTHDAY_DIFFERS = "whose date of birth differs from the registration"
    ULN_DIFFERS = "whose learner number (ULN) differs from the registration"


HELD = "This student’s units cannot be claimed just now. The college administrator knows why."
"""All that is said where a claim is held back: the same words whatever the reason (A15)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend before a student can be claimed for, in words."""

    kind: ProblemKind
    text: str


def identity_problems(record: Identity) -> list[Problem]:
    """What is missing in a student's record before the awarding organisation can register them."""
    found = []
    problem = name_problem(record.certificate_name, "certificate name")
    if problem:
        found.append(Problem(ProblemKind.NO_NAME, problem))
    if record.date_of_birth is None:
        found.append(Problem(ProblemKind.NO_BIRTHDAY, "The date of birth is missing."))
    problem = uln_problem(record.uln)
    if problem:
        found.append(Problem(ProblemKind.BAD_ULN, problem))
    return found


def registration_problems(record: Identity, registered: Identity | None) -> list[Problem]:
    """What stands in the way of claiming: record and registration must say the same, letter by letter.

    A ULN that was not yet known when registering is no difference: it is told with the claim.
    """
    found = identity_problems(record)
    if registered is None:
        return [
            *found,
            Problem(ProblemKind.NOT_REGISTERED, "Not registered with the awarding organisation yet."),
        ]
    now = record.sent
    if now.certificate_name != registered.certificate_name:
        text = f"Registered as “{registered.certificate_name}”, and the record says “{now.certificate_name}”."
        found.append(Problem(ProblemKind.NAME_DIFFERS, text))
    if now.date_of_birth is not None and now.date_of_birth != registered.date_of_birth:
        text = "The date of birth in the record is not the one registered."
        found.append(Problem(ProblemKind.BIRTHDAY_DIFFERS, text))
    if registered.uln not in (now.uln, ULN_NOT_YET_KNOWN):
        text = "The learner number (ULN) in the record is not the one registered."
        found.append(Problem(ProblemKind.ULN_DIFFERS, text))
    return found


# The clock (A12).


@dataclass(frozen=True, slots=True)
class Clock:
    """How a cohort stands against the day its claim is due."""

    due_on: date
    days_left: int

    @property
    def is_over(self) -> bool:
        """Whether the day has passed."""
        return self.days_left < 0

    @property
    def words(self) -> str:
        """The due day and how far away it is, in words."""
        if self.is_over:
            return f"Overdue by {_span(-self.days_left)}: the claim was due on {day(self.due_on)}"
        if self.days_left == 0:
            return f"The claim is due today, {day(self.due_on)}"
        return f"The claim is due on {day(self.due_on)}: {_span(self.days_left)} left"


def claim_clock(ends_on: date, today: date) -> Clock:
    """The clock of a cohort's claim: due within twelve weeks of the course end."""
    due_on = claim_due_on(ends_on)
    return Clock(due_on, (due_on - today).days)


def _span(days: int) -> str:
    weeks, rest = divmod(days, 7)
    if weeks == 0:
        return counted(days, "day")
    return counted(weeks, "week") + (f" and {counted(rest, 'day')}" if rest else "")


CLAIM_RULE = f"A claim is due within {CLAIM_WEEKS} weeks of the course end."


def summary(students: int, units: int, ticks: int) -> str:
    """What a claim holds: "12 students, 5 units, 60 unit results"."""
    return f"{counted(students, 'student')}, {counted(units, 'unit')}, {counted(ticks, 'unit result')}"


def problem_summary(kinds: Mapping[ProblemKind, int]) -> str:
    """How many students each kind of problem concerns: "2 students whose name differs from ..."."""
    return "; ".join(f"{counted(kinds[kind], 'student')} {kind}" for kind in ProblemKind if kinds.get(kind))


# Signing (A10: by person, A12: three different people).


def capacity_of(role: Role, person: Hashable, reviewer: Hashable) -> Capacity | None:
    """In which capacity somebody who wears this role would sign; None: in none."""
    if role is Role.TUTOR:
        return Capacity.TUTOR
    if role is Role.IQA:
        return Capacity.REVIEWER if person == reviewer else Capacity.IQA
    return None


def why_not_sign(
    capacity: Capacity | None,
    person: Hashable,
    *,
    reviewer: Hashable,
    signed: Mapping[Capacity, Hashable],
    students: Collection[Hashable],
    deciders: Collection[Hashable],
    conflicts: Collection[Hashable] = (),
) -> str | None:
    """Say why this person may not sign, or None.

    `deciders`: everyone with a decision or a countersignature in a unit on the claim. `conflicts`: people they
    declared a conflict of interest with.
    """
    if capacity is None:
        return "A claim is signed by its tutor, an internal quality assurer and the quality reviewer."
    if person in students:
        return "You are a student on this claim, so you cannot sign it."
    if person in signed.values():
        return "You have signed this claim. Its three signatures are of three different people."
    if capacity in signed:
        return f"The {capacity} has signed already."
    if capacity is not Capacity.REVIEWER and person == reviewer:
        return "You are named as the quality reviewer of this claim. Somebody else signs as its tutor."
    if capacity is not Capacity.TUTOR and person in deciders:
        return "You assessed or countersigned work on this claim, so somebody else must sign for its quality."
    judged = students if capacity is Capacity.TUTOR else {*students, *deciders}
    if any(one in conflicts for one in judged):
        return "You declared a conflict of interest with somebody on this claim. Somebody else signs it."
    return None


def why_not_reviewer(
    person: Hashable, *, students: Collection[Hashable], deciders: Collection[Hashable]
) -> str | None:
    """Say why somebody cannot be named as the quality reviewer, or None."""
    if person in students:
        return "The quality reviewer is a student on this claim. Choose somebody else."
    if person in deciders:
        return "The quality reviewer assessed or countersigned work on this claim. Choose somebody else."
    return None


CLAIMABLE = UnitState.VERIFIED
"""The one state from which a unit is claimed (A8)."""


def digest_of(content: Mapping[str, object] | Sequence[object]) -> str:
    """The SHA-256 of what is claimed, so that each signature says what it was for."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()
