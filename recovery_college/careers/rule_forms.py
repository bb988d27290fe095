"""The form of a new version of the band rule."""

from hashlib import sha256

from recovery_college.careers.bands import Band, in_order
from recovery_college.careers.rule_draft import LONGEST_WHY, RuleDraft, read_exclusions
from recovery_college.kernel.forms import CheckboxesField, DateField, Form, HiddenField, TextAreaField
from recovery_college.kernel.numbers import number_in


class RuleDraftForm(Form):
    """What the next version says. What it would change has to be looked at before it can be written."""

    after = HiddenField()
    looked_at = HiddenField()
    bands = CheckboxesField(
        "Which bands does the rule ask about?",
        choices=[(band.value, f"Band {band.value}") for band in Band],
    )
    exclusions = TextAreaField(
        "Job titles it leaves out",
        rows=4,
        max_length=5000,
        hint="A word or phrase on each line. A title that holds it as whole words is left out",
    )
    valid_from = DateField("First day of the new version", hint="A day after today, for example 1 4 2027")
    why = TextAreaField(
        "Why does the rule change?",
        rows=3,
        max_length=LONGEST_WHY,
        hint="Everybody in recruitment can read it",
    )

    def draft(self) -> RuleDraft:
        """What was chosen and typed."""
        chosen = in_order(Band(word) for word in self.bands.data or [])
        text = " ".join(str(self.why.data or "").split())
        return RuleDraft(chosen, read_exclusions(str(self.exclusions.data or "")), self.valid_from.data, text)

    def seen_version(self) -> int:
        """The newest version when the page was drawn; 0, which never is, when it was tampered with."""
        return number_in(self.after.data, digits=5)


def mark_of_draft(draft: RuleDraft) -> str:
    """A short mark of what a draft would flag, to tell whether its preview was looked at."""
    parts = (*(band.value for band in draft.bands), "|", *draft.exclusions, "|", str(draft.valid_from))
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
