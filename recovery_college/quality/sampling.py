"""Drawing a sample (A9): reproducible from its seed, with a reason for each pick. Pure.

`sampling_suggestion` is what a board shows before anybody has made a plan; `draw_plan` draws the plan that is
stored, and what is to be added to it when students, assessors or percentages have changed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
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


class Stage(StrEnum):
    """When a pick is looked at: while the course runs, or when the unit is assessed in full."""

    INTERIM = "interim"
    SUMMATIVE = "summative"


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One student's unit that may be picked. `new`: why its share is the larger one, or "" as usual."""

    student: str
    unit: str
    assessor: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class PlanPick:
    """One candidate of a plan, when to look at it, and why."""

    candidate: Candidate
    stage: Stage
    reason: str


def draw_plan(
    candidates: Iterable[Candidate],
    seed: int,
    *,
    new_percent: int = NEW_PERCENT,
    usual_percent: int = USUAL_PERCENT,
    least_students: int = LEAST_STUDENTS,
    kept: Collection[tuple[str, str]] = (),
) -> tuple[PlanPick, ...]:
    """Draw a plan over every unit and assessor of a run (A9); `kept` are the (student, unit) picked before.

    In each unit the share asked for, rounded up, new and usual counted apart; at least `least_students` where
    there are so many; then every assessor. The first pick of each unit, where none was kept, is also looked at
    while the course runs. The same candidates, seed and kept picks give the same draw whatever their order.
    """
    order = sorted(set(candidates), key=lambda one: (_place(seed, one), one))
    held = {(one.student, one.unit) for one in order} & set(kept)
    reasons: dict[Candidate, str] = {}

    def taken(one: Candidate) -> bool:
        return one in reasons or (one.student, one.unit) in held

    for unit in sorted({one.unit for one in order}):
        own = [one for one in order if one.unit == unit]
        for is_new, percent in ((True, new_percent), (False, usual_percent)):
            share = [one for one in own if bool(one.new) is is_new]
            left = -(-len(share) * percent // 100) - sum(map(taken, share))
            for one in [one for one in share if not taken(one)][: max(0, left)]:
                why = one.new or "the usual share"
                reasons[one] = f"Drawn by chance: {percent}% for {why}, seed {seed}."
        left = least_students - sum(map(taken, own))
        for one in [one for one in own if not taken(one)][: max(0, left)]:
            reasons[one] = f"So that at least {least_students} students of the unit are looked at."
    for assessor in sorted({one.assessor for one in order if one.assessor}):
        own = [one for one in order if one.assessor == assessor]
        if not any(map(taken, own)):
            reasons[own[0]] = "So that each assessor is looked at."
    picks = [PlanPick(one, Stage.SUMMATIVE, reason) for one, reason in reasons.items()]
    early = {unit for _, unit in held}
    for one in order:
        if one in reasons and one.unit not in early:
            early.add(one.unit)
            picks.append(PlanPick(one, Stage.INTERIM, "One student of each unit while the course runs."))
    return tuple(
        sorted(picks, key=lambda pick: (pick.candidate.unit, pick.stage, _place(seed, pick.candidate)))
    )


def _place(seed: int, one: Candidate) -> str:
    """Order candidates by chance, whoever assesses them by now."""
    return sha256(
        "\x1f".join((str(seed), one.student, one.unit)).encode("utf-8", "surrogatepass")
    ).hexdigest()


def as_lines(candidates: Iterable[Candidate]) -> str:
    """Candidates as text, a line each, to be stored beside what was drawn from them."""
    return "\n".join(
        "\t".join((one.student, one.unit, one.assessor, one.new)) for one in sorted(set(candidates))
    )


def from_lines(text: str) -> tuple[Candidate, ...]:
    """The candidates that `as_lines` wrote."""
    return tuple(Candidate(*line.split("\t")) for line in text.split("\n") if line)
