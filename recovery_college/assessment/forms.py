"""The form of one decision. Its two buttons are the outcomes: pressing one records it."""

from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import LONGEST_FEEDBACK
from recovery_college.assessment.vacsr import QUALITIES, missing_of
from recovery_college.kernel.forms import CheckboxesField, Form, HiddenField, RadiosField, TextAreaField


class DecisionForm(Form):
    """What the tutor decides. `seen` is the latest decision and evidence they saw; `then` is where to go afterwards.

    `missing`: what the evidence lacks (A6). Usually nothing is ticked, and pressing "Met" confirms all five.
    """

    outcome = RadiosField(
        "Decision",
        choices=[(outcome.value, outcome.value.capitalize()) for outcome in Outcome],
        required="Choose met or not yet met",
    )
    feedback = TextAreaField(
        "Feedback",
        hint="What went well. For “not yet met”: what would make it met.",
        max_length=LONGEST_FEEDBACK,
        rows=5,
    )
    missing = CheckboxesField(
        "The evidence is not",
        called="What the evidence lacks",
        choices=[(letter, word, meaning) for letter, (word, meaning) in QUALITIES.items()],
    )
    seen = HiddenField()
    then = HiddenField()

    def missing_letters(self) -> str:
        """What the evidence lacks, as a decision keeps it."""
        return missing_of(self.missing.data or ())

    def seen_id(self) -> int | None:
        """The decision the tutor saw (0: none), or None when the form was tampered with."""
        found = seen_of(str(self.seen.data or "0"))
        return found[0] if found else None

    def seen_evidence(self) -> int:
        """The evidence the tutor saw, as `CellFacts.came` (0: none)."""
        found = seen_of(str(self.seen.data or "0"))
        return found[1] if found else 0


def seen_of(text: str) -> tuple[int, int] | None:
    """A cell's stamp taken apart: the decision, and the evidence. None for text that is no stamp."""
    decision, _, came = text.partition(".")
    parts = (decision, came or "0")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return int(parts[0]), int(parts[1])
