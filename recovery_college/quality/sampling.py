"""The first form of the sampling suggestion (A9): reproducible, with a reason for each pick. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

NEW_PERCENT = 50
"""Share to sample while the assessor, the unit or the cohort is new."""
USUAL_PERCENT = 20
"""Share to sample otherwise."""
LEAST_STUDENTS = 2
"""Students in a sample at least, where there are so many."""


@dataclass(frozen=True, slots=True)
class UnitResult:
    """One student's assessed unit and its assessor, each by a stable reference."""

    student: str
    unit: str
    assessor: str


@dataclass(frozen=True, slots=True)
class Pick:
    """One unit result to look at, and why."""

    result: UnitResult
    reason: str


def sampling_suggestion(
    unit_results: Iterable[UnitResult],
    new_assessor: bool,
    seed: int,
    *,
    new_percent: int = NEW_PERCENT,
    usual_percent: int = USUAL_PERCENT,
    least_students: int = LEAST_STUDENTS,
) -> tuple[Pick, ...]:
    """Suggest which unit results to sample (A9), in the order drawn.

    The share is rounded up; every unit and every assessor is covered and at least two students are in it.
    The same results and seed give the same picks whatever their order; `new_assessor` also stands for a
    new unit or a first cohort. A person may add picks; this only suggests.
    """
    drawn = sorted(set(unit_results), key=lambda result: _rank(seed, result))
    percent = new_percent if new_assessor else usual_percent
    target = min(len(drawn), -(-len(drawn) * percent // 100))
    why = "a new assessor, unit or cohort" if new_assessor else "the usual share"
    picks: dict[UnitResult, str] = {}
    units: set[str] = set()
    assessors: set[str] = set()
    for result in drawn:
        if result.unit not in units:
            picks[result] = f"So that {result.unit} is sampled."
        elif result.assessor not in assessors:
            picks[result] = "So that each assessor is sampled."
        else:
            continue
        units.add(result.unit)
        assessors.add(result.assessor)
    for result in drawn:
        students = {pick.student for pick in picks}
        if len(students) >= least_students:
            break
        if result.student not in students:
            picks[result] = f"So that at least {least_students} students are sampled."
    for result in drawn:
        if len(picks) >= target:
            break
        picks.setdefault(result, f"Drawn by chance: {percent}% for {why}, seed {seed}.")
    return tuple(Pick(result, reason) for result, reason in picks.items())


def _rank(seed: int, result: UnitResult) -> str:
    """Order results by chance, the same on every machine and Python version."""
    text = "\x1f".join((str(seed), result.student, result.unit, result.assessor))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
