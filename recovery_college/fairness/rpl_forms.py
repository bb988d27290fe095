"""The forms of prior learning."""

from recovery_college.fairness.rpl_services import LONGEST_TEXT
from recovery_college.fairness.support_forms import KeyedForm
from recovery_college.kernel.forms import CheckboxesField, Form, HiddenField, IntegerField, TextAreaField
from recovery_college.kernel.numbers import number_in


class ClaimForm(KeyedForm):
    """Some criteria are asked to be assessed on what somebody could do before."""

    words = TextAreaField(
        "What did you do or learn before?",
        hint="For example, a course, a job, volunteering, or years of supporting somebody. "
        "You hand in something that shows it afterwards.",
        max_length=LONGEST_TEXT,
        rows=5,
        required="Write what you did or learned before",
    )
    criteria = CheckboxesField(
        "Which criteria does it show?", required="Choose at least one criterion",
        hint="Your tutor can help you choose.",
    )  # fmt: skip


class CloseForm(Form):
    """A tutor closes a claim."""

    words = TextAreaField(
        "Words to the student", called="The words to the student",
        hint="Which other way would suit better?", max_length=LONGEST_TEXT, rows=4,
        required="Write a few kind words to the student: which other way would suit",
    )  # fmt: skip


class LimitForm(Form):
    """How much of a programme may be met by prior learning."""

    seen = HiddenField()
    percent = IntegerField(
        "At most", called="The share", hint="Of the credit a student is registered for. Never the whole qualification.",
        least=0, most=99, width=3, suffix="%", required="Enter the share at most, from 0 to 99",
    )  # fmt: skip

    def seen_version(self) -> int:
        """The version on the page, or -1, which is never current, when it was tampered with."""
        return number_in(self.seen.data, -1)
