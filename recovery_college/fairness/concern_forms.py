"""The forms of concerns."""

from recovery_college.fairness.concern_rules import ConcernOutcome, EntryKind
from recovery_college.fairness.concern_services import LONGEST_TEXT
from recovery_college.fairness.support_forms import KeyedForm
from recovery_college.kernel.forms import (
    DateField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
)


class RaiseForm(KeyedForm):
    """Somebody saw something about a student's work that does not seem right."""

    student = SelectField(
        "Which student is it about?", required="Choose the student", blank="Choose a student"
    )
    allegation = TextAreaField(
        "What did you see?",
        hint="What and when, and where the work can be found. Facts, not guesses. Nothing about health.",
        max_length=LONGEST_TEXT,
        rows=6,
        required="Write what you saw",
    )


class EntryForm(Form):
    """What happened to a concern. `seen` is what the page showed."""

    seen = HiddenField()
    kind = RadiosField(
        "What happened?",
        choices=(
            (
                EntryKind.TOLD.value,
                "The student was told",
                "They see the concern on a page of their own from now on.",
            ),
            (
                EntryKind.ANSWER.value,
                "The student answered",
                "What they said, or that they chose not to answer.",
            ),
            (EntryKind.NOTE.value, "A note"),
            (EntryKind.AO_TOLD.value, "The awarding organisation was told"),
            (EntryKind.OUTCOME.value, "The outcome", "After the student was told and heard."),
        ),
        required="Choose what happened",
    )
    outcome = SelectField(
        "Outcome",
        choices=[(one.value, one.value.capitalize()) for one in ConcernOutcome],
        blank="Only for the outcome",
    )
    happened_on = DateField("When?", hint="For example, 27 3 2026", required="Enter the date, like 27 3 2026")
    words = TextAreaField(
        "In a few words",
        called="The words",
        hint="The student reads what they were told, their answer and the outcome; notes they do not.",
        max_length=LONGEST_TEXT,
        rows=5,
        required="Write what happened, in a few words",
    )


class NameForm(Form):
    """Who looks into a concern."""

    person = SelectField("Who looks into it?", required="Choose somebody", blank="Choose a person")


class OwnAnswerForm(Form):
    """The student's answer."""

    words = TextAreaField(
        "Your answer",
        hint="In your own words. Somebody can help you write it, or you can say it in person instead.",
        max_length=LONGEST_TEXT,
        rows=6,
        required="Write your answer",
    )
