"""The forms of a sampling plan."""

from recovery_college.kernel.forms import (
    Form,
    HiddenField,
    IntegerField,
    RadiosField,
    SelectField,
    TextAreaField,
)
from recovery_college.quality.sampling import LEAST_STUDENTS, NEW_PERCENT, USUAL_PERCENT, Stage


class PlanForm(Form):
    """A draw of the plan. `drawn_before` is how many draws the page showed."""

    drawn_before = HiddenField()
    why = TextAreaField(
        "Why do you draw it now?",
        hint="For example: start of the course, or a new assessor has joined.",
        rows=2,
        max_length=1000,
        required="Say why you draw it, for example: start of the course",
    )
    new_percent = IntegerField(
        "Share where the assessor, the unit or the cohort is new", suffix="%", least=1, most=100, width=3,
        default=NEW_PERCENT, required=f"Enter a share, like {NEW_PERCENT}",
    )  # fmt: skip
    usual_percent = IntegerField(
        "Share otherwise", suffix="%", least=1, most=100, width=3, default=USUAL_PERCENT,
        required=f"Enter a share, like {USUAL_PERCENT}",
    )  # fmt: skip
    least_students = IntegerField(
        "Students of each unit at least", least=1, most=50, width=2, default=LEAST_STUDENTS,
        required=f"Enter the least students of each unit, like {LEAST_STUDENTS}",
    )  # fmt: skip
    seed = IntegerField(
        "Seed",
        hint="The number chance starts from. The same seed and the same students give the same draw.",
        least=0, most=999_999, width=5, required="Enter the seed, a number like 407",
    )  # fmt: skip


class PickForm(Form):
    """A pick added by hand."""

    who = SelectField("Student and unit", required="Choose a student and unit")
    stage = RadiosField(
        "When will you look at it?",
        choices=(
            (Stage.SUMMATIVE.value, "When the unit is assessed"),
            (Stage.INTERIM.value, "While the course runs"),
        ),
        required="Choose when you will look at it",
    )
    reason = TextAreaField("Why this one?", rows=2, max_length=1000, required="Say why this one is picked")


class AsideForm(Form):
    """Setting a pick aside."""

    why = TextAreaField("Why is it set aside?", rows=2, max_length=1000, required="Say why it is set aside")
