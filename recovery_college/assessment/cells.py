"""What one cell of the marking grid shows: one student's criterion, and whether it waits for the tutor. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from recovery_college.assessment.rules import Outcome
from recovery_college.courses.rules import EnrolmentStatus

NO_TRIES = "no tries left: agree one more, or tell the student"
"""What is said of evidence that came when the tries that are planned and agreed were used up (A5)."""


@dataclass(frozen=True, slots=True, eq=False)
class CellKind:
    """Everything a cell's drawing and spoken name depend on. Made by `cell_kind` only: alike means the same.

    `outcome` is that of the latest decision, drafts included; `draft`: the student does not see it yet (A7);
    `ready`: a draft that may be released; `locked`: the unit is quality-assured, so nothing changes (A8);
    `needs_tutor`: see `needs_tutor`; `handed_in`: evidence waits that came after the latest decision (A5);
    `unsigned`: it waits for a countersignature (A10); `no_tries`: nobody may decide on what was handed in until
    one more try is agreed (A5);
    `counts_as`: the counts above the grid it belongs to (`needs`, `not-yet`, `drafts`).
    """

    outcome: Outcome | None
    draft: bool
    ready: bool
    locked: bool
    needs_tutor: bool
    handed_in: bool
    counts_as: frozenset[str]
    unsigned: bool = False
    no_tries: bool = False

    @property
    def words(self) -> str:
        """The state as it is spoken, like "not yet met, draft"."""
        parts = [self.outcome.value if self.outcome else "nothing yet"]
        if self.draft:
            parts.append("draft")
        if self.handed_in:
            parts = ["handed in"] if self.outcome is None else [*parts, "handed in again"]
            parts += ["needs you"] if self.needs_tutor else []
            parts += [NO_TRIES] if self.no_tries else []
        elif self.needs_tutor:
            parts = ["needs you", *parts[1:]] if self.outcome is None else [*parts, "needs you"]
        if self.unsigned:
            parts.append("waits for countersignature")
        if self.locked:
            parts.append("locked")
        return ", ".join(parts)


@cache
def cell_kind(
    outcome: Outcome | None,
    *,
    draft: bool,
    has_feedback: bool,
    locked: bool,
    enrolled: bool,
    reached: bool,
    handed_in: bool = False,
    returned: bool = False,
    unsigned: bool = False,
    no_tries: bool = False,
) -> CellKind:
    """The kind of a cell. There are few, so each is made once and shared by every cell like it."""
    ready = draft and not locked and may_release(outcome, has_feedback)
    needs = needs_tutor(
        outcome, draft=draft, has_feedback=has_feedback, locked=locked, enrolled=enrolled, reached=reached,
        handed_in=handed_in, returned=returned,
    )  # fmt: skip
    counts = {"needs": needs, "not-yet": outcome is Outcome.NOT_YET_MET, "drafts": draft}
    return _interned(
        outcome, draft, ready, locked, needs, handed_in,
        frozenset(name for name, is_so in counts.items() if is_so), unsigned,
        no_tries and handed_in,
    )  # fmt: skip


_interned = cache(CellKind)


def may_release(outcome: Outcome | None, has_feedback: bool) -> bool:
    """Whether a draft may reach the student: "not yet met" only with what to do next (A5, A7)."""
    return outcome is Outcome.MET or (outcome is Outcome.NOT_YET_MET and has_feedback)


def needs_tutor(
    outcome: Outcome | None,
    *,
    draft: bool,
    has_feedback: bool,
    locked: bool,
    enrolled: bool,
    reached: bool,
    handed_in: bool = False,
    returned: bool = False,
) -> bool:
    """Whether a cell waits for the tutor, and not for the student.

    It does when evidence was handed in since the latest decision; when nothing is decided although the cohort
    has reached the criterion (`is_reached`); and when a draft "not yet met" does not say what to do next, so
    it cannot be released. So does every cell of a unit that quality assurance returned, until a decision answers
    it (A8). A released "not yet met" waits for the student. Paused and withdrawn students wait
    for nobody.
    """
    if locked or not enrolled:
        return False
    if handed_in or returned:
        return True
    if outcome is None:
        return reached
    return draft and not may_release(outcome, has_feedback)


def is_reached(decided_for_somebody: bool, hands_in: bool, ends_on: date, today: date) -> bool:
    """Whether the cohort has come to a criterion, so that an empty cell waits for the tutor.

    The course is over; or somebody has a decision on it, in a cohort whose evidence is not handed in here
    (`hands_in`): where it is, the evidence itself says who waits.
    """
    return ends_on < today or (decided_for_somebody and not hands_in)


def is_active(status: EnrolmentStatus) -> bool:
    """Whether work is expected of, and decided for, this student now."""
    return status is EnrolmentStatus.ENROLLED
