"""The forms of due dates: setting one, moving it, giving more time, answering a request; and of a pause."""

from typing import Any

from recovery_college.assessment.deadline_rules import TimeAnswer
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    HiddenField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
)
from recovery_college.kernel.numbers import number_in

TITLE = "What is to be handed in?"


class DueDateForm(Form):
    """A new due date. `criteria` are those of every unit, told apart by their unit's label."""

    title = TextField(
        TITLE, required="Say what is to be handed in", max_length=120, hint="For example: Reflective account"
    )
    unit = SelectField("For which unit?", required="Choose the unit")
    criteria = CheckboxesField("Only for some criteria?", hint="Leave empty when it is about the whole unit")
    due_on = DateField("By which day?", required="Enter the day, like 27 3 2026")


class MoveDateForm(Form):
    """Moving or renaming a date for the whole cohort."""

    title = TextField(TITLE, required="Say what is to be handed in", max_length=120)
    due_on = DateField("By which day?", required="Enter the day, like 27 3 2026")
    version = HiddenField()

    def seen(self) -> int:
        """The version the form was drawn from."""
        return number_in(self.version.data)


class MoreTimeForm(Form):
    """More time for one student. There is no field for a reason."""

    student = SelectField("Who?", required="Choose the student")
    until_on = DateField("Until which day?", required="Enter the new day, like 27 3 2026")


class TimeAnswerForm(Form):
    """The answer to a student who asked for more time or a pause."""

    answer = RadiosField(
        "Your answer",
        choices=[(TimeAnswer.GIVEN.value, "Yes"), (TimeAnswer.TALK_FIRST.value, "Let us talk first")],
        required="Choose an answer",
    )
    until_on = DateField("Until which day?")
    words = TextAreaField(
        "A word to the student",
        called="The word to the student",
        max_length=1000,
        rows=3,
        hint="You do not have to write one",
    )


class PauseForm(Form):
    """The first day of a pause, or the first day back. There is no field for a reason."""

    day = DateField("First day", required="Enter the day, like 27 3 2026")
    was = HiddenField()
    """What the page was drawn for, so that a form sent twice does not do the opposite."""

    def __init__(self, is_paused: bool, **rest: Any) -> None:
        super().__init__(**rest)
        self.day.label.text = "First day back" if is_paused else "First day of the pause"
