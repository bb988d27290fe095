"""The forms of more resubmissions than the programme plans (A5)."""

from recovery_college.kernel.forms import Form, RadiosField, TextAreaField


class MoreForm(Form):
    """Asking for one more resubmission."""

    reason = TextAreaField(
        "Why should there be one more?", rows=3, max_length=1000, required="Say why there should be one more"
    )


class AnswerForm(Form):
    """Answering such a request."""

    answer = RadiosField(
        "Your answer",
        choices=(("yes", "Agree to one more resubmission"), ("no", "Do not agree")),
        required="Choose your answer",
    )
