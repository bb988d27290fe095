"""What was done for the units of a place: asked of the room above, which knows decisions."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import current_app


@dataclass(frozen=True, slots=True)
class UnitWork:
    """What was done for one unit: how many decisions there are, and whether it is past quality assurance."""

    decisions: int
    is_settled: bool


def work_on_units(enrolment_id: UUID) -> Mapping[UUID, UnitWork]:
    """What was done for a student's units. app.py hands the question to the room above."""
    ask = cast(Callable[[UUID], Mapping[UUID, tuple[int, bool]]], current_app.extensions["work_on_units"])
    return {unit_id: UnitWork(*found) for unit_id, found in ask(enrolment_id).items()}


def settled_units(enrolment_id: UUID, units: Collection[UUID]) -> set[UUID]:
    """Those of these units that are verified, claimed or awarded: they cannot be taken off a place."""
    work = work_on_units(enrolment_id) if units else {}
    return {one for one in units if one in work and work[one].is_settled}
