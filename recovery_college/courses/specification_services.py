"""Changing a specification in the browser: each verb locks its version, so two editors cannot interleave.

A version nobody is on may be changed freely. With a student on it, or superseded, only wording may be corrected
(contract: files, qualification), and each correction is kept with what stood there before.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record
from recovery_college.courses.models import (
    AssessmentCriterion,
    LearningOutcome,
    Qualification,
    Unit,
    UnitGroup,
    WordingCorrection,
)
from recovery_college.courses.specification import MANDATORY
from recovery_college.courses.specification_parts import (
    FACTS_OF_QUALIFICATION,
    PARTS,
    WORDING_OF_QUALIFICATION,
    Kind,
    stamp_of,
)
from recovery_college.courses.specification_queries import is_frozen
from recovery_college.courses.specification_rows import (
    LAST,
    MODELS,
    Facts,
    PartNotFound,
    Row,
    facts_of,
    parent_of,
    part_in,
    place_in_words,
    put_in_order,
    rows_below,
    same_key,
    siblings_of,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.refusals import DeedRefused

ONLY_WORDING = "Students are on this version, or it is superseded, so only its wording can be corrected"


class SpecificationRefused(DeedRefused):
    """What was asked cannot be done."""


class SpecificationChanged(Exception):
    """Somebody saved the same part since the form was drawn. `theirs` are its facts now."""

    def __init__(self, theirs: Facts) -> None:
        super().__init__("changed meanwhile")
        self.theirs = theirs


@contextmanager
def _editing(qualification_id: UUID) -> Iterator[tuple[Session, Qualification, bool]]:
    """Hold the version while it is changed; say whether only wording may be."""
    with transaction() as s:
        found = s.get(Qualification, qualification_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise PartNotFound("version")
        yield s, found, is_frozen(s, qualification_id)


# ---- the version itself -----------------------------------------------------------------------------------------


def add_qualification(actor: Actor, facts: Facts) -> UUID:
    """Begin a qualification, with its mandatory group to put units in."""
    with transaction() as s:
        _refuse_same_name(s, facts, None)
        one = Qualification(id=new_id(), **facts)
        s.add(one)
        _flush(s)
        s.add(UnitGroup(qualification_id=one.id, name=MANDATORY, is_mandatory=True, position=0))
        record(s, actor, "added qualification", "qualification", one.id)
        return one.id


def change_qualification(actor: Actor, qualification_id: UUID, facts: Facts, seen: str) -> None:
    """Change what is true of the whole version."""
    with _editing(qualification_id) as (s, row, frozen):
        _refuse_stale(row, FACTS_OF_QUALIFICATION, frozen, seen)
        changed = _changed(row, facts, frozen, WORDING_OF_QUALIFICATION)
        if "title" in changed or "version" in changed:
            _refuse_same_name(s, {**facts_of(row, ("title", "version")), **facts}, qualification_id)
        if not changed:
            return
        before = _set(row, facts, changed)
        _flush(s)
        if frozen:
            _keep_correction(s, actor, qualification_id, "Qualification number", before, row)
        record(s, actor, "changed qualification", "qualification", qualification_id, fields=",".join(changed))


def _refuse_same_name(s: Session, facts: Facts, own: UUID | None) -> None:
    rows = s.execute(select(Qualification.id, Qualification.title, Qualification.version))
    for other, title, version in rows:
        same = title.casefold() == facts["title"].casefold()
        if other != own and same and version.casefold() == facts["version"].casefold():
            raise SpecificationRefused("There is a version with this name already", "version")


# ---- its parts --------------------------------------------------------------------------------------------------


def add_part(
    actor: Actor, qualification_id: UUID, kind: Kind, facts: Facts, parent_id: UUID | None = None
) -> UUID:
    """Add a part at the end of where it belongs. The same part sent twice is added once."""
    with _editing(qualification_id) as (s, _, frozen):
        if frozen:
            raise SpecificationRefused(ONLY_WORDING)
        placed = {**facts, **parent_of(s, qualification_id, kind, parent_id, facts)}
        twin = same_key(s, qualification_id, kind, placed, None)
        if twin is not None:
            if all(getattr(twin, name) == value for name, value in placed.items()):
                return UUID(str(twin.id))
            raise _taken(kind)
        part_id = new_id()
        s.add(MODELS[kind](id=part_id, position=LAST, **placed))
        _flush(s)
        put_in_order(s, qualification_id)
        record(s, actor, f"added {PARTS[kind].words}", "qualification", qualification_id, part=str(part_id))
        return part_id


def _taken(kind: Kind) -> SpecificationRefused:
    said = {
        Kind.GROUP: "There is a group with this name already",
        Kind.UNIT: "Another unit of this version has this code. Give each unit a code of its own",
        Kind.OUTCOME: "This unit has a learning outcome with this number already",
        Kind.CRITERION: "This unit has an assessment criterion with this number already",
    }
    return SpecificationRefused(said[kind], PARTS[kind].key)


def change_part(
    actor: Actor, qualification_id: UUID, kind: Kind, part_id: UUID, facts: Facts, seen: str
) -> None:
    """Change a part; with students on the version only its wording, and what stood there before is kept."""
    part = PARTS[kind]
    with _editing(qualification_id) as (s, _, frozen):
        row = part_in(s, qualification_id, kind, part_id)
        _refuse_stale(row, part.facts, frozen, seen)
        changed = _changed(row, facts, frozen, part.wording)
        if not changed:
            return
        if part.key in changed:
            where = {} if kind in (Kind.GROUP, Kind.UNIT) else {"unit_id": row.unit_id}
            if same_key(s, qualification_id, kind, {**facts, **where}, part_id) is not None:
                raise _taken(kind)
        if "group_id" in changed:
            part_in(s, qualification_id, Kind.GROUP, facts["group_id"])
        before = _set(row, facts, changed)
        if "group_id" in changed:
            row.position = LAST
        _flush(s)
        if frozen:
            _keep_correction(s, actor, qualification_id, place_in_words(s, kind, row), before, row)
        else:
            put_in_order(s, qualification_id)
        action = f"corrected wording of {part.words}" if frozen else f"changed {part.words}"
        record(
            s, actor, action, "qualification", qualification_id, part=str(part_id), fields=",".join(changed)
        )


def move_part(actor: Actor, qualification_id: UUID, kind: Kind, part_id: UUID, up: bool, at: int) -> None:
    """Move a part by one place. `at` is its place on the page: from any other one nothing moves any more."""
    with _editing(qualification_id) as (s, _, frozen):
        if frozen:
            raise SpecificationRefused(ONLY_WORDING)
        row = part_in(s, qualification_id, kind, part_id)
        siblings = siblings_of(s, kind, row)
        here = siblings.index(row)
        there = here - 1 if up else here + 1
        if here != at or not 0 <= there < len(siblings):
            return
        siblings[here], siblings[there] = siblings[there], siblings[here]
        start = min(one.position for one in siblings)
        for place, one in enumerate(siblings):
            one.position = start + place
        s.flush()
        put_in_order(s, qualification_id)
        record(
            s, actor, f"moved {PARTS[kind].words}", "qualification", qualification_id, part=str(part_id),
            up=up,
        )  # fmt: skip


def remove_part(actor: Actor, qualification_id: UUID, kind: Kind, part_id: UUID) -> None:
    """Take a part out with everything below it. Refused where a record refers to it."""
    try:
        with _editing(qualification_id) as (s, _, frozen):
            if frozen:
                raise SpecificationRefused(ONLY_WORDING)
            row = part_in(s, qualification_id, kind, part_id)
            if kind is Kind.GROUP and s.scalar(select(func.count(Unit.id)).where(Unit.group_id == row.id)):
                raise SpecificationRefused("Move or remove the units of this group first")
            gone = _remove(s, kind, row.id)
            s.flush()
            s.expire_all()
            put_in_order(s, qualification_id)
            record(
                s, actor, f"removed {PARTS[kind].words}", "qualification", qualification_id,
                part=str(part_id), criteria=gone,
            )  # fmt: skip
    except IntegrityError as error:
        text = f"Other records refer to this {PARTS[kind].words}, so it stays"
        raise SpecificationRefused(text) from error


def _remove(s: Session, kind: Kind, part_id: UUID) -> int:
    """Delete a part and what stands below it; say how many criteria that was."""
    criterion, outcome = AssessmentCriterion, LearningOutcome
    if kind is Kind.GROUP:
        s.execute(delete(UnitGroup).where(UnitGroup.id == part_id))
        return 0
    below = {Kind.UNIT: criterion.unit_id, Kind.OUTCOME: criterion.outcome_id, Kind.CRITERION: criterion.id}
    gone = s.scalar(select(func.count(criterion.id)).where(below[kind] == part_id)) or 0
    s.execute(delete(criterion).where(below[kind] == part_id))
    if kind is not Kind.CRITERION:
        s.execute(delete(outcome).where((outcome.unit_id if kind is Kind.UNIT else outcome.id) == part_id))
    if kind is Kind.UNIT:
        s.execute(delete(Unit).where(Unit.id == part_id))
    return gone


def renumber_unit(actor: Actor, qualification_id: UUID, unit_id: UUID) -> None:
    """Number a unit's outcomes and criteria 1, 1.1, 1.2, 2 and so on in the order in which they stand."""
    with _editing(qualification_id) as (s, _, frozen):
        if frozen:
            raise SpecificationRefused(ONLY_WORDING)
        unit = part_in(s, qualification_id, Kind.UNIT, unit_id)
        wanted: list[tuple[Any, str]] = []
        for place, outcome in enumerate(rows_below(s, LearningOutcome, LearningOutcome.unit_id, unit.id), 1):
            wanted.append((outcome, str(place)))
            of = rows_below(s, AssessmentCriterion, AssessmentCriterion.outcome_id, outcome.id)
            wanted += [(one, f"{place}.{number}") for number, one in enumerate(of, 1)]
        if all(row.number == number for row, number in wanted):
            return
        for place, (row, _number) in enumerate(wanted):
            row.number = f"~{place}"  # numbers are unique in a unit, so all make room first
        s.flush()
        for row, number in wanted:
            row.number = number
        s.flush()
        record(s, actor, "renumbered unit", "qualification", qualification_id, part=str(unit_id))


