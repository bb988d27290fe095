"""The forms of appeals. No student is asked for a reason."""

from recovery_college.assessment.rules import Outcome
from recovery_college.assessment.services import LONGEST_FEEDBACK
from recovery_college.fairness.appeal_rules import CHANGES, AppealFinding
from recovery_college.fairness.appeal_services import LONGEST_TEXT
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
    YesNoField,
)
from recovery_college.kernel.numbers import number_in


class AppealForm(Form):
    """A student asks for a decision to be looked at again. `seen` is the decision the page showed."""

    seen = HiddenField()
    words = TextAreaField(
        "Is there anything you would like to say? (optional)",
        hint="Only the college and the person who looks at it again read this. You can leave it empty.",
        max_length=LONGEST_TEXT,
        rows=5,
    )

    def seen_id(self) -> int:
        """The decision the student saw, or 0 when the form was tampered with."""
        return number_in(self.seen.data, digits=18)


class ReviewerForm(Form):
    """Who is asked. `seen` is what the page showed."""

    seen = HiddenField()
    person = SelectField("Who will do it?", required="Choose somebody", blank="Choose a person")


class FindingForm(Form):
    """What the review found."""

    seen = HiddenField()
    finding = RadiosField(
        "What did you find?",
        choices=(
            (AppealFinding.UPHELD.value, "Upheld", "The student is right. The criterion is decided again."),
            (AppealFinding.PARTLY.value, "Partly upheld", "Something was not right. It is decided again."),
            (AppealFinding.NOT_UPHELD.value, "Not upheld", "The decision was made fairly, and it stands."),
        ),
        required="Choose what you found",
    )
    reasons = TextAreaField(
        "Why?",
        hint="Write to the student, kindly and in short sentences. They read this.",
        max_length=LONGEST_TEXT,
        rows=6,
        required="Write why, in words the student can follow",
    )
    next_steps = TextAreaField(
        "What happens next?",
        hint="What you do, what the student can do, and by when.",
        max_length=LONGEST_TEXT,
        rows=4,
        required="Write what happens next",
    )
    others_affected = YesNoField(
        "Are other students affected?",
        hint="If the criterion was misread for one student, it may have been for others.",
        required=lambda form: "Say whether other students are affected" if form.changes else None,
    )
    others = CheckboxesField(
        "Who is affected?", hint="The same assessor decided the same criterion for these students."
    )

    @property
    def changes(self) -> bool:
        """Whether the finding leads to a new decision."""
        return self.finding.data in {finding.value for finding in CHANGES}


class NewDecisionForm(Form):
    """The new decision of an independent assessor."""

    seen = HiddenField()
    outcome = RadiosField(
        "Your decision",
        choices=[(outcome.value, outcome.value.capitalize()) for outcome in Outcome],
        required="Choose met or not yet met",
    )
    feedback = TextAreaField(
        "Feedback",
        hint="What went well. For “not yet met”: what would make it met.",
        max_length=LONGEST_FEEDBACK,
        rows=5,
    )


class ToldForm(Form):
    """The day the awarding organisation was told."""

    told_on = DateField(
        "When was the awarding organisation told?",
        hint="For example, 27 3 2026",
        required="Enter the date they were told, like 27 3 2026",
    )
