"""A qualification as the rows of a file tell it: groups, units, outcomes, criteria, each where it first stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from recovery_college.courses.specification import (
    MANDATORY,
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
)
from recovery_college.imports.rules import CheckedRow, Refusal

# What must be the same in every row of the same thing: the columns that name it, and those that tell of it.
ONE_OF_EACH: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        (),
        (
            "qualification_min_credit",
            "accreditation",
            "qualification_number",
            "resubmissions",
            "min_credit_at_level",
            "at_level",
        ),
        "qualification",
    ),
    (("group",), ("group_min_credit", "group_min_units"), "group"),
    (("unit_code",), ("unit_title", "level", "credit", "glh", "group", "unit_reference"), "unit"),
    (("unit_code", "outcome"), ("outcome_text",), "outcome"),
)


FACT_COLUMNS = (
    ("accreditation", "accreditation"),
    ("qualification_number", "number"),
    ("resubmissions", "resubmissions"),
    ("min_credit_at_level", "min_credit_at_level"),
    ("at_level", "at_level"),
)
"""The columns that tell of a whole version, and the facts they are kept as."""


def group_name(row: CheckedRow) -> str:
    """The row's group; the mandatory one is written in any letters."""
    name = str(row.values["group"])
    return MANDATORY if name.casefold() == MANDATORY else name


def _value(row: CheckedRow, name: str) -> Any:
    return group_name(row) if name == "group" else row.values[name]


def contradictions(rows: Sequence[CheckedRow]) -> list[Refusal]:
    """Cells that say otherwise than an earlier row of the same unit, group, outcome or qualification.

    An empty cell says nothing, so what is true of a whole unit may stand in its first row only.
    """
    found: list[Refusal] = []
    for naming, telling, what in ONE_OF_EACH:
        said: dict[tuple[Any, ...], tuple[Any, int]] = {}
        for row in rows:
            thing = tuple(_value(row, name) for name in naming)
            for name in telling:
                value = _value(row, name)
                if value is None:
                    continue
                first, line = said.setdefault((*thing, name), (value, row.line))
                if value != first:
                    shown = row.raw.get(name, "").strip()[:200]
                    reason = f"Line {line} says “{str(first)[:80]}” of the same {what}. Keep the right one"
                    found.append(Refusal(row.line, name, shown, reason))
    return found


@dataclass(slots=True)
class UnitSheet:
    """A unit: what its rows say of it, its outcomes in order, and which outcome each criterion stands under."""

    facts: dict[str, Any]
    group: str
    outcomes: dict[str, str] = field(default_factory=dict)
    criteria: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Sheet:
    """One qualification of a file: groups with their minimums, units by code, all in the file's order."""

    title: str
    version: str
    rows: list[CheckedRow] = field(default_factory=list)

    @cached_property
    def min_credit(self) -> int | None:
        """Least credit of the whole qualification; None and 0 ask nothing, and are None."""
        given = (row.values["qualification_min_credit"] for row in self.rows)
        return next((least for least in given if least), None)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the file says of the whole version, by the names of the table's columns.

        A column that is not in the file says nothing; an empty cell takes out what may be empty.
        """
        there = self.rows[0].raw
        found: dict[str, Any] = {"min_credit": self.min_credit}
        for column, name in FACT_COLUMNS:
            if column not in there:
                continue
            given = next((row.values[column] for row in self.rows if row.values[column] is not None), None)
            if given is not None or column not in ("accreditation", "resubmissions"):
                found[name] = given
        if "number" in found:
            found["number"] = found["number"] or ""
        for name in ("at_level", "min_credit_at_level"):
            if name in found:
                found[name] = found[name] or None
        return found

    @cached_property
    def groups(self) -> dict[str, dict[str, int | None]]:
        """Each group's minimums, by its name."""
        found: dict[str, dict[str, int | None]] = {}
        for row in self.rows:
            minimums = found.setdefault(group_name(row), {"min_credit": None, "min_units": None})
            for name in minimums:
                minimums[name] = minimums[name] or row.values[f"group_{name}"] or None
        return found

    @cached_property
    def units(self) -> dict[str, UnitSheet]:
        """Each unit by its code, group by group: the order in which they are kept and go out again."""
        found: dict[str, UnitSheet] = {}
        for row in self.rows:
            values = row.values
            start = {"glh": None, **({"reference": ""} if "unit_reference" in row.raw else {})}
            unit = found.setdefault(values["unit_code"], UnitSheet(start, group_name(row)))
            facts = unit.facts
            facts.setdefault("title", values["unit_title"])
            facts.setdefault("level", values["level"])
            facts.setdefault("credit", values["credit"])
            if facts["glh"] is None:
                facts["glh"] = values["glh"]
            if values["unit_reference"]:
                facts["reference"] = values["unit_reference"]
            unit.outcomes.setdefault(values["outcome"], values["outcome_text"])
            unit.criteria[values["criterion"]] = (values["outcome"], values["criterion_text"])
        return {code: found[code] for name in self.groups for code in found if found[code].group == name}

    def specification(self) -> Specification:
        """The same as the pure rules work on."""
        units = self.units
        return Specification(
            self.title,
            self.version,
            tuple(
                UnitGroup(
                    name,
                    tuple(_unit_spec(code, unit) for code, unit in units.items() if unit.group == name),
                    minimums["min_credit"],
                    minimums["min_units"],
                )
                for name, minimums in self.groups.items()
            ),
            self.min_credit,
            self._credit_at_level(),
        )

    def _credit_at_level(self) -> tuple[tuple[int, int], ...]:
        level, least = self.facts.get("at_level"), self.facts.get("min_credit_at_level")
        return ((level, least),) if level and least else ()


def _unit_spec(code: str, unit: UnitSheet) -> UnitSpec:
    outcomes: dict[str, list[CriterionSpec]] = {number: [] for number in unit.outcomes}
    for number, (outcome, text) in unit.criteria.items():
        outcomes[outcome].append(CriterionSpec(number, text))
    return UnitSpec(
        code,
        unit.facts["title"],
        unit.facts["level"],
        unit.facts["credit"],
        unit.facts["glh"] or 0,
        tuple(
            OutcomeSpec(number, unit.outcomes[number], tuple(criteria))
            for number, criteria in outcomes.items()
        ),
    )


def sheets_in(rows: Sequence[CheckedRow]) -> Iterator[Sheet]:
    """The qualifications of a file, in order."""
    found: dict[tuple[str, str], Sheet] = {}
    for row in rows:
        title, version = row.values["qualification"], row.values["version"]
        found.setdefault((title, version), Sheet(title, version)).rows.append(row)
    yield from found.values()
