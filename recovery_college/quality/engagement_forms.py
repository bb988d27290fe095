"""The forms of external quality assurance."""

from recovery_college.assessment.engagement_rules import Finding, LeaveAnswer
from recovery_college.kernel.forms import (
    CheckboxesField,
    DateField,
    EmailField,
    Form,
    HiddenField,
    RadiosField,
    TextAreaField,
    TextField,
    YesNoField,
)


class EngagementForm(Form):
    """A new engagement: who, which cohorts, from when to when."""

    email = EmailField(
        "Email address of the external quality assurer",
        required="Enter their email address",
        autocomplete="off",
        hint="They sign in with it. Somebody new gets a link to choose a password.",
    )
    name = TextField(
        "Their full name", max_length=200, autocomplete="off", hint="Leave empty if they have an account."
    )
    purpose = TextField(
        "What the engagement is about",
        max_length=200,
        required="Enter what it is about, like “Autumn visit”",
        hint="Like “Autumn visit”. No student’s name.",
    )
    cohorts = CheckboxesField("Which cohorts may they see?", required="Choose at least one cohort")
    opens_on = DateField("First day", required="Enter the first day, like 27 3 2026")
    ends_on = DateField(
        "Last day",
        required="Enter the last day, like 8 4 2026",
        hint="After this day they see nothing more. You can change it later.",
    )


class LastDayForm(Form):
    """Another last day. `seen` is the version the page showed."""

    seen = HiddenField()
    ends_on = DateField("Last day", required="Enter the last day, like 8 4 2026")


class SeenForm(Form):
    """A button that needs to know what the page showed."""

    seen = HiddenField()


class PickForm(Form):
    """Which students' units to look into, and why if there is something to say."""

    reason = TextAreaField("Why these? (optional)", rows=2, max_length=4000)


class WordsForm(Form):
    """A few sentences: an objection, or the answer to one."""

    words = TextAreaField(
        "", called="Your words", rows=4, max_length=4000, required="Write a sentence or two"
    )

    def __init__(self, label: str, **rest: object) -> None:
        super().__init__(**rest)
        self.words.label.text = label


class ReportForm(Form):
    """The external's report. Nothing is owed until it is sent."""

    seen = HiddenField()
    looked_at = TextAreaField("What you looked at", rows=4, max_length=4000)
    good_practice = TextAreaField("What is done well", rows=4, max_length=4000)
    concerns = TextAreaField("What should change", rows=4, max_length=4000)
    finding = RadiosField(
        "What does your report come to?",
        choices=[(one.value, one.value.capitalize()) for one in Finding],
    )


class ActionForm(Form):
    """Something the college should do, by a day."""

    words = TextAreaField("What should the college do?", rows=3, max_length=4000, required="Write what to do")
    act_by_on = DateField("By when?", required="Enter the day to act by, like 27 3 2026")


class NoteForm(Form):
    """What became of an action. `seen`: how many notes the page showed."""

    seen = HiddenField()
    words = TextAreaField("What was done?", rows=3, max_length=4000, required="Write what was done")
    is_done = YesNoField("Is this action done?", required="Say whether this action is done")


class LeaveForm(Form):
    """A student's answer when somebody from outside asks to see a private piece of work."""

    answer = RadiosField(
        "May they see it?",
        choices=[
            (LeaveAnswer.YES.value, "Yes, they may see it"),
            (
                LeaveAnswer.REDACTED.value,
                "I would rather give a copy without the private parts",
                "You hand in that copy for them. Your tutor can help.",
            ),
            (
                LeaveAnswer.TALK.value,
                "I would rather talk about it with my tutor, who writes down what we said",
            ),
            (LeaveAnswer.NO.value, "No"),
        ],
        required="Choose an answer",
    )
