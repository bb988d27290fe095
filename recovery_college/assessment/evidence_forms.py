"""The forms of evidence: handing in, writing about a student's work, answering a request."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from wtforms.validators import ValidationError

from recovery_college.assessment.evidence_rules import (
    STAFF_KINDS,
    STUDENT_KINDS,
    AiUse,
    EvidenceKind,
    RequestAnswer,
)
from recovery_college.kernel.forms import (
    CheckboxesField,
    FilesField,
    Form,
    HiddenField,
    RadiosField,
    TextAreaField,
    TextField,
)
from recovery_college.kernel.numbers import number_in
from recovery_college.kernel.uploads import ENDINGS, KINDS

LONGEST_BODY = 30_000
MOST_FILES = 5
OTHER_WAYS = "You can also add a file or a link instead"
HINTS = {
    EvidenceKind.ASSIGNMENT: "Something the course asked you to write or do",
    EvidenceKind.REFLECTIVE_ACCOUNT: "What happened, what you thought about it, what you would do next time",
    EvidenceKind.PRODUCT: "Something you made, such as a leaflet or a recording",
    EvidenceKind.PRESENTATION: "Slides or notes of something you presented",
    EvidenceKind.CASE_STUDY: "A longer look at one situation, with nobody named",
    EvidenceKind.RPL: "Something you learned before this course",
    EvidenceKind.OBSERVATION: "What you saw the student do",
    EvidenceKind.WITNESS_TESTIMONY: "What somebody else saw, and who they are",
    EvidenceKind.PROFESSIONAL_DISCUSSION: "What you talked through together",
}


def _is_address(form: Form, field: TextField) -> None:
    parts = urlsplit(str(field.data))
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in str(field.data):
        raise ValidationError("Enter a whole address, like https://example.org/my-work")


class EvidenceForm(Form):
    """What every piece of evidence has. `key` is made with the form; `draft`, `seen`: the draft's id and version."""

    title = TextField(
        "Give it a name",
        called="The name",
        required="Give it a name, so that you both know which it is",
        max_length=150,
    )
    criteria = CheckboxesField("What does it show?", required="Choose at least one criterion that this shows")
    files = FilesField(
        "Files",
        accept=",".join(ENDINGS),
        most=MOST_FILES,
        hint=f"{KINDS}, 50 MB at most. Photos are kept without the place they were taken",
    )
    key = HiddenField()
    draft = HiddenField()
    seen = HiddenField()

    def key_id(self) -> UUID | None:
        """The key, or None when the form was tampered with."""
        try:
            return UUID(str(self.key.data or ""))
        except ValueError:
            return None

    def draft_id(self) -> UUID | None:
        """The draft's id; None when the form was tampered with, or was drawn before drafts had one."""
        try:
            return UUID(str(self.draft.data or ""))
        except ValueError:
            return None

    def seen_version(self) -> int:
        """The version of the draft the form began from."""
        return number_in(self.seen.data)


class HandInForm(EvidenceForm):
    """What a student hands in, and the two statements they sign (A6)."""

    kind = RadiosField(
        "What is it?",
        choices=[(kind.value, kind.value.capitalize(), HINTS[kind]) for kind in STUDENT_KINDS],
        required="Choose what it is",
    )
    body = TextAreaField(
        "Write it here", called="What you wrote", max_length=LONGEST_BODY, rows=12,
        hint=f"{OTHER_WAYS}. What you write is saved as you go",
    )  # fmt: skip
    link = TextField(
        "A link to it", called="The link", max_length=2000, validators=[_is_address],
        hint="If it is somewhere else, such as a video. Make sure that your tutor can open it",
    )  # fmt: skip
    ai_use = RadiosField(
        "Did you use an AI tool for this, such as ChatGPT or Copilot?",
        choices=[(AiUse.NONE.value, "No"), (AiUse.SOME.value, "Yes")],
        required="Say whether you used an AI tool. Either answer is fine",
    )
    ai_note = TextField(
        "Which tool, and what for?",
        max_length=500,
        required=lambda form: "Say which tool and what for" if form.ai_use.data == AiUse.SOME.value else None,
    )
    is_sensitive = CheckboxesField(
        "Is it personal?",
        choices=[("yes", "Only my tutors and quality assurance may see it")],
        hint="Choose this when it tells of your own lived experience",
    )
    own_work = CheckboxesField(
        "Your own work",
        choices=[("yes", "This is my own work, and I say where I used the words or ideas of others")],
        required="Tick this if it is your own work. If you are not sure, ask your tutor",
    )
    no_names = CheckboxesField(
        "Other people's privacy",
        choices=[("yes", "I have taken out names and details of people I supported")],
        required="Take out names and details of people you supported, then tick this",
    )

    def validate(self, *args: Any, **rest: Any) -> bool:
        """Ask for something to look at: words, a file or a link."""
        good = bool(super().validate(*args, **rest))
        if not (self.body.data or self.link.data or self.files.data or self.files.errors or self.link.errors):
            self.body.errors = ["Write something here, or add a file or a link"]
            return False
        return good


class ObservationForm(EvidenceForm):
    """What staff write about a student's work. The student confirms it later."""

    kind = RadiosField(
        "What is it?",
        choices=[
            (kind.value, kind.value.capitalize(), HINTS[kind]) for kind in EvidenceKind if kind in STAFF_KINDS
        ],
        required="Choose what it is",
    )
    body = TextAreaField(
        "What did you see or hear?",
        required="Write what you saw or heard",
        max_length=LONGEST_BODY,
        rows=12,
        hint="The student reads this and confirms it. Name nobody who was supported",
    )


class AnswerForm(Form):
    """Whether decided evidence is given back."""

    answer = RadiosField(
        "Give it back?",
        choices=[
            (
                RequestAnswer.GIVEN_BACK.value,
                "Give it back",
                "Words and files are removed. The decision stays",
            ),
            (RequestAnswer.KEPT.value, "Keep it for now", "The student reads why"),
        ],
        required="Choose whether to give it back",
    )
    words = TextAreaField(
        "A word to the student",
        called="The word to the student",
        max_length=1000,
        rows=3,
        hint="If you keep it, say why and until when",
    )
