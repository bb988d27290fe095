"""What is left to award for a student, unit by unit, from the unit rules (A1, A8, A12). Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from recovery_college.assessment.claim_rules import Capacity
from recovery_college.assessment.rules import Retry, UnitState
from recovery_college.claims.rules import HELD
from recovery_college.courses.specification import Specification, combination_shortfalls, counted, unit_label


class LeftKind(StrEnum):
    """What kind of thing is left, which says where it is mended."""

    CRITERIA = "criteria"
    REFERRAL = "referral"
    DRAFT = "draft"
    RETURNED = "returned"
    COUNTERSIGNATURE = "countersignature"
    IQA = "quality assurance"
    REGISTRATION = "registration"
    PREPARE = "to be claimed"
    HELD = "held"
    SIGNATURE = "signature"
    REPLY = "reply"
    QUERY = "query"
    COMBINATION = "rule of combination"


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that is left, as a sentence, and the unit, criterion and claim (by id) it is about, or ""."""

    kind: LeftKind
    text: str
    unit: str = ""
    criterion: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class UnitLeft:
    """The facts about one registered unit that say what is left of it.

    `referred`: criteria decided "not yet met"; `stuck`: those of them without another try, and why (A5);
    `drafted`: criteria whose latest decision is a draft; `uncountersigned`: it rests on a decision of an assessor
    in training that nobody has countersigned yet (A10);
    `unsigned`: the signatures an open claim with this unit still needs; `queried`: an open query.
    """

    code: str
    title: str
    credit: int
    state: UnitState
    not_met: tuple[str, ...] = ()
    referred: frozenset[str] = frozenset()
    drafted: frozenset[str] = frozenset()
    run: str = ""
    claim: str = ""
    unsigned: tuple[Capacity, ...] = ()
    queried: bool = False
    stuck: Mapping[str, Retry] = field(default_factory=dict)
    uncountersigned: bool = False


def left_of_unit(unit: UnitLeft) -> list[Left]:
    """What is left of one unit before its credit is awarded; nothing for an awarded one or one left unfinished."""
    label = unit_label(unit.code)
    open_ = unit.state in (UnitState.IN_PROGRESS, UnitState.WITHDRAWN)
    if open_ and not unit.not_met and unit.uncountersigned:
        # Also for who has left: once it is signed the unit is achieved, and theirs to keep.
        text = f"{label}: waits for a qualified assessor to countersign it."
        return [Left(LeftKind.COUNTERSIGNATURE, text, unit.code)]
    if open_ and not unit.not_met:
        # Nothing is missing, so it was returned. Also for who has left: the answer may still be given.
        text = f"{label}: returned to the assessor, who owes a new decision."
        return [Left(LeftKind.RETURNED, text, unit.code)]
    if unit.state in (UnitState.AWARDED, UnitState.WITHDRAWN):
        return []
    if unit.state is UnitState.CLAIMED:
        if unit.queried:
            text = f"{label}: the awarding organisation queried it on {unit.run}."
            return [Left(LeftKind.QUERY, text, unit.code, claim=unit.claim)]
        text = f"{label}: claimed on {unit.run}; the awarding organisation has not answered yet."
        return [Left(LeftKind.REPLY, text, unit.code, claim=unit.claim)]
    if unit.state is UnitState.VERIFIED:
        if unit.run:
            who = _listed([f"the {one}" for one in unit.unsigned])
            text = f"{label}: {unit.run} needs the signature of {who}."
            return [Left(LeftKind.SIGNATURE, text, unit.code, claim=unit.claim)]
        return [Left(LeftKind.PREPARE, f"{label}: verified, and not claimed yet.", unit.code)]
    if unit.state is UnitState.ASSESSED:
        return [Left(LeftKind.IQA, f"{label}: waits for internal quality assurance.", unit.code)]
    return list(_criteria_left(unit, label))


