"""Rules of concerns about how work was made (malpractice, A15): who may know, in what order things go. Pure."""

from collections.abc import Collection, Hashable
from enum import StrEnum


class EntryKind(StrEnum):
    """What can happen to a concern. Each is an entry that is never changed."""

    TOLD = "student told"
    ANSWER = "student's answer"
    NOTE = "note"
    AO_TOLD = "awarding organisation told"
    OUTCOME = "outcome"


class ConcernOutcome(StrEnum):
    """How a concern ended."""

    NOTHING_IN_IT = "nothing to it"
    ADVICE = "advice given"
    WORK_AGAIN = "work to be shown again"
    FOUND = "malpractice found"


def is_open(entries: Collection[EntryKind]) -> bool:
    """Whether the concern has no outcome yet: then a claim for the student waits."""
    return EntryKind.OUTCOME not in entries


def why_not_named(person: Hashable, *, student: Hashable, named: Collection[Hashable]) -> str | None:
    """Say why somebody cannot be named to look into a concern, or None."""
    if person == student:
        return "The concern is about them, so somebody else must look into it."
    if person in named:
        return "They are named already."
    return None


def why_no_entry(
    kind: EntryKind,
    earlier: Collection[EntryKind],
    outcome: ConcernOutcome | None,
    words: str,
    *,
    writer: Hashable,
    raised_by: Hashable,
    student: Hashable,
) -> tuple[str, str] | None:
    """Say why an entry may not be added, as (field, sentence), or None.

    Nothing is held against a student who was not told and heard. Whoever raised a concern does not judge it.
    """
    if not is_open(earlier) and kind not in (EntryKind.NOTE, EntryKind.AO_TOLD):
        return "kind", "This concern has its outcome, so only a note can be added."
    if kind is EntryKind.OUTCOME:
        if writer == raised_by:
            return "kind", "You raised this concern, so somebody else who is named must decide it."
        if writer == student:
            return "kind", "Nobody decides a concern about themselves."
        if outcome is None:
            return "outcome", "Choose the outcome"
        if outcome is not ConcernOutcome.NOTHING_IN_IT and not {EntryKind.TOLD, EntryKind.ANSWER} <= set(
            earlier
        ):
            return (
                "kind",
                "Tell the student first, and record their answer. They may also choose not to answer.",
            )
    elif writer == student and kind is not EntryKind.ANSWER:
        return "kind", "You can add your answer here."
    elif outcome is not None:
        return "outcome", "Leave the outcome empty, unless you are recording it"
    if kind is EntryKind.ANSWER and EntryKind.TOLD not in earlier:
        return "kind", "The student has not been told yet. Record that first."
    if kind is EntryKind.TOLD and EntryKind.TOLD in earlier:
        return "kind", "The student has been told already. Add a note instead."
    if not words:
        return "words", "Write what happened, in a few words"
    return None
