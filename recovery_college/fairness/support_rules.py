"""Rules of what helps a student: reasonable adjustments and special considerations (A14). Pure.

What helps is kept, never why: no fact here has a place for a reason.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_EXTRA_DAYS = 90


class SupportKind(StrEnum):
    """The two records of A14: one is arranged before an assessment, the other is asked for after it."""

    ADJUSTMENT = "reasonable adjustment"
    CONSIDERATION = "special consideration"


class SupportAnswer(StrEnum):
    """What the college answered."""

    AGREED = "agreed"
    TALK_FIRST = "talk first"
    NOT_THIS_WAY = "not this way"
    ENDED = "ended"


class AoPermission(StrEnum):
    """Where the awarding organisation's permission stands, for what needs it."""

    NOT_NEEDED = "not needed"
    ASKED = "asked"
    GIVEN = "given"
    NOT_GIVEN = "not given"


class SupportState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    TALK_FIRST = "talk first"
    AGREED = "agreed"
    WAITS_FOR_AO = "agreed, waits for the awarding organisation"
    NOT_THIS_WAY = "not this way"
    ENDED = "ended"
    TAKEN_BACK = "taken back"


WAITS_FOR_COLLEGE = frozenset({SupportState.ASKED, SupportState.TALK_FIRST, SupportState.WAITS_FOR_AO})
"""The states in which the college owes something."""


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """One answer, as the rules take it."""

    answer: SupportAnswer
    permission: AoPermission
    at: datetime


def support_state(answers: Iterable[AnswerFact], *, taken_back: bool) -> SupportState:
    """Say where a request stands: the latest answer counts.

    What was agreed but waits for the awarding organisation is not in force yet.
    """
    if taken_back:
        return SupportState.TAKEN_BACK
    latest = max(answers, key=lambda fact: fact.at, default=None)
    if latest is None:
        return SupportState.ASKED
    if latest.answer is SupportAnswer.AGREED and latest.permission is AoPermission.ASKED:
        return SupportState.WAITS_FOR_AO
    return SupportState(latest.answer.value)


def why_not_answered(
    answer: SupportAnswer,
    state: SupportState,
    *,
    helps: str,
    words: str,
    permission: AoPermission,
    decider: Hashable,
    student: Hashable,
) -> tuple[str, str] | None:
    """Say why an answer may not be recorded, as (field, sentence), or None (A10, A14)."""
    if decider == student:
        return "answer", "This is about you, so somebody else must decide it."
    if state is SupportState.TAKEN_BACK:
        return "answer", "The student has taken this back, so there is nothing to decide."
    if answer is SupportAnswer.ENDED and state not in (SupportState.AGREED, SupportState.WAITS_FOR_AO):
        return "answer", "Only what was agreed can be ended."
    if answer is SupportAnswer.AGREED and not helps:
        return "helps", "Write what will help, in words the tutor can act on"
    if answer is SupportAnswer.AGREED and permission is AoPermission.NOT_GIVEN:
        return (
            "permission",
            "Without the permission it cannot be agreed. Choose another answer, or another help",
        )
    if answer in (SupportAnswer.TALK_FIRST, SupportAnswer.NOT_THIS_WAY) and not words:
        return "words", "Write a few kind words to the student: what happens next"
    return None
