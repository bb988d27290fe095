"""The mapping report: what became of each criterion when a newer version comes (A2). Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from recovery_college.courses.specification import Specification, UnitSpec, counted, unit_label


class Fate(StrEnum):
    """What became of a criterion from one version to the next."""

    SAME = "same"
    REWORDED = "reworded"
    MOVED = "moved"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class CriterionPlace:
    """A criterion where it stands. `origin` is the key of the earlier criterion it was copied from, if known."""

    key: str
    unit: str
    number: str
    text: str
    outcome_text: str
    origin: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Its unit's code and its number."""
        return self.unit, self.number

    @property
    def words(self) -> tuple[str, str]:
        """Its own words and its outcome's, spaces apart."""
        return " ".join(self.text.split()), " ".join(self.outcome_text.split())


@dataclass(frozen=True, slots=True)
class MappingLine:
    """One criterion of the old version, of the new one, or of both. `reworded` is said of a moved one too."""

    fate: Fate
    old: CriterionPlace | None
    new: CriterionPlace | None
    reworded: bool = False


def mapping(old: Sequence[CriterionPlace], new: Sequence[CriterionPlace]) -> tuple[MappingLine, ...]:
    """Every criterion of the old version in its order, then those that are new, in theirs.

    A criterion is the same one where it is known to be copied from it; else where the same words stand at the
    same place; else where the same words stand anywhere; else where it has the same unit and number.
    """
    found = _pairs(old, new)
    lines = [_line(one, found.get(one.key)) for one in old]
    taken = {one.key for one in found.values()}
    return (*lines, *(MappingLine(Fate.NEW, None, one) for one in new if one.key not in taken))


def _pairs(old: Sequence[CriterionPlace], new: Sequence[CriterionPlace]) -> dict[str, CriterionPlace]:
    """The new criterion of each old one's key."""
    found: dict[str, CriterionPlace] = {}
    left = list(new)
    keys = {one.key for one in old}
    for one in new:
        if one.origin in keys and one.origin not in found:
            found[str(one.origin)] = one
            left.remove(one)
    likeness: tuple[Callable[[CriterionPlace], object], ...] = (
        lambda one: (one.place, one.words[0]),
        lambda one: one.words[0],
        lambda one: one.place,
    )
    for like in likeness:
        waiting: dict[object, list[CriterionPlace]] = {}
        for one in left:
            if one.origin not in keys:  # one copied from elsewhere in the old version is no other's successor
                waiting.setdefault(like(one), []).append(one)
        for one in old:
            if one.key not in found and waiting.get(like(one)):
                found[one.key] = waiting[like(one)].pop(0)
                left.remove(found[one.key])
    return found


def _line(old: CriterionPlace, new: CriterionPlace | None) -> MappingLine:
    if new is None:
        return MappingLine(Fate.GONE, old, None)
    reworded = old.words != new.words
    if old.place != new.place:
        return MappingLine(Fate.MOVED, old, new, reworded)
    return MappingLine(Fate.REWORDED if reworded else Fate.SAME, old, new, reworded)


def counts(lines: Sequence[MappingLine]) -> dict[Fate, int]:
    """How many criteria had each fate; every fate is there."""
    return {fate: sum(line.fate is fate for line in lines) for fate in Fate}


def unit_changes(old: Specification, new: Specification) -> tuple[str, ...]:
    """What changed of units and of the rule, a sentence each: level, credit, hours, group, and what is asked."""
    return (*_units(old, new), *_rule(old, new))


def _units(old: Specification, new: Specification) -> Iterator[str]:
    here, there = _by_code(old), _by_code(new)
    for code, (unit, group) in here.items():
        if code not in there:
            yield f"{unit_label(code)} is gone."
            continue
        after, new_group = there[code]
        facts = (
            ("title", unit.title, after.title),
            ("level", unit.level, after.level),
            ("credit", unit.credit, after.credit),
            ("guided learning hours", unit.glh, after.glh),
            ("group", group, new_group),
        )
        changed = [f"{name} from {before} to {now}" for name, before, now in facts if before != now]
        if changed:
            yield f"{unit_label(code)}: {', '.join(changed)}."
    for code, (unit, group) in there.items():
        if code not in here:
            yield f"{unit_label(code)} is new: {unit.title}, {counted(unit.credit, 'credit')}, group {group}."


def _by_code(spec: Specification) -> dict[str, tuple[UnitSpec, str]]:
    return {unit.code: (unit, group.name) for group in spec.groups for unit in group.units}


def _rule(old: Specification, new: Specification) -> Iterator[str]:
    if (old.min_credit or 0) != (new.min_credit or 0):
        yield f"Least credit of the qualification: from {old.min_credit or 0} to {new.min_credit or 0}."
    if old.credit_at_level != new.credit_at_level:
        yield f"Least credit at a level: from {_levels(old)} to {_levels(new)}."
    before = {group.name: (group.min_units or 0, group.min_credit or 0) for group in old.groups}
    for group in new.groups:
        now = (group.min_units or 0, group.min_credit or 0)
        then = before.get(group.name, (0, 0))
        if now != then:
            yield (
                f"The group “{group.name}” asks for {counted(now[0], 'unit')} and {counted(now[1], 'credit')}, "
                f"before {counted(then[0], 'unit')} and {counted(then[1], 'credit')}."
            )


def _levels(spec: Specification) -> str:
    return ", ".join(f"{least} at level {level}" for level, least in spec.credit_at_level) or "none"
