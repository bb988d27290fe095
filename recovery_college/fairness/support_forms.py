"""The forms of what helps. None of them has a box for a reason, and each says so."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from recovery_college.fairness.support_rules import (
    MOST_EXTRA_DAYS,
    AoPermission,
    SupportAnswer,
    SupportKind,
)
from recovery_college.fairness.support_services import LONGEST_TEXT
from recovery_college.kernel.forms import (
    DateField,
    Form,
    HiddenField,
    IntegerField,
    RadiosField,
    SelectField,
    TextAreaField,
)
from recovery_college.kernel.ids import new_id


class KeyedForm(Form):
    """A form with a key made when it is drawn, so that a double click saves once."""

    key = HiddenField()

    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        if not self.key.data:
            self.key.data = str(new_id())

    def the_key(self) -> UUID:
        """The key; a new one where it was tampered with."""
        try:
            return UUID(str(self.key.data))
        except ValueError:
            return new_id()


class AskForm(KeyedForm):
    """A student asks for something that would help."""

    kind = RadiosField(
        "When would it help?",
        choices=(
            (
                SupportKind.ADJUSTMENT.value,
                "From now on",
                "Something to be arranged for the course, such as more time or large print. "
                "Its name on paper is a reasonable adjustment.",
            ),
            (
                SupportKind.CONSIDERATION.value,
                "For something that is over",
                "Something got in the way when a unit was assessed. "
                "Its name on paper is a special consideration.",
            ),
        ),
        required="Choose when it would help",
    )
    unit = SelectField(
        "Which unit is it about?",
        blank="Choose a unit",
        required=lambda form: "Choose the unit it is about" if form.is_consideration else None,
    )
    course = SelectField("Which course is it about?", required="Choose the course", blank=None)
    wish = TextAreaField(
        "What would help?",
        hint="You do not need to say why, and please do not: we only keep what helps.",
        max_length=LONGEST_TEXT,
        rows=5,
        required="Write what would help",
    )

    @property
    def is_consideration(self) -> bool:
        """Whether it is about something that is over: then a unit is named."""
        return bool(self.kind.data == SupportKind.CONSIDERATION.value)

    def offer(self, courses: Sequence[tuple[str, str]], units: Sequence[tuple[str, str]]) -> None:
        """Set what can be chosen from."""
        self.course.choices = courses
        self.unit.choices = units


class AnswerForm(Form):
    """The college answers. `seen` is what the page showed."""

    seen = HiddenField()
    answer = RadiosField("Your answer", required="Choose an answer")
    helps = TextAreaField(
        "What will help",
        hint="The tutors of the cohort read this and do it. Write what helps, never why.",
        max_length=LONGEST_TEXT,
        rows=4,
    )
    extra_days = IntegerField(
        "Extra days for work that is due (optional)",
        hint="Every due date still ahead moves by this many days for this student.",
        least=1,
        most=MOST_EXTRA_DAYS,
        width=3,
        suffix="days",
    )
    permission = RadiosField(
        "Permission of the awarding organisation",
        choices=(
            (AoPermission.NOT_NEEDED.value, "Not needed"),
            (AoPermission.ASKED.value, "Asked for", "It begins to count when it is given."),
            (AoPermission.GIVEN.value, "Given"),
            (AoPermission.NOT_GIVEN.value, "Not given"),
        ),
    )
    permission_on = DateField(
        "Date of the permission", hint="When it was asked for or given. For example, 27 3 2026"
    )
    words = TextAreaField(
        "Words to the student",
        called="The words to the student",
        hint="They read this on their page.",
        max_length=LONGEST_TEXT,
        rows=4,
    )

    def offer(self, *, was_agreed: bool) -> None:
        """Set the answers that fit where the request stands."""
        choices = [
            (SupportAnswer.AGREED.value, "Agree", "It is arranged, and the tutors see what helps."),
            (SupportAnswer.TALK_FIRST.value, "Talk first", "You need to understand what is wished for."),
            (
                SupportAnswer.NOT_THIS_WAY.value,
                "Not this way",
                "It cannot be done like this. Say what else could be done.",
            ),
        ]
        if was_agreed:
            choices.append((SupportAnswer.ENDED.value, "End it", "It is no longer needed."))
        self.answer.choices = choices