def _criteria_left(unit: UnitLeft, label: str) -> Iterable[Left]:
    """The exact criteria: referrals first, then drafts, then what has no decision."""
    for number in unit.not_met:
        if number in unit.referred and number not in unit.drafted:
            text = f"{label}: criterion {number} is not yet met{_NEXT[unit.stuck.get(number, Retry.OPEN)]}."
            yield Left(LeftKind.REFERRAL, text, unit.code, number)
    drafts = [number for number in unit.not_met if number in unit.drafted]
    if drafts:
        noun, verb = ("criterion", "has") if len(drafts) == 1 else ("criteria", "have")
        text = f"{label}: {noun} {_listed(drafts)} {verb} a decision that is not released."
        yield Left(LeftKind.DRAFT, text, unit.code, drafts[0])
    plain = [number for number in unit.not_met if number not in unit.referred and number not in unit.drafted]
    if plain:
        noun, verb = ("criterion", "has") if len(plain) == 1 else ("criteria", "have")
        yield Left(
            LeftKind.CRITERIA, f"{label}: {noun} {_listed(plain)} {verb} no decision.", unit.code, plain[0]
        )


_NEXT = {
    Retry.OPEN: " and waits for another try",
    Retry.USED: ", and the tries the course plans are used up. Quality assurance may agree to one more",
    Retry.ASKED: ". One more try is asked for, and quality assurance has not answered yet",
    Retry.REFUSED: ", and quality assurance did not agree to one more try. Talk with the student about what is next",
}
"""What comes after "not yet met", for staff (A5)."""


@dataclass(frozen=True, slots=True)
class StudentLeft:
    """Where a student stands with the awarding organisation. `accredited`: the rule of combination is awarded."""

    lines: tuple[Left, ...]
    awarded: int
    claimed: int
    credit: int
    accredited: bool

    @property
    def words(self) -> str:
        """The awarded credit in words, and what it means (G1: this is not graduating)."""
        if self.accredited:
            return f"Accredited: {counted(self.awarded, 'credit')} awarded"
        return f"{self.awarded} of {counted(self.credit, 'credit')} awarded"


def left_of_student(
    units: Sequence[UnitLeft],
    spec: Specification,
    problems: Collection[str],
    has_left: bool,
    is_held: bool = False,
) -> StudentLeft:
    """What is left for one student: the rule of combination, the registration, then unit by unit.

    `problems`: what is wrong with the registration; it matters while anything can still be claimed. Who has
    left the course keeps what is achieved, and owes no more units (A12). `is_held`: nothing is claimed or signed
    for them just now, and that is all that is said (A15).
    """
    lines: list[Left] = []
    if not has_left:
        registered = {unit.code for unit in units}
        for text in combination_shortfalls(spec, registered, "among the units registered"):
            lines.append(Left(LeftKind.COMBINATION, text))
    unit_lines = [line for unit in units for line in left_of_unit(unit)]
    if is_held:
        held = [line for line in unit_lines if line.kind in (LeftKind.PREPARE, LeftKind.SIGNATURE)]
        unit_lines = [line for line in unit_lines if line not in held]
        unit_lines += [Left(LeftKind.HELD, HELD)] if held else []
    open_kinds = {line.kind for line in unit_lines} - {LeftKind.REPLY, LeftKind.QUERY}
    if open_kinds:
        lines += [Left(LeftKind.REGISTRATION, text) for text in problems]
    awarded = [unit for unit in units if unit.state is UnitState.AWARDED]
    return StudentLeft(
        lines=(*lines, *unit_lines),
        awarded=sum(unit.credit for unit in awarded),
        claimed=sum(unit.credit for unit in units if unit.state is UnitState.CLAIMED),
        credit=sum(unit.credit for unit in units),
        accredited=is_accredited(spec, {unit.code for unit in awarded}),
    )


def is_accredited(spec: Specification, awarded: Collection[str]) -> bool:
    """Whether the units awarded fulfil the rule of combination (A1). This is not graduating (G1)."""
    return bool(awarded) and not combination_shortfalls(spec, awarded)


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
