"""The form of one decision. Its two buttons are the outcomes: pressing one records it."""

from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import LONGEST_FEEDBACK
from recovery_college.assessment.vacsr import QUALITIES, missing_of
from recovery_college.kernel.forms import CheckboxesField, Form, HiddenField, RadiosField, TextAreaField


class DecisionForm(Form):
    """What the tutor decides. `seen` is the latest decision they saw; `then` is where to go afterwards.

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
        choices=[(letter, word, meaning) for letter, (word, meaning) in QUALITIES.items()],
    )
    seen = HiddenField()
    then = HiddenField()

    def missing_letters(self) -> str:
        """What the evidence lacks, as a decision keeps it."""
        return missing_of(self.missing.data or ())

    def seen_id(self) -> int | None:
        """The decision the tutor saw (0: none), or None when the form was tampered with."""
        text = str(self.seen.data or "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
