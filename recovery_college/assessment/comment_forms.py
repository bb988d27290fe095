"""The forms of the bank of comments."""

from recovery_college.assessment.comment_services import LONGEST_COMMENT
from recovery_college.kernel.forms import Form, HiddenField, RadiosField, TextAreaField
from recovery_college.kernel.numbers import number_in


class NewCommentForm(Form):
    """A comment to keep."""

    text = TextAreaField(
        "Comment", hint="Write it so that it fits any student: you can change it each time you use it.",
        required="Write the comment", max_length=LONGEST_COMMENT, rows=4,
    )  # fmt: skip
    shared = RadiosField(
        "Who may use it",
        choices=[("no", "Only me"), ("yes", "All tutors of the college")],
        required="Choose who may use it",
    )


class CommentForm(Form):
    """A change of a comment. `version` is the one the tutor saw."""

    text = TextAreaField("Comment", required="Write the comment", max_length=LONGEST_COMMENT, rows=4)
    version = HiddenField()

    def version_seen(self) -> int:
        """The version the tutor saw; 0 when the form was tampered with, which no comment has."""
        return number_in(self.version.data)
