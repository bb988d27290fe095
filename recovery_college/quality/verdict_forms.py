"""The forms of internal quality assurance."""

from recovery_college.assessment.rules import Verdict
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    HiddenField,
    RadiosField,
    TextAreaField,
)


class VerdictForm(Form):
    """A verdict on one student's unit. `seen` is what the page showed; the service judges the rest."""

    seen = HiddenField()
    criteria = CheckboxesField(
        "Which criteria did you look at?",
        hint="Tick each one whose decision and feedback you checked.",
        required="Tick the criteria you looked at",
    )
    verdict = RadiosField(
        "Your verdict",
        choices=(
            (Verdict.CONFIRMED.value, "Confirm", "The decisions are right. The unit becomes verified."),
            (
                Verdict.RETURNED.value,
                "Return to the assessor",
                "Something must be put right. The unit opens again.",
            ),
        ),
        required="Choose confirm or return",
    )
    action = TextAreaField(
        "What should the assessor do?",
        rows=4,
        required=lambda form: "Write what the assessor should do" if form.is_return else None,
    )
    act_by_on = DateField(
        "By when?",
        hint="For example, 27 3 2026",
        required=lambda form: "Enter the date to act by, like 27 3 2026" if form.is_return else None,
    )
    comment = TextAreaField(
        "Comment for the assessor (optional)", hint="What was done well, what to watch.", rows=4
    )

    @property
    def is_return(self) -> bool:
        """Whether the unit is sent back: then an action and a date are owed."""
        return bool(self.verdict.data == Verdict.RETURNED.value)


class CloseForm(Form):
    """Closing a unit's sample: nothing to fill in, but what the page named."""

    seen = HiddenField()
