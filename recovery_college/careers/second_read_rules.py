"""A second read of answers that said "not a PSW role": a sample by chance, a finding, a reply, an outcome (V5).

Pure: today and the seed are arguments. The reader is never who answered, and decides nothing.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from recovery_college.careers.terms_rules import DEFAULT, Terms

LONGEST_WORDS = 2000
MOST_SEED = 2**31 - 1
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


class Finding(StrEnum):
    """What the second reader thinks."""

    AGREE = "agree"
    POSSIBLE = "possible"
    UNCLEAR = "unclear"

    @property
    def asks_reply(self) -> bool:
        """Whether the manager is asked what they think of it."""
        return self is not Finding.AGREE


class ReadOutcome(StrEnum):
    """What came of a finding after the manager could reply."""

    STANDS = "stands"
    LOOK_AGAIN = "look again"
    LEARNED = "learned"


class ReadState(StrEnum):
    """Where a second read is."""

    TO_READ = "to read"
    AGREED = "agreed"
    REPLY_ASKED = "reply asked"
    TO_SETTLE = "to settle"
    SETTLED = "settled"


def quarter_of(day: date) -> str:
    """The quarter of a day, as "2026-Q4": calendar quarters, whatever year the Trust counts in."""
    return f"{day.year:04}-Q{(day.month - 1) // 3 + 1}"


def days_of(quarter: str) -> tuple[date, date]:
    """The first and the last day of a quarter. Raises ValueError for anything else."""
    found = _QUARTER.fullmatch(quarter)
    if found is None or int(found[1]) < 2000:
        raise ValueError(f"no quarter: {quarter[:20]}")
    year, number = int(found[1]), int(found[2])
    first = date(year, 3 * number - 2, 1)
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return first, after - timedelta(days=1)


def last_quarter(today: date) -> str:
    """The newest quarter that is over."""
    first, _ = days_of(quarter_of(today))
    return quarter_of(first - timedelta(days=1))


def sample_size(frame: int, terms: Terms = DEFAULT) -> int:
    """How many of so many answers are read again: a share of a hundred, and so many at least."""
    return min(frame, max(terms.sample_least, -(-frame * terms.sample_share // 100)))


def drawn(frame: Sequence[UUID], seed: int, size: int) -> list[UUID]:
    """The sample that this seed draws: frame, seed and size give the same answers, in whatever order given."""
    in_order = sorted(set(frame), key=str)
    return Random(seed).sample(in_order, size)  # noqa: S311 fair, not secret


def state_of(
    finding: Finding | None,
    *,
    replied: bool,
    reply_due_on: date | None,
    outcome: ReadOutcome | None,
    today: date,
) -> ReadState:
    """Where a second read is. An outcome waits for the reply until its last day is past."""
    if finding is None:
        return ReadState.TO_READ
    if not finding.asks_reply:
        return ReadState.AGREED
    if outcome is not None:
        return ReadState.SETTLED
    if replied or (reply_due_on is not None and today > reply_due_on):
        return ReadState.TO_SETTLE
    return ReadState.REPLY_ASKED


def why_not_reader(reader_id: UUID | None, decided_by: UUID) -> str:
    """Why somebody may not read or settle this answer; "" if they may. By person, not by role (A10)."""
    if reader_id is None:
        return "A second read is done by a person."
    return "You gave this answer, so somebody else reads it again." if reader_id == decided_by else ""
