"""The parts of a specification that are edited alone, and what of each is only wording. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FACTS_OF_QUALIFICATION = (
    "title", "version", "accreditation", "number", "resubmissions", "min_credit", "at_level",
    "min_credit_at_level",
)  # fmt: skip
WORDING_OF_QUALIFICATION = frozenset({"number"})
"""An Ofqual number is a label: a slip in it may be mended while students are on the version."""


class Kind(StrEnum):
    """What stands in a specification, from the top down."""

    GROUP = "group"
    UNIT = "unit"
    OUTCOME = "outcome"
    CRITERION = "criterion"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of part: its facts, those by which two are told apart, and those that are wording (contract 4)."""

    facts: tuple[str, ...]
    key: str
    wording: frozenset[str]
    words: str


PARTS: Mapping[Kind, Part] = {
    Kind.GROUP: Part(("name", "is_mandatory", "min_credit", "min_units"), "name", frozenset(), "group"),
    Kind.UNIT: Part(
        ("group_id", "code", "title", "level", "credit", "glh", "reference"), "code",
        frozenset({"title", "reference"}), "unit",
    ),
    Kind.OUTCOME: Part(("number", "text"), "number", frozenset({"text"}), "learning outcome"),
    Kind.CRITERION: Part(("number", "text"), "number", frozenset({"text"}), "assessment criterion"),
}  # fmt: skip


def stamp_of(facts: Mapping[str, object], frozen: bool) -> str:
    """A short digest of what a form showed: another one on saving means somebody changed it meanwhile.

    Whether only wording could be changed is part of it, so a form drawn before students came is stale after.
    """
    told = json.dumps([sorted((name, str(value)) for name, value in facts.items()), frozen])
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def next_number(numbers: list[str], under: str = "") -> str:
    """The number that comes next: of outcomes 1, 2, 3; under an outcome 2 of criteria 2.1, 2.2."""
    prefix = f"{under}." if under else ""
    tails = [number.removeprefix(prefix) for number in numbers if number.startswith(prefix)]
    last = max((int(tail) for tail in tails if tail.isascii() and tail.isdigit()), default=0)
    return f"{prefix}{last + 1}"
