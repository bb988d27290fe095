"""Forms about the words managers read and the reasons they choose from, and about more time for an answer."""

from wtforms import HiddenField

from recovery_college.careers.considerations import LONGEST_RETURN
from recovery_college.careers.forms import VersionedForm
from recovery_college.careers.reason_services import LONGEST_REASON
from recovery_college.careers.role_text_rules import EVERYWHERE, LONGEST_ROLE_TEXT
from recovery_college.kernel.forms import DateField, Form, TextAreaField, TextField
from recovery_college.kernel.numbers import number_in

_POINTS = "One point on each line"
BOXES = {
    EVERYWHERE: "everywhere",
    "ward": "ward",
    "community": "community",
    "young people": "young_people",
    "adult": "adult",
    "older people": "older_people",
}
"""The box of the form for each kind of team."""


class RoleTextForm(Form):
    """What managers read while they decide."""

    seen = HiddenField()
    everywhere = TextAreaField(
        "What a peer support worker brings to any team",
        called="The text for any team",
        max_length=LONGEST_ROLE_TEXT,
        rows=5,
        hint=_POINTS,
        required="Write what a peer support worker brings to any team",
    )
    ward = TextAreaField(
        "On a ward", called="The text for a ward", max_length=LONGEST_ROLE_TEXT, rows=3, hint=_POINTS
    )
    community = TextAreaField(
        "In the community",
        called="The text for the community",
        max_length=LONGEST_ROLE_TEXT,
        rows=3,
        hint=_POINTS,
    )
    young_people = TextAreaField(
        "With young people",
        called="The text for young people",
        max_length=LONGEST_ROLE_TEXT,
        rows=3,
        hint=_POINTS,
    )
    adult = TextAreaField(
        "With adults", called="The text for adults", max_length=LONGEST_ROLE_TEXT, rows=3, hint=_POINTS
    )
    older_people = TextAreaField(
        "With older people",
        called="The text for older people",
        max_length=LONGEST_ROLE_TEXT,
        rows=3,
        hint=_POINTS,
    )
    paragraph = TextAreaField(
        "Role paragraph for the advert",
        max_length=LONGEST_ROLE_TEXT,
        rows=7,
        required="Write the role paragraph",
    )
    specification = TextAreaField(
        "Person specification",
        max_length=LONGEST_ROLE_TEXT,
        rows=8,
        hint=_POINTS,
        required="Write the person specification",
    )

    def seen_version(self) -> int:
        """The version the page showed; -1, which is never one, when it was tampered with."""
        return number_in(self.seen.data, -1)

    def brings(self) -> dict[str, str]:
        """What was written for each kind of team."""
        return {kind: str(self[box].data or "") for kind, box in BOXES.items()}


class ReasonForm(Form):
    """One more reason."""

    words = TextField(
        "New reason",
        max_length=LONGEST_REASON,
        required="Write the reason as managers should read it",
        hint="A short sentence, like: The post needs a professional registration",
    )


class ExtensionForm(VersionedForm):
    """More time for a manager, and why."""

    to_on = DateField("New last day", required="Enter the new last day, like 4 12 2026")
    why = TextAreaField(
        "Why does the manager have more time?",
        max_length=LONGEST_RETURN,
        rows=4,
        required="Write why the manager has more time",
        hint="They see this text beside the vacancy",
    )
