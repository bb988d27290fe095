"""The forms of registering, claiming, answering and noting."""

from recovery_college.claims.claim_services import LONGEST_TEXT
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
)


class RegistrationForm(Form):
    """Which students are registered, and since when. A choice's value carries what the page showed."""

    students = CheckboxesField(
        "Who is registered with the awarding organisation?",
        hint="Tick the students you have registered, with exactly these details.",
        required="Tick the students who are registered",
    )
    registered_on = DateField(
        "When were they registered?",
        hint="For example, 27 3 2026",
        required="Enter the date they were registered, like 27 3 2026",
    )


class PrepareForm(Form):
    """The ticks of a claim and its quality reviewer. `seen` is what the page offered."""

    seen = HiddenField()
    ticks = CheckboxesField("Units to claim", required="Tick at least one unit of one student")
    reviewer = SelectField(
        "Who is the quality reviewer?",
        hint="A named person who did not assess any of this work. They sign last or in any order.",
        required="Choose the quality reviewer",
    )


class SignForm(Form):
    """A signature: nothing to fill in but what the page showed."""

    seen = HiddenField()


class SetAsideForm(Form):
    """Why an open claim is given up."""

    reason = TextAreaField(
        "Why is it set aside?",
        hint="Its units can then be claimed on another run. The record of this one stays.",
        required="Say why, so that others understand it later",
        max_length=LONGEST_TEXT,
        rows=3,
    )


class AnswerForm(Form):
    """The college's answer to a query."""

    seen = HiddenField()
    answer = TextAreaField(
        "What did the college answer?",
        hint="What was asked, and what was sent or put right.",
        required="Write what was answered",
        max_length=LONGEST_TEXT,
        rows=5,
    )
    outcome = RadiosField(
        "What happens to this unit?",
        choices=(
            ("stays", "It stays on this run", "The awarding organisation has the answer and will decide."),
            (
                "again",
                "It is claimed again on a later run",
                "It leaves this run. Quality assurance can return it, so that the work can be put right.",
            ),
        ),
        required="Choose what happens to this unit",
    )


class NoteForm(Form):
    """A note of the external quality assurer."""

    note = TextAreaField(
        "Your note on this claim",
        hint="The college and its quality assurers read it. It is kept as you write it.",
        required="Write the note",
        max_length=LONGEST_TEXT,
        rows=4,
    )
