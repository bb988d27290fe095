"""Rules of staff records (A10): who is in training, and who may countersign whom. Pure: today is an argument."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Award(StrEnum):
    """What a staff qualification is for."""

    ASSESSOR = "assessor"
    IQA = "internal quality assurer"
    TEACHING = "teaching"
    OCCUPATIONAL = "occupational"


@dataclass(frozen=True, slots=True)
class AwardFact:
    """One staff qualification that was not withdrawn; `awarded_on` is None while it is worked towards."""

    kind: Award
    awarded_on: date | None = None

    def held_on(self, day: date) -> bool:
        """Whether it was held on that day."""
        return self.awarded_on is not None and self.awarded_on <= day


class Standing(StrEnum):
    """Where somebody stands as an assessor, or as a quality assurer, on one day."""

    QUALIFIED = "qualified"
    IN_TRAINING = "working towards it"
    NOT_RECORDED = "not recorded"


def standing(awards: Iterable[AwardFact], kind: Award, day: date) -> Standing:
    """Say where somebody stands on a day. Nothing recorded is not "in training": that is declared (A10)."""
    own = [fact for fact in awards if fact.kind is kind]
    if any(fact.held_on(day) for fact in own):
        return Standing.QUALIFIED
    return Standing.IN_TRAINING if own else Standing.NOT_RECORDED


def may_countersign(
    signer: Hashable,
    assessor: Hashable,
    student: Hashable,
    signer_standing: Standing,
    conflicts: Collection[Hashable] = (),
) -> str | None:
    """Say why this person may not countersign this decision, or None (A10: by person, not by account)."""
    if signer == assessor:
        return "This is your own decision, so someone else must countersign it."
    if signer == student:
        return "You cannot countersign a decision on your own work. Ask another assessor."
    if signer_standing is not Standing.QUALIFIED:
        return "Only a qualified assessor countersigns. Your staff record shows no assessor qualification."
    if student in conflicts or assessor in conflicts:
        return "You declared a conflict of interest here. Ask another assessor."
    return None
