"""Forms about a candidacy. What is wrong is said by the rules, box by box."""

import re
from datetime import datetime, time
from typing import Any

from recovery_college.careers.candidacy_rules import (
    LEAST_MINUTES,
    LONGEST_REASON,
    MOST_MINUTES,
    MOST_PLACES,
    EndReason,
    Stage,
    moves_from,
    stage_before,
)
from recovery_college.careers.candidacy_services import LONGEST_MESSAGE, LONGEST_NOTE
from recovery_college.careers.forms import VersionedForm
from recovery_college.kernel.clock import LONDON
from recovery_college.kernel.forms import (
    DateField,
    DecimalField,
    EmailField,
    Form,
    IntegerField,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
    YesNoField,
)

LATER = (Stage.OFFER, Stage.START_AGREED, Stage.IN_POST)


class MoveForm(VersionedForm):
    """Where the card goes, and the reason where one is owed."""

    to = RadiosField("Where to?", choices=(), required="Choose where it goes")
    reason = SelectField(
        "Why are they not progressing?",
        choices=[(one.value, one.value.capitalize()) for one in EndReason],
        blank="Choose a reason",
        hint="Only if you chose “Not progressing”",
    )
    meets_criteria = RadiosField(
        "Do they meet the essential criteria?",
        choices=(("yes", "Yes"), ("no", "Not yet")),
        hint="Only if you chose “Not progressing”. They asked to be offered an interview if they do. No proof is asked",
    )
    text = TextAreaField(
        "Say why, in a sentence",
        called="The sentence",
        max_length=LONGEST_REASON,
        rows=3,
        hint="Needed when somebody goes back a stage, or where you chose “Another reason”. The candidate can ask to "
        "read this",
    )

    def __init__(self, stage: Stage, wants_interview: bool, **rest: Any) -> None:
        super().__init__(**rest)
        back = stage_before(stage)
        self.to.choices = [
            (one.value, f"Back to {one.words.lower()}" if one is back else one.words)
            for one in moves_from(stage)
            if one not in LATER or one is back
        ]
        if not wants_interview:
            del self.meets_criteria


class StageForm(VersionedForm):
    """The one button of a card."""

    to = TextField("To", called="The stage")


class NextStepForm(VersionedForm):
    """What comes next."""

    step = TextField(
        "What comes next?",
        max_length=160,
        hint="Like: the team reads the applications. The candidate sees this too",
    )
    on = DateField("By which day?")


class NoteForm(Form):
    """A note."""

    text = TextAreaField(
        "Your note",
        max_length=LONGEST_NOTE,
        rows=5,
        hint="The candidate can ask to read this. Nothing on health",
    )


class InterviewForm(VersionedForm):
    """When and where."""

    on = DateField("Day", required="Enter the day, like 27 3 2027")
    at = TextField("Time", hint="On the 24-hour clock, like 14:30", required="Enter the time, like 14:30")
    minutes = IntegerField(
        "How long, in minutes",
        called="The length in minutes",
        least=LEAST_MINUTES,
        most=MOST_MINUTES,
        required="Enter the minutes, like 45",
    )
    place = TextField(
        "Where, or how to join", called="The place", max_length=300, required="Say where, or how to join"
    )

    def starts_at(self) -> datetime | None:
        """The moment in London; None with an error at the box when the time is none."""
        found = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", (self.at.data or "").strip())
        if self.on.data is None or found is None:
            self.at.errors = ["Enter the time on the 24-hour clock, like 14:30"]
            return None
        try:
            said = time(int(found[1]), int(found[2]))
        except ValueError:
            self.at.errors = ["Enter a time that there is, like 14:30"]
            return None
        return datetime.combine(self.on.data, said, LONDON)


class MessageForm(VersionedForm):
    """The words that will be sent."""

    text = TextAreaField(
        "Message", max_length=LONGEST_MESSAGE, rows=14, hint="Read it once more. Nothing on health"
    )


class HiringForm(VersionedForm):
    """How a vacancy hires."""

    anonymous = YesNoField(
        "Hide names until the shortlist?", hint="You then read “Candidate 4” until they are shortlisted"
    )
    funded_hours = DecimalField(
        "Hours a week that are funded", least="0.01", hint="Leave it empty if it is the hours of the vacancy"
    )
    places = IntegerField(
        "How many people it takes",
        called="The number of people",
        least=1,
        most=MOST_PLACES,
        hint="Leave it empty for one person, or two on a job share",
    )


class HelpForm(Form):
    """What would help on the day."""

    text = TextAreaField(
        "What would help you at the interview?",
        max_length=1000,
        rows=4,
        hint="The person who meets you reads this. You need not say why, or mention your health",
    )


class LineManagerForm(Form):
    """Who leads the candidate now."""

    email = EmailField(
        "Your line manager’s work email address",
        autocomplete="off",
        hint="Only if you work for the Trust now. They will not handle your candidacies. Leave it empty for nobody",
    )


class WantsInterviewForm(Form):
    """Disability Confident: opt in or out."""

    wants = YesNoField("Would you like to be offered an interview if you meet the essential criteria?")


class PastForm(Form):
    """Three questions to somebody who graduated before this system."""

    may_contact = YesNoField("May we write to you about posts?", required="Say whether we may write to you")
    most_hours = DecimalField(
        "How many hours a week would you like, at most?",
        least="1",
        most="60",
        hint="Like 15. You may leave it empty",
    )
    places = TextField(
        "Where could you work?",
        max_length=300,
        hint="Towns or places, like Cambridge. You may leave it empty",
    )
