"""Forms of the second read: what the reader found, what the manager says, what came of it."""

from wtforms import HiddenField

from recovery_college.careers.second_read_rules import LONGEST_WORDS, Finding, ReadOutcome
from recovery_college.kernel.forms import Form, RadiosField, TextAreaField

FINDINGS = {
    Finding.AGREE: "I agree: this is not a PSW role",
    Finding.POSSIBLE: "A peer support worker could perhaps do this job",
    Finding.UNCLEAR: "The reason does not make it clear",
}
OUTCOMES = {
    ReadOutcome.STANDS: "The answer stands",
    ReadOutcome.LOOK_AGAIN: "The manager looks at it again",
    ReadOutcome.LEARNED: "The answer stands; something is learned for next time",
}


class DrawForm(Form):
    """Draw the sample of a quarter."""

    quarter = HiddenField()


class FindingForm(Form):
    """What the second reader thinks."""

    finding = RadiosField(
        "What do you think?",
        choices=[(one.value, words) for one, words in FINDINGS.items()],
        required="Choose what you think",
    )
    finding_text = TextAreaField(
        "Why?",
        max_length=LONGEST_WORDS,
        rows=4,
        hint="The manager reads this. Needed unless you agree",
    )


class ReplyForm(Form):
    """What the manager says to it."""

    reply_text = TextAreaField(
        "What do you say to this?",
        max_length=LONGEST_WORDS,
        rows=4,
        required="Write your reply",
        hint="Human resources reads this before an outcome is recorded",
    )


class SettleForm(Form):
    """What came of it."""

    outcome = RadiosField(
        "What comes of it?",
        choices=[(one.value, words) for one, words in OUTCOMES.items()],
        required="Choose what comes of it",
    )
    outcome_text = TextAreaField(
        "Why?", max_length=LONGEST_WORDS, rows=4, required="Write why", hint="The manager reads this"
    )
