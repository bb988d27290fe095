"""A qualification as the database holds it, and how a file changes it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from recovery_college.courses.imports.lookups import parts
from recovery_college.courses.imports.sheet import FACT_COLUMNS, Sheet, group_name
from recovery_college.courses.models import (
    AssessmentCriterion,
    LearningOutcome,
    Qualification,
    Unit,
    UnitGroup,
)
from recovery_college.courses.specification import MANDATORY, unit_label
from recovery_college.imports.rules import CheckedRow, Refusal
from recovery_college.kernel.ids import new_id

Key = tuple[UUID, str]
"""A unit's id and the number of one of its outcomes or criteria."""


@dataclass(slots=True)
class Change:
    """What a file did to a qualification: criteria made, changed (with what stands above them) and left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    taken_out: list[str] = field(default_factory=list)


class StoredQualification:
    """The groups, units, outcomes and criteria of one qualification, by name; none of them when it is new."""

    def __init__(self, s: Session, row: Qualification | None) -> None:
        self.s = s
        self.row = row
        self.id = row.id if row else new_id()
        self.groups: dict[str, UnitGroup] = {}
        self.units: dict[str, Unit] = {}
        self.outcomes: dict[Key, LearningOutcome] = {}
        self.criteria: dict[Key, AssessmentCriterion] = {}
        self.touched: set[object] = set()
        self.made: set[tuple[str, str]] = set()
        self.corrections: list[tuple[str, str, str]] = []
        if row is not None:
            self._load()

    def _load(self) -> None:
        s, own = self.s, select(Unit.id).where(Unit.qualification_id == self.id)
        self.groups = {
            one.name: one for one in s.scalars(select(UnitGroup).where(UnitGroup.qualification_id == self.id))
        }
        self.units = {
            one.code: one for one in s.scalars(select(Unit).where(Unit.qualification_id == self.id))
        }
        self.outcomes = {
            (one.unit_id, one.number): one
            for one in s.scalars(select(LearningOutcome).where(LearningOutcome.unit_id.in_(own)))
        }
        self.criteria = {
            (one.unit_id, one.number): one
            for one in s.scalars(select(AssessmentCriterion).where(AssessmentCriterion.unit_id.in_(own)))
        }

    # ---- with students on it: wording only --------------------------------------------------------------------

    def more_than_wording(self, sheet: Sheet, students: int) -> list[Refusal]:
        """Refuse whatever in the file would change more than words. An empty cell changes nothing.

        Without students it is a superseded version that may not change.
        """
        count = "1 student is" if students == 1 else f"{students} students are"
        why = f"{count} registered for this version" if students else "This version is superseded"
        reason = (
            f"{why}, so an import may only correct its wording. Give the changed qualification a new version"
        )
        found: dict[tuple[object, str], Refusal] = {}
        for row in sheet.rows:
            for thing, name in self._differences(row):
                shown = row.raw.get(name, "").strip()[:200]
                found.setdefault((thing, name), Refusal(row.line, name, shown, reason))
        return list(found.values())

    def _differences(self, row: CheckedRow) -> list[tuple[object, str]]:
        values = row.values
        code, number = values["unit_code"], values["criterion"]
        unit = self.units.get(code)
        if unit is None:
            return [(code, "unit_code")]
        criterion = self.criteria.get((unit.id, number))
        if criterion is None:
            return [((code, number), "criterion")]
        outcome = self.outcomes.get((unit.id, values["outcome"]))
        found: list[tuple[object, str]] = []
        if outcome is None or outcome.id != criterion.outcome_id:
            found.append(((code, number), "outcome"))
        found += [
            (code, name)
            for name in ("level", "credit", "glh")
            if values[name] is not None and values[name] != getattr(unit, name)
        ]
        group = self.groups.get(group_name(row))
        if group is None or group.id != unit.group_id:
            return [*found, (code, "group")]
        found += [
            (group.name, f"group_{name}")
            for name in ("min_credit", "min_units")
            if values[f"group_{name}"] is not None and values[f"group_{name}"] != (getattr(group, name) or 0)
        ]
        least = values["qualification_min_credit"]
        if self.row is not None and least is not None and least != (self.row.min_credit or 0):
            found.append((self.id, "qualification_min_credit"))
        found += [
            (self.id, column)
            for column, name in FACT_COLUMNS
            if name != "number"
            and values[column] is not None
            and (values[column] or None) != (getattr(self.row, name) or None)
        ]
        return found

    def correct_wording(self, sheet: Sheet) -> Change:
        """Take over titles and texts, and nothing else. What stood there is noted in `corrections`."""
        number_of = sheet.facts.get("number")
        if number_of:
            self._correct(self.row, self.id, "Qualification number", number=number_of)
        for code, unit in sheet.units.items():
            row, label = self.units[code], unit_label(code)
            self._correct(row, code, label, title=unit.facts["title"])
            if unit.facts.get("reference"):
                self._correct(row, code, f"{label}: reference", reference=unit.facts["reference"])
            for number, text in unit.outcomes.items():
                place = f"{label}, learning outcome {number}"
                self._correct(self.outcomes[row.id, number], (code, number, "outcome"), place, text=text)
            for number, (_, text) in unit.criteria.items():
                place = f"{label}, criterion {number}"
                self._correct(self.criteria[row.id, number], (code, number), place, text=text)
        return self._counted(sheet)

    def _correct(self, row: Any, mark: object, place: str, **facts: str) -> None:
        for name, text in facts.items():
            if getattr(row, name) != text:
                self.corrections.append((place, getattr(row, name), text))
        self._set(row, mark, **facts)

    # ---- without students: the whole of it --------------------------------------------------------------------

    def write(self, sheet: Sheet) -> Change:
        """Make the database say what the file says."""
        if self.row is None:
            title, version = sheet.title, sheet.version
            self.row = Qualification(id=self.id, title=title, version=version, **sheet.facts)
            self.s.add(self.row)
            self.s.flush()
        else:
            self._set(self.row, self.id, **sheet.facts)
        groups = self._write_groups(sheet)
        units = self._write_units(sheet, groups)
        outcomes = self._write_outcomes(sheet, units)
        self._write_criteria(sheet, units, outcomes)
        self.s.flush()
        taken_out = self._take_out(sheet)
        change = self._counted(sheet)
        change.taken_out = taken_out
        return change

    def _write_groups(self, sheet: Sheet) -> dict[str, UUID]:
        new: list[dict[str, Any]] = []
        ids: dict[str, UUID] = {}
        for place, (name, minimums) in enumerate(sheet.groups.items()):
            old = self.groups.get(name)
            facts = {**minimums, "is_mandatory": name == MANDATORY, "position": place}
            if old is not None:
                self._set(old, ("group", name), **facts)
                ids[name] = old.id
            else:
                ids[name] = new_id()
                new.append({"id": ids[name], "qualification_id": self.id, "name": name, **facts})
        if new:
            self.s.execute(insert(UnitGroup), new)
        return ids

    def _write_units(self, sheet: Sheet, groups: dict[str, UUID]) -> dict[str, UUID]:
        new: list[dict[str, Any]] = []
        ids: dict[str, UUID] = {}
        for place, (code, unit) in enumerate(sheet.units.items()):
            old = self.units.get(code)
            facts = {**unit.facts, "group_id": groups[unit.group], "position": place}
            if old is not None:
                self._set(old, code, **facts)
                ids[code] = old.id
            else:
                ids[code] = new_id()
                new.append({"id": ids[code], "qualification_id": self.id, "code": code, **facts})
        if new:
            self.s.execute(insert(Unit), new)
        return ids

    def _write_outcomes(self, sheet: Sheet, units: dict[str, UUID]) -> dict[Key, UUID]:
        new: list[dict[str, Any]] = []
        ids: dict[Key, UUID] = {}
        for code, unit in sheet.units.items():
            for place, (number, text) in enumerate(unit.outcomes.items()):
                key = (units[code], number)
                old = self.outcomes.get(key)
                if old is not None:
                    self._set(old, (code, number, "outcome"), text=text, position=place)
                    ids[key] = old.id
                else:
                    ids[key] = new_id()
                    new.append(
                        {"id": ids[key], "unit_id": key[0], "number": number, "text": text, "position": place}
                    )
        if new:
            self.s.execute(insert(LearningOutcome), new)
        return ids

    def _write_criteria(self, sheet: Sheet, units: dict[str, UUID], outcomes: dict[Key, UUID]) -> None:
        new: list[dict[str, Any]] = []
        for code, unit in sheet.units.items():
            places = dict.fromkeys(unit.outcomes, 0)
            for number, (outcome, text) in unit.criteria.items():
                facts = {
                    "outcome_id": outcomes[units[code], outcome], "text": text, "position": places[outcome],
                }  # fmt: skip
                places[outcome] += 1
                key = (units[code], number)
                old = self.criteria.get(key)
                if old is not None:
                    self._set(old, (code, number), **facts)
                else:
                    new.append({"id": new_id(), "unit_id": key[0], "number": number, **facts})
                    self.made.add((code, number))
        if new:
            self.s.execute(insert(AssessmentCriterion), new)

    def _take_out(self, sheet: Sheet) -> list[str]:
        """Take out what the file no longer holds, from the criteria up, and say so."""
        told: list[str] = []
        codes = {unit.id: code for code, unit in self.units.items()}
        kept = sheet.units
        criteria = [
            one for key, one in self.criteria.items()
            if codes[key[0]] not in kept or key[1] not in kept[codes[key[0]]].criteria
        ]  # fmt: skip
        outcomes = [
            one for key, one in self.outcomes.items()
            if codes[key[0]] not in kept or key[1] not in kept[codes[key[0]]].outcomes
        ]  # fmt: skip
        units = [unit for code, unit in self.units.items() if code not in kept]
        groups = [group for name, group in self.groups.items() if name not in sheet.groups]
        for model, gone in (
            (AssessmentCriterion, criteria), (LearningOutcome, outcomes), (Unit, units), (UnitGroup, groups),
        ):  # fmt: skip
            for part in parts([one.id for one in gone]):
                self.s.execute(delete(model).where(model.id.in_(part)))
        for unit in units:
            self.touched.add(self.id)
            told.append(f"{unit_label(unit.code)} is not in the file and is taken out")
        for one in criteria:
            code = codes[one.unit_id]
            if code in kept:
                self.touched.add(code)
                told.append(f"{unit_label(code)}: criterion {one.number} is not in the file and is taken out")
        return told

    # ---- counting -------------------------------------------------------------------------------------------

    def _set(self, row: Any, mark: object, **facts: Any) -> None:
        """Set what differs, and remember by `mark` that something did."""
        for name, value in facts.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                self.touched.add(mark)

    def _counted(self, sheet: Sheet) -> Change:
        """A row is changed when its criterion is, or anything the row says of what stands above it."""
        change = Change()
        for row in sheet.rows:
            code, number, outcome = (row.values[name] for name in ("unit_code", "criterion", "outcome"))
            marks = {self.id, ("group", group_name(row)), code, (code, outcome, "outcome"), (code, number)}
            if (code, number) in self.made:
                change.created += 1
            elif marks & self.touched:
                change.updated += 1
            else:
                change.unchanged += 1
        return change
