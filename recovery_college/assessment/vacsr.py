"""Valid, authentic, current, sufficient, reliable: what an assessor says of the evidence with each decision (A6). Pure.

A decision keeps the letters of what it found missing. "Met" can only be recorded with nothing missing, so that
pressing it is the confirmation: one act, said beside the button, kept with the decision and shown to quality
assurers. What was recorded elsewhere and imported keeps nothing: nobody confirmed it here.
"""

from collections.abc import Iterable

from recovery_college.assessment.rules import Outcome

QUALITIES = {
    "v": ("valid", "It shows what the criterion asks for"),
    "a": ("authentic", "It is the student's own"),
    "c": ("current", "It is recent enough"),
    "s": ("sufficient", "There is enough of it"),
    "r": ("reliable", "Another assessor would decide the same"),
}
"""Each quality's letter, its word, and what it means."""

CONFIRMED = ""
"""Nothing is missing: all five are confirmed."""

CONFIRMS = "“Met” confirms that the evidence is valid, authentic, current, sufficient and reliable."


def missing_of(letters: Iterable[str]) -> str:
    """The letters in their order, each once, as a decision keeps them. Raise KeyError for any other."""
    given = set(letters)
    if given - QUALITIES.keys():
        raise KeyError(", ".join(sorted(given - QUALITIES.keys())))
    return "".join(letter for letter in QUALITIES if letter in given)


def why_not_with(outcome: Outcome, missing: str) -> str | None:
    """Why this outcome may not be recorded with these qualities missing, or None (A6)."""
    if outcome is Outcome.MET and missing:
        lacking = listed(missing, "or")
        return f"You ticked that the evidence is not {lacking}. Untick that, or record “not yet met”"
    return None


def listed(letters: str, joined: str = "and") -> str:
    """The qualities in words, like "valid, current and reliable"."""
    *first, last = [QUALITIES[letter][0] for letter in letters]
    return f"{', '.join(first)} {joined} {last}" if first else last


def vacsr_words(outcome: Outcome, missing: str | None) -> str:
    """What was said of the evidence, for who reads the decision; "" where nothing was said."""
    if missing is None or (outcome is Outcome.NOT_YET_MET and not missing):
        return ""
    if not missing:
        return "Evidence confirmed as valid, authentic, current, sufficient and reliable"
    return f"Evidence not {listed(missing, 'or')}"
