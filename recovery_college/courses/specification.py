"""A qualification's specification and its rule of combination (A1). Pure: no database, no clock."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

MANDATORY = "mandatory"
"""The name of the group whose units everyone takes (contract: files, qualification)."""


@dataclass(frozen=True, slots=True)
class CriterionSpec:
    """One assessment criterion: `number` is n.m, `text` completes "The learner can ..."."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class OutcomeSpec:
    """One learning outcome: `number` is n, `text` completes "The learner will ..."."""

    number: str
    text: str
    criteria: tuple[CriterionSpec, ...]


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """One unit. `credit` is ten hours of learning each; `glh` are guided learning hours."""

    code: str
    title: str
    level: int
    credit: int
    glh: int
    outcomes: tuple[OutcomeSpec, ...]
    reference: str = ""

    @property
    def criteria(self) -> tuple[str, ...]:
        """The numbers of all its assessment criteria, in order."""
        return tuple(criterion.number for outcome in self.outcomes for criterion in outcome.criteria)


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units chosen together. A minimum of None or 0 asks nothing (contract: files, qualification)."""

    name: str
    units: tuple[UnitSpec, ...]
    min_credit: int | None = None
    min_units: int | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every unit of the group is needed: the mandatory group, unless it has a minimum."""
        return self.name.strip().casefold() == MANDATORY and not self.min_credit and not self.min_units


@dataclass(frozen=True, slots=True)
class Specification:
    """One version of a qualification. `credit_at_level` holds (level, least credit at it or above)."""

    title: str
    version: str
    groups: tuple[UnitGroup, ...]
    min_credit: int | None = None
    credit_at_level: tuple[tuple[int, int], ...] = ()

    @property
    def units(self) -> tuple[UnitSpec, ...]:
        """All units of all groups, in order."""
        return tuple(unit for group in self.groups for unit in group.units)


def unit_label(code: str) -> str:
    """Name a unit in a sentence: "Unit 3" stays as it is, "PSW-03" becomes "Unit PSW-03"."""
    return code if code.casefold().startswith("unit") else f"Unit {code}"


def counted(number: int, noun: str) -> str:
    """Put a number before its noun: 1 credit, 2 credits."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def combination_shortfalls(
    spec: Specification, units_achieved: Collection[str], have_words: str = "achieved so far"
) -> list[str]:
    """Say, one plain sentence each, what the rule of combination still asks for (A1); empty: fulfilled.

    Only whole units bring credit. Codes that are not in the specification are left out of account.
    `have_words` follows the number there is, where the units given are not the achieved ones.
    """
    achieved = frozenset(units_achieved)
    have_all = [unit for unit in spec.units if unit.code in achieved]
    sentences: list[str] = []
    for group in spec.groups:
        if group.takes_all:
            missing = (unit for unit in group.units if unit.code not in achieved)
            sentences += [f"{unit_label(unit.code)} is mandatory and not yet achieved." for unit in missing]
            continue
        have = [unit for unit in group.units if unit.code in achieved]
        credit = sum(unit.credit for unit in have)
        if group.min_units and len(have) < group.min_units:
            asked = counted(group.min_units, "unit")
            sentences.append(f"The group “{group.name}” asks for {asked}; {len(have)} {have_words}.")
        if group.min_credit and credit < group.min_credit:
            asked = counted(group.min_credit, "credit")
            sentences.append(f"The group “{group.name}” asks for {asked}; {credit} {have_words}.")
    total = sum(unit.credit for unit in have_all)
    if spec.min_credit and total < spec.min_credit:
        asked = counted(spec.min_credit, "credit")
        sentences.append(f"The qualification asks for {asked}; {total} {have_words}.")
    for level, least in spec.credit_at_level:
        at_level = sum(unit.credit for unit in have_all if unit.level >= level)
        if at_level < least:
            asked = counted(least, "credit")
            sentences.append(f"{asked} must be at level {level} or above; {at_level} {have_words}.")
    return sentences


def units_needed(
    spec: Specification, registered: Collection[str], achieved: Collection[str] = ()
) -> tuple[str, ...]:
    """List the units this student must achieve for the rule of combination, in the specification's order.

    Every unit of a group that takes all, and no more of the registered ones than the rule asks for: a unit
    taken on top is not needed. Achieved units are kept before the others. Where even all registered units
    are too few, all of them are needed and `combination_shortfalls` says what else is.
    """
    fixed = {unit.code for group in spec.groups if group.takes_all for unit in group.units}
    pool = [unit.code for unit in spec.units if unit.code in fixed or unit.code in registered]
    kept = list(dict.fromkeys(pool))
    if combination_shortfalls(spec, kept):
        return tuple(kept)
    spare_first = kept[::-1]
    spare_first.sort(key=lambda code: code in achieved)
    for code in spare_first:
        rest = [other for other in kept if other != code]
        if not combination_shortfalls(spec, rest):
            kept = rest
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class SpecificationCheck:
    """What an imported specification gets wrong: problems refuse it, warnings are only told."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def check_specification(spec: Specification) -> SpecificationCheck:
    """Check that a specification can be taught, assessed and achieved at all (A1)."""
    problems: list[str] = []
    warnings: list[str] = []
    if not spec.units:
        problems.append("The specification has no units.")
    problems += [
        f"{unit_label(code)} appears more than once." for code in _repeated(unit.code for unit in spec.units)
    ]
    for unit in spec.units:
        problems += [f"{unit_label(unit.code)}: {text}" for text in _unit_problems(unit)]
        warnings += [f"{unit_label(unit.code)}: {text}" for text in _unit_warnings(unit)]
    if spec.units:
        shortfalls = combination_shortfalls(spec, [unit.code for unit in spec.units], "in all its units")
        problems += [f"Even with every unit the rule cannot be fulfilled. {text}" for text in shortfalls]
    return SpecificationCheck(tuple(problems), tuple(warnings))


def _repeated(values: Iterable[str]) -> list[str]:
    """Name each value that occurs more than once, in order of first appearance."""
    return [value for value, times in Counter(values).items() if times > 1]


def _unit_problems(unit: UnitSpec) -> Iterator[str]:
    """Say what makes a unit impossible to assess or to count."""
    if not 1 <= unit.level <= 8:
        yield f"level {unit.level} is not a level from 1 to 8."
    if unit.credit < 0 or unit.glh < 0:
        yield "credit and guided learning hours cannot be less than 0."
    if not unit.outcomes:
        yield "it has no learning outcomes."
    for number in _repeated(outcome.number for outcome in unit.outcomes):
        yield f"learning outcome {number} appears more than once."
    for number in _repeated(unit.criteria):
        yield f"assessment criterion {number} appears more than once."
    for outcome in unit.outcomes:
        if not outcome.criteria:
            yield f"learning outcome {outcome.number} has no assessment criteria."


def _unit_warnings(unit: UnitSpec) -> Iterator[str]:
    """Say what is unusual about a unit and may be a slip."""
    if not unit.credit:
        yield "it has no credit, so it adds nothing to what the rule asks for."
    if unit.glh > unit.credit * 10 > 0:
        yield f"{unit.glh} guided learning hours are more than its {unit.credit * 10} hours of learning."
    for outcome in unit.outcomes:
        for criterion in outcome.criteria:
            if not criterion.number.startswith(f"{outcome.number}."):
                yield f"criterion {criterion.number} stands under learning outcome {outcome.number}."
