"""Rules of recognition of prior learning (A13): how much of a qualification may be met that way. Pure."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction

USUAL_PERCENT = 50
"""The share of a qualification's credit that may be met by prior learning, unless a programme says otherwise."""


@dataclass(frozen=True, slots=True)
class RplUnit:
    """A registered unit: its credit, and its criteria."""

    credit: int
    criteria: frozenset[Hashable]


def share_by_rpl(units: Collection[RplUnit], claimed: Collection[Hashable]) -> Fraction:
    """The share of the registered credit that stands on prior learning, 0 to 1.

    A unit's credit counts by the part of its criteria that are claimed. Where no unit has credit, criteria
    are counted instead.
    """
    wanted = frozenset(claimed)
    whole = sum(unit.credit for unit in units if unit.criteria)
    if whole == 0:
        every = sum(len(unit.criteria) for unit in units)
        return Fraction(sum(len(unit.criteria & wanted) for unit in units), every) if every else Fraction(0)
    part = sum(
        Fraction(unit.credit * len(unit.criteria & wanted), len(unit.criteria))
        for unit in units
        if unit.criteria
    )
    return Fraction(part) / whole


def why_no_claim(
    units: Collection[RplUnit],
    already: Collection[Hashable],
    wanted: Collection[Hashable],
    percent: int,
    *,
    met: Collection[Hashable] = (),
    locked: Collection[Hashable] = (),
) -> str | None:
    """Say why these criteria cannot be claimed by prior learning, or None (A13).

    `already`: the criteria of the student's other live claims; `met`: those met some other way; `locked`:
    those of units that are quality-assured or claimed. Never the whole qualification, whatever the limit.
    """
    asked = frozenset(wanted)
    registered = frozenset[Hashable]().union(*(unit.criteria for unit in units))
    if not asked:
        return "Choose at least one criterion."
    if not asked <= registered:
        return "You can only claim criteria of units you are registered for."
    if asked & frozenset(already):
        return "Some of these are in another claim already. Choose others, or take that claim back first."
    if asked & frozenset(locked):
        return "Some of these belong to a unit that is finished and checked, so nothing is needed there."
    if asked & frozenset(met):
        return "Some of these are met already, so nothing is needed there."
    together = asked | frozenset(already)
    if together >= registered:
        return (
            "Prior learning cannot stand for the whole qualification. "
            "At least one criterion must be shown on this course."
        )
    share = share_by_rpl(units, together)
    if share * 100 > percent:
        return (
            f"With these, {plain_percent(share)} of the credit would stand on prior learning. "
            f"This programme allows up to {percent}%. Choose fewer criteria, or talk to your tutor about "
            "which ones help you most."
        )
    return None


def plain_percent(share: Fraction) -> str:
    """A share in words, never rounded down to what is allowed: 50.2% stays above 50%."""
    tenths = -(-share.numerator * 1000 // share.denominator)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


def grouped(numbers: Mapping[str, Collection[str]]) -> str:
    """Criteria in words by unit: "Unit 1: 1.1, 1.2; Unit 3: 2.1"."""
    return "; ".join(f"{unit}: {', '.join(found)}" for unit, found in numbers.items())
