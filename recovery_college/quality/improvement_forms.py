"""The forms of interim checks, observations, standardisation meetings and actions."""

from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    Form,
    RadiosField,
    TextAreaField,
    TextField,
)
from recovery_college.quality.improvement_rules import Finding, Seen

LIKE = "For example, 27 3 2026"


class InterimForm(Form):
    """A look at a student's unit while the course runs."""

    finding = RadiosField(
        "What did you find?",
        choices=(
            (Finding.SOUND.value, "Sound", "The decisions, the feedback and the records are right so far."),
            (Finding.ACTION.value, "Something to put right", "The assessor gets an action with a date."),
        ),
        required="Choose what you found",
    )
    comment = TextAreaField("What did you see?", rows=4, required="Write what you saw")
    action = TextAreaField(
        "What should the assessor do?",
        rows=3,
        required=lambda form: (
            "Write what the assessor should do" if form.finding.data == Finding.ACTION.value else None
        ),
    )
    act_by_on = DateField(
        "By when?",
        hint=LIKE,
        required=lambda form: (
            "Enter the date to act by, like 27 3 2026" if form.finding.data == Finding.ACTION.value else None
        ),
    )


class ObservationForm(Form):
    """An observation of an assessor at work."""

    observed_on = DateField("When?", hint=LIKE, required="Enter the date, like 27 3 2026")
    seen = RadiosField(
        "What did you observe?",
        choices=tuple((one.value, one.value.capitalize()) for one in Seen),
        required="Choose what you observed",
    )
    went_well = TextAreaField("What went well?", rows=4, required="Write what went well")
    to_develop = TextAreaField("What could be developed? (optional)", rows=3)
    action = TextAreaField("What should they do? (optional)", rows=3)
    act_by_on = DateField(
        "By when?",
        hint="Only with an action.",
        required=lambda form: "Enter the date to act by, like 27 3 2026" if form.action.data else None,
    )


class MeetingForm(Form):
    """A standardisation meeting."""

    held_on = DateField("When was it?", hint=LIKE, required="Enter the date, like 27 3 2026")
    title = TextField(
        "Title",
        hint="For example: feedback in unit 2",
        max_length=200,
        required="Enter a title, for example: feedback in unit 2",
    )
    people = CheckboxesField("Who took part?", required="Tick who took part")
    units = CheckboxesField("Which units was it about?", required="Tick the units it was about")
    agreed = TextAreaField("What was agreed?", rows=5, required="Write what was agreed")
    action = TextAreaField("What should each assessor who took part do? (optional)", rows=3)
    act_by_on = DateField(
        "By when?",
        hint="Only with an action.",
        required=lambda form: "Enter the date to act by, like 27 3 2026" if form.action.data else None,
    )


class DoneForm(Form):
    """That an action is done."""

    note = TextAreaField("What was done?", rows=3, required="Write what was done")
