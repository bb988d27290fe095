"""Rules of what was claimed from the awarding organisation and what it answered (A8, A12). Pure.

A line is one tick of a recommendation for award of credit (RAC): one student's unit on one run.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

CLAIM_WEEKS = 12
"""A claim is due within so many weeks of the course end (A12)."""


class Capacity(StrEnum):
    """In which of three capacities a claim is signed (A12): three different people."""

    TUTOR = "tutor"
    IQA = "internal quality assurer"
    REVIEWER = "quality reviewer"


class Reply(StrEnum):
    """What the awarding organisation said of one line (contract: rac-reply)."""

    AWARDED = "awarded"
    QUERIED = "queried"


@dataclass(frozen=True, slots=True)
class LineFact:
    """One line of a locked claim. `live`: not taken off to be claimed again; `reply`: the latest, or None."""

    live: bool
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """What the state of a unit takes from its claims (A8)."""

    claimed: bool = False
    awarded: bool = False


NOT_CLAIMED = Credit()


def credit_of(lines: Iterable[LineFact]) -> Credit:
    """Work out from every line of one student's unit whether it is claimed and whether it is awarded.

    A queried line stays claimed until the college takes it off its run to claim it again; an award counts
    whatever became of its line since.
    """
    found = list(lines)
    return Credit(
        claimed=any(line.live for line in found),
        awarded=any(line.reply is Reply.AWARDED for line in found),
    )


def claim_due_on(ends_on: date) -> date:
    """The last day on which a claim is in time (A12)."""
    return ends_on + timedelta(weeks=CLAIM_WEEKS)