# ---- common to all ----------------------------------------------------------------------------------------------


def _refuse_stale(row: Row, names: Sequence[str], frozen: bool, seen: str) -> None:
    facts = facts_of(row, names)
    if stamp_of(facts, frozen) != seen:
        raise SpecificationChanged(facts)


def _changed(row: Row, facts: Facts, frozen: bool, wording: frozenset[str]) -> list[str]:
    """The facts that differ. Raises where only wording may."""
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    if frozen and not set(changed) <= wording:
        raise SpecificationRefused(ONLY_WORDING)
    return changed


def _set(row: Row, facts: Facts, changed: Sequence[str]) -> dict[str, str]:
    """Set what changed; return what stood there."""
    before = {name: str(getattr(row, name) or "") for name in changed}
    for name in changed:
        setattr(row, name, facts[name])
    return before


def _keep_correction(
    s: Session, actor: Actor, qualification_id: UUID, place: str, before: Mapping[str, str], row: Row
) -> None:
    for name, text in before.items():
        s.add(
            WordingCorrection(
                qualification_id=qualification_id,
                place=f"{place}: reference" if name == "reference" else place,
                before=text,
                after=str(getattr(row, name) or ""),
                corrected_by=actor.audit_id,
                at=clock.now(),
            )
        )


def _flush(s: Session) -> None:
    """Write what is there so far; what another one was quicker with is said in words."""
    try:
        s.flush()
    except IntegrityError as error:
        text = "Somebody saved one of the same name meanwhile. Look at the page again"
        raise SpecificationRefused(text) from error
